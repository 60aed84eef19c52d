"""for the person: how somebody told the officer what was entered for them; who entered it is a first pair of eyes."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
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
        AND (i.relative_id = it.owner_id OR i.employer_id = it.employer_id OR i.person_id IN (SELECT p.id FROM insured_person p WHERE p.account_id = it.owner_id))
    ) THEN
        RAISE EXCEPTION 'account % has a declared interest in case %', decider, number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes_interest';
    END IF;
    IF is_for_two AND (
        decider = it.entered_by_id
        OR EXISTS (
            SELECT FROM case_event e
            WHERE e.case_id = number AND PREPARES AND e.account_id = decider
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
"""  # noqa: E501
PROPOSED = "e.to_status = 'proposed'"
GIVEN = f"({PROPOSED} OR e.told IS NOT NULL)"
TOLD = "(told IS NULL) = (evidence IS NULL) AND (told IS NULL OR actor = 'officer')"


def upgrade() -> None:
    """Add how and on what it rests; have the database count who entered it."""
    op.add_column("case_event", sa.Column("told", sa.String(32), nullable=True))
    op.add_column("case_event", sa.Column("evidence", sa.Text(), nullable=True))
    op.create_check_constraint("told", "case_event", TOLD)
    op.execute(EYES.replace("PREPARES", GIVEN))
    _watch("NEW.to_status = 'proposed' OR NEW.told IS NOT NULL")


def downgrade() -> None:
    """Forget how it was told."""
    _watch("NEW.to_status = 'proposed'")
    op.execute(EYES.replace("PREPARES", PROPOSED))
    op.drop_constraint(op.f("ck_case_event_told"), "case_event")
    op.drop_column("case_event", "evidence")
    op.drop_column("case_event", "told")


def _watch(when: str) -> None:
    """Which steps of who decided are refused afterwards."""
    op.execute("DROP TRIGGER four_eyes_proposal ON case_event")
    op.execute(
        "CREATE CONSTRAINT TRIGGER four_eyes_proposal AFTER INSERT ON case_event DEFERRABLE INITIALLY DEFERRED"
        f" FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse_late_preparation()"
    )
