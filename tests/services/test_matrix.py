"""Every place × step × actor × person, with and without an interest: listed and done, or refused with nothing written."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError

from app import clock, demo
from app.extensions import db
from app.models import Account, Case, DeclaredInterest, Employer, Registration
from app.permissions import EMPLOYEE
from app.services import SERVICES, cases
from app.services.base import RuleBroken, Service
from app.services.documents import file_with
from app.services.references import new_case
from app.services.registration import RegistrationService
from app.workflow import Actor, Status, Step
from app.workflows import REVIEW, REVIEW_TWICE
from tests.origin import shapes
from tests.papers import accepted
from tests.services.test_cases import REASON, SAID, SERVICE, account, bring_to, file_case, give


class Later(RegistrationService):
    """The registration as a service whose approvals later work carries out."""

    carried_out_at_once = False


class Twice(RegistrationService):
    """The registration as a service of two pairs of eyes."""

    workflow = REVIEW_TWICE


@dataclass(frozen=True)
class Place:
    """Where a case can be: its service, the steps that led there, and who is a first pair of eyes by them."""

    status: Status
    way: tuple[str, ...] = ()
    service: Service = SERVICE
    was_decided: bool = False
    prepared: frozenset[str] = frozenset()


OFFICER = frozenset({"officer"})
REVISED = ("reject", "revise_to_approve")
PLACES = {
    "draft": Place(Status.draft),
    "submitted": Place(Status.submitted),
    "awaiting the employer": Place(Status.awaiting_employer, ("ask_employer",)),
    "under review": Place(Status.under_review, ("take",)),
    "answered for them": Place(Status.under_review, ("request_information", "answer_for")),
    "withdrawn for them": Place(Status.withdrawn, ("withdraw_for",)),
    "information requested": Place(Status.info_requested, ("request_information",)),
    "proposed to approve": Place(Status.proposed, ("propose_approval",), prepared=OFFICER),
    "proposed to reject": Place(Status.proposed, ("propose_rejection",), prepared=OFFICER),
    "sent back": Place(Status.under_review, ("propose_approval", "send_back"), prepared=OFFICER),
    "approved": Place(Status.approved, ("approve",), Later(), was_decided=True),
    "carried out": Place(Status.carried_out, ("approve",), was_decided=True),
    "rejected": Place(Status.rejected, ("reject",), was_decided=True),
    "withdrawn": Place(Status.withdrawn, ("withdraw",)),
    "lapsed": Place(Status.lapsed, ("request_information", "lapse")),
    "decision to be withdrawn": Place(
        Status.proposed, ("approve", "propose_withdrawal"), was_decided=True, prepared=OFFICER
    ),
    "decision withdrawn": Place(
        Status.decision_withdrawn,
        ("reject", "propose_withdrawal", "confirm_withdrawal"),
        was_decided=True,
        prepared=OFFICER,
    ),
    "revised": Place(Status.proposed, REVISED, was_decided=True, prepared=OFFICER),
    "revised and sent back": Place(
        Status.under_review, (*REVISED, "send_back"), was_decided=True, prepared=OFFICER
    ),
    "revised to carried out": Place(
        Status.carried_out, (*REVISED, "confirm_approval"), was_decided=True, prepared=OFFICER
    ),
    "twice: submitted": Place(Status.submitted, (), Twice()),
    "twice: under review": Place(Status.under_review, ("take",), Twice()),
    "twice: answered for them": Place(
        Status.proposed,
        ("request_information", "answer_for", "propose_rejection"),
        Twice(),
        prepared=OFFICER,
    ),
    "twice: proposed": Place(Status.proposed, ("propose_rejection",), Twice(), prepared=OFFICER),
    "twice: rejected": Place(
        Status.rejected,
        ("propose_rejection", "confirm_rejection"),
        Twice(),
        was_decided=True,
        prepared=OFFICER,
    ),
}
STEPS = tuple({step.name: step for step in REVIEW.steps + REVIEW_TWICE.steps}.values())
DECIDERS = {"officer", "agent", "supervisor"}
PEOPLE = sorted(
    {*{person.role: person.login.partition("@")[0] for person in reversed(demo.ACCOUNTS)}.values()}
    | DECIDERS
    | {"joseph", "peter", "centre"}
)
"""One account per role; a second officer, one of another agency, the owner and another insured person."""

TO_NOTHING = {"withdraw", "withdraw_for", "request_information", "lapse", "ask_employer"}
INTERESTS = ("own", "relative", "employer")


def a_draft() -> Case:
    """A case that is only being filed, as it stands before its first step."""
    owner = account("joseph")
    number, reference = new_case("RG")
    case = Registration(
        id=number,
        reference=reference,
        owner=owner,
        agency_id=owner.agency_id,
        employer_id=db.session.scalars(select(Employer.id).order_by(Employer.id).limit(1)).one(),
        language=owner.language,
        submission_key="key-of-a-draft",
        created_at=clock.now(),
        given_names="Joseph",
        family_name="Tabi",
        birth_date=date(1990, 4, 3),
    )
    file_with(case, [accepted(owner)])
    db.session.add(case)
    db.session.commit()
    return case


def begins(place: Place, case: Case, step: Step, actor: Actor) -> bool:
    """Whether the tables know the step here, read as a lawyer would."""
    is_declared = step in place.service.workflow.steps and step.actor is actor
    is_here = case.status in step.sources
    is_proposed = case.status is not Status.proposed or step.outcome in (None, case.proposed_outcome)
    is_alone = step.decides and case.status is not Status.proposed
    needs_second = is_alone and (place.was_decided or bool(place.prepared))
    is_undoing = place.was_decided and step.name in TO_NOTHING
    return is_declared and is_here and is_proposed and not (needs_second or is_undoing)


def may(place: Place, step: Step, actor: Actor, login: str | None, interest: str | None = None) -> bool:
    """Whether this person may take such a step: role, ownership, agency, two pairs of eyes, no interest."""
    if actor is Actor.system:
        return True
    if actor is Actor.insured_person:
        return login == ("supervisor" if interest == "own" else "joseph")
    is_second = actor is not Actor.approver or login not in place.prepared
    return actor is not Actor.employer and login in DECIDERS and is_second and interest is None


def attempts() -> Iterator[tuple[Step, Actor, str | None]]:
    """Every step as what it is declared for, by everybody; as anything else, by those who may most."""
    for step in STEPS:
        for actor in Actor:
            people = PEOPLE if step.actor is actor else ("joseph", "officer", "supervisor")
            for login in (*people, None):
                yield step, actor, login


def attempt(place: Place, case: Case, step: Step, by: cases.By) -> str:
    """What came of it: done (and undone again), or refused."""
    savepoint = db.session.begin_nested() if begins(place, case, step, by.actor) else None
    try:
        cases.perform(
            place.service, case, step.name, by, REASON, for_person=SAID if step.for_person else None
        )
        db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))  # what the database asks at a commit
    except RuleBroken:
        return "refused"
    except IntegrityError as refusal:
        return f"refused by the database: {refusal.orig}"
    else:
        return "done" if case.status in (step.target, Status.carried_out) else f"done: {case.status}"
    finally:
        if savepoint:
            savepoint.rollback()


def wrong(place: Place, case: Case, tries: list, interest: str | None = None) -> list[object]:
    """The tries that came out otherwise than the tables say, and what the refused ones wrote."""
    people = {login: account(login) for login in PEOPLE} | {None: None}
    db.session.commit()
    found, before = [], shapes()
    for step, actor, login in tries:
        is_listed = begins(place, case, step, actor) and may(place, step, actor, login, interest)
        outcome = attempt(place, case, step, cases.By(people[login], actor))
        if outcome != ("done" if is_listed else "refused"):
            found.append((step.name, str(actor), login, interest, outcome))
    db.session.commit()
    return found + sorted(set(before.items()) ^ set(shapes().items()))


@pytest.fixture
def brought(context):
    """Brings a case to a place."""

    def bring(place: Place) -> Case:
        case = a_draft() if place.status is Status.draft else file_case(service=place.service)
        bring_to(case, place.way, place.service)
        assert case.status is place.status
        assert bool(case.decisions) is place.was_decided
        return case

    return bring


@contextmanager
def interested(case: Case, interest: str) -> Iterator[None]:
    """The supervisor, for a while, with an interest in the case."""
    supervisor, owner = account("supervisor"), case.owner
    if interest == "own":
        role = account("peter").roles[0]
        assert role.name == EMPLOYEE
        supervisor.roles.append(role)
        give(case, supervisor)
    else:
        kind = {"relative_id": owner.id} if interest == "relative" else {"employer_id": case.employer_id}
        db.session.add(DeclaredInterest(account_id=supervisor.id, **kind))
    db.session.commit()
    yield
    if interest == "own":
        give(case, owner)
        supervisor.roles.remove(role)
    db.session.execute(delete(DeclaredInterest))
    db.session.commit()


@pytest.mark.long(sample=5)
@pytest.mark.parametrize("name", PLACES)
def test_each_step_is_listed_or_refused_with_nothing_written(brought, name):
    place = PLACES[name]
    assert wrong(place, brought(place), list(attempts())) == []


@pytest.mark.long(sample=5)
@pytest.mark.parametrize("name", PLACES)
def test_nobody_of_the_staff_acts_where_they_have_an_interest(brought, name):
    """The supervisor, who may take every step of the staff, takes none on themself, a relative, their employer."""
    place = PLACES[name]
    case, found = brought(place), []
    tries = [(step, step.actor, "supervisor") for step in STEPS if step.actor is not Actor.system]
    for interest in INTERESTS:
        with interested(case, interest):
            found += wrong(place, case, tries, interest)
            shown = cases.available_to_staff(place.service, case, account("supervisor"))
            found += [(interest, step.name, "is shown") for step in shown]
    assert found == []


@pytest.mark.long(sample=5)
@pytest.mark.parametrize("name", PLACES)
def test_what_is_shown_is_what_is_possible(brought, name):
    """The buttons are the steps that succeed, less those whose turn it is not."""
    place = PLACES[name]
    case = brought(place)
    found = []
    for login in ("officer", "supervisor", "joseph", "centre", "auditor"):
        for actor in Actor:
            by = cases.By(account(login), actor)
            shown = set(cases.available(place.service, case, by))
            done = {step for step in STEPS if attempt(place, case, step, by) == "done"}
            found += [(login, str(actor), step.name) for step in shown - done]
            found += [(login, str(actor), step.name) for step in done - shown if not step.prepares]
    assert found == []


def test_every_status_and_every_step_is_tried():
    assert {place.status for place in PLACES.values()} == set(Status)
    tried = {(step.name, actor, login) for step, actor, login in attempts()}
    assert {step for step, _actor, _login in tried} == {step.name for step in STEPS}
    roles = {person.role for person in demo.ACCOUNTS}
    logins = {f"{login}@demo.example" for login in PEOPLE}
    assert {person.role for person in demo.ACCOUNTS if person.login in logins} == roles
    assert all(service.workflow in (REVIEW, REVIEW_TWICE) for service in SERVICES.values())


def test_an_account_of_no_role_may_nothing(brought):
    place = PLACES["under review"]
    case = brought(place)
    stranger = Account(first_name="N", last_name="O", username="no", email="no@demo.example", password="")
    db.session.add(stranger)
    db.session.commit()
    tries = [step for step in STEPS if step.actor is not Actor.system]
    came_to = {attempt(place, case, step, cases.By(stranger, step.actor)) for step in tries}
    assert came_to == {"refused"}
