"""engine: receipts purged by law, and notices on paper, which are letters without a decision."""

import sqlalchemy as sa
from alembic import op

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


def downgrade() -> None:
    """Take back; notices on paper have no place in the older table."""
    op.drop_constraint(op.f("ck_letter_notice_on_paper"), "letter", type_="check")
    op.execute("DELETE FROM letter WHERE decision_id IS NULL")
    op.alter_column("letter", "decision_id", existing_type=sa.Integer(), nullable=False)
    op.drop_constraint(op.f("ck_receipt_purged"), "receipt", type_="check")
    op.drop_column("receipt", "purged_at")
