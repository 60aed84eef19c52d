"""The engine: what it asks and what the database asks again, references, numbers (the matrix is a file of its own)."""

import threading
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import Account, Case, Employer
from app.services import SERVICES, cases, numbers, spoken_for
from app.services.base import Service
from app.workflow import Actor, Status, Told
from tests.papers import accept_all, accepted

SERVICE = SERVICES["registration"]
REASON = "The document cannot be read."
SAID = spoken_for.ForPerson(Told.counter, "Identity card ending 12AB.")


def account(login: str) -> Account:
    return db.session.scalars(select(Account).where(Account.email == f"{login}@demo.example")).unique().one()


def born(owner: Account) -> date:
    """A date of birth of their own: who is born like another, with a like name, is looked at twice."""
    is_joseph = owner.email == "joseph@demo.example"
    return date(1990, 4, 3) if is_joseph else date(1945, 6, 15) + timedelta(days=97 * (owner.id % 200))


def file_case(login: str = "joseph", key: str = "key-of-this-test", service: Service = SERVICE) -> Case:
    owner = account(login)
    employer = db.session.scalars(select(Employer).order_by(Employer.id).limit(1)).one()
    answers = {
        "given_names": owner.first_name,
        "family_name": owner.last_name,
        "birth_date": born(owner),
        "employer_id": employer.id,
    }
    papers = [accepted(owner), accepted(owner, "civil_status")]
    case = cases.submit(service, owner, answers, papers, key, owner.language)
    db.session.commit()
    return case


def give(case: Case, owner: Account) -> None:
    """Make it another's case, past the trigger that keeps whose it is."""
    db.session.execute(text("SET LOCAL session_replication_role = replica"))
    case.owner = owner
    db.session.flush()
    db.session.execute(text("SET LOCAL session_replication_role = origin"))


WAYS = {
    Status.submitted: (),
    Status.awaiting_employer: ("ask_employer",),
    Status.under_review: ("take",),
    Status.info_requested: ("request_information",),
    Status.proposed: ("propose_approval",),
    Status.carried_out: ("approve",),
    Status.rejected: ("reject",),
    Status.withdrawn: ("withdraw",),
    Status.lapsed: ("request_information", "lapse"),
    Status.decision_withdrawn: ("reject", "propose_withdrawal", "confirm_withdrawal"),
}


def bring_to(case: Case, to: Status | Sequence[str], service: Service = SERVICE) -> None:
    """Take the steps that lead a submitted case to a status, or those named; each is committed."""
    by = {
        Actor.officer: cases.By(account("officer"), Actor.officer),
        Actor.approver: cases.By(account("agent"), Actor.approver),
        Actor.insured_person: cases.By(case.owner, Actor.insured_person),
        Actor.system: cases.MACHINERY,
    }
    for name in WAYS[to] if isinstance(to, Status) else to:
        step = service.workflow.step(name)
        said = SAID if step.for_person else None
        cases.perform(service, case, name, by[step.actor], REASON, for_person=said)
        db.session.commit()


def decide_all(app) -> None:
    """Approve every case that waits."""
    with app.app_context():
        accept_all()
        officer = cases.By(account("officer"), Actor.officer)
        for case in db.session.scalars(select(Case)).unique().all():
            cases.perform(SERVICE, case, "approve", officer)
        db.session.commit()


def test_an_officer_cannot_act_on_their_own_case(context):
    officer = account("officer")
    employee = account("joseph").roles[0]
    officer.roles.append(employee)
    db.session.flush()
    case = file_case("officer")
    for step in ("take", "approve", "reject"):
        with pytest.raises(cases.NotAllowed):
            cases.perform(SERVICE, case, step, cases.By(account("officer"), Actor.officer), REASON)
    db.session.rollback()
    account("officer").roles.remove(employee)
    db.session.commit()


@pytest.mark.parametrize("reason", [None, "", "   ", "x" * 4001])
def test_a_refusal_needs_a_reason(context, reason):
    case = file_case()
    with pytest.raises(cases.ReasonMissing):
        cases.perform(SERVICE, case, "reject", cases.By(account("officer"), Actor.officer), reason)


@pytest.mark.parametrize(
    "half",
    [
        {"decided_by_id": 1},
        {"status": "rejected"},
        {"status": "approved"},
        {"status": "rejected", "decided_by_id": 1, "decided_at": func.now()},
    ],
)
def test_the_database_refuses_half_a_decision(context, half):
    file_case()
    officer = account("officer").id
    values = {name: officer if name == "decided_by_id" else value for name, value in half.items()}
    with pytest.raises(IntegrityError, match="ck_case_"):
        db.session.execute(Case.__table__.update().values(**values))


@pytest.mark.parametrize("taken", ["reference", "submitted_at"])
def test_the_database_keeps_what_a_submission_gave(context, taken):
    file_case()
    with pytest.raises(IntegrityError, match="only added to"):
        db.session.execute(Case.__table__.update().values(**{taken: None}))


def test_the_database_refuses_a_decision_on_oneself(context):
    case = file_case()
    values = {"status": "approved", "decided_by_id": case.owner_id, "decided_at": func.now()}
    with pytest.raises(IntegrityError, match="ck_case_not_on_oneself"):
        db.session.execute(Case.__table__.update().values(**values))


def test_the_same_submission_at_once_is_one_case(app):
    references, start = [], threading.Barrier(4)

    def send() -> None:
        with app.app_context():
            start.wait()
            references.append(file_case(key="one-key").reference)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(references) == 4
    assert len(set(references)) == 1


def test_two_people_with_one_key_have_a_case_each(context):
    assert file_case("joseph", "the-same").reference != file_case("peter", "the-same").reference


def test_numbers_have_no_gap_and_no_double_under_eight_writers(app):
    """Half of the writers roll back: their numbers go to somebody else."""

    def issue(keep: bool) -> None:
        with app.app_context():
            for _ in range(5):
                number = numbers.issue()
                if keep:
                    issued.append(number)
                    db.session.commit()
                else:
                    db.session.rollback()

    issued: list[str] = []
    threads = [threading.Thread(target=issue, args=(turn % 2 == 0,)) for turn in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(int(number.split("-")[1]) for number in issued) == list(range(345, 365))


def test_a_reference_carries_a_check_character(context):
    from stdnum.iso7064 import mod_37_36

    reference = file_case().reference
    assert mod_37_36.is_valid(reference.replace("-", ""))
    wrong = reference[:4] + str((int(reference[4]) + 1) % 10) + reference[5:]
    assert not mod_37_36.is_valid(wrong.replace("-", ""))
