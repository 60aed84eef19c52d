"""The doctor on safety: each unsafe thing is named with what to do, and a safe installation hears nothing bad."""

import dataclasses
import secrets

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import delete, make_url, select, text, update

from app import create_app, safety
from app.extensions import db
from app.models import Account, SecondFactor
from app.permissions import ADMINISTRATOR, COUNTER
from config import load
from tests.test_config import SAFE

SOUND = SAFE | {
    "SECRET_KEY": secrets.token_hex(32),
    "MAIL_FROM": "guichet@administration.example",
    "TRUSTED_PROXIES": "1",
}


def heard(app, **changed):
    """What the doctor says with these settings changed."""
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = dataclasses.replace(before, **changed)
    try:
        with app.app_context():
            return safety.findings()
    finally:
        app.config["SETTINGS"] = before


def about(word, found):
    return [(level, sentence) for level, sentence in found if word in sentence]


@pytest.fixture
def production(app):
    """The settings of a sound production installation, over the tests' servers."""
    settings = load(SOUND)
    names = ("ENV", "SECRET_KEY", "MAIL_FROM", "TRUSTED_PROXIES", "PUBLIC_URL", "SMTP_URL", "REDIS_URL")
    return {name: getattr(settings, name) for name in names}


def test_a_trial_is_told_that_it_is_one(app):
    assert about("This is a trial", heard(app)) != []


def test_sound_settings_are_called_sound(app, production):
    found = heard(app, **production | {"REDIS_URL": "rediss://queue/0"})
    assert ("ok", "The settings suit production.") in found


@pytest.mark.parametrize(
    ("change", "level", "word"),
    [
        ({"SECRET_KEY": "s" * 40}, "error", "SECRET_KEY"),
        ({"MAIL_FROM": "guichet@example.org"}, "error", "MAIL_FROM"),
        ({"REDIS_URL": "redis://queue/0"}, "error", "REDIS_URL"),
        ({"SMTP_URL": "smtp://mail"}, "note", "SMTP_URL"),
        ({"TRUSTED_PROXIES": 0}, "note", "TRUSTED_PROXIES"),
        ({"LOG_LEVEL": "DEBUG"}, "note", "LOG_LEVEL"),
    ],
)
def test_each_weak_setting_of_production_is_named(app, production, change, level, word):
    safe = {"REDIS_URL": "redis://:secret@queue/0"}
    assert about(word, heard(app, **production | safe)) == []
    assert [found for found, _sentence in about(word, heard(app, **production | safe | change))] == [level]


def test_a_secret_others_can_read_is_named_with_the_command(app, tmp_path):
    file = tmp_path / "secret_key"
    file.write_text("x")
    file.chmod(0o644)
    assert about(f"chmod 600 {file}", heard(app, DATA_DIR=tmp_path))[0][0] == "error"
    file.chmod(0o600)
    assert about("chmod", heard(app, DATA_DIR=tmp_path)) == []


def test_in_production_the_demonstrations_accounts_are_named(app, production):
    assert about("demonstration are active", heard(app, **production))[0][0] == "error"
    assert about("demonstration are active", heard(app)) == []


def test_a_superuser_is_named(app, production):
    assert about("superuser", heard(app, **production))[0][0] == "error"
    assert about("superuser", heard(app))[0][0] == "note"


@pytest.fixture
def plain_role(app, environment):
    """A role that may change rows and nothing else; roles are the whole server's, so its name is nobody else's."""
    name = f"plain_{secrets.token_hex(4)}"
    with app.app_context(), db.engine.begin() as connection:
        for statement in (
            f"CREATE ROLE {name} LOGIN PASSWORD 'plain'",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
        ):
            connection.execute(text(statement))
    url = make_url(environment["DATABASE_URL"]).set(username=name, password="plain")
    yield url.render_as_string(hide_password=False)
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {name}"))
        connection.execute(text(f"DROP ROLE {name}"))


def test_a_role_that_only_changes_rows_is_called_good(app, environment, plain_role):
    given = {"DATABASE_URL": plain_role, "REDIS_URL": environment["REDIS_URL"]}
    plain = create_app(load(SOUND | given))
    with plain.app_context():
        assert about("may change rows, and no table", safety.findings())[0][0] == "ok"
        db.session.remove()
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(text(f"GRANT CREATE ON SCHEMA public TO {make_url(plain_role).username}"))
        assert about("owns tables or may create them", safety.findings())[0][0] == "error"
        db.session.remove()
        db.engine.dispose()


def test_a_trigger_that_is_off_is_named(app):
    with app.app_context(), db.engine.begin() as connection:
        table, trigger = connection.execute(
            text(
                "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal"
                " AND tgrelid = 'audit_entry'::regclass LIMIT 1"
            )
        ).one()
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}"))
    try:
        assert about(f"The trigger {table}.{trigger} is off", heard(app))[0][0] == "error"
    finally:
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}"))
    assert about("is off", heard(app)) == []


def test_without_a_database_the_doctor_says_so(environment):
    given = {"REDIS_URL": environment["REDIS_URL"], "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    lost = create_app(load(SOUND | given))
    with lost.app_context():
        assert about("The database does not answer", safety.findings()) != []
        db.engine.dispose()


def test_the_command_ends_with_1_when_something_is_bad(app, tmp_path, monkeypatch):
    file = tmp_path / "audit_key"
    file.write_text("x")
    file.chmod(0o644)
    settings = dataclasses.replace(app.config["SETTINGS"], DATA_DIR=tmp_path)
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    answer = app.test_cli_runner().invoke(args=["guichet", "doctor"])
    assert answer.exit_code == 1
    assert f"error: {file} can be read by other users: chmod 600 {file}" in answer.output


def test_staff_without_a_second_factor_are_counted(app):
    assert about("second factor", heard(app)) == []
    with app.app_context():
        officer = db.session.scalars(select(Account).where(Account.email == "officer@demo.example")).one()
        db.session.execute(delete(SecondFactor).where(SecondFactor.account_id == officer.id))
        db.session.commit()
    [(level, sentence)] = about("second factor", heard(app))
    assert level == "note"
    assert sentence.startswith("1 accounts")
    with app.app_context():
        db.session.execute(
            update(Account).where(Account.email == "officer@demo.example").values(active=False)
        )
        db.session.commit()
    assert about("second factor", heard(app)) == []


@pytest.mark.parametrize(
    ("roles", "word"), [((ADMINISTRATOR,), "found-administrators"), (COUNTER, "officers of a counter")]
)
def test_fewer_than_two_of_who_must_be_two_is_said(app, production, roles, word):
    assert about(word, heard(app, **production)) == []
    with app.app_context():
        held = Account.roles.any(Role.name.in_(roles))
        first, *others = db.session.scalars(select(Account).where(held)).unique()
        for other in others:
            other.active = False
        db.session.commit()
        assert first.active
    ((level, _sentence),) = about(word, heard(app, **production))
    assert level == "error"
    ((level, _sentence),) = about(word, heard(app))
    assert level == "note"
