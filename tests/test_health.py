"""The health check tells which part does not answer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app import clock, health
from app.delays import WORKER_ALIVE_SECONDS
from app.embedded.countersign import CHALLENGE, COUNTERSIGN, countersign
from app.jobs.worker import make_worker


def test_without_a_worker_it_says_so(app):
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.get_json() == {"web": True, "database": True, "queue": True, "worker": False}


def test_with_everything_it_is_well(app):
    with app.app_context():
        worker = make_worker()
        worker.register_birth()
        try:
            answer = app.test_client().get("/healthz")
        finally:
            worker.register_death()
    assert answer.status_code == 200
    assert all(answer.get_json().values())


def test_it_proves_to_who_asks_that_it_is_this_house(app):
    asked = "0123456789abcdef" * 2
    answer = app.test_client().get("/healthz", headers={CHALLENGE: asked})
    settings = app.config["SETTINGS"]
    assert answer.headers[COUNTERSIGN] == countersign(settings, asked)
    assert countersign(settings, asked) != countersign(settings, asked[::-1])
    for change in ({"SECRET_KEY": "another"}, {"DATA_DIR": settings.DATA_DIR / "other"}):
        assert countersign(settings, asked) != countersign(replace(settings, **change), asked)


@pytest.mark.parametrize("asked", [None, "", "a" * 31, "a" * 33, "G" * 32, "é" * 32, "login\0" + "a" * 32])
def test_it_signs_nothing_but_a_challenge(app, asked):
    answer = app.test_client().get("/healthz", headers={} if asked is None else {CHALLENGE: asked})
    assert COUNTERSIGN not in answer.headers


def test_a_queue_that_does_not_answer_is_named(app, monkeypatch):
    from redis.exceptions import ConnectionError as NoQueue

    def refuse():
        raise NoQueue

    monkeypatch.setattr(health, "valkey", refuse)
    monkeypatch.setattr(health, "queue", refuse)
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.get_json()["queue"] is False
    assert answer.get_json()["database"] is True


def test_a_database_that_does_not_answer_is_a_clear_page_and_not_a_traceback(app, monkeypatch):
    from sqlalchemy.exc import OperationalError

    from app.extensions import db

    def refuse(*args, **kwargs):
        raise OperationalError("SELECT 1", {}, Exception("the database system is shutting down"))

    client = app.test_client()
    client.set_cookie("guichet", "x" * 43)
    monkeypatch.setattr(db.session, "execute", refuse)
    answer = client.get("/fr/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "Rien n’est perdu" in answer.get_data(as_text=True)
    assert "SELECT" not in answer.get_data(as_text=True)


def test_a_worker_silent_for_long_does_not_count(app):
    with app.app_context():
        worker = make_worker()
        worker.register_birth()
        try:
            with clock.frozen(clock.now() + timedelta(seconds=WORKER_ALIVE_SECONDS + 5)):
                answer = app.test_client().get("/healthz")
        finally:
            worker.register_death()
    assert answer.get_json()["worker"] is False
