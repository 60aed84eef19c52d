"""lists made into files in the background, in pieces, for some days."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "list_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("view", sa.String(64), nullable=False),
        sa.Column("file_format", sa.String(4), nullable=False),
        sa.Column("rights", sa.String(500), nullable=False),
        sa.Column("sheet", sa.LargeBinary()),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("written", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("made_at", AT),
        sa.Column("size", sa.BigInteger()),
        sa.Column("expires_at", AT, nullable=False),
        sa.CheckConstraint("(made_at IS NULL) = (size IS NULL)", name=op.f("ck_list_export_made")),
        sa.CheckConstraint("file_format IN ('csv', 'xlsx')", name=op.f("ck_list_export_file_format")),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name=op.f("fk_list_export_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_export")),
    )
    op.create_index("ix_list_export_account_id_id", "list_export", ["account_id", "id"])
    op.create_table(
        "list_export_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("export_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"], ["list_export.id"], name=op.f("fk_list_export_part_export_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_export_part")),
        sa.UniqueConstraint("export_id", "number", name=op.f("uq_list_export_part_export_id_number")),
    )
    op.create_index("ix_list_export_part_sha256", "list_export_part", ["sha256"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("list_export_part")
    op.drop_table("list_export")
