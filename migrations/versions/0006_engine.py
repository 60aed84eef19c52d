"""engine: receipts purged by law, notices on paper (letters without a decision), nightly checks of the chain."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("receipt", sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_receipt_purged"), "receipt", "purged_at IS NULL OR pdf_sha256 IS NULL"
    )
    op.alter_column("letter", "decision_id", existing_type=sa.Integer(), nullable=True)
    op.create_check_constraint(
        op.f("ck_letter_notice_on_paper"), "letter", "decision_id IS NOT NULL OR channel = 'paper'"
    )
    op.create_table(
        "chain_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("found", sa.BigInteger(), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_check")),
    )


def downgrade() -> None:
    """Take back; notices on paper have no place in the older table."""
    op.drop_table("chain_check")
    op.drop_constraint(op.f("ck_letter_notice_on_paper"), "letter", type_="check")
    op.execute("DELETE FROM letter WHERE decision_id IS NULL")
    op.alter_column("letter", "decision_id", existing_type=sa.Integer(), nullable=False)
    op.drop_constraint(op.f("ck_receipt_purged"), "receipt", type_="check")
    op.drop_column("receipt", "purged_at")
