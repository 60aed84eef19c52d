"""A group of questions asked as often as needed: added, taken away, kept, checked, corrected."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import CaseDependant, Draft, Registration
from app.services import SERVICES, casework
from tests.journey import address, answer, child, go_to
from tests.security.test_access import digests
from tests.services.test_cases import account
from tests.visitor import a_file

PAGE = address("dependants")
NO_FILE = {"birth_certificate": None}


@pytest.fixture
def person(visitor):
    """Somebody on the page of their dependants."""
    person = visitor("joseph")
    go_to(person, "family")
    answer(person, "family", has_dependants="yes")
    assert person.url == PAGE
    return person


def titles(person):
    return [it.get_text(strip=True) for it in person.page.select("fieldset.g-entry > legend")]


def test_one_just_added_takes_files_as_the_others_do(person):
    person.send(button=("_add", "dependants"), **child(0))
    first, second = ({**box.attrs, "data-field": ""} for box in person.page.select("div.g-upload"))
    assert second == first
    assert second["data-uploads"]
    assert [box["data-field"] for box in person.page.select("div.g-upload")] == [
        "dependants-0-birth_certificate",
        "dependants-1-birth_certificate",
    ]


def finish(person):
    """Answer the pages after the dependants, and send."""
    for page in ("contact", "work", "documents", "proofs"):
        answer(person, page)
    person.send()
    assert "/cases/" in person.url


def test_a_fresh_group_begins_with_one_entry(person):
    assert titles(person) == ["Dependant 1"]


def test_another_is_added_without_losing_what_was_typed(person):
    person.send(button=("_add", "dependants"), **child(0, family_name="Fon"))
    assert titles(person) == ["Dependant 1", "Dependant 2"]
    assert person.value_of("dependants-0-family_name") == "Fon"
    assert "birth.png" in person.text
    assert not person.page.select(".govuk-error-summary")


def test_with_a_stale_token_none_is_added_and_what_was_typed_stays(person, app):
    before = digests(app)
    person.send(button=("_add", "dependants"), csrf_token="stale", **child(0, **NO_FILE))
    assert "This page was open too long" in person.text
    assert titles(person) == ["Dependant 1"]
    assert person.value_of("dependants-0-given_names") == "Paul"
    assert digests(app) == before


def test_what_was_added_is_in_the_draft(person, visitor):
    person.send(button=("_add", "dependants"), **child(0))
    phone = visitor("joseph")
    phone.open(address("dependants", "fr"))
    assert titles(phone) == ["Personne à charge 1", "Personne à charge 2"]
    assert phone.value_of("dependants-0-given_names") == "Paul"
    assert "birth.png" in phone.text


def test_one_is_taken_away_and_the_others_keep_their_answers(person):
    person.send(button=("_add", "dependants"), **child(0))
    both = child(0, **NO_FILE) | child(1, given_names="Anne")
    person.send(button=("_drop", "dependants-0"), **both)
    assert titles(person) == ["Dependant 1"]
    assert person.value_of("dependants-1-given_names") == "Anne"
    person.send(**child(1, given_names="Anne", **NO_FILE))
    assert person.url == address("contact")


def test_none_left_is_refused_beside_the_button(person):
    person.send(button=("_drop", "dependants-0"))
    assert titles(person) == []
    person.send()
    assert person.url == PAGE
    assert "Add at least one dependant." in person.text
    assert person.page.select_one(".govuk-error-summary a")["href"] == "#dependants-add"


def test_each_entry_is_checked_beside_its_questions(person):
    person.send(button=("_add", "dependants"), **child(0))
    person.send(**child(0, **NO_FILE), **child(1, given_names="", **NO_FILE))
    assert person.url == PAGE
    assert person.error_of("dependants-1-given_names") == "Enter the given names of the dependant."
    assert "birth certificate" in person.error_of("dependants-1-birth_certificate")
    assert not person.error_of("dependants-0-given_names")


def test_a_document_is_asked_only_of_the_entry_whose_answers_need_it(person):
    person.send(**child(0, kinship="parent", **NO_FILE))
    assert person.url == address("contact")


@pytest.mark.parametrize(
    "sent",
    [
        {"dependants": ["x", "-1", "999999999999", "0"]},
        {"_add": "given_names"},
        {"_add": "nothing"},
        {"_drop": "dependants-"},
        {"_drop": "dependants-999999999"},
        {"_drop": "-"},
        {"dependants": [str(number) for number in range(99)]},
    ],
    ids=str,
)
def test_what_no_page_sends_breaks_nothing(person, sent):
    person.post(PAGE, {"csrf_token": person.token(), **sent})
    assert person.status == 200
    assert len(titles(person)) <= 20


def test_the_entries_are_filed_in_their_order_and_read_back(app, person):
    person.send(button=("_add", "dependants"), **child(0))
    person.send(**child(0, **NO_FILE), **child(1, given_names="Anne"))
    finish(person)
    assert "Dependant 2 – Given names" in person.text
    with app.app_context():
        rows = db.session.scalars(select(CaseDependant).order_by(CaseDependant.position)).all()
        assert [(it.position, it.given_names) for it in rows] == [(0, "Paul"), (1, "Anne")]
        assert db.session.scalars(select(Draft)).all() == []


def test_staff_correct_an_answer_of_one_entry(app, person, visitor):
    person.send(**child(0))
    finish(person)
    with app.app_context():
        case_id = db.session.scalars(select(Registration.id)).one()
    officer = visitor("officer")
    field = "dependants-0-given_names"
    officer.open(f"/staff/registrationview/correct/{case_id}?field={field}")
    officer.send(form="main form", given_names="Pauline", correction_reason="As on the certificate.")
    assert "Dependant 1 – Given names" in officer.text
    with app.app_context():
        assert db.session.scalars(select(CaseDependant)).one().given_names == "Pauline"


@pytest.mark.parametrize(
    "field", ["dependants-1-given_names", "dependants-0-birth_certificate", "dependants-0-id"]
)
def test_what_is_no_answer_of_an_entry_is_not_corrected(app, person, field):
    person.send(**child(0))
    finish(person)
    with app.app_context():
        case = db.session.scalars(select(Registration)).one()
        with pytest.raises(casework.NotAllowed):
            casework.correct(SERVICES["registration"], case, field, "x", "Why", account("officer"))


def test_a_file_for_an_entry_that_is_not_there_is_no_answer(person):
    person.send(**child(0), **{"dependants-7-birth_certificate": a_file("other.png")})
    person.open(PAGE)
    assert "other.png" not in person.text
