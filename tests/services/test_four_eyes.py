"""Two pairs of eyes, over all stages of a case: refused by the engine, and again by the database alone."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app import clock
from app.extensions import db
from app.models import Case, CaseCorrection, CaseEvent, Decision, DeclaredInterest
from app.services import cases, casework, people
from app.services.registration import RegistrationService
from app.workflow import Actor, Outcome, Status
from app.workflows import REVIEW, REVIEW_TWICE
from tests.services.test_cases import REASON, SERVICE, account, bring_to, file_case


class TwoPairs(RegistrationService):
    """The registration as a service of two pairs of eyes."""

    workflow = REVIEW_TWICE


TWICE = TwoPairs()


def step(case, name, login, actor=Actor.officer, service=TWICE):
    cases.perform(service, case, name, cases.By(account(login), actor), REASON)
    db.session.commit()


def confirm(case, login, name="confirm_approval", service=TWICE):
    step(case, name, login, Actor.approver, service)


def test_one_proposes_and_another_approves(context, two_pairs):
    case = file_case()
    step(case, "propose_approval", "officer")
    assert case.proposed_outcome is Outcome.approve
    confirm(case, "supervisor")
    assert case.status is Status.carried_out
    assert case.decided_by.username == "supervisor@demo.example"
    assert [decision.outcome for decision in case.decisions] == [Outcome.approve]


def test_the_reason_proposed_is_the_reason_of_the_decision(context, two_pairs):
    case = file_case()
    step(case, "propose_rejection", "officer")
    cases.perform(TWICE, case, "confirm_rejection", cases.By(account("agent"), Actor.approver))
    db.session.commit()
    assert case.decision_reason == REASON
    assert case.decisions[-1].reason == REASON


@pytest.mark.parametrize("name", ["confirm_rejection", "confirm_withdrawal"])
def test_only_what_was_proposed_can_be_confirmed(context, two_pairs, name):
    case = file_case()
    step(case, "propose_approval", "officer")
    with pytest.raises(cases.StepImpossible):
        confirm(case, "supervisor", name)


def test_whoever_proposed_cannot_confirm(context, two_pairs):
    case = file_case()
    step(case, "propose_approval", "officer")
    with pytest.raises(cases.NotAllowed):
        confirm(case, "officer")


def test_whoever_proposed_at_any_earlier_stage_cannot_confirm(context, two_pairs):
    case = file_case()
    step(case, "propose_approval", "officer")
    step(case, "send_back", "supervisor", Actor.approver)
    step(case, "propose_rejection", "agent")
    with pytest.raises(cases.NotAllowed):
        confirm(case, "officer", "confirm_rejection")
    db.session.rollback()
    confirm(case, "supervisor", "confirm_rejection")
    assert case.status is Status.rejected


def test_whoever_corrected_an_answer_cannot_confirm(context, two_pairs):
    case = file_case()
    casework.correct(TWICE, case, "family_name", "Tabe", REASON, account("agent"))
    db.session.commit()
    step(case, "propose_approval", "officer")
    with pytest.raises(cases.NotAllowed):
        confirm(case, "agent")


class Alone(RegistrationService):
    """A service of two whose workflow knows lone decisions all the same."""

    workflow = replace(REVIEW, pairs_of_eyes=2)


@pytest.mark.parametrize("name", ["approve", "reject"])
def test_nobody_decides_alone_in_a_service_of_two(context, name):
    """Known to the workflow, or not: the engine refuses before the database has to."""
    case = file_case(service=Alone())
    with pytest.raises(cases.NotAllowed, match="two people|deux personnes"):
        step(case, name, "officer", service=Alone())
    db.session.rollback()
    with pytest.raises(cases.NotAllowed, match="does not exist|n’existe pas"):
        step(case, name, "officer", service=TWICE)
    db.session.rollback()
    assert (case.status, case.decisions) == (Status.submitted, [])
    step(
        case, {"approve": "propose_approval", "reject": "propose_rejection"}[name], "officer", service=Alone()
    )


def test_what_was_proposed_once_is_for_two_though_one_could_have_decided(context):
    """The engine and the database both remember it, after the proposal was sent back as well."""
    case = file_case()
    step(case, "propose_approval", "officer", service=SERVICE)
    step(case, "send_back", "supervisor", Actor.approver, SERVICE)
    with pytest.raises(cases.NotAllowed, match="two people|deux personnes"):
        step(case, "approve", "agent", service=SERVICE)
    db.session.rollback()
    decide_by_sql(case.id, "officer")
    refused("four_eyes_preparer")


def test_the_reason_of_a_proposal_that_was_sent_back_is_no_reason_of_the_next(context, two_pairs):
    case = file_case()
    step(case, "propose_rejection", "officer")
    step(case, "send_back", "supervisor", Actor.approver)
    assert case.decision_reason is None
    cases.perform(TWICE, case, "propose_approval", cases.By(account("agent"), Actor.officer))
    db.session.commit()
    confirmed = cases.By(account("supervisor"), Actor.approver)
    cases.perform(TWICE, case, "confirm_approval", confirmed)
    db.session.commit()
    assert (case.decision_reason, case.decisions[-1].reason) == (None, None)


def test_a_decision_is_revised_by_two_even_where_one_decides(context):
    case = file_case()
    bring_to(case, Status.rejected)
    step(case, "revise_to_approve", "agent", service=SERVICE)
    assert case.status is Status.proposed
    assert case.decided_by is None
    with pytest.raises(cases.NotAllowed):
        confirm(case, "agent", service=SERVICE)
    db.session.rollback()
    confirm(case, "supervisor", service=SERVICE)
    assert case.status is Status.carried_out
    assert [decision.outcome for decision in case.decisions] == [Outcome.reject, Outcome.approve]


def test_a_revision_sent_back_is_not_decided_by_one(context):
    case = file_case()
    bring_to(case, Status.rejected)
    step(case, "revise_to_approve", "agent", service=SERVICE)
    step(case, "send_back", "supervisor", Actor.approver, SERVICE)
    with pytest.raises(cases.NotAllowed):
        step(case, "approve", "officer", service=SERVICE)
    db.session.rollback()
    names = {
        each.name for each in cases.available(SERVICE, case, cases.By(account("officer"), Actor.officer))
    }
    assert {"propose_approval", "propose_rejection"} <= names
    assert not {"approve", "reject"} & names


def test_a_decision_is_withdrawn_by_two(context):
    case = file_case()
    bring_to(case, Status.carried_out)
    step(case, "propose_withdrawal", "agent", service=SERVICE)
    confirm(case, "supervisor", "confirm_withdrawal", SERVICE)
    assert case.status is Status.decision_withdrawn
    assert case.decisions[-1].outcome is Outcome.withdraw_decision


@pytest.mark.parametrize("kind", ["relative", "employer"])
@pytest.mark.parametrize("name", ["take", "approve", "reject", "request_information"])
def test_nobody_acts_on_a_relative_or_their_own_employer(context, kind, name):
    case = file_case()
    interest = {"relative_id": case.owner_id} if kind == "relative" else {"employer_id": case.employer_id}
    db.session.add(DeclaredInterest(account_id=account("officer").id, **interest))
    db.session.commit()
    with pytest.raises(cases.NotAllowed):
        step(case, name, "officer", service=SERVICE)
    db.session.rollback()
    assert cases.available(SERVICE, case, cases.By(account("officer"), Actor.officer)) == ()
    step(case, name, "agent", service=SERVICE)


@pytest.mark.parametrize("name", ["take", "approve", "reject", "request_information"])
def test_nobody_acts_on_a_relative_known_by_their_number_alone(context, name):
    case = file_case()
    a_relative_without_their_account(case)
    db.session.commit()
    with pytest.raises(cases.NotAllowed):
        step(case, name, "officer", service=SERVICE)
    db.session.rollback()
    assert cases.available_to_staff(SERVICE, case, account("officer")) == ()
    assert name in {each.name for each in cases.available_to_staff(SERVICE, case, account("agent"))}


def insert(model, **values):
    db.session.execute(model.__table__.insert().values(**values))


def decide_by_sql(case_id, login):
    """Write an approval past the engine, as a program of ours with a defect could: all of it, and consistent."""
    decider, now = account(login).id, clock.now()
    values = {"status": "approved", "decided_by_id": decider, "decided_at": now, "proposed_outcome": None}
    db.session.execute(Case.__table__.update().where(Case.__table__.c.id == case_id).values(**values))
    keep_decision_by_sql(case_id, login, now)


def keep_decision_by_sql(case_id, login, now):
    """The step and the row of an approval, and nothing of it on the case."""
    event_by_sql(case_id, login, "approve", Status.approved, now)
    insert(Decision, case_id=case_id, outcome="approve", decided_by_id=account(login).id, decided_at=now)


def event_by_sql(case_id, login, name, target, at=None, actor=Actor.officer, outcome=None):
    insert(
        CaseEvent,
        case_id=case_id,
        step=name,
        from_status=Status.under_review,
        to_status=target,
        proposed_outcome=outcome,
        actor=actor,
        account_id=account(login).id if login else None,
        happened_at=at or clock.now(),
    )


def propose_by_sql(case_id, login, outcome=Outcome.approve):
    event_by_sql(case_id, login, "propose_approval", Status.proposed, outcome=outcome)


def correct_by_sql(case_id, login):
    said = {"field": "family_name", "reason": REASON, "corrected_at": clock.now()}
    insert(CaseCorrection, case_id=case_id, account_id=account(login).id, **said)


PREPARING = {"proposes": propose_by_sql, "corrects": correct_by_sql}


def refused(rule):
    """The commit is refused by that rule of the database, and nothing stays of the transaction."""
    with pytest.raises(IntegrityError) as refusal:
        db.session.commit()
    assert refusal.value.orig.diag.constraint_name == rule, refusal.value
    db.session.rollback()


def a_relative_without_their_account(case):
    """An interest declared in the insured person, whom the account is linked to."""
    person = people.register(case)
    db.session.add(DeclaredInterest(account_id=account("officer").id, person=person))


@pytest.mark.parametrize(
    ("prepare", "rule"),
    [
        (lambda case: None, "four_eyes_proposal"),
        (lambda case: propose_by_sql(case.id, "officer"), "four_eyes_preparer"),
        (
            lambda case: casework.correct(TWICE, case, "family_name", "X", REASON, account("officer")),
            "four_eyes_preparer",
        ),
        (
            lambda case: db.session.add(
                DeclaredInterest(account_id=account("officer").id, relative_id=case.owner_id)
            ),
            "four_eyes_interest",
        ),
        (
            lambda case: db.session.add(
                DeclaredInterest(account_id=account("officer").id, employer_id=case.employer_id)
            ),
            "four_eyes_interest",
        ),
        (lambda case: a_relative_without_their_account(case), "four_eyes_interest"),
    ],
)
def test_the_database_refuses_by_itself(context, two_pairs, prepare, rule):
    case = file_case()
    prepare(case)
    db.session.flush()
    decide_by_sql(case.id, "officer")
    with pytest.raises(IntegrityError, match="account|nobody") as refusal:
        db.session.commit()
    assert refusal.value.orig.diag.constraint_name == rule
    db.session.rollback()


def test_the_database_lets_two_people_decide(context, two_pairs):
    case = file_case()
    propose_by_sql(case.id, "agent")
    decide_by_sql(case.id, "officer")
    db.session.commit()
    assert db.session.get(Case, case.id).decided_by.username == "officer@demo.example"


def test_the_database_lets_only_what_was_proposed_last_be_decided(context, two_pairs):
    case = file_case()
    propose_by_sql(case.id, "agent", Outcome.approve)
    propose_by_sql(case.id, "supervisor", Outcome.reject)
    db.session.commit()
    decide_by_sql(case.id, "officer")
    refused("four_eyes_proposal")
    propose_by_sql(case.id, "agent", Outcome.approve)
    decide_by_sql(case.id, "officer")
    db.session.commit()


@pytest.mark.parametrize(
    ("target", "outcome"), [(Status.proposed, None), (Status.under_review, Outcome.reject)]
)
def test_a_proposal_says_what_it_proposes_and_nothing_else_does(context, target, outcome):
    case = file_case()
    with pytest.raises(IntegrityError, match="ck_case_event_proposal"):
        event_by_sql(case.id, "officer", "x", target, outcome=outcome)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE \"case\" SET status = 'approved'",
        "UPDATE \"case\" SET status = 'carried_out'",
        "UPDATE \"case\" SET status = 'decision_withdrawn'",
        "INSERT INTO case_event (case_id, step, from_status, to_status, actor, account_id, happened_at)"
        " SELECT id, 'approve', status, 'approved', 'officer', decided_by_id, now() FROM \"case\";"
        "UPDATE \"case\" SET status = 'approved'",
    ],
)
def test_the_database_keeps_a_decided_case_as_it_was_decided(context, statement):
    case = file_case(service=TWICE)
    bring_to(case, ("propose_rejection", "confirm_rejection"), TWICE)
    db.session.execute(text(statement))
    refused("status_as_decided")


def test_the_database_lets_no_opened_decision_be_put_back(context):
    """A revision was proposed: what was decided before does not stand again because a program says so."""
    case = file_case()
    bring_to(case, ("reject",))
    decided = {"by": case.decided_by_id, "at": case.decided_at}
    step(case, "propose_withdrawal", "agent", service=SERVICE)
    back = "UPDATE \"case\" SET status = 'rejected', proposed_outcome = NULL, decided_by_id = :by, decided_at = :at"
    db.session.execute(text(back), decided)
    refused("four_eyes_proposal")


def test_the_database_lets_no_second_decision_stand_beside_the_case(context, two_pairs):
    """A decision row of its own, proposed by one and taken by another, and the case still says the other thing."""
    case = file_case()
    bring_to(case, ("propose_rejection", "confirm_rejection"), TWICE)
    propose_by_sql(case.id, "supervisor")
    keep_decision_by_sql(case.id, "agent", clock.now())
    refused("status_as_decided")


@pytest.mark.parametrize("prepares", ["proposes", "corrects"])
def test_the_database_lets_no_decider_prepare_afterwards(context, two_pairs, prepares):
    case = file_case()
    propose_by_sql(case.id, "agent")
    decide_by_sql(case.id, "officer")
    db.session.commit()
    PREPARING[prepares](case.id, "officer")
    refused("four_eyes_preparer")
