"""The demonstration's persons, employers and cases: as many as asked for, the same each time, every state."""

import json

import pytest
from sqlalchemy import func, select

from app.employer_kinds import RequestState
from app.extensions import db
from app.likeness_kinds import Judgement
from app.models import (
    Account,
    Case,
    Employer,
    EmployerAgent,
    EmployerRequest,
    Employment,
    InsuredPerson,
    PersonAddress,
    PersonMerge,
    PersonName,
    PossibleDuplicate,
    ProposedEmployer,
)
from app.services.people import number_of
from app.workflow import Status

FACTS = ("ssn", "given_names", "family_name", "birth_date", "birth_place", "occupation", "registered_on")
RESTING = set(Status) - {Status.draft, Status.approved}
"""A draft is no case yet, and an approval is carried out at once."""


@pytest.fixture
def load(app):
    def run(*options):
        answer = app.test_cli_runner().invoke(args=["guichet", "demo", *options])
        assert answer.exit_code == 0, answer.output

    return run


def invented(app):
    with app.app_context():
        rows = db.session.execute(
            select(*(getattr(InsuredPerson, name) for name in FACTS))
            .where(InsuredPerson.ssn.like("10-5%"))
            .order_by(InsuredPerson.ssn)
        )
        return [tuple(row) for row in rows]


def test_the_same_seed_gives_the_same_persons_and_more_are_added_to_those_there(app, load):
    load("--persons", "12")
    few = invented(app)
    assert len(few) == 12
    load("--persons", "30")
    many = invented(app)
    assert len(many) == 30
    assert set(few) <= set(many)
    load("--persons", "30")
    assert invented(app) == many


def test_they_are_two_hundred_with_twenty_five_employers(app, load):
    load()
    persons = invented(app)
    assert len(persons) == 200
    assert len({(given, family) for _ssn, given, family, *_rest in persons}) > 150
    assert all((registered - born).days >= 18 * 365 for _s, _g, _f, born, _p, _o, registered in persons)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Employer)) == 25
        mine = select(InsuredPerson.id).where(InsuredPerson.ssn.like("10-5%"))
        for kind in (PersonName, PersonAddress, Employment):
            assert db.session.scalar(select(func.count()).where(kind.person_id.in_(mine))) == 200
        assert persons[0][0] == number_of(5_000_000)


def test_there_are_cases_in_every_state_and_the_chain_verifies(app, load):
    load("--persons", "1")
    with app.app_context():
        mine = select(Case.status).join(Account, Case.owner_id == Account.id)
        assert set(db.session.scalars(mine.where(Account.email.like("applicant%")))) == RESTING
    verified = app.test_cli_runner().invoke(args=["guichet", "audit", "verify"])
    assert verified.exit_code == 0, verified.output
    with app.app_context():
        before = db.session.scalar(select(func.count()).select_from(Case))
    assert before > 2 * len(RESTING)
    load("--persons", "1")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Case)) == before


def on_the_desks(app):
    """What the demonstration leaves for officers to do."""
    with app.app_context():
        alike = db.session.scalars(select(PossibleDuplicate).order_by(PossibleDuplicate.id)).unique()
        made = db.session.scalars(select(PersonMerge).order_by(PersonMerge.id)).unique()
        agents = db.session.scalars(select(EmployerAgent.email).where(EmployerAgent.state == "asked"))
        unknown = db.session.scalars(select(ProposedEmployer.name).order_by(ProposedEmployer.id))
        answered = db.session.scalars(select(EmployerRequest.state).order_by(EmployerRequest.id))
        return {
            "duplicates": [one.judgement for one in alike],
            "merges": [(one.approved_at is not None, one.undone_at is not None) for one in made],
            "who": [(one.survivor.ssn, one.merged.family_name) for one in made],
            "agents": sorted(agents),
            "employers": list(unknown),
            "answers": list(answered),
        }


def test_each_desk_has_something_waiting(app, load):
    load("--persons", "30")
    found = on_the_desks(app)
    assert None in found["duplicates"]
    assert Judgement.other in found["duplicates"]
    assert found["merges"] == [(False, False), (True, False), (True, True)]
    assert found["agents"] == ["applicant120@demo.example", "marthe.bih@mountview.example"]
    assert found["employers"] == ["Atelier Ngassa Frères", "Sunrise Day Care"]
    assert RequestState.corrected in found["answers"]
    load("--persons", "30")
    assert on_the_desks(app) == found


@pytest.mark.parametrize(
    ("screen", "word"),
    [
        ("mergeview", "Proposed"),
        ("employeragentview", "Bih"),
        ("proposedemployerview", "Sunrise Day Care"),
    ],
)
def test_an_officer_finds_it_on_their_screens(app, load, visitor, screen, word):
    load("--persons", "1")
    officer = visitor("officer")
    officer.open(f"/staff/{screen}/list/?language=en")
    assert officer.status == 200
    assert word in officer.text


def test_an_applicant_signs_in_and_sees_their_request(load, visitor, app):
    load("--persons", "1")
    with app.app_context():
        language = db.session.scalar(
            select(Account.language).where(Account.email == "applicant1@demo.example")
        )
    person = visitor()
    person.open(f"/{language}/sign-in")
    person.send(email="applicant1@demo.example", password="guichet-applicant")
    assert "RG-" in person.text


@pytest.mark.parametrize("wrong", ["0", "-3", "many", "200001"])
def test_a_number_that_cannot_be_is_refused(app, wrong):
    answer = app.test_cli_runner().invoke(args=["guichet", "demo", "--persons", wrong])
    assert answer.exit_code == 2
    assert invented(app) == []
    assert "persons" in answer.output
    assert json.dumps(wrong)[1:-1] in answer.output
