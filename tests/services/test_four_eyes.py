"""Two pairs of eyes, over all stages of a case: refused by the engine, and again by the database alone."""

import threading

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app import clock
from app.extensions import db
from app.models import Case, CaseEvent, Decision, DeclaredInterest
from app.services import cases, casework
from app.services.registration import RegistrationService
from app.workflow import Actor, Outcome, Status
from app.workflows import REVIEW_TWICE
from tests.services.test_cases import REASON, SERVICE, account, bring_to, file_case
from tests.trials import trials

RACES = trials(short=5, full=50)


class TwoPairs(RegistrationService):
    """The registration as a service of two pairs of eyes."""

    workflow = REVIEW_TWICE


TWICE = TwoPairs()


@pytest.fixture
def two_pairs(app):
    """The database, too, knows the service as one of two pairs."""
    with app.app_context():
        db.session.execute(text("INSERT INTO two_pairs_service VALUES ('registration')"))
        db.session.commit()
    yield
    with app.app_context():
        db.session.rollback()
        db.session.execute(text("SET session_replication_role = replica"))
        db.session.execute(text("DELETE FROM two_pairs_service"))
        db.session.execute(text("SET session_replication_role = origin"))
        db.session.commit()


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


@pytest.mark.parametrize("name", ["approve", "reject"])
def test_nobody_decides_alone_in_a_service_of_two(context, two_pairs, name):
    case = file_case()
    with pytest.raises(cases.NotAllowed):
        step(case, name, "officer", service=TWICE)


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


def decide_by_sql(case_id, login, status="approved"):
    """Write a decision past the engine, as a program of ours with a defect could."""
    values = {
        "status": status,
        "decided_by_id": account(login).id,
        "decided_at": clock.now(),
        "proposed_outcome": None,
    }
    db.session.execute(Case.__table__.update().where(Case.__table__.c.id == case_id).values(**values))


def propose_by_sql(case_id, login):
    db.session.add(
        CaseEvent(
            case_id=case_id,
            step="propose_approval",
            from_status=Status.under_review,
            to_status=Status.proposed,
            actor=Actor.officer,
            account=account(login),
            happened_at=clock.now(),
        )
    )


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


@pytest.mark.long
def test_preparer_and_approver_at_once_never_become_one_person(app, two_pairs):
    """Races, by threads: the same officer corrects and confirms at the same moment, past the engine's checks."""
    for turn in range(RACES):
        with app.app_context():
            case = file_case(key=f"race-{turn}")
            case_id, officer_id = case.id, account("officer").id
            propose_by_sql(case_id, "agent")
            db.session.commit()
        outcomes, start = [], threading.Barrier(2)

        def act(write, case_id=case_id, outcomes=outcomes, start=start):
            with app.app_context():
                write(case_id)
                db.session.flush()
                start.wait()
                try:
                    db.session.commit()
                    outcomes.append("done")
                except IntegrityError:
                    db.session.rollback()
                    outcomes.append("refused")

        def insert_correction(case_id, officer_id=officer_id):
            db.session.execute(
                text(
                    "INSERT INTO case_correction (case_id, field, reason, account_id, corrected_at)"
                    " VALUES (:case_id, 'family_name', 'x', :account_id, now())"
                ),
                {"case_id": case_id, "account_id": officer_id},
            )

        threads = [
            threading.Thread(target=act, args=(insert_correction,)),
            threading.Thread(target=act, args=(lambda case_id: decide_by_sql(case_id, "officer"),)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) in (["done", "refused"], ["refused", "refused"])
        with app.app_context():
            both = db.session.scalar(
                text(
                    'SELECT count(*) FROM "case" c JOIN case_correction k ON k.case_id = c.id'
                    " WHERE c.id = :id AND c.decided_by_id = k.account_id"
                ),
                {"id": case_id},
            )
            assert both == 0


@pytest.mark.long
def test_races_of_two_approvers(app, two_pairs):
    """One wins, one message, one event, one decision."""
    for turn in range(RACES):
        with app.app_context():
            case = file_case(key=f"race-{turn}")
            step(case, "propose_rejection", "agent")
            case_id = case.id
        outcomes, start = [], threading.Barrier(2)

        def act(login, case_id=case_id, outcomes=outcomes, start=start):
            with app.app_context():
                case = db.session.get(Case, case_id)
                by = cases.By(account(login), Actor.approver)
                start.wait()
                try:
                    cases.perform(TWICE, case, "confirm_rejection", by)
                    db.session.commit()
                    outcomes.append("won")
                except cases.AlreadyDecided as refusal:
                    outcomes.append(refusal.by.username)
                    db.session.rollback()

        threads = [threading.Thread(target=act, args=(login,)) for login in ("officer", "supervisor")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes)[1] == "won"
        with app.app_context():
            events = db.session.scalars(select(CaseEvent.step).where(CaseEvent.case_id == case_id)).all()
            assert events.count("confirm_rejection") == 1
            assert len(db.session.scalars(select(Decision).where(Decision.case_id == case_id)).all()) == 1
