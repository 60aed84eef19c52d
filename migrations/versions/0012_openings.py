"""openings: of a document too, one row in one table."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade():
    op.drop_table("document_opening")
    op.add_column("access_entry", sa.Column("document", sa.String(32)))
    op.create_index(
        "ix_access_entry_document",
        "access_entry",
        ["document", "id"],
        postgresql_where=sa.text("document IS NOT NULL"),
    )


def downgrade():
    op.drop_index("ix_access_entry_document", table_name="access_entry")
    op.drop_column("access_entry", "document")
    op.create_table(
        "document_opening",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name="fk_document_opening_account_id"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name="fk_document_opening_document_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_document_opening"),
    )
    op.create_index("ix_document_opening_document_id_id", "document_opening", ["document_id", "id"])
