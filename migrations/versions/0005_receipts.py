"""receipts: the hash and the code of what was filed, which nothing changes afterwards."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEPT = ("case_id", "code", "sha256")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_receipt_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("case_id", name=op.f("uq_receipt_case_id")),
        sa.UniqueConstraint("code", name=op.f("uq_receipt_code")),
        sa.UniqueConstraint("sha256", name=op.f("uq_receipt_sha256")),
    )
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in KEPT)
    op.execute(
        """
        CREATE FUNCTION receipt_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'Receipt % stays as it was issued.', OLD.code
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER receipt_is_kept BEFORE UPDATE ON receipt FOR EACH ROW"
        f" WHEN ({changed}) EXECUTE FUNCTION receipt_refuse()"
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("receipt")
    op.execute("DROP FUNCTION receipt_refuse()")
