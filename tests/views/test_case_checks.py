"""The automatic checks on the case screen: each passes, warns or fails, and says why."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import Case, DeclaredInterest, Employer
from app.services import cases, casework
from app.workflow import Actor
from tests.papers import accept_all
from tests.services.test_cases import SERVICE, account, file_case


@pytest.fixture
def case_id(app):
    with app.app_context():
        return file_case().id


def checks(visitor, case_id, login="officer"):
    staff = visitor(login)
    staff.open(f"/staff/registrationview/show/{case_id}")
    assert staff.status == 200
    found = {}
    for line in staff.page.select("#checks li"):
        found.setdefault(line.strong.get_text(strip=True), []).append(
            (line.select_one(".g-status").get_text(strip=True), line.select("span")[-1].get_text(strip=True))
        )
    return found


def states(found):
    return {label: lines[0][0] for label, lines in found.items()}


def test_a_case_in_order_passes(visitor, case_id):
    assert states(checks(visitor, case_id)) == {
        "You and this case": "In order",
        "Necessary documents": "In order",
        "Other requests of this kind": "In order",
        "Employer’s answer": "To look at",
        "Possible duplicates": "In order",
        "Social security number": "In order",
    }


def change(app, case_id, what):
    with app.app_context():
        what(db.session.get(Case, case_id))
        db.session.commit()


def test_a_document_that_is_not_there_fails(visitor, app, case_id):
    change(app, case_id, lambda case: case.documents.clear())
    assert states(checks(visitor, case_id))["Identity document"] == "Fails"


@pytest.mark.parametrize(
    ("days", "state"), [(-1, "Fails"), (0, "To look at"), (20, "To look at"), (90, "In order")]
)
def test_a_document_that_expires_is_told(visitor, app, case_id, days, state):
    def expire(case):
        case.documents[0].expires_on = clock.today() + timedelta(days=days)

    change(app, case_id, expire)
    assert states(checks(visitor, case_id))["Validity of the documents"] == state


def test_another_open_request_is_named_and_an_ended_one_is_not(visitor, app, case_id):
    with app.app_context():
        other = file_case(key="second")
        reference = other.reference
    found = checks(visitor, case_id)["Other requests of this kind"]
    assert found == [("To look at", f"Open too: {reference}.")]
    with app.app_context():
        other = db.session.scalars(select(Case).where(Case.reference == reference)).unique().one()
        cases.perform(SERVICE, other, "reject", cases.By(account("officer"), Actor.officer), "Reason.")
        db.session.commit()
    assert states(checks(visitor, case_id))["Other requests of this kind"] == "In order"


def test_an_officers_own_interest_fails_for_them_alone(visitor, app, case_id):
    with app.app_context():
        owner = db.session.get(Case, case_id).owner_id
        db.session.add(DeclaredInterest(account_id=account("agent").id, relative_id=owner))
        db.session.commit()
    assert states(checks(visitor, case_id))["You and this case"] == "In order"
    agent = visitor("agent")
    agent.open(f"/staff/registrationview/reason/{case_id}")
    agent.send(form="#model_form", reason="A colleague is away.")
    assert checks(lambda _login: agent, case_id)["You and this case"][0][0] == "Fails"


def test_an_employer_that_ceased_and_a_correction_are_to_look_at(visitor, app, case_id):
    def cease(case):
        employer = Employer(registration_number="E-CEASED", name="Ceased", active=False)
        case.employer = employer
        casework.correct(SERVICE, case, "family_name", "Tabe", "As in the document.", account("officer"))

    change(app, case_id, cease)
    found = states(checks(visitor, case_id))
    assert found["Employer"] == "To look at"
    assert found["Corrections"] == "To look at"


def test_who_has_a_number_already_fails(visitor, app, case_id):
    with app.app_context():
        second = file_case(key="second").id
        accept_all()
        case = db.session.get(Case, case_id)
        cases.perform(SERVICE, case, "approve", cases.By(account("officer"), Actor.officer))
        db.session.commit()
    assert states(checks(visitor, second))["Social security number"] == "Fails"
    assert states(checks(visitor, case_id))["Social security number"] == "In order"
