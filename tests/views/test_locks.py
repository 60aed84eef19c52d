"""Lock my file: one click shuts it, two officers at the counter open it, and the engine holds it."""

from datetime import date

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app.access_kinds import LockKind, Opened
from app.extensions import db
from app.models import (
    AccessEntry,
    Case,
    Document,
    Draft,
    Employer,
    FileLock,
    InsuredPerson,
    LinkAttempt,
    RecoveryCode,
    SupportTask,
    Upload,
)
from app.services import SERVICES, cases, counter, drafts, linking, locks, people, second_factors
from app.services.base import NotAllowed, RuleBroken
from app.workflow import Actor, Status
from tests.journey import address, answer_all
from tests.services.test_cases import REASON, SERVICE, account, bring_to, file_case
from tests.services.test_grants import at_once
from tests.views.test_uploads import FOR
from tests.visitor import a_file

PAGE = "/en/my-file/lock"


def lock(person, kind="everything"):
    person.open(PAGE)
    token = person.page.select_one("input[name=csrf_token]")["value"]
    person.post(PAGE, {"csrf_token": token, "kind": kind})


def locked(login="joseph", kind=LockKind.everything):
    found = locks.set_lock(account(login), kind)
    db.session.commit()
    return found


def test_one_click_locks_and_twice_is_once(visitor, app):
    person = visitor("joseph")
    lock(person)
    assert "Your file is locked: No change online." in person.text
    lock(person)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(FileLock)) == 1
    person.open("/en/my-file/")
    assert "Locked: No change online" in person.text


@pytest.mark.parametrize("page", ["you", "work", "documents"])
def test_a_locked_file_asks_and_keeps_nothing(visitor, app, page):
    person = visitor("joseph")
    lock(person)
    person.open(address(page))
    assert person.status == 403
    assert "You locked your file: nothing can be changed online." in person.text
    person.open(PAGE)
    token = person.page.select_one("input[name=csrf_token]")["value"]
    person.post(address(page), {"csrf_token": token, "given_names": "Somebody"})
    assert person.status == 403
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Draft)) == 0


def test_a_lock_set_on_another_device_stops_the_sending(visitor, app, count_cases):
    person, elsewhere = visitor("joseph"), visitor("joseph")
    answer_all(person)
    lock(elsewhere)
    person.send()
    assert person.status == 403
    assert count_cases() == 0


@pytest.mark.parametrize("name", ["withdraw", "answer"])
def test_a_locked_file_takes_no_step_of_the_person(english, name):
    case = file_case()
    if name == "answer":
        bring_to(case, Status.info_requested)
    locked()
    by = cases.By(account("joseph"), Actor.insured_person)
    assert cases.available(SERVICE, case, by) == ()
    with pytest.raises(locks.FileLocked):
        cases.perform(SERVICE, case, name, by, REASON)


def test_the_engine_itself_refuses_a_submission_and_a_draft(english):
    locked()
    with pytest.raises(locks.FileLocked):
        file_case()
    db.session.rollback()
    with pytest.raises(locks.FileLocked):
        drafts.save(account("joseph"), "registration", {"given_names": {"given_names": ["X"]}})


def test_staff_go_on_and_the_counter_enters(english):
    case = file_case()
    locked()
    cases.perform(SERVICE, case, "take", cases.By(account("officer"), Actor.officer))
    db.session.commit()
    employer = db.session.scalars(select(Employer).limit(1)).one()
    answers = {
        "given_names": "J",
        "family_name": "T",
        "birth_date": case.birth_date,
        "employer_id": employer.id,
    }
    entered = counter.enter(SERVICE, account("joseph"), answers, [], "counter-key", account("officer"))
    db.session.commit()
    assert (entered.channel, entered.status) == ("counter", Status.submitted)
    with pytest.raises(locks.FileLocked):
        cases.perform(SERVICE, entered, "withdraw", cases.By(account("joseph"), Actor.insured_person))


def test_a_lock_on_bank_details_stops_those_only(english):
    locked(kind=LockKind.bank)
    locks.check(account("joseph"), "registration")
    locks.check(account("joseph"))
    with pytest.raises(locks.FileLocked, match="bank details"):
        locks.check(account("joseph"), "bank_orders")
    assert file_case().reference
    assert "bank_orders" in locks.BANK_SERVICES
    assert "registration" in SERVICES


def test_somebody_elses_lock_is_not_mine(english):
    locked("peter")
    assert file_case("joseph").reference


def test_two_officers_lift_it_and_the_person_is_told(visitor, app, work, mailbox):
    with app.app_context():
        pk = locked().id
    first, second = visitor("support"), visitor("officer")
    first.open(f"/staff/lockview/lift/{pk}?language=en")
    first.send(form="#model_form", reason="Passport seen; asks to send a request.")
    assert "another officer must confirm it" in first.text
    first.send(form="form[action*='/confirm/']")
    assert "You proposed this: another officer must confirm it." in first.text
    second.open(f"/staff/lockview/show/{pk}")
    second.send(form="form[action*='/confirm/']")
    assert "The lock is lifted." in second.text
    work()
    assert "lifted" in "".join(path.read_text() for path in mailbox.iterdir())
    person = visitor("joseph")
    person.open(address("you"))
    assert person.status == 200


def test_the_lock_of_who_stands_at_the_counter_is_found(visitor, app):
    with app.app_context():
        locked(kind=LockKind.bank)
        pk = locked().id
        locked("amina")
    support = visitor("support")
    support.open("/staff/lockview/list/")
    support.open(support.page.select_one("a[href$='/lockview/find']")["href"])
    support.send(form="#model_form", known=" JOSEPH@demo.example")
    assert support.url == f"/staff/lockview/show/{pk}"
    with app.app_context():
        assert db.session.scalars(select(AccessEntry.opened)).all() == [Opened.lock]


@pytest.mark.parametrize(
    ("known", "said"),
    [("peter@demo.example", "This file is not locked."), ("nobody@x.cm", "No account has this number")],
)
def test_where_there_is_no_lock_none_is_found(visitor, app, known, said):
    support = visitor("support")
    support.open("/staff/lockview/find")
    support.send(form="#model_form", known=known)
    assert support.status == 422
    assert said in support.text
    assert support.value_of("known") == known


def test_lifting_needs_a_reason_first(visitor, app):
    with app.app_context():
        pk = locked().id
    first = visitor("support")
    first.open(f"/staff/lockview/show/{pk}?language=en")
    first.open(f"/staff/lockview/lift/{pk}")
    first.send(form="#model_form", reason=" ")
    assert first.status == 422
    first.open("/en/sign-in")
    first.post(f"/staff/lockview/confirm/{pk}", {"csrf_token": first.token()})
    with app.app_context():
        assert db.session.get(FileLock, pk).lifted_at is None


@pytest.mark.parametrize("login", ["joseph", "claims", "auditor", "administrator", "doctor"])
def test_nobody_else_lifts(visitor, app, login):
    with app.app_context():
        pk = locked().id
    other = visitor(login)
    other.open("/en/sign-in")
    for action in ("lift", "confirm"):
        other.post(f"/staff/lockview/{action}/{pk}", {"csrf_token": other.token(), "reason": "x"})
        assert other.status == 403


def test_an_officer_lifts_no_lock_of_their_own(english):
    found = locked("officer")
    with pytest.raises(NotAllowed):
        locks.propose_lift(found, REASON, account("officer"))
    db.session.rollback()
    with pytest.raises(IntegrityError, match="ck_file_lock"):
        db.session.execute(
            text(
                "UPDATE file_lock SET lift_proposed_by_id = account_id, lift_proposed_at = now(), lift_reason = 'x'"
            )
        )


def test_the_database_wants_two(english):
    found = locked()
    locks.propose_lift(found, REASON, account("support"))
    db.session.commit()
    with pytest.raises(IntegrityError, match="ck_file_lock_four_eyes"):
        db.session.execute(text("UPDATE file_lock SET lifted_by_id = lift_proposed_by_id, lifted_at = now()"))


def test_two_confirmations_at_once_lift_it_once(app):
    with app.app_context():
        found = locked()
        pk = found.id
        locks.propose_lift(found, REASON, account("support"))
        db.session.commit()

    def confirm(login):
        locks.confirm_lift(db.session.get(FileLock, pk), account(login))

    outcomes = at_once(app, lambda: confirm("helpdesk"), lambda: confirm("officer"))
    assert outcomes == [RuleBroken.__name__, "done"]


def test_an_unknown_kind_of_lock_is_no_failure(visitor, app):
    person = visitor("joseph")
    lock(person, "nonsense")
    assert person.status == 400
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(FileLock)) == 0
        assert db.session.scalar(select(func.count()).select_from(Case)) == 0


def test_a_link_code_is_worth_nothing_in_a_locked_file(visitor, app):
    with app.app_context():
        insured = InsuredPerson(
            ssn=people.number_of(9101),
            given_names="E",
            family_name="Ateba",
            birth_date=date(1985, 5, 12),
            registered_on=date(2020, 1, 6),
            email="e@record.example",
        )
        db.session.add(insured)
        db.session.commit()
        linking.start(account("joseph"), insured.ssn, date(1985, 5, 12), "Ateba")
        db.session.commit()
        code = linking.code_to_send(db.session.scalars(select(LinkAttempt)).one())
    person = visitor("joseph")
    lock(person)
    person.open("/en/my-file/link/code")
    person.send(code=code)
    assert person.status == 403
    with app.app_context():
        assert (
            db.session.scalars(select(InsuredPerson).where(InsuredPerson.account_id.is_not(None))).all() == []
        )


def test_a_locked_file_asks_no_officer_to_link(visitor, app):
    person = visitor("joseph")
    person.open("/en/my-file/link/proof")
    lock(visitor("joseph"))
    born = {"birth_date-day": "1", "birth_date-month": "1", "birth_date-year": "1980"}
    person.send(
        number="10-0000345-12", family_name="A", reason="New here.", identity_document=a_file(), **born
    )
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SupportTask)) == 0


@pytest.mark.parametrize("page", ["second-factor/remove", "second-factor/codes/new", "second-factor/replace"])
def test_a_locked_file_keeps_its_second_factor_and_codes(visitor, app, page):
    person = visitor("claims")
    with app.app_context():
        employee = db.session.scalars(select(Role).where(Role.name == "employee")).one()
        account("claims").roles = [employee]
        db.session.commit()
        before = secrets_of(account("claims"))
    lock(person)
    person.open(f"/en/account/{page}")
    person.send()
    assert person.status == 403
    with app.app_context():
        assert secrets_of(account("claims")) == before


def secrets_of(owner):
    factor = second_factors.in_force(owner)
    codes = db.session.scalars(
        select(RecoveryCode.code_hash).where(RecoveryCode.account_id == owner.id)
    ).all()
    return factor.secret if factor else None, sorted(codes)


def test_a_locked_file_keeps_its_notices(visitor, app):
    person = visitor("joseph")
    lock(person)
    person.open("/en/account/notices")
    person.send(reminders=None)
    assert person.status == 403
    with app.app_context():
        assert account("joseph").muted_notices == []


def test_a_locked_file_keeps_its_documents_and_their_dates(visitor, app):
    person = visitor("joseph")
    person.open("/en/documents/")
    person.send(category="identity", files=a_file())
    with app.app_context():
        document = db.session.scalars(select(Document)).one()
        public_id, before = document.public_id, document.expires_on
    lock(person)
    person.open(f"/en/documents/{public_id}")
    day = {"expires_on-day": "1", "expires_on-month": "1", "expires_on-year": "2031"}
    token = person.token()
    person.post(f"/en/documents/{public_id}/expiry", {"csrf_token": token, **day})
    assert "You locked your file" in person.text
    answer = person.client.post(
        "/en/uploads",
        json=FOR | {"name": "a.png", "size": 10},
        headers={"X-CSRFToken": token},
    )
    assert answer.status_code in (403, 422)
    with app.app_context():
        assert db.session.scalars(select(Document)).one().expires_on == before
        assert db.session.scalar(select(func.count()).select_from(Upload)) == 0


def test_a_locked_file_takes_a_new_password_a_first_app_and_signing_out(visitor, app):
    person = visitor("joseph")
    lock(person)
    assert "set up a first authenticator app" in person.text
    person.open("/en/account/second-factor/begin")
    person.send()
    key = person.page.select_one("main strong.g-reference").get_text().replace(" ", "")
    person.send(code=second_factors.code_now(key))
    person.send()
    assert "In use since" in person.text
    person.open("/en/account/password")
    person.send(current="guichet-joseph", password="quatre mots sans rapport")
    assert person.url == "/en/account/"
    person.open("/en/account/devices")
    person.send(form="form[action$='/devices/all']")
    assert "Every device is signed out." in person.text
