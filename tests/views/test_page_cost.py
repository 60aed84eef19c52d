"""How often a page of the portal asks the database: at most four times, and not oftener with more to show."""

import pytest

from app.extensions import db
from app.models import Case
from tests.journey import address, answer, answer_all, go_to
from tests.papers import accepted
from tests.services.test_cases import file_case
from tests.views.test_home import queries

__all__ = ["queries"]
MOST = 4
"""The session with its account; then what the page is about, a lock, and what belongs to it."""


def cost(person, queries, url):
    person.open(url)
    with queries() as sent:
        person.open(url)
    assert person.status == 200
    return len(sent)


@pytest.fixture
def person(visitor):
    return visitor("joseph")


def test_the_home_page(person, app, queries):
    few = cost(person, queries, "/en/")
    with app.app_context():
        for number in range(9):
            file_case("joseph", f"key-{number}")
    assert cost(person, queries, "/en/") <= few <= 2
    assert len(person.page.select(".g-cases li")) == 9


def test_the_page_of_a_case(person, app, queries):
    with app.app_context():
        case = file_case("joseph")
        case_id, url = case.id, f"/en/cases/{case.public_id}"
    few = cost(person, queries, url)
    with app.app_context():
        case = db.session.get_one(Case, case_id)
        case.documents += [accepted(case.owner) for _one in range(9)]
        db.session.commit()
    assert cost(person, queries, url) <= few <= MOST
    assert len(person.page.select(".g-files li")) >= 9


@pytest.mark.parametrize("page", ["you", "work", "documents", "proofs"])
def test_a_page_of_questions(person, queries, page):
    assert cost(person, queries, address(page)) <= MOST
    go_to(person, page)
    answer(person, page)
    assert cost(person, queries, address(page)) <= MOST


def test_the_check_page(person, queries):
    """Draft, employer and files are all of it."""
    answer_all(person)
    assert cost(person, queries, person.url) <= MOST + 1
