"""Open pages hear of what happened after it is committed, and only then."""

import pytest
from flask import Flask

from app import live
from app.extensions import db, valkey
from app.workflow import Status
from tests.services.test_cases import bring_to, file_case

SECONDS = 10


@pytest.fixture
def hub(app: Flask) -> live.Hub:
    return app.extensions["live"]


def test_a_decision_is_heard_and_another_cases_is_not(context, hub):
    mine, other = file_case("joseph", "a"), file_case("peter", "b")
    with hub.listening(mine.public_id) as heard, hub.listening(other.public_id) as silent:
        settle(heard, silent, cases=(mine, other))
        bring_to(mine, Status.rejected)
        assert heard.get(timeout=SECONDS) == mine.public_id
        settle(silent, cases=(other,))


def settle(*listeners, cases):
    """Wait until the subscription stands, and take what it says when it begins; nothing is left after."""
    for listener, case in zip(listeners, cases, strict=True):
        while valkey().publish(live.CASE_CHANNEL + case.public_id, "mark") == 0:
            pass
        listener.get(timeout=SECONDS)
        while not listener.empty():
            listener.get(timeout=SECONDS)


def test_what_is_rolled_back_is_not_announced(context, hub):
    case = file_case()
    with hub.listening(case.public_id) as heard:
        settle(heard, cases=(case,))
        live.announce(case.public_id)
        db.session.rollback()
        db.session.commit()
        bring_to(case, Status.under_review)
        assert heard.get(timeout=SECONDS) == case.public_id
        assert heard.empty()


def test_a_queue_that_does_not_answer_loses_no_decision(context, monkeypatch):
    from redis.exceptions import ConnectionError as NoQueue

    def refuse():
        raise NoQueue

    case = file_case()
    monkeypatch.setattr(live, "valkey", refuse)
    bring_to(case, Status.rejected)
    db.session.expire_all()
    assert case.status is Status.rejected


def test_the_stream_says_that_something_changed(visitor, app):
    person = visitor("joseph")
    with app.app_context():
        public_id = file_case().public_id
    answer = person.client.get(f"/en/cases/{public_id}/live")
    assert answer.mimetype == "text/event-stream"
    chunks = iter(answer.response)
    assert next(chunks).startswith(b"retry:")
    person.open(f"/en/cases/{public_id}")
    person.send(form="form[action$='/steps/withdraw']")
    assert b"data: changed" in next(chunks)
    answer.close()
