"""The nightly check: silent when the chain is as written, loud towards whoever must act when it is not."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.jobs import relay, schedule
from app.models import AuditEntry, ChainCheck, Outbox
from app.services import outbox
from tests.jobs.test_outbox import received
from tests.services.test_cases import file_case

RECEIVERS = {"administrator@demo.example", "administrator2@demo.example", "auditor@demo.example"}


@pytest.fixture
def night(app, work):
    """The night's check runs."""

    def run():
        with app.app_context():
            outbox.write("verify_audit")
            db.session.commit()
        work()

    return run


@pytest.fixture
def tampered(app, night):
    """A night after somebody changed an entry, as the tables' owner with the triggers off."""
    with app.app_context():
        file_case()
        with db.engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql(
                "UPDATE audit_entry SET content = replace(content, 'registration', 'Registration')"
                " WHERE seq = 1"
            )
        stream = db.session.scalars(select(AuditEntry.stream).limit(1)).one()
    night()
    return stream


def alarms(mailbox):
    return [message for message in received(mailbox) if "audit" in message["Subject"]]


def test_it_runs_every_night():
    assert schedule.SCHEDULE["verify_audit"].endswith("* * *")
    assert relay.SECONDS_OF["verify_audit"] > relay.JOB_SECONDS


def test_a_sound_chain_alarms_nobody(app, night, mailbox, visitor):
    with app.app_context():
        file_case()
    night()
    with app.app_context():
        check = db.session.scalars(select(ChainCheck)).one()
        assert (check.found, check.findings) == (0, [])
        assert check.entries == 2
    assert alarms(mailbox) == []
    officer = visitor("officer")
    officer.open("/staff/")
    assert officer.page.select(".alert-danger") == []


def test_an_entry_changed_by_sql_is_told_to_administrator_and_auditor(tampered, mailbox):
    told = alarms(mailbox)
    assert {message["To"] for message in told} == RECEIVERS
    assert len(told) == len(RECEIVERS)
    for message in told:
        assert "/staff/chaincheckview/list/" in message.get_body(("plain",)).get_content()
        assert tampered not in message.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    ("login", "lang", "words"),
    [
        ("officer", "en", "Differences found in the audit chain"),
        ("supervisor", "fr", "Écarts constatés dans la chaîne d’audit"),
        ("auditor", "fr", "Écarts constatés dans la chaîne d’audit"),
        ("administrator", "en", "Differences found in the audit chain"),
    ],
)
def test_every_member_of_staff_sees_the_alarm(tampered, visitor, login, lang, words):
    staff = visitor(login, lang)
    staff.open("/staff/")
    assert words in staff.page.select_one(".alert-danger").text


@pytest.mark.parametrize(("login", "status"), [("auditor", 200), ("administrator", 200), ("officer", 403)])
def test_what_differs_is_read_under_operations(tampered, app, visitor, login, status):
    with app.app_context():
        number = db.session.scalars(select(ChainCheck.id)).one()
    answer = visitor(login).client.get(
        f"/staff/chaincheckview/show/{number}", follow_redirects=login == "officer"
    )
    if status == 200:
        assert f"Entry 1 of {tampered}" in answer.get_data(as_text=True)
    else:
        assert tampered not in answer.get_data(as_text=True)


def test_the_alarm_is_raised_once_a_night_and_the_work_is_done(tampered, app, work, mailbox):
    work()
    assert len(alarms(mailbox)) == len(RECEIVERS)
    with app.app_context():
        assert db.session.scalars(select(Outbox).where(Outbox.done_at.is_(None))).all() == []


def test_the_alarm_stays_until_a_check_finds_nothing(tampered, app, night, visitor):
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql(
            "UPDATE audit_entry SET content = replace(content, 'Registration', 'registration')"
        )
    officer = visitor("officer")
    officer.open("/staff/")
    assert officer.page.select(".alert-danger")
    night()
    officer.open("/staff/")
    assert officer.page.select(".alert-danger") == []
