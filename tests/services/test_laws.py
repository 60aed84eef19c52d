"""An old result is computed again under the law of then, from the text that `setup` kept of it."""

import json

import pytest
from sqlalchemy import select, update

from app import clock
from app.extensions import db
from app.models import SchemeLaw
from app.scheme import answer, load, load_text, record, scheme_names
from tests.scheme.cases import OLD_AGE


@pytest.fixture
def replayed(app, tmp_path):
    """Runs `scheme replay` on a record; gives exit code and what was printed."""

    def run(stored, *options):
        file = tmp_path / "record.json"
        file.write_text(stored if isinstance(stored, str) else json.dumps(stored), encoding="utf-8")
        done = app.test_cli_runner().invoke(args=["guichet", "scheme", "replay", str(file), *options])
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done.exit_code, done.stdout

    return run


def law_of_then():
    """A law that is no longer in the application: 31 % where today's says 30 %."""
    data = json.loads(load("demo").text)
    data["parameters"]["base_rate"]["values"] = {"2000-01-01": "0.31"}
    return load_text(json.dumps(data))


def kept(law):
    """The row that an earlier `setup` wrote of it."""
    return SchemeLaw(version=law.version, scheme=law.name, text=law.text, first_seen_at=clock.now())


def test_setup_keeps_each_law_once(app):
    for _time in range(2):
        assert app.test_cli_runner().invoke(args=["guichet", "setup"]).exit_code == 0
    with app.app_context():
        rows = {row.scheme: row for row in db.session.scalars(select(SchemeLaw))}
        assert set(rows) == set(scheme_names())
        assert all(
            load_text(row.text).version == row.version == load(name).version for name, row in rows.items()
        )


def test_a_result_of_todays_law_comes_to_the_same(replayed):
    stored = record(OLD_AGE, answer(OLD_AGE))
    code, printed = replayed(stored)
    assert (code, json.loads(printed)) == (0, stored["result"])


def test_a_result_of_an_old_law_is_replayed_under_the_text_that_was_kept(app, replayed):
    then = law_of_then()
    stored = record(OLD_AGE, answer(OLD_AGE, then))
    assert replayed(stored)[0] == 2
    with app.app_context():
        db.session.add(kept(then))
        db.session.commit()
    code, printed = replayed(stored)
    assert (code, json.loads(printed)["monthly"]) == (0, "86400")


@pytest.mark.parametrize("text", ['{"scheme": 1}', "{", ""])
def test_a_text_that_was_spoilt_is_refused(app, replayed, text):
    then = law_of_then()
    with app.app_context():
        row = kept(then)
        row.text = text
        db.session.add(row)
        db.session.commit()
    code, printed = replayed(record(OLD_AGE, answer(OLD_AGE, then)))
    assert (code, json.loads(printed)["error"]["field"]) == (2, "version")


def test_a_text_that_was_changed_is_refused(app, replayed):
    then = law_of_then()
    with app.app_context():
        db.session.add(kept(then))
        db.session.flush()
        change = update(SchemeLaw).where(SchemeLaw.version == then.version)
        db.session.execute(change.values(text=then.text.replace("0.31", "0.32")))
        db.session.commit()
    code, printed = replayed(record(OLD_AGE, answer(OLD_AGE, then)))
    assert (code, json.loads(printed)["error"]["field"]) == (2, "version")


def test_a_stored_result_that_was_changed_is_told_apart(replayed):
    stored = record(OLD_AGE, answer(OLD_AGE))
    stored["result"] = {**stored["result"], "monthly": "84001"}
    code, printed = replayed(stored)
    assert (code, json.loads(printed)["monthly"]) == (1, "84000")


@pytest.mark.parametrize(
    ("stored", "field"),
    [
        ("[]", "(input)"),
        ("{}", "version"),
        ('{"version": {"a": 1}, "scheme": "demo", "input": {}}', "version"),
        ('{"version": "\\u0000", "scheme": "demo", "input": {}}', "version"),
        ('{"version": "1", "scheme": "nowhere", "input": {}}', "scheme"),
        ('{"version": "1", "input": {}}', "scheme"),
        (json.dumps({"version": load("demo").version, "scheme": "demo"}), "input"),
        ("{", "(file)"),
    ],
)
def test_what_is_no_record_is_refused_by_its_field(replayed, stored, field):
    code, printed = replayed(stored, "--lang", "fr")
    assert (code, json.loads(printed)["error"]["field"]) == (2, field)
