"""What makes a case one for two, and whom it keeps apart, stays: a rule, the counter, the declaration."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import Case
from app.services import cases, casework, counter
from app.services.registration import RegistrationService
from app.workflow import Actor, Status
from tests.papers import accepted
from tests.services.test_cases import REASON, SERVICE, account, file_case
from tests.services.test_four_eyes import TWICE, confirm, decide_by_sql, refused, step


class ByRule(RegistrationService):
    """The registration as a service of one pair, whose rule asks for two where the family name is long."""

    def needs_two_pairs(self, case):
        return len(case.family_name) > len("Tabi")


def test_the_database_knows_a_case_that_a_rule_gives_to_two(context):
    """The rule is code: what it said is kept on the case, at the filing and with each correction, and stays."""
    case = file_case(service=ByRule())
    assert case.needs_two_pairs is False
    casework.correct(ByRule(), case, "family_name", "Tabi-Fon", REASON, account("agent"))
    db.session.commit()
    assert case.needs_two_pairs is True
    decide_by_sql(case.id, "officer")
    refused("four_eyes_proposal")
    casework.correct(ByRule(), case, "family_name", "Tabi", REASON, account("agent"))
    db.session.commit()
    with pytest.raises(cases.NotAllowed, match="two people|deux personnes"):
        step(case, "approve", "officer", service=ByRule())
    db.session.rollback()
    step(case, "propose_approval", "officer", service=ByRule())
    confirm(case, "supervisor", service=ByRule())
    assert case.status is Status.carried_out


def test_a_declared_service_of_two_needs_no_row_of_its_own_to_be_known(context):
    case = file_case(service=TWICE)
    assert case.needs_two_pairs is True
    decide_by_sql(case.id, "officer")
    refused("four_eyes_proposal")


def enter_at_counter(service, login="officer"):
    owner = account("joseph")
    answers = {"given_names": "J", "family_name": "Tabi", "birth_date": date(1990, 4, 3), "employer_id": None}
    given = [accepted(owner), accepted(owner, "civil_status")]
    case = counter.enter(service, owner, answers, given, "counter-key", account(login))
    db.session.commit()
    return case


def test_whoever_entered_it_at_the_counter_cannot_confirm(context):
    case = enter_at_counter(TWICE)
    assert (case.channel, case.entered_by) == ("counter", account("officer"))
    step(case, "propose_approval", "agent")
    with pytest.raises(cases.NotAllowed):
        confirm(case, "officer")
    db.session.rollback()
    assert cases.available(TWICE, case, cases.By(account("officer"), Actor.approver)) == ()
    decide_by_sql(case.id, "officer")
    refused("four_eyes_preparer")
    confirm(case, "supervisor")
    assert case.status is Status.carried_out


def test_where_one_decides_whoever_entered_it_may(context):
    case = enter_at_counter(SERVICE)
    step(case, "approve", "officer", service=SERVICE)
    assert case.status is Status.carried_out


@pytest.mark.parametrize(
    "statement",
    [
        'UPDATE "case" SET needs_two_pairs = false',
        "UPDATE \"case\" SET entered_by_id = NULL, channel = 'portal'",
        'UPDATE "case" SET entered_by_id = owner_id',
    ],
)
def test_what_makes_a_case_one_for_two_stays(context, statement):
    enter_at_counter(TWICE)
    with pytest.raises(IntegrityError, match="only added to"):
        db.session.execute(text(statement))


def test_the_counter_enters_for_another(context):
    case = file_case()
    entered = {"channel": "counter", "entered_by_id": case.owner_id, "public_id": "x", "submission_key": "x"}
    told = {name: getattr(case, name) for name in ("service", "owner_id", "language", "created_at")}
    with pytest.raises(IntegrityError, match="ck_case_entered_for_another"):
        db.session.execute(Case.__table__.insert().values(told | entered | {"status": "draft", "version": 1}))


def test_the_counter_names_who_entered(context):
    file_case()
    entered = text(
        'INSERT INTO "case" (service, status, version, owner_id, language, created_at, public_id, channel)'
        " SELECT service, 'draft', 1, owner_id, language, created_at, 'x', 'counter' FROM \"case\""
    )
    with pytest.raises(IntegrityError, match="ck_case_entered_at_counter"):
        db.session.execute(entered)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM two_pairs_service",
        "UPDATE two_pairs_service SET service = 'x'",
        "TRUNCATE two_pairs_service",
    ],
)
def test_no_switch_turns_it_off(context, two_pairs, statement):
    with pytest.raises(IntegrityError, match="keeps them"):
        db.session.execute(text(statement))
    db.session.rollback()
