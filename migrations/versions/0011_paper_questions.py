"""letters: which notice a letter without a decision is, so that the time to answer runs from its posting."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WRITTEN = (
    "number",
    "case_id",
    "decision_id",
    "recipient_id",
    "recipient",
    "recipient_number",
    "language",
    "subject",
    "body",
    "signatory",
    "quality",
    "delegation_id",
    "verification_code",
    "written_at",
)
MADE = ("html", "pdf_sha256", "made_at")

THE_OPEN_QUESTION = """
UPDATE letter SET notice = 'information_requested' FROM (
    SELECT min(letter.id) AS id FROM letter JOIN "case" ON "case".id = letter.case_id
    WHERE letter.decision_id IS NULL AND "case".status = 'info_requested'
    AND letter.written_at >= "case".clock_stopped_at GROUP BY "case".id
) AS question WHERE letter.id = question.id
"""
"""Of the letters of a question, its reminders and its end, the first since the clock stopped is the question."""


def upgrade() -> None:
    """Apply."""
    op.add_column("letter", sa.Column("notice", sa.String(64)))
    op.create_check_constraint(op.f("ck_letter_notice"), "letter", "notice IS NULL OR decision_id IS NULL")
    op.execute(THE_OPEN_QUESTION)
    _keep((*WRITTEN, "notice"))


def downgrade() -> None:
    """Take back."""
    _keep(WRITTEN)
    op.drop_constraint(op.f("ck_letter_notice"), "letter")
    op.drop_column("letter", "notice")


def _keep(written: tuple[str, ...]) -> None:
    """What was written stays; what was made from it is made once."""
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in written)
    remade = " OR ".join(
        f"(OLD.{column} IS NOT NULL AND NEW.{column} IS DISTINCT FROM OLD.{column})" for column in MADE
    )
    op.execute("DROP TRIGGER letter_is_kept ON letter")
    op.execute(
        "CREATE TRIGGER letter_is_kept BEFORE UPDATE ON letter FOR EACH ROW"
        f" WHEN ({changed} OR {remade}) EXECUTE FUNCTION letter_refuse()"
    )
