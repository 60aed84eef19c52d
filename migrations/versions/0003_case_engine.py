"""The case engine: clock table, proposals, decisions, corrections, drafts, and four eyes in the database."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_DECIDED_BEFORE = "('approved', 'carried_out', 'rejected')"
_DECIDED = "('approved', 'carried_out', 'decision_withdrawn', 'rejected')"

FOUR_EYES = """
CREATE FUNCTION refuse_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.decided_by_id IS NULL OR (
        NEW.decided_by_id IS NOT DISTINCT FROM OLD.decided_by_id AND NEW.decided_at IS NOT DISTINCT FROM OLD.decided_at
    ) THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT FROM declared_interest i WHERE i.account_id = NEW.decided_by_id
        AND (i.relative_id = NEW.owner_id OR i.employer_id = NEW.employer_id)
    ) THEN
        RAISE EXCEPTION 'account % has a declared interest in case %', NEW.decided_by_id, NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_interest';
    END IF;
    IF EXISTS (
        SELECT FROM case_event e WHERE e.case_id = NEW.id AND e.to_status = 'proposed' AND e.account_id = NEW.decided_by_id
        UNION ALL SELECT FROM case_correction c
        WHERE c.case_id = NEW.id AND c.account_id = NEW.decided_by_id AND needs_two_pairs(NEW.id, NEW.service, NEW.decided_at)
    ) THEN
        RAISE EXCEPTION 'account % prepared case %', NEW.decided_by_id, NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_preparer';
    END IF;
    IF needs_two_pairs(NEW.id, NEW.service, NEW.decided_at) AND NOT EXISTS (
        SELECT FROM case_event e WHERE e.case_id = NEW.id AND e.to_status = 'proposed' AND e.account_id <> NEW.decided_by_id
    ) THEN
        RAISE EXCEPTION 'nobody proposed the decision of case %', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_proposal';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION needs_two_pairs(number integer, slug text, decided timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM two_pairs_service t WHERE t.service = slug)
        OR EXISTS (SELECT FROM decision d WHERE d.case_id = number AND d.decided_at < decided)
        OR EXISTS (SELECT FROM case_event e WHERE e.case_id = number AND e.to_status = 'proposed')
$$;

CREATE CONSTRAINT TRIGGER four_eyes AFTER INSERT OR UPDATE ON "case" DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse_decision();

CREATE FUNCTION refuse_late_preparation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM "case" c WHERE c.id = NEW.case_id FOR SHARE;
    IF EXISTS (
        SELECT FROM "case" c WHERE c.id = NEW.case_id AND c.decided_by_id = NEW.account_id
        AND needs_two_pairs(c.id, c.service, c.decided_at)
    ) THEN
        RAISE EXCEPTION 'account % decided case %', NEW.account_id, NEW.case_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_preparer';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER four_eyes_correction AFTER INSERT ON case_correction DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse_late_preparation();
CREATE CONSTRAINT TRIGGER four_eyes_proposal AFTER INSERT ON case_event DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.to_status = 'proposed') EXECUTE FUNCTION refuse_late_preparation();

CREATE FUNCTION refuse_switch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a service with two pairs of eyes keeps them' USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER no_switch BEFORE UPDATE OR DELETE OR TRUNCATE ON two_pairs_service
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_switch();
"""

NO_FOUR_EYES = """
DROP TRIGGER four_eyes ON "case";
DROP TRIGGER four_eyes_correction ON case_correction;
DROP TRIGGER four_eyes_proposal ON case_event;
DROP TRIGGER no_switch ON two_pairs_service;
DROP FUNCTION refuse_decision();
DROP FUNCTION refuse_late_preparation();
DROP FUNCTION needs_two_pairs(integer, text, timestamptz);
DROP FUNCTION refuse_switch();
"""


def _check(name: str, rule: str) -> None:
    op.create_check_constraint(op.f(f"ck_case_{name}"), "case", rule)


def _drop_check(name: str) -> None:
    op.drop_constraint(op.f(f"ck_case_{name}"), "case", type_="check")


def _decided(statuses: str) -> None:
    """Tie the deciders to the statuses that are decisions."""
    _drop_check("decided")
    _check("decided", f"(status IN {statuses}) = (decided_by_id IS NOT NULL AND decided_at IS NOT NULL)")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "agency",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name_fr", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
        sa.UniqueConstraint("code", name=op.f("uq_agency_code")),
    )
    op.create_table(
        "delay",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint("unit IN ('calendar', 'working')", name=op.f("ck_delay_unit")),
        sa.CheckConstraint("days > 0", name=op.f("ck_delay_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delay")),
        sa.UniqueConstraint("service", "name", "valid_from", name=op.f("uq_delay_service_name_valid_from")),
    )
    op.create_table(
        "two_pairs_service",
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("service", name=op.f("pk_two_pairs_service")),
    )
    op.create_table(
        "declared_interest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("relative_id", sa.Integer(), nullable=True),
        sa.Column("employer_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(relative_id IS NULL) <> (employer_id IS NULL)", name=op.f("ck_declared_interest_one_kind")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name=op.f("fk_declared_interest_account_id")),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_declared_interest_employer_id")
        ),
        sa.ForeignKeyConstraint(
            ["relative_id"], ["ab_user.id"], name=op.f("fk_declared_interest_relative_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declared_interest")),
    )
    with op.batch_alter_table("declared_interest", schema=None) as batch_op:
        batch_op.create_index("ix_declared_interest_account_id", ["account_id"], unique=False)

    op.create_table(
        "delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(length=32), nullable=True),
        sa.Column("quality_fr", sa.String(length=200), nullable=False),
        sa.Column("quality_en", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_delegation_period")),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name=op.f("fk_delegation_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("submission_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["ab_user.id"], name=op.f("fk_draft_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("owner_id", "service", name=op.f("uq_draft_owner_id_service")),
        sa.UniqueConstraint("public_id", name=op.f("uq_draft_public_id")),
    )
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.create_index("ix_draft_expires_at", ["expires_at"], unique=False)

    op.create_table(
        "case_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name=op.f("fk_case_correction_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_correction_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_correction")),
    )
    with op.batch_alter_table("case_correction", schema=None) as batch_op:
        batch_op.create_index("ix_case_correction_case_id_id", ["case_id", "id"], unique=False)

    op.create_table(
        "case_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"], name=op.f("fk_case_note_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_note_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_note")),
    )
    with op.batch_alter_table("case_note", schema=None) as batch_op:
        batch_op.create_index("ix_case_note_case_id_id", ["case_id", "id"], unique=False)

    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("approve", "reject", "withdraw_decision", name="outcome", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("decided_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notified_how", sa.String(length=16), nullable=True),
        sa.Column("appeal_by", sa.Date(), nullable=True),
        sa.CheckConstraint("(notified_at IS NULL) = (appeal_by IS NULL)", name=op.f("ck_decision_notified")),
        sa.CheckConstraint(
            "(notified_at IS NULL) = (notified_how IS NULL)", name=op.f("ck_decision_notified_how")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_decision_case_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["ab_user.id"], name=op.f("fk_decision_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index("ix_decision_case_id_id", ["case_id", "id"], unique=False)

    with op.batch_alter_table("ab_user", schema=None) as batch_op:
        batch_op.add_column(sa.Column("agency_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_ab_user_agency_id"), "agency", ["agency_id"], ["id"])

    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("channel", sa.String(length=16), server_default="portal", nullable=False)
        )
        batch_op.add_column(sa.Column("clock_stopped_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("agency_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("employer_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "proposed_outcome",
                sa.Enum(
                    "approve", "reject", "withdraw_decision", name="outcome", native_enum=False, length=32
                ),
                nullable=True,
            )
        )
        batch_op.create_foreign_key(batch_op.f("fk_case_agency_id"), "agency", ["agency_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_case_employer_id"), "employer", ["employer_id"], ["id"])
        batch_op.drop_column("appeal_by")

    op.execute('UPDATE "case" SET employer_id = r.employer_id FROM registration r WHERE r.id = "case".id')
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_registration_employer_id"), type_="foreignkey")
        batch_op.drop_column("employer_id")
    op.execute(
        "INSERT INTO decision (case_id, outcome, decided_by_id, decided_at, reason)"
        " SELECT id, CASE status WHEN 'rejected' THEN 'reject' ELSE 'approve' END, decided_by_id, decided_at,"
        ' decision_reason FROM "case" WHERE decided_at IS NOT NULL'
    )
    _decided(_DECIDED)
    _check("proposal", "(status = 'proposed') = (proposed_outcome IS NOT NULL)")
    _check(
        "clock_stopped",
        "(status IN ('awaiting_employer', 'info_requested')) = (clock_stopped_at IS NOT NULL)",
    )
    op.execute(FOUR_EYES)


def downgrade() -> None:
    """Take back."""
    op.execute(NO_FOUR_EYES)
    _drop_check("clock_stopped")
    _drop_check("proposal")
    _decided(_DECIDED_BEFORE)
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("employer_id", sa.INTEGER(), autoincrement=False, nullable=True))
    op.execute('UPDATE registration r SET employer_id = c.employer_id FROM "case" c WHERE r.id = c.id')
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.alter_column("employer_id", nullable=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_registration_employer_id"), "employer", ["employer_id"], ["id"]
        )

    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("appeal_by", sa.DATE(), autoincrement=False, nullable=True))
        batch_op.drop_constraint(batch_op.f("fk_case_employer_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_case_agency_id"), type_="foreignkey")
        batch_op.drop_column("proposed_outcome")
        batch_op.drop_column("employer_id")
        batch_op.drop_column("agency_id")
        batch_op.drop_column("reminded_at")
        batch_op.drop_column("clock_stopped_at")
        batch_op.drop_column("channel")

    with op.batch_alter_table("ab_user", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_ab_user_agency_id"), type_="foreignkey")
        batch_op.drop_column("agency_id")

    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index("ix_decision_case_id_id")

    op.drop_table("decision")
    with op.batch_alter_table("case_note", schema=None) as batch_op:
        batch_op.drop_index("ix_case_note_case_id_id")

    op.drop_table("case_note")
    with op.batch_alter_table("case_correction", schema=None) as batch_op:
        batch_op.drop_index("ix_case_correction_case_id_id")

    op.drop_table("case_correction")
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.drop_index("ix_draft_expires_at")

    op.drop_table("draft")
    op.drop_table("delegation")
    with op.batch_alter_table("declared_interest", schema=None) as batch_op:
        batch_op.drop_index("ix_declared_interest_account_id")

    op.drop_table("declared_interest")
    op.drop_table("two_pairs_service")
    op.drop_table("delay")
    op.drop_table("agency")
