"""each change of reference data is kept: what it was, what it became, who and when."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "reference_change",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(8), nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "action IN ('added', 'changed', 'deleted')", name=op.f("ck_reference_change_action")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name="fk_reference_change_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reference_change"),
    )
    op.create_index("ix_reference_change_row", "reference_change", ["kind", "row_id", "id"])
    op.execute(
        "CREATE TRIGGER reference_change_is_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON reference_change"
        " FOR EACH STATEMENT EXECUTE FUNCTION history_refuse()"
    )


def downgrade():
    op.drop_table("reference_change")
