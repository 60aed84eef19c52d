"""engine kept: whose case it is and what was filed stay; a relative without an account is known by one rule."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

EYES = """
CREATE OR REPLACE FUNCTION check_eyes(number integer, decider integer, decided timestamptz, outcome text)
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
        AND (INTEREST)
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
"""
BY_ACCOUNT = "i.relative_id = it.owner_id OR i.employer_id = it.employer_id"
BY_PERSON = "i.person_id IN (SELECT p.id FROM insured_person p WHERE p.account_id = it.owner_id)"

ONLY_BY_ACCOUNT = """
CREATE FUNCTION refuse_interested_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.decided_by_id IS NOT NULL AND NEW.decided_at IS DISTINCT FROM OLD.decided_at AND EXISTS (
        SELECT FROM declared_interest i JOIN insured_person p ON p.id = i.person_id
        WHERE i.account_id = NEW.decided_by_id AND p.account_id = NEW.owner_id
    ) THEN
        RAISE EXCEPTION 'account % has a declared interest in case %', NEW.decided_by_id, NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_interest';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER no_interest AFTER INSERT OR UPDATE ON "case" DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse_interested_decision();
"""
"""What 0016 had beside `check_eyes`: it looked at the day of the decision alone, not at who decided."""

KEEPS_ITS_EYES = """
CREATE TRIGGER case_keeps_its_eyes BEFORE UPDATE ON "case" FOR EACH ROW WHEN (
    NEW.entered_by_id IS DISTINCT FROM OLD.entered_by_id OR (OLD.needs_two_pairs AND NOT NEW.needs_two_pairs)
) EXECUTE FUNCTION history_refuse();
"""
IS_KEPT = """
CREATE TRIGGER case_is_kept BEFORE UPDATE ON "case" FOR EACH ROW WHEN (
    (NEW.id, NEW.owner_id, NEW.service, NEW.entered_by_id, NEW.channel, NEW.submission_key, NEW.created_at)
    IS DISTINCT FROM
    (OLD.id, OLD.owner_id, OLD.service, OLD.entered_by_id, OLD.channel, OLD.submission_key, OLD.created_at)
    OR (OLD.needs_two_pairs AND NOT NEW.needs_two_pairs)
    OR (OLD.submitted_at IS NOT NULL
        AND (NEW.submitted_at, NEW.reference) IS DISTINCT FROM (OLD.submitted_at, OLD.reference))
    OR (OLD.decided_by_id IS NOT NULL AND NEW.decided_by_id IS NOT NULL
        AND NEW.employer_id IS DISTINCT FROM OLD.employer_id)
) EXECUTE FUNCTION history_refuse();
"""
"""Else a case is given to a stranger, or to another service, decided, and given back."""


def upgrade():
    op.execute('DROP TRIGGER no_interest ON "case"; DROP FUNCTION refuse_interested_decision();')
    op.execute(EYES.replace("INTEREST", f"{BY_ACCOUNT} OR {BY_PERSON}"))
    op.execute('DROP TRIGGER case_keeps_its_eyes ON "case";' + IS_KEPT)
    op.create_check_constraint(op.f("ck_case_entered_for_another"), "case", "entered_by_id <> owner_id")


def downgrade():
    op.drop_constraint(op.f("ck_case_entered_for_another"), "case")
    op.execute('DROP TRIGGER case_is_kept ON "case";' + KEEPS_ITS_EYES)
    op.execute(EYES.replace("INTEREST", BY_ACCOUNT))
    op.execute(ONLY_BY_ACCOUNT)
