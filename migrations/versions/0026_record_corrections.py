"""record corrections: what officers correct in a record beside any request, before, after and why."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "record_correction",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("insured_person.id"), nullable=False),
        sa.Column("employment_id", sa.Integer, sa.ForeignKey("employment.id")),
        sa.Column("field", sa.String(32), nullable=False),
        sa.Column("before", sa.String(320)),
        sa.Column("after", sa.String(320)),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("is_for_two", sa.Boolean, nullable=False),
        sa.Column("asked_by_id", sa.Integer, sa.ForeignKey("ab_user.id"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer, sa.ForeignKey("ab_user.id")),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("is_refused", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.CheckConstraint("btrim(reason) <> ''", name="reason"),
        sa.CheckConstraint("before IS DISTINCT FROM after", name="change"),
        sa.CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decided"),
        sa.CheckConstraint("NOT is_refused OR decided_at IS NOT NULL", name="refused"),
        sa.CheckConstraint("is_refused OR NOT is_for_two OR decided_by_id <> asked_by_id", name="four_eyes"),
    )
    op.create_index("ix_record_correction_person_id", "record_correction", ["person_id"])
    op.create_index("ix_record_correction_employment_id", "record_correction", ["employment_id"])
    op.create_index(
        "uq_record_correction_open",
        "record_correction",
        ["person_id", sa.text("coalesce(employment_id, 0)"), "field"],
        unique=True,
        postgresql_where=sa.text("decided_at IS NULL"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("record_correction")
