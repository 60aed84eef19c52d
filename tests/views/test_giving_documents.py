"""Documents given without a request: kept from try to try as a request keeps its files."""

import pytest

from app import clock
from app.extensions import db
from app.files.states import Verdict
from app.models import Document, Draft
from tests.journey import address, go_to
from tests.papers import accepted
from tests.services.test_cases import account
from tests.visitor import a_file


@pytest.fixture
def person(visitor):
    return visitor("joseph")


def give(person, category="identity"):
    person.open("/en/documents/")
    person.send(category=category, files=a_file("card.png"))


def given(person):
    return person.page.select("a.g-file__name[href*='/documents/']")


def files_kept(person):
    return [name.get_text(strip=True) for name in person.page.select("#main-form .g-file__name")]


def test_a_file_outlives_a_refused_form_the_switch_and_a_stale_token(person, app):
    give(person, category="")
    assert person.error_of("category") == "Choose the kind of document."
    assert files_kept(person) == ["card.png"]
    person.send(button=("_switch", "fr"), to="/fr/documents/", files=a_file("other.png"))
    assert files_kept(person) == ["card.png", "other.png"]
    person.send(csrf_token="stale", category="identity")
    assert files_kept(person) == ["card.png", "other.png"]
    assert given(person) == []
    person.send(category="identity")
    assert len(given(person)) == 2
    assert files_kept(person) == []
    with app.app_context():
        assert {document.category for document in db.session.query(Document)} == {"identity"}
        assert db.session.query(Draft).count() == 0


def test_the_good_ones_stay_when_one_of_several_is_refused(person):
    person.open("/en/documents/")
    person.send(category="identity", files=[a_file("card.png"), a_file("wrong.exe", b"MZ")])
    assert "wrong.exe: " in person.error_of("files")
    assert files_kept(person) == ["card.png"]
    person.open("/en/documents/")
    assert files_kept(person) == ["card.png"]
    person.send(button=("_remove", person.page.select_one("[name=_remove]")["value"]))
    assert files_kept(person) == []
    person.open("/en/documents/")
    assert files_kept(person) == []


def test_a_forged_form_takes_no_file_away(person):
    give(person, category="")
    person.send(csrf_token="stale", button=("_remove", person.page.select_one("[name=_remove]")["value"]))
    person.open("/en/documents/")
    assert files_kept(person) == ["card.png"]


def test_nor_does_it_in_a_request(person):
    go_to(person, "documents")
    person.send(identity_document=a_file("card.png"))
    person.open(address("documents"))
    remove = person.page.select_one("[name=_remove]")["value"]
    person.send(csrf_token="stale", button=("_remove", remove))
    person.open(address("documents"))
    assert files_kept(person) == ["card.png"]


def test_what_the_staff_refused_says_why_and_leads_to_another_file(person, app):
    with app.app_context():
        document = accepted(account("joseph"))
        document.filed_at, document.verdict = clock.now(), Verdict.unreadable
        document.verdict_reason = "The lower half is missing."
        db.session.commit()
    person.open("/en/documents/")
    assert "The lower half is missing." in person.text
    assert person.page.select_one(".g-file a[href$='#renewal']")
    assert not person.page.select_one(".g-file a[href$='#validity']")


@pytest.mark.parametrize(("lang", "colon"), [("en", ": "), ("fr", "\u00a0: ")])
def test_a_refused_file_is_named_with_the_colon_of_the_language(person, lang, colon):
    person.open(f"/{lang}/documents/")
    person.send(category="identity", files=a_file("wrong.exe", b"MZ"))
    assert f"wrong.exe{colon}" in str(person.page.select_one("#files-error"))
