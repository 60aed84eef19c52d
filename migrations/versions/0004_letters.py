"""letters: templates, and the letter of each decision, whose text stays as it was written."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateSequence, DropSequence

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NUMBERS = sa.Sequence("letter_number_seq")
OUTCOME = sa.Enum("approve", "reject", "withdraw_decision", name="outcome", native_enum=False, length=32)
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


def upgrade() -> None:
    """Apply."""
    op.execute(CreateSequence(NUMBERS))
    _create_templates()
    _create_letters()
    _create_guard()


def downgrade() -> None:
    """Take back."""
    op.drop_table("letter")
    op.execute("DROP FUNCTION letter_refuse()")
    op.drop_table("letter_template")
    op.execute(DropSequence(NUMBERS))


def _create_templates() -> None:
    op.create_table(
        "letter_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("outcome", OUTCOME, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("subject_fr", sa.String(length=200), nullable=False),
        sa.Column("subject_en", sa.String(length=200), nullable=False),
        sa.Column("body_fr", sa.Text(), nullable=False),
        sa.Column("body_en", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "btrim(subject_fr) <> '' AND btrim(body_fr) <> ''", name=op.f("ck_letter_template_french")
        ),
        sa.CheckConstraint(
            "btrim(subject_en) <> '' AND btrim(body_en) <> ''", name=op.f("ck_letter_template_english")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_template")),
        sa.UniqueConstraint(
            "service", "outcome", "valid_from", name=op.f("uq_letter_template_service_outcome_valid_from")
        ),
    )


def _create_letters() -> None:
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=250), nullable=False),
        sa.Column("recipient_number", sa.String(length=32), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("signatory", sa.String(length=250), nullable=False),
        sa.Column("quality", sa.String(length=200), nullable=False),
        sa.Column("delegation_id", sa.Integer(), nullable=True),
        sa.Column("verification_code", sa.String(length=16), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("printed_by_id", sa.Integer(), nullable=True),
        sa.Column("posted_on", sa.Date(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("channel IN ('email', 'paper')", name=op.f("ck_letter_channel")),
        sa.CheckConstraint("(made_at IS NULL) = (html IS NULL)", name=op.f("ck_letter_made")),
        sa.CheckConstraint("(made_at IS NULL) = (pdf_sha256 IS NULL)", name=op.f("ck_letter_made_pdf")),
        sa.CheckConstraint("(printed_at IS NULL) = (posted_on IS NULL)", name=op.f("ck_letter_posted")),
        sa.CheckConstraint(
            "(printed_at IS NULL) = (printed_by_id IS NULL)", name=op.f("ck_letter_printed_by")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_letter_case_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_letter_decision_id")),
        sa.ForeignKeyConstraint(["recipient_id"], ["ab_user.id"], name=op.f("fk_letter_recipient_id")),
        sa.ForeignKeyConstraint(["delegation_id"], ["delegation.id"], name=op.f("fk_letter_delegation_id")),
        sa.ForeignKeyConstraint(["printed_by_id"], ["ab_user.id"], name=op.f("fk_letter_printed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("number", name=op.f("uq_letter_number")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_letter_decision_id")),
        sa.UniqueConstraint("verification_code", name=op.f("uq_letter_verification_code")),
    )
    op.create_index("ix_letter_case_id", "letter", ["case_id"])
    op.create_index(
        "ix_letter_to_print",
        "letter",
        ["id"],
        postgresql_where=sa.text("channel = 'paper' AND printed_at IS NULL AND made_at IS NOT NULL"),
    )


def _create_guard() -> None:
    """What was written stays; what was made from it is made once."""
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in WRITTEN)
    remade = " OR ".join(
        f"(OLD.{column} IS NOT NULL AND NEW.{column} IS DISTINCT FROM OLD.{column})" for column in MADE
    )
    op.execute(
        """
        CREATE FUNCTION letter_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'Letter % stays as it was written.', OLD.number
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER letter_is_kept BEFORE UPDATE ON letter FOR EACH ROW"
        f" WHEN ({changed} OR {remade}) EXECUTE FUNCTION letter_refuse()"
    )
