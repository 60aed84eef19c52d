"""The funeral grant: asked page by page, examined, asked about, decided, and the letter read."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Draft, FuneralGrant
from tests import papers
from tests.adding.new_service.conftest import SLUG
from tests.visitor import PNG, a_file

START = f"/en/{SLUG}/"
LIST = "/staff/funeralgrantview/list/"


def address(page):
    return f"/en/{SLUG}/new/{page}"


@pytest.fixture
def person(visitor):
    person = visitor("joseph")
    person.open(f"/en/{SLUG}/new")
    return person


def answer_death(person, kind="parent", other="", **changes):
    answers = {
        "deceased_name": "Marie Tabi",
        "died_on-day": "1",
        "died_on-month": "2",
        "died_on-year": "2026",
        "relationship_kind": kind,
        "relationship_other": other,
    }
    person.send(**answers | changes)


def answer_all(person, helped="no"):
    person.send(is_right="yes")
    answer_death(person)
    person.send(is_helped=helped)
    if helped == "yes":
        person.send(helper_name="Ngo-Mbock Family")
    person.send(death_certificate=a_file("certificate.png"), invoice=a_file("invoice.png", PNG + b"\0"))


def the_case(app):
    with app.app_context():
        return db.session.scalars(select(FuneralGrant)).unique().one()


def test_what_is_known_is_shown_and_confirmed(person, app):
    assert person.url == address("you")
    assert "Joseph Tabi" in person.text
    person.send()
    assert "Say whether this is right." in person.error_of("is_right")
    person.send(button=("_switch", "fr"), to=address("you").replace("/en/", "/fr/"))
    assert "Indiquez si c’est exact." in person.error_of("is_right")
    person.send(is_right="yes", to=address("you"))
    assert person.url == address("death")
    with app.app_context():
        assert db.session.scalars(select(Draft)).one().answers == {
            "claimant_name": {"claimant_name": ["Joseph Tabi"]}
        }


def test_what_is_known_and_wrong_can_be_changed(person):
    person.send(is_right="no")
    assert person.value_of("claimant_name") == "Joseph Tabi"
    person.send(claimant_name="")
    assert person.error_of("claimant_name") == "Enter your full name."
    person.send(claimant_name="Joseph N’Guessan")
    assert person.url == address("death")
    person.open(address("you"))
    assert person.value_of("claimant_name") == "Joseph N’Guessan"


@pytest.mark.parametrize("answer", ["maybe", "x" * 10_000, ""])
def test_an_answer_that_is_neither_yes_nor_no_is_asked_again(person, answer):
    person.send(is_right=answer)
    assert person.status == 200
    assert "Say whether this is right." in person.error_of("is_right")


def test_a_question_under_a_condition_is_required_when_it_is_asked_and_only_then(person):
    person.send(is_right="yes")
    answer_death(person, kind="other")
    assert person.error_of("relationship_other") == "Say who they were."
    answer_death(person, kind="parent", other="99 not a name")
    assert person.url == address("costs")


def test_the_question_stands_under_the_choice_it_hangs_on(person):
    person.send(is_right="yes")
    revealed = person.page.select_one(".govuk-radios__conditional #relationship_other")
    assert revealed is not None
    choice = person.page.select_one(
        f"[data-aria-controls='{revealed.find_parent(class_='govuk-radios__conditional')['id']}']"
    )
    assert choice["value"] == "other"


def test_a_page_none_of_whose_questions_is_asked_is_skipped(person):
    person.send(is_right="yes")
    answer_death(person)
    assert "Step 3 of 4" in person.text
    person.open(address("help"))
    assert person.url == address("costs")
    person.send(is_helped="yes")
    assert person.url == address("help")
    assert "Step 4 of 5" in person.text
    person.send(helper_name="Ngo-Mbock Family")
    assert person.url == address("papers")


def test_what_was_answered_to_a_question_no_longer_asked_is_not_filed(person, app):
    answer_all(person, helped="yes")
    assert "Ngo-Mbock Family" in person.text
    person.open(f"{address('costs')}?to=check")
    person.send(is_helped="no")
    assert person.url == f"/en/{SLUG}/check"
    assert "Ngo-Mbock Family" not in person.text
    person.send()
    assert the_case(app).helper_name is None


def test_a_change_that_asks_more_asks_it_without_blame_and_comes_back(person):
    answer_all(person)
    assert "Who paid a part?" not in person.text
    person.open(f"{address('costs')}?to=check")
    person.send(is_helped="yes")
    assert person.url.startswith(address("help"))
    assert not person.error_of("helper_name")
    person.send()
    assert person.error_of("helper_name") == "Enter the name of who paid a part."
    person.send(helper_name="Ngo-Mbock Family")
    assert person.url == f"/en/{SLUG}/check"


def test_from_the_first_question_to_the_letter(person, visitor, app, work):
    person.open(START)
    assert "about 10 minutes" in person.text
    assert "the death certificate" in person.text
    person.open(f"/en/{SLUG}/new")
    answer_all(person, helped="yes")
    person.send()
    assert "We have received your request." in person.text
    assert "FG-" in person.text
    case, url = the_case(app), person.url
    officer = visitor("supervisor")
    officer.open(LIST)
    assert "Marie Tabi" in officer.text
    assert "1 February 2026" in officer.text
    officer.open(f"/staff/funeralgrantview/show/{case.id}")
    for fact in ("Joseph Tabi", "Ngo-Mbock Family", "My parent", "certificate.png", "invoice.png"):
        assert fact in officer.text
    step = "form[action*='/step/']"
    officer.send(form=step, button=("step", "request_information"), reason="The invoice is cut off.")
    person.open("/en/")
    assert "What needs your attention" in person.text
    person.open(url)
    assert "The invoice is cut off." in person.text
    person.open(person.page.select_one("a[href$='/answer']")["href"])
    person.send(answer="Here it is whole.", documents=a_file("whole.png"))
    assert "whole.png" in person.text
    with app.app_context():
        papers.accept_all()
        db.session.commit()
    officer.open(f"/staff/funeralgrantview/show/{case.id}")
    officer.send(form=step, button=("step", "approve"))
    assert "Request approved" in officer.text
    work()
    person.open(url)
    assert "Your request is approved and all is done." in person.text
    person.open(person.page.select_one("a[href*='/letters/']")["href"])
    assert "is approved" in person.text
    person.open(f"{url}/receipt")
    assert "Ngo-Mbock Family" in person.text


def test_a_refusal_gives_the_reason_and_the_time_to_appeal(person, visitor, app, work):
    answer_all(person)
    person.send()
    officer = visitor("supervisor")
    officer.open(f"/staff/funeralgrantview/show/{the_case(app).id}")
    officer.send(form="form[action*='/step/']", button=("step", "reject"), reason="Nobody died.")
    work()
    url = person.url
    person.open(url)
    assert "Nobody died." in person.text
    assert "You may appeal until" in person.text


@pytest.mark.parametrize("login", ["officer", "agent"])
def test_officers_of_another_service_have_no_access(visitor, person, app, login):
    answer_all(person)
    person.send()
    officer = visitor(login)
    for path in (LIST, f"/staff/funeralgrantview/show/{the_case(app).id}"):
        officer.open(path)
        assert officer.status == 403
    officer.open("/staff/")
    assert "funeralgrantview" not in officer.response.get_data(as_text=True).split("<main")[0]


def test_the_auditor_reads_and_does_not_move(visitor, person, app):
    answer_all(person)
    person.send()
    case = the_case(app)
    auditor = visitor("auditor")
    auditor.open(f"/staff/funeralgrantview/show/{case.id}")
    assert auditor.status == 200
    assert not auditor.page.select("button[name=step]")
    auditor.open(LIST)
    token = auditor.page.select_one("input[name=csrf_token]")["value"]
    auditor.post(f"/staff/funeralgrantview/step/{case.id}", {"csrf_token": token, "step": "approve"})
    assert auditor.status == 403


def test_the_french_of_the_document_is_spoken(visitor):
    person = visitor("amina", lang="fr")
    person.open(f"/fr/{SLUG}/")
    assert "Allocation pour frais funéraires" in person.text
