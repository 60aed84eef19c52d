"""The start page and the case page: how long it takes, what happened, who acts next and by when."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import Case
from app.services import SERVICES, cases
from app.workflow import Actor, Status, goes_back
from tests import papers
from tests.journey import START, file_request
from tests.services.test_cases import account, bring_to, file_case

UPCOMING = ".g-timeline__entry--upcoming"


@pytest.fixture
def person(visitor):
    return visitor("joseph")


def only_case():
    return db.session.scalars(select(Case)).unique().one()


def brought_to(app, person, status):
    """The page of the only case, once it has come to a status."""
    file_request(person)
    url = person.url
    with app.app_context():
        papers.accept_all()
        bring_to(only_case(), status)
    person.open(url)


def test_the_confirmation_stays_until_somebody_reads_the_request(person, app):
    file_request(person)
    url = person.url
    assert person.page.select_one(".govuk-panel__title").text.strip() == "We have received your request."
    assert "RG-" in person.page.select_one(".govuk-panel .g-reference").text
    assert "What happens next" in person.text
    assert "We decide by" in person.text
    person.open(url.replace("/en/", "/fr/"))
    assert "Et maintenant" in person.text
    with app.app_context():
        bring_to(only_case(), Status.under_review)
    person.open(url)
    assert "What happens next" not in person.text


@pytest.mark.long(sample=4)
@pytest.mark.parametrize(
    ("status", "next_step"),
    [
        (Status.submitted, "A case officer reads your request and decides"),
        (Status.awaiting_employer, "Your employer confirms what you wrote"),
        (Status.under_review, "The case officer decides"),
        (Status.info_requested, "You send what we asked for"),
        (Status.proposed, "A second person checks the proposal and decides"),
        (Status.carried_out, None),
        (Status.rejected, None),
        (Status.withdrawn, None),
        (Status.lapsed, None),
        (Status.decision_withdrawn, None),
    ],
)
def test_the_time_line_says_who_acts_next_and_by_when(person, app, status, next_step):
    brought_to(app, person, status)
    entry = person.page.select_one(UPCOMING)
    if next_step is None:
        assert entry is None
        return
    assert next_step in entry.text
    assert ("by " in entry.text) is (status is not Status.awaiting_employer)


def test_what_was_asked_is_on_the_page_with_the_way_to_answer(person, app):
    brought_to(app, person, Status.info_requested)
    assert "What we asked for The document cannot be read." in person.text
    assert person.page.select_one("a[href$='/answer']")


def test_going_back_is_said(person, app):
    brought_to(app, person, Status.proposed)
    assert "Back to an earlier stage" not in person.text
    with app.app_context():
        second = cases.By(account("agent"), Actor.approver)
        cases.perform(SERVICES["registration"], only_case(), "send_back", second, "Look again.")
        db.session.commit()
    person.open(person.url)
    assert "Back to an earlier stage" in person.page.select_one(".g-timeline__entry--back").text
    assert "Look again." not in person.text


@pytest.mark.parametrize(
    ("source", "target", "is_back"),
    [
        (Status.draft, Status.submitted, False),
        (Status.submitted, Status.info_requested, False),
        (Status.under_review, Status.info_requested, False),
        (Status.info_requested, Status.under_review, False),
        (Status.awaiting_employer, Status.under_review, False),
        (Status.proposed, Status.under_review, True),
        (Status.rejected, Status.proposed, True),
        (Status.carried_out, Status.proposed, True),
        (Status.approved, Status.carried_out, False),
        (Status.proposed, Status.rejected, False),
        (Status.under_review, Status.withdrawn, False),
    ],
)
def test_which_moves_go_back(source, target, is_back):
    assert goes_back(source, target) is is_back


def test_the_start_page_tells_the_promise_and_no_median_before_there_is_one(visitor):
    nobody = visitor()
    nobody.open(START)
    assert "Decision within 5 working days" in nobody.text
    assert "about 15 minutes" in nobody.text
    assert "Half of the recent decisions" not in nobody.text


def test_the_start_page_tells_how_long_decisions_take_now(visitor, app):
    with app.app_context():
        with clock.frozen(clock.now() - timedelta(days=3)):
            case = file_case()
        bring_to(case, Status.carried_out)
    nobody = visitor()
    nobody.open(START)
    assert "Half of the recent decisions took at most 3 days" in nobody.text


def test_who_cannot_ask_learns_it_before_the_first_question(person, app):
    with app.app_context():
        bring_to(file_case("joseph"), Status.carried_out)
    person.open(START)
    assert "You already have a social security number." in person.text
    assert not person.page.select("a.govuk-button--start")
