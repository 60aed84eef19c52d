"""How often one submission asks the database: it may not creep up."""

import pytest
from sqlalchemy import event

from app.extensions import db
from tests.journey import answer_all

MOST = 27
"""Session, locks, draft and files read; eight tables and the audit chain written; duplicates and agents looked for."""


@pytest.fixture
def statements(app):
    """What the database is asked from now on."""
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def test_a_submission_asks_the_database_a_bounded_number_of_times(visitor, app, statements):
    person = visitor("joseph")
    answer_all(person)
    sent = {one["name"]: one["value"] for one in person.page.select("#main-form input[name]")}
    statements.clear()
    answer = person.client.post(person.url, data=sent)
    assert "/cases/" in answer.headers["Location"]
    assert len(statements) <= MOST, "\n".join(statements)
