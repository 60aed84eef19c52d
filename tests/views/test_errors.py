"""Error pages: what happened, what to do, and what to quote where the fault is ours."""

import pytest

from app import create_app
from app.extensions import db
from app.services import papers
from config import load


@pytest.fixture
def without_a_database(environment):
    """A client of an application whose database is not there."""
    app = create_app(load(environment | {"DATABASE_URL": environment["DATABASE_URL"] + "_gone"}))
    yield app.test_client()
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [("en", "quote caller-0123456789"), ("fr", "indiquez la référence caller-0123456789")],
)
def test_a_fault_of_ours_says_what_to_quote(without_a_database, lang, sentence):
    headers = {"X-Request-Id": "caller-0123456789"}
    answer = without_a_database.get(f"/{lang}/verify/{papers.new_code()}", headers=headers)
    assert answer.status_code == 503
    assert sentence in answer.get_data(as_text=True)


def test_a_page_that_does_not_exist_has_nothing_to_quote(visitor):
    person = visitor()
    person.open("/en/nowhere")
    assert person.status == 404
    assert "quote" not in person.text
