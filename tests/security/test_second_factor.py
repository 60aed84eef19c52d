"""The second factor: set up, asked for, never taken twice; staff do nothing without it."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select, text

from app import clock
from app.delays import HALF_SIGNED_IN, SESSION_IDLE, SET_UP, STEP_UP
from app.extensions import db
from app.models import Account, AuditEntry, RecoveryCode, SecondFactor
from app.permissions import STAFF
from app.services import second_factors
from tests.browser import people
from tests.browser.people import PASSWORD
from tests.processes import until

SECURED = "/en/account/phone"
SECONDS = 20


@pytest.fixture
def half(visitor):
    """A browser where the right password of somebody was given."""

    def half(person):
        browser = visitor()
        browser.open("/en/sign-in")
        browser.send(email=person.login, password=PASSWORD)
        assert browser.url == "/en/sign-in/code"
        return browser

    return half


def key_on(page):
    """The key that the set-up page shows, as one types it into an app."""
    return page.select_one("main strong.g-reference").get_text().replace(" ", "")


def set_up(browser):
    """From the first page to the recovery codes, which are given back."""
    browser.send()
    assert "/set-up" in browser.url, browser.text
    browser.send(code=second_factors.code_now(key_on(browser.page)))
    kept = [item.get_text() for item in browser.page.select(".g-codes li")]
    assert len(set(kept)) == 10
    browser.send()
    return kept


def test_set_up_then_asked_for_at_the_door(app, visitor, new_person, half, code_of, mails):
    browser, person = new_person()
    browser.open("/en/account/second-factor/begin")
    set_up(browser)
    assert browser.url == "/en/account/second-factor/"
    assert "In use since" in browser.text
    assert mails(person.login)[-1]["Subject"] == "An authenticator app now protects your account"
    again = half(person)
    again.open("/en/account/")
    assert "/sign-in" in again.url
    again = half(person)
    again.send(code=code_of(person.login))
    again.open("/en/account/")
    assert again.url == "/en/account/"


def test_the_picture_and_the_key_say_the_same(new_person):
    browser, person = new_person()
    browser.open("/en/account/second-factor/begin")
    browser.send()
    assert browser.page.select_one("img.g-qr")["src"].startswith("data:image/svg+xml")
    assert len(key_on(browser.page)) == 32


def test_a_wrong_code_puts_no_app_in_force(app, new_person):
    browser, person = new_person()
    browser.open("/en/account/second-factor/begin")
    browser.send()
    for wrong in ("000000", "", "abcdef", "١٢٣٤٥٦", "1" * 39):
        browser.send(code=wrong)
        assert browser.error_of("code"), wrong
    with app.app_context():
        assert second_factors.in_force(db.session.get_one(Account, person.id)) is None


def test_a_code_is_taken_once(app, new_person, half, code_of):
    _browser, person = new_person(has_app=True)
    first, second = half(person), half(person)
    code = code_of(person.login)
    first.send(code=code)
    assert first.url == "/en/"
    second.send(code=code)
    assert "was used before" in second.error_of("code")


def test_of_two_at_once_with_one_code_one_gets_in(app, new_person, code_of):
    _browser, person = new_person(has_app=True)
    code = code_of(person.login)

    def give(_):
        with app.app_context():
            taken = second_factors.take_code(db.session.get_one(Account, person.id), code)
            db.session.commit()
            return taken

    with ThreadPoolExecutor(4) as pool:
        assert sorted(map(str, pool.map(give, range(4)))) == ["None", "None", "None", "app"]


@pytest.mark.parametrize(("late", "is_taken"), [(-61, False), (-30, True), (30, True), (91, False)])
def test_a_telephone_may_be_half_a_minute_off(app, new_person, late, is_taken):
    _browser, person = new_person(has_app=True)
    with app.app_context():
        account = db.session.get_one(Account, person.id)
        factor = second_factors.in_force(account)
        factor.last_step = 0
        instant = clock.now()
        with clock.frozen(instant):
            code = second_factors.code_now(second_factors.secret_of(factor))
        with clock.frozen(
            instant.replace(second=15 if instant.second < 30 else 45) + timedelta(seconds=late)
        ):
            assert (second_factors.take_code(account, code) == "app") is is_taken
        db.session.rollback()


def test_an_older_code_is_refused_after_a_newer_one(app, new_person):
    _browser, person = new_person(has_app=True)
    with app.app_context():
        account = db.session.get_one(Account, person.id)
        factor = second_factors.in_force(account)
        factor.last_step = 0
        secret, now = second_factors.secret_of(factor), second_factors.step_now()
        assert second_factors.take_code(account, second_factors.code_now(secret, now)) == "app"
        assert second_factors.take_code(account, second_factors.code_now(secret, now - 1)) is None


def test_a_recovery_code_works_once_and_is_told(app, new_person, half, mails):
    browser, person = new_person()
    browser.open("/en/account/second-factor/begin")
    codes = set_up(browser)
    first = half(person)
    first.send(code=codes[3].lower().replace("-", " "))
    assert first.url == "/en/"
    first.open("/en/account/second-factor/")
    assert "Recovery codes left 9" in first.text
    second = half(person)
    second.send(code=codes[3])
    assert second.error_of("code")
    assert "A recovery code was used" in [message["Subject"] for message in mails(person.login)]


def test_recovery_codes_are_shown_until_kept_then_only_their_hashes_are_there(app, new_person):
    browser, person = new_person()
    browser.open("/en/account/second-factor/begin")
    browser.send()
    browser.send(code=second_factors.code_now(key_on(browser.page)))
    shown = browser.page.select(".g-codes li")
    browser.open(browser.url.replace("/en/", "/fr/"))
    assert [one.get_text() for one in browser.page.select(".g-codes li")] == [one.get_text() for one in shown]
    browser.send()
    browser.open("/en/account/second-factor/codes")
    assert browser.page.select(".g-codes li") == []
    with app.app_context():
        rows = db.session.scalars(select(RecoveryCode).where(RecoveryCode.account_id == person.id)).all()
        assert all(row.shown is None and row.code_hash.startswith("$argon2id$") for row in rows)


def test_recovery_codes_are_long_and_drawn_anew_for_each(new_person):
    """A letter that says which of the ten it is, then eleven signs of 31: 31 to the 11th is more than 2 to the 54th."""
    kept = []
    for _ in range(2):
        browser, _person = new_person()
        browser.open("/en/account/second-factor/begin")
        kept += set_up(browser)
    drawn = [code.replace("-", "")[1:] for code in kept]
    assert all(re.fullmatch("[2-9A-HJ-NP-Z]{11}", signs) for signs in drawn)
    assert len({signs[:6] for signs in drawn}) == len(drawn) == 20
    assert len(set("".join(drawn))) > 20


def test_the_secret_is_encrypted_and_bound_to_its_account(app, new_person):
    _browser, person = new_person(has_app=True)
    _other_browser, other = new_person(has_app=True)
    with app.app_context():
        mine, theirs = (
            db.session.scalars(select(SecondFactor).where(SecondFactor.account_id == one.id)).one()
            for one in (person, other)
        )
        assert second_factors.secret_of(mine).encode() not in mine.secret
        mine.secret = theirs.secret
        with pytest.raises(ValueError, match="moved"):
            second_factors.secret_of(mine)
        db.session.rollback()


def test_the_time_between_password_and_code_is_short(new_person, half, code_of):
    _browser, person = new_person(has_app=True)
    browser = half(person)
    with clock.frozen(clock.now() + HALF_SIGNED_IN + timedelta(seconds=1)):
        browser.send(code="123456")
    assert "/sign-in" in browser.url
    assert "/code" not in browser.url


def test_nobody_reaches_the_code_page_without_a_password(visitor):
    nobody = visitor()
    nobody.open("/en/sign-in/code")
    assert nobody.url == "/en/sign-in"


def test_contact_changes_need_an_app_at_once_and_the_page_comes_back(new_person):
    browser, person = new_person()
    browser.open(SECURED)
    assert browser.url.startswith("/en/account/second-factor/begin")
    assert "Contact details and bank accounts are changed only with a code" in browser.text
    set_up(browser)
    assert browser.url == SECURED
    browser.send(phone="+237 6 77 12 34 56")
    browser.open("/en/account/contacts")
    assert "+237 6 77 12 34 56" in browser.text


def test_a_code_counts_for_ten_minutes_and_what_was_typed_comes_back(new_person, code_of):
    browser, person = new_person(has_app=True)
    browser.open(SECURED)
    assert browser.url == SECURED
    with clock.frozen(clock.now() + STEP_UP + timedelta(seconds=1)):
        browser.send(phone="+237 6 77 12 34 57")
        assert browser.url.startswith("/en/account/prove")
        browser.send(code=code_of(person.login))
        assert "What you typed is kept" in browser.text
        browser.send(form="#typed-form")
        assert browser.value_of("phone") == "+237 6 77 12 34 57"
        browser.send()
        assert browser.url == "/en/account/contacts"
        assert "+237 6 77 12 34 57" in browser.text


def test_setting_up_asks_for_the_password_again_later(new_person):
    browser, person = new_person()
    with clock.frozen(clock.now() + STEP_UP + timedelta(seconds=1)):
        browser.open("/en/account/second-factor/begin")
        browser.send(current="not the password")
        assert browser.error_of("current") == "The password is wrong."
        browser.send(current=PASSWORD)
        assert "/set-up" in browser.url


def test_a_set_up_begun_long_ago_shows_its_key_no_more(new_person):
    browser, _person = new_person()
    browser.open("/en/account/second-factor/begin")
    browser.send()
    address = browser.url
    with clock.frozen(clock.now() + SESSION_IDLE - timedelta(seconds=20)):
        browser.open("/en/account/")
    with clock.frozen(clock.now() + SET_UP + timedelta(seconds=1)):
        browser.open(address)
        assert browser.url == "/en/account/second-factor/"


def test_another_telephone_needs_a_code_of_the_one_in_force(new_person, half, code_of):
    browser, person = new_person(has_app=True)
    with clock.frozen(clock.now() + STEP_UP + timedelta(seconds=1)):
        browser.open("/en/account/second-factor/replace")
        assert browser.url.startswith("/en/account/prove")
        browser.open("/en/account/second-factor/begin")
        assert browser.url.startswith("/en/account/prove")


def test_the_app_is_removed_with_a_code_and_the_owner_told(app, new_person, mails):
    browser, person = new_person(has_app=True)
    browser.open("/en/account/second-factor/remove")
    browser.send()
    assert "No authenticator app" in mails(person.login)[-1]["Subject"]
    browser.open(SECURED)
    assert "/second-factor/begin" in browser.url
    with app.app_context():
        actions = select(AuditEntry.action).where(AuditEntry.stream == f"person:{person.id}")
        assert "remove_second_factor" in db.session.scalars(actions).all()


def test_new_recovery_codes_end_the_old_ones(new_person, half):
    browser, person = new_person()
    browser.open("/en/account/second-factor/begin")
    (old, *_rest) = set_up(browser)
    browser.open("/en/account/second-factor/codes/new")
    browser.send()
    assert len(browser.page.select(".g-codes li")) == 10
    other = half(person)
    other.send(code=old)
    assert other.error_of("code")


@pytest.mark.long(sample=3)
@pytest.mark.parametrize("role", STAFF)
def test_staff_without_an_app_do_nothing_but_set_it_up(app, visitor, role):
    person = people.new_employee(app)
    with app.app_context():
        account = db.session.get_one(Account, person.id)
        account.roles = [db.session.scalars(select(Role).where(Role.name == role)).one()]
        db.session.commit()
    browser = visitor()
    browser.open("/en/sign-in")
    browser.send(email=person.login, password=PASSWORD)
    assert browser.url.startswith("/en/account/second-factor/begin")
    for page in ("/staff/", "/staff/registrationview/list/", "/en/", "/en/account/", "/staff/devmail/", "/"):
        browser.open(page)
        assert browser.url.startswith("/en/account/second-factor/begin"), page
    token = browser.token()
    browser.post("/staff/registrationview/step/1", {"csrf_token": token, "step": "approve"})
    assert "/second-factor/begin" in browser.url
    browser.open("/staff/")
    set_up(browser)
    assert browser.url == "/staff/"
    browser.open("/en/account/second-factor/remove")
    assert browser.url == "/en/account/second-factor/"


def test_staff_are_written_down_in_the_audit_chain(app, visitor):
    visitor("officer")
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "sign_in")).one()
        assert '"factor":"app"' in entry.content.replace(" ", "")


def test_the_demonstration_shows_the_code_and_production_none(app, visitor):
    browser = visitor()
    browser.open("/en/sign-in")
    browser.send(email="officer@demo.example", password="guichet-officer")
    assert "Demonstration: the code of this account is" in browser.text


def test_of_two_at_once_with_one_recovery_code_the_second_waits_and_is_refused(app, new_person):
    _browser, person = new_person()
    with app.app_context():
        account = db.session.get_one(Account, person.id)
        factor = second_factors.begin(account)
        second_factors.confirm(account, factor, second_factors.code_now(second_factors.secret_of(factor)))
        code = second_factors.codes_to_keep(account)[0]
        db.session.commit()

    def give():
        with app.app_context():
            taken = second_factors.take_code(db.session.get_one(Account, person.id), code)
            db.session.commit()
            return taken

    with app.app_context(), ThreadPoolExecutor(1) as pool:
        first = second_factors.take_code(db.session.get_one(Account, person.id), code)
        db.session.flush()
        second = pool.submit(give)
        assert until(lambda: second.done() or somebody_waits(), SECONDS)
        db.session.commit()
        assert first == "recovery_code"
        assert second.result() is None


def somebody_waits():
    """Whether a statement of another connection waits for a row of ours."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    return db.session.scalar(waiting) > 0
