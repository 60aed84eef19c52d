"""engine guards: four eyes on each decision, who entered counts, history is kept, the decided stays as decided."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OUTCOMES = ("approve", "reject", "withdraw_decision")
PROPOSED = """
UPDATE case_event SET proposed_outcome = CASE
    WHEN step IN ('propose_approval', 'revise_to_approve') THEN 'approve'
    WHEN step = 'propose_withdrawal' THEN 'withdraw_decision' ELSE 'reject' END
WHERE to_status = 'proposed'
"""
"""What the proposals of earlier days proposed, as the workflows of their day called the steps."""

EYES = """
DROP TRIGGER four_eyes ON "case";
DROP FUNCTION refuse_decision();

CREATE OR REPLACE FUNCTION needs_two_pairs(number integer, slug text, decided timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM two_pairs_service t WHERE t.service = slug)
        OR EXISTS (SELECT FROM "case" c WHERE c.id = number AND c.needs_two_pairs)
        OR EXISTS (SELECT FROM decision d WHERE d.case_id = number AND d.decided_at < decided)
        OR EXISTS (SELECT FROM case_event e WHERE e.case_id = number AND e.to_status = 'proposed')
$$;

CREATE FUNCTION check_eyes(number integer, decider integer, decided timestamptz, outcome text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    it "case";
    is_for_two boolean;
BEGIN
    SELECT * INTO it FROM "case" c WHERE c.id = number FOR NO KEY UPDATE;
    is_for_two := needs_two_pairs(number, it.service, decided);
    IF decider = it.owner_id THEN
        RAISE EXCEPTION 'account % is the owner of case %', decider, number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_owner';
    END IF;
    IF EXISTS (
        SELECT FROM declared_interest i WHERE i.account_id = decider
        AND (i.relative_id = it.owner_id OR i.employer_id = it.employer_id)
    ) THEN
        RAISE EXCEPTION 'account % has a declared interest in case %', decider, number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_interest';
    END IF;
    IF is_for_two AND (
        decider = it.entered_by_id
        OR EXISTS (
            SELECT FROM case_event e
            WHERE e.case_id = number AND e.to_status = 'proposed' AND e.account_id = decider
        )
        OR EXISTS (SELECT FROM case_correction c WHERE c.case_id = number AND c.account_id = decider)
    ) THEN
        RAISE EXCEPTION 'account % prepared case %', decider, number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_preparer';
    END IF;
    IF is_for_two AND NOT EXISTS (
        SELECT FROM (
            SELECT e.account_id, e.proposed_outcome FROM case_event e
            WHERE e.case_id = number AND e.to_status = 'proposed' ORDER BY e.id DESC LIMIT 1
        ) AS proposal
        WHERE proposal.account_id <> decider AND proposal.proposed_outcome = outcome
    ) THEN
        RAISE EXCEPTION 'nobody proposed the decision of case %', number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_proposal';
    END IF;
END $$;

CREATE FUNCTION refuse_case_decided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    decided text;
BEGIN
    SELECT d.outcome INTO decided FROM decision d
    WHERE d.case_id = NEW.id AND d.decided_by_id = NEW.decided_by_id AND d.decided_at = NEW.decided_at
    ORDER BY d.id DESC LIMIT 1;
    PERFORM check_eyes(NEW.id, NEW.decided_by_id, NEW.decided_at, decided);
    IF decided IS NULL THEN
        RAISE EXCEPTION 'the decision of case % is not kept', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_kept';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION refuse_decision_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM check_eyes(NEW.case_id, NEW.decided_by_id, NEW.decided_at, NEW.outcome);
    IF NOT EXISTS (
        SELECT FROM case_event e
        WHERE e.case_id = NEW.case_id AND e.account_id = NEW.decided_by_id AND e.happened_at = NEW.decided_at
        AND e.to_status = CASE NEW.outcome
            WHEN 'approve' THEN 'approved' WHEN 'reject' THEN 'rejected' ELSE 'decision_withdrawn' END
    ) THEN
        RAISE EXCEPTION 'no step of case % took this decision', NEW.case_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_taken';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER four_eyes_on_entry AFTER INSERT ON "case" DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.decided_by_id IS NOT NULL) EXECUTE FUNCTION refuse_case_decided();
CREATE CONSTRAINT TRIGGER four_eyes AFTER UPDATE ON "case" DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (
        NEW.decided_by_id IS NOT NULL
        AND (NEW.decided_by_id, NEW.decided_at) IS DISTINCT FROM (OLD.decided_by_id, OLD.decided_at)
    ) EXECUTE FUNCTION refuse_case_decided();
CREATE CONSTRAINT TRIGGER four_eyes_decision AFTER INSERT ON decision DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse_decision_kept();
"""
"""The same check for a case's own columns and for a row of `decision`, whoever writes either.

`FOR NO KEY UPDATE` makes it wait for `refuse_late_preparation` (migration 0003), which holds the case `FOR SHARE`.
"""

DECIDED_FOR_GOOD = """
CREATE FUNCTION refuse_undecided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    number integer;
BEGIN
    IF TG_TABLE_NAME = 'case' THEN number := NEW.id; ELSE number := NEW.case_id; END IF;
    IF EXISTS (
        SELECT FROM "case" c JOIN decision d ON d.case_id = c.id WHERE c.id = number AND c.status
        NOT IN ('under_review', 'proposed', 'approved', 'carried_out', 'rejected', 'decision_withdrawn')
    ) THEN
        RAISE EXCEPTION 'case % was decided', number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decided_for_good';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER decided_for_good AFTER INSERT OR UPDATE OF status ON "case" DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (
        NEW.status NOT IN ('under_review', 'proposed', 'approved', 'carried_out', 'rejected', 'decision_withdrawn')
    ) EXECUTE FUNCTION refuse_undecided();
CREATE CONSTRAINT TRIGGER decided_for_good AFTER INSERT ON decision DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse_undecided();
"""
"""What stands at the commit counts: one transaction may submit and decide."""

AS_DECIDED = """
CREATE FUNCTION refuse_undecided_status() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    number integer;
    it "case";
BEGIN
    IF TG_TABLE_NAME = 'case' THEN number := NEW.id; ELSE number := NEW.case_id; END IF;
    SELECT * INTO it FROM "case" c WHERE c.id = number FOR NO KEY UPDATE;
    IF it.status IN ('approved', 'carried_out', 'rejected', 'decision_withdrawn') AND NOT EXISTS (
        SELECT FROM (SELECT * FROM decision d WHERE d.case_id = number ORDER BY d.id DESC LIMIT 1) AS latest
        WHERE (latest.decided_by_id, latest.decided_at) = (it.decided_by_id, it.decided_at)
        AND latest.outcome = CASE it.status
            WHEN 'rejected' THEN 'reject' WHEN 'decision_withdrawn' THEN 'withdraw_decision' ELSE 'approve' END
    ) THEN
        RAISE EXCEPTION 'case % was not decided so', number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'status_as_decided';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER status_as_decided AFTER INSERT OR UPDATE OF status, decided_by_id, decided_at ON "case"
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.status IN ('approved', 'carried_out', 'rejected', 'decision_withdrawn'))
    EXECUTE FUNCTION refuse_undecided_status();
CREATE CONSTRAINT TRIGGER status_as_decided AFTER INSERT ON decision DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse_undecided_status();
"""
"""A case says what its latest decision says, by the same officer at the same instant, or is open again."""

KEPT = """
CREATE FUNCTION history_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What happened to a case is only added to: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER case_event_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON case_event
    FOR EACH STATEMENT EXECUTE FUNCTION history_refuse();
CREATE TRIGGER case_correction_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON case_correction
    FOR EACH STATEMENT EXECUTE FUNCTION history_refuse();
CREATE TRIGGER decision_is_kept BEFORE DELETE OR TRUNCATE ON decision
    FOR EACH STATEMENT EXECUTE FUNCTION history_refuse();
CREATE TRIGGER decision_is_notified_once BEFORE UPDATE ON decision FOR EACH ROW WHEN (
    (NEW.id, NEW.case_id, NEW.outcome, NEW.decided_by_id, NEW.decided_at, NEW.reason)
        IS DISTINCT FROM (OLD.id, OLD.case_id, OLD.outcome, OLD.decided_by_id, OLD.decided_at, OLD.reason)
    OR (
        OLD.notified_at IS NOT NULL
        AND (NEW.notified_at, NEW.notified_how, NEW.appeal_by)
            IS DISTINCT FROM (OLD.notified_at, OLD.notified_how, OLD.appeal_by)
    )
) EXECUTE FUNCTION history_refuse();
CREATE TRIGGER case_keeps_its_eyes BEFORE UPDATE ON "case" FOR EACH ROW WHEN (
    NEW.entered_by_id IS DISTINCT FROM OLD.entered_by_id OR (OLD.needs_two_pairs AND NOT NEW.needs_two_pairs)
) EXECUTE FUNCTION history_refuse();
"""

NO_GUARDS = """
DROP TRIGGER status_as_decided ON decision;
DROP TRIGGER status_as_decided ON "case";
DROP FUNCTION refuse_undecided_status();
DROP TRIGGER case_keeps_its_eyes ON "case";
DROP TRIGGER decision_is_notified_once ON decision;
DROP TRIGGER decision_is_kept ON decision;
DROP TRIGGER case_correction_is_kept ON case_correction;
DROP TRIGGER case_event_is_kept ON case_event;
DROP FUNCTION history_refuse();
DROP TRIGGER decided_for_good ON decision;
DROP TRIGGER decided_for_good ON "case";
DROP FUNCTION refuse_undecided();
DROP TRIGGER four_eyes_decision ON decision;
DROP TRIGGER four_eyes ON "case";
DROP TRIGGER four_eyes_on_entry ON "case";
DROP FUNCTION refuse_decision_kept();
DROP FUNCTION refuse_case_decided();
DROP FUNCTION check_eyes(integer, integer, timestamptz, text);
"""

AS_BEFORE = """
CREATE OR REPLACE FUNCTION needs_two_pairs(number integer, slug text, decided timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM two_pairs_service t WHERE t.service = slug)
        OR EXISTS (SELECT FROM decision d WHERE d.case_id = number AND d.decided_at < decided)
        OR EXISTS (SELECT FROM case_event e WHERE e.case_id = number AND e.to_status = 'proposed')
$$;

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

CREATE CONSTRAINT TRIGGER four_eyes AFTER INSERT OR UPDATE ON "case" DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse_decision();
"""


def upgrade() -> None:
    """Apply; what is known of earlier cases is read from the declared services and from the audit chain."""
    op.add_column(
        "case", sa.Column("needs_two_pairs", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("case", sa.Column("entered_by_id", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_case_entered_by_id"), "case", "ab_user", ["entered_by_id"], ["id"])
    op.execute(
        'UPDATE "case" SET needs_two_pairs = true FROM two_pairs_service t WHERE t.service = "case".service'
    )
    op.execute(
        'UPDATE "case" SET entered_by_id = e.actor_id FROM audit_entry e'
        " WHERE e.stream = 'case:' || \"case\".id AND e.action = 'enter_at_counter'"
    )
    outcome = sa.Enum(*OUTCOMES, name="outcome", native_enum=False, length=32)
    op.add_column("case_event", sa.Column("proposed_outcome", outcome, nullable=True))
    op.execute(PROPOSED)
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table is altered while a check of its rows is due
    op.create_check_constraint(
        op.f("ck_case_entered_at_counter"), "case", "(channel = 'counter') = (entered_by_id IS NOT NULL)"
    )
    op.create_check_constraint(
        op.f("ck_case_event_somebody"),
        "case_event",
        "account_id IS NOT NULL OR actor IN ('employer', 'system')",
    )
    op.create_check_constraint(
        op.f("ck_case_event_proposal"),
        "case_event",
        "(to_status = 'proposed') = (proposed_outcome IS NOT NULL)",
    )
    op.execute(EYES)
    op.execute(DECIDED_FOR_GOOD)
    op.execute(AS_DECIDED)
    op.execute(KEPT)


def downgrade() -> None:
    """Take back."""
    op.execute(NO_GUARDS)
    op.execute(AS_BEFORE)
    op.drop_constraint(op.f("ck_case_event_proposal"), "case_event", type_="check")
    op.drop_column("case_event", "proposed_outcome")
    op.drop_constraint(op.f("ck_case_event_somebody"), "case_event", type_="check")
    op.drop_constraint(op.f("ck_case_entered_at_counter"), "case", type_="check")
    op.drop_constraint(op.f("fk_case_entered_by_id"), "case", type_="foreignkey")
    op.drop_column("case", "entered_by_id")
    op.drop_column("case", "needs_two_pairs")
