"""The copy of my data, and closing my account."""

import json
from datetime import date, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import func, select

from app import clock
from app.access_kinds import Paper, TaskKind
from app.delays import DATA_EXPORT_KEPT
from app.extensions import db
from app.models import Account, AuditEntry, ClosureRequest, DataExport, Draft
from app.services import closures, data_exports, drafts, linking, recoveries, second_factors, support
from app.workflow import Status
from tests import papers
from tests.accounts import enter, new_account
from tests.journey import file_request
from tests.services.test_cases import account, bring_to, file_case
from tests.services.test_grants import at_once

COPY, ZIP, CLOSE = "/en/my-file/copy", "/en/my-file/copy.zip", "/en/my-file/close"


def ask(person):
    person.open(COPY)
    person.send(form="form[action$='/my-file/copy']")


def test_the_archive_holds_everything_and_names_no_officer(visitor, app, work, mailbox):
    person, officer = visitor("joseph"), visitor("officer")
    file_request(person)
    with app.app_context():
        papers.accept_all()
        db.session.commit()
    officer.open("/staff/registrationview/list/")
    officer.open(officer.page.select_one("td a[href*='/show/']")["href"])
    officer.send(form="#steps-form", button=("step", "approve"))
    work()
    ask(person)
    assert "We are making your copy." in person.text
    work()
    assert any("The copy of your data is ready" in path.read_text() for path in mailbox.iterdir())
    answer = person.client.get(ZIP)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    archive = ZipFile(BytesIO(answer.data))
    facts = json.loads(archive.read("data.json"))
    assert facts["account"]["email"] == "joseph@demo.example"
    assert facts["cases"][0]["family_name"] == "N’Guessan"
    assert [event["step"] for event in facts["history"]] == ["submit", "approve", "carry_out"]
    assert facts["insured_person"]["ssn"].startswith("10-0000345-")
    assert facts["openings"][0]["role"] == "registration_officer"
    kinds = {name.partition("/")[0] for name in archive.namelist()}
    assert kinds == {"data.json", "index.html", "documents", "letters", "receipts"}
    everything = archive.read("data.json").decode() + archive.read("index.html").decode()
    assert "Ruth" not in json.dumps([facts["history"], facts["openings"], facts["decisions"]])
    for hidden in ("password", "argon2", "officer@demo.example"):
        assert hidden not in everything


def test_only_the_owner_opens_it_and_only_for_some_days(visitor, app, work):
    person, other = visitor("joseph"), visitor("peter")
    ask(person)
    work()
    assert other.client.get(ZIP).status_code == 404
    assert visitor().client.get(ZIP).status_code == 302
    assert person.client.get(ZIP).status_code == 200
    with app.app_context(), clock.frozen(clock.now() + DATA_EXPORT_KEPT + timedelta(minutes=1)):
        assert data_exports.of_account(account("joseph")) is None
        assert data_exports.purge_expired() == 1
        db.session.commit()
    assert person.client.get(ZIP).status_code == 404


def test_one_archive_at_a_time(visitor, app, work):
    person = visitor("joseph")
    ask(person)
    person.post(COPY, {"csrf_token": visitor_token(person)})
    assert "You have a copy already, or it is being made." in person.text
    work()
    person.post(COPY, {"csrf_token": visitor_token(person)})
    assert "You have a copy already, or it is being made." in person.text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(DataExport)) == 1


def visitor_token(person):
    page = person.client.get("/en/my-file/lock").get_data(as_text=True)
    return page.split('name="csrf_token" value="')[1].split('"')[0]


def test_asking_at_once_makes_one(app):
    outcomes = at_once(app, *[lambda: data_exports.ask(account("joseph"))] * 4)
    assert outcomes == ["RuleBroken", "RuleBroken", "RuleBroken", "done"]


def test_making_it_twice_changes_nothing(context):
    export = data_exports.ask(account("joseph"))
    data_exports.make(export)
    db.session.commit()
    before = (export.sha256, export.made_at)
    data_exports.make(export)
    assert (export.sha256, export.made_at) == before


def close(person, reason="I move abroad."):
    person.open(CLOSE)
    person.send(reason=reason)


def nights(app, days):
    with app.app_context(), clock.frozen(clock.now() + timedelta(days=days)):
        done = closures.carry_out_due()
        db.session.commit()
        return done


@pytest.fixture
def leaver(app, visitor):
    with app.app_context():
        email = (fresh := new_account("employee")).email
        number = fresh.id
        drafts.save(fresh, "registration", {"given_names": {"given_names": ["X"]}})
        db.session.commit()
    person = visitor()
    enter(person, email)
    person.number, person.login = number, email
    return person


def test_an_account_closes_after_the_cooling_period(visitor, app, leaver, work, mailbox):
    close(leaver)
    assert "You asked to close your account." in leaver.text
    assert nights(app, 13) == 0
    assert nights(app, 16) == 1
    assert nights(app, 16) == 0
    leaver.open("/en/my-file/")
    assert "/sign-in" in leaver.url
    enter(leaver, leaver.login)
    assert "wrong" in leaver.text
    with clock.frozen(clock.now() + timedelta(days=16)):
        work()
    assert any("Your account is closed" in path.read_text() for path in mailbox.iterdir())
    with app.app_context():
        assert db.session.get(Account, leaver.number).active is False
        assert db.session.scalar(select(func.count()).select_from(Draft)) == 0
        stream = AuditEntry.stream == f"person:{leaver.number}"
        assert set(db.session.scalars(select(AuditEntry.action).where(stream))) == {
            "ask_closure",
            "close_account",
        }


def test_it_may_be_kept_until_then(app, leaver):
    close(leaver)
    leaver.send(form="form[action$='/close/cancel']")
    assert "Your account stays open." in leaver.text
    assert nights(app, 60) == 0


def test_open_requests_stand_in_the_way_and_are_named(visitor, app):
    with app.app_context():
        reference = file_case().reference
    person = visitor("joseph")
    person.open(CLOSE)
    assert reference in person.text
    assert not person.page.select("textarea")
    person.post(CLOSE, {"csrf_token": visitor_token(person), "reason": "Anyway."})
    assert "your account cannot be closed yet" in person.text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(ClosureRequest)) == 0


def test_a_case_opened_meanwhile_keeps_the_account_open(visitor, app):
    person = visitor("joseph")
    close(person)
    with app.app_context():
        file_case()
    assert nights(app, 16) == 0
    with app.app_context():
        assert account("joseph").active
        assert db.session.scalars(select(ClosureRequest)).one().cancelled_at


def test_an_ended_case_stands_in_no_way(visitor, app):
    with app.app_context():
        bring_to(file_case(), Status.withdrawn)
    person = visitor("joseph")
    close(person)
    assert "You asked to close your account." in person.text


@pytest.mark.parametrize(("reason", "message"), [(" ", "Write why"), ("x" * 1001, "at most 1,000")])
def test_a_reason_is_asked(app, leaver, reason, message):
    close(leaver, reason)
    assert message in leaver.error_of("reason")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(ClosureRequest)) == 0


def test_the_staffs_accounts_are_closed_by_an_administrator(visitor):
    officer = visitor("officer")
    close(officer)
    assert "closed by an administrator" in officer.text


@pytest.mark.parametrize("page", ["", "lock", "openings", "copy", "copy.zip", "close", "link"])
def test_nobody_reads_these_pages(visitor, page):
    nobody = visitor()
    nobody.open(f"/en/my-file/{page}")
    assert "/sign-in" in nobody.url


def test_the_archive_tells_what_is_held_on_the_account_too(visitor, app, work):
    nobody = visitor()
    nobody.open("/en/sign-in")
    nobody.send(email="joseph@demo.example", password="wrong wrong wrong")
    with app.app_context():
        joseph = account("joseph")
        joseph.phone, joseph.muted_notices = "+237677123456", ["reminders"]
        linking.start(joseph, "10-0000999-00", date(1980, 1, 1), "Ateba")
        support.open_task(TaskKind.link, joseph, "My card was stolen.", {"number": "10-0000999-00"})
        recoveries.request(joseph, "joseph@new.example", Paper.passport, "12AB", account("support"))
        second_factors.begin(joseph).confirmed_at = clock.now()
        db.session.commit()
    person = visitor("joseph")
    ask(person)
    work()
    archive = ZipFile(BytesIO(person.client.get(ZIP).data))
    facts = json.loads(archive.read("data.json"))
    assert facts["account"]["phone"] == "+237677123456"
    assert facts["account"]["muted_notices"] == ["reminders"]
    assert "terms_accepted_at" in facts["account"]
    assert [row["outcome"] for row in facts["sign_ins"]] == ["wrong_password", "signed_in"]
    assert facts["link_attempts"][0]["tries"] == 0
    assert facts["support_tasks"][0]["reason"] == "My card was stolen."
    assert facts["recoveries"][0]["new_email"] == "joseph@new.example"
    assert facts["second_factors"][0]["confirmed_at"]
    assert facts["sessions"]
    assert facts["data_copies"]
    everything = json.dumps(facts)
    for hidden in ("argon2", "token", "secret", "nonce", "number_hash", "support@demo.example", "_by_id"):
        assert hidden not in everything, hidden
    page = archive.read("index.html").decode()
    for told in ("History of sign-ins", "My card was stolen.", "joseph@new.example", "+237677123456"):
        assert told in page, told
