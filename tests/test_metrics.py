"""What Prometheus reads, who may, and the page which says that a process lives."""

import re
from datetime import timedelta

import pytest
from redis.exceptions import ConnectionError as NoQueue
from sqlalchemy.exc import OperationalError

from app import clock, health, metrics
from app.extensions import db
from app.services import outbox
from tests.journey import WORK, answer, go_to


@pytest.fixture
def read(app):
    """The figures as they stand: name with labels → value."""

    def figures() -> dict[str, float]:
        token = app.config["SETTINGS"].METRICS_TOKEN
        answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200
        lines = answer.get_data(as_text=True).splitlines()
        return {
            name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")
        }

    return figures


@pytest.mark.parametrize(
    "given", [None, "", "Bearer ", "Bearer wrong", "Basic {token}", "{token}", "Bearer é"]
)
def test_without_the_token_there_is_no_such_page(app, given):
    token = app.config["SETTINGS"].METRICS_TOKEN
    headers = {} if given is None else {"Authorization": given.replace("{token}", token)}
    answer = app.test_client().get("/metrics", headers=headers)
    assert answer.status_code == 404
    assert "guichet_up" not in answer.get_data(as_text=True)


def test_each_request_is_counted_by_page_and_answer(app, read):
    name = 'guichet_request_seconds_count{endpoint="portal.home",status="2xx"}'
    nowhere = 'guichet_request_seconds_count{endpoint="none",status="4xx"}'
    before = read()
    app.test_client().get("/fr/")
    app.test_client().get("/fr/marie.essama@example.org")
    after = read()
    assert after[name] == before.get(name, 0) + 1
    assert after[nowhere] == before.get(nowhere, 0) + 1


def test_no_label_holds_an_address_or_a_name(app, read):
    app.test_client().get("/fr/marie.essama@example.org")
    app.test_client().get("/verify/ABCD-EFGH")
    labels = {
        value for name in read() for value in re.findall(r'(?:endpoint|status|service)="([^"]*)"', name)
    }
    known = {rule.endpoint for rule in app.url_map.iter_rules()} | {"none", "2xx", "3xx", "4xx", "5xx"}
    assert labels <= known | {"registration", "record_changes", "new_employments"}


def test_the_work_that_waits_is_told(app, read):
    before = read()
    with app.app_context():
        outbox.write("purge_sign_ins")
        db.session.commit()
    assert read()["guichet_outbox_waiting"] == before["guichet_outbox_waiting"] + 1
    assert before["guichet_outbox_set_aside"] == 0
    assert before['guichet_up{part="database"}'] == 1
    assert before['guichet_up{part="worker"}'] == 0


def test_a_case_that_waits_is_told_and_once_its_day_has_passed_as_late(read, visitor):
    name = '{service="registration"}'
    before = read()
    person = visitor("joseph")
    go_to(person, "work")
    unlisted = {
        "employer_name": "Garage du Port",
        "employer_address": "1 quai du Port",
        "employer_contact": "-",
    }
    person.send(**WORK | {"employer_listed": "no"} | unlisted)
    answer(person, "documents")
    answer(person, "proofs")
    person.send()
    after = read()
    assert after["guichet_cases_waiting" + name] == before["guichet_cases_waiting" + name] + 1
    assert after["guichet_cases_overdue" + name] == before["guichet_cases_overdue" + name]
    with clock.frozen(clock.now() + timedelta(days=365)):
        assert read()["guichet_cases_overdue" + name] == after["guichet_cases_waiting" + name]


def test_parts_that_are_away_are_told_and_the_rest_still_stands(app, read, monkeypatch):
    def no_database(*args, **kwargs):
        raise OperationalError("SELECT 1", {}, Exception("shutting down"))

    def no_queue():
        raise NoQueue

    monkeypatch.setattr(db.session, "execute", no_database)
    monkeypatch.setattr(health, "valkey", no_queue)
    monkeypatch.setattr(health, "queue", no_queue)
    monkeypatch.setattr(metrics, "queue", no_queue)
    told = read()
    assert told['guichet_up{part="database"}'] == told['guichet_up{part="queue"}'] == 0
    assert told['guichet_up{part="web"}'] == 1
    assert "guichet_outbox_waiting" not in told


def test_a_process_that_answers_lives_whatever_the_database_does(app, monkeypatch):
    def refuse(*args, **kwargs):
        raise OperationalError("SELECT 1", {}, Exception("shutting down"))

    client = app.test_client()
    client.set_cookie("guichet", "x" * 43)
    monkeypatch.setattr(db.session, "execute", refuse)
    monkeypatch.setattr("sqlalchemy.engine.Engine.connect", refuse)
    answer = client.get("/livez")
    assert (answer.status_code, answer.get_data(as_text=True)) == (200, "ok\n")
    assert "Set-Cookie" not in answer.headers
