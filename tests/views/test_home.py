"""The home page after signing in: what needs me first, then what is under way, then what is over."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from app import clock
from app.delays import DRAFT_ENDING, DRAFT_KEPT
from app.extensions import db
from app.models import Case
from app.services import SERVICES, cases
from app.workflow import Actor
from tests import papers
from tests.journey import address, answer, file_request
from tests.services.test_cases import account, file_case

ATTENTION = "What needs your attention"


@pytest.fixture
def person(visitor):
    return visitor("joseph")


def headings(person):
    person.open("/en/")
    return [heading.text for heading in person.page.select("main h2")]


def step(app, name, reason=None):
    """An officer's step on the only case."""
    with app.app_context():
        case = db.session.scalars(select(Case)).unique().one()
        papers.accept_all()
        cases.perform(SERVICES[case.service], case, name, cases.By(account("officer"), Actor.officer), reason)
        db.session.commit()


def test_nothing_yet_says_what_to_do(person):
    assert headings(person) == ["My requests", "Services"]
    assert "You have no request under way. To make one, choose a service below" in person.text
    assert "Latest news" not in person.text


def test_a_visitor_sees_services_only(visitor):
    assert headings(visitor()) == ["Services"]


def test_a_request_under_way_shows_its_status_and_due_date(person, app):
    file_request(person)
    headings(person)
    card = person.page.select_one(".g-cases li")
    assert card.select_one(".g-status").text == "Submitted"
    assert "Decision by" in card.text


def test_information_requested_comes_first_with_its_last_day(person, app):
    file_request(person)
    step(app, "request_information", "Send the other side.")
    assert headings(person)[0] == ATTENTION
    first = person.page.select_one(".g-cases li")
    assert "We need something more from you. Answer by" in first.text
    assert "You have no other request under way." in person.text


def test_a_letter_is_to_be_read_until_it_is_opened(person, app, work):
    file_request(person)
    step(app, "approve")
    headings(person)
    assert "Letter to read" not in person.text
    work()
    assert headings(person)[0] == ATTENTION
    assert "Letter to read" in person.text
    person.open(person.page.select_one(".g-cases a[href*='/letters/']")["href"])
    assert ATTENTION not in headings(person)
    assert "Requests that are over (1)" in person.text


def test_a_draft_about_to_be_deleted_asks_for_attention(person):
    person.open(address("you"))
    answer(person, "you")
    assert headings(person)[0] == "Not sent yet"
    with clock.frozen(clock.now() + DRAFT_KEPT - DRAFT_ENDING + timedelta(minutes=1)):
        person.sign_in("joseph")
        assert headings(person)[0] == ATTENTION
        assert "Your answers will be deleted on" in person.text
        assert "Not sent yet" not in person.text


def test_the_latest_news_are_what_others_did(person, app):
    file_request(person)
    assert "Latest news" not in headings(person)
    step(app, "take")
    assert headings(person)[-1] == "Latest news"
    news = person.page.select(".g-news li")
    assert len(news) == 1
    assert "Review started" in news[0].text


def test_somebody_elses_affairs_are_not_on_my_page(person, visitor, app, work):
    file_request(person)
    step(app, "approve")
    work()
    assert headings(visitor("peter")) == ["My requests", "Services"]


@pytest.fixture
def queries(app):
    """How many statements a block sends to the database."""

    @contextmanager
    def counting():
        sent = []

        def count(*_given):
            sent.append(1)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", count)
        try:
            yield sent
        finally:
            event.remove(engine, "before_cursor_execute", count)

    return counting


def test_fifty_requests_cost_no_more_queries_than_one(person, app, queries):
    with app.app_context():
        file_case("joseph", "key-0")
    with queries() as few:
        person.open("/en/")
    with app.app_context():
        for number in range(1, 50):
            file_case("joseph", f"key-{number}")
    with queries() as many:
        person.open("/en/")
    assert len(person.page.select(".g-cases li")) == 50
    assert len(many) <= len(few) + 1
