"""An account in a thief's hands, taken back by its owner: by a warning's link, a new password, a recovery."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import clock
from app.access_kinds import Paper
from app.delays import STEP_UP, UNDO_FACTOR_LINK
from app.extensions import db
from app.models import Account, AuditEntry, RecoveryCode, SecondFactor
from app.permissions import ADMINISTRATOR, SUPERVISOR
from app.services import grants, mailed_links, recoveries, second_factors
from tests.accounts import enter, new_account
from tests.browser.people import PASSWORD
from tests.security.conftest import GOOD
from tests.security.test_second_factor import key_on
from tests.services.test_cases import account
from tests.visitor import Visitor

THIEFS = "thief@mail.cm"
SET_UP = "An authenticator app now protects"


@pytest.fixture
def thief_of(visitor):
    """A browser where somebody entered who has nothing but the person's password."""

    def enter_as(person):
        thief = visitor()
        thief.open("/en/sign-in")
        thief.give_password(person.login, PASSWORD)
        return thief

    return enter_as


def set_up(browser, page="/en/account/second-factor/begin"):
    browser.open(page)
    browser.send()
    browser.send(code=second_factors.code_now(key_on(browser.page)))
    browser.send()


def choose_password(browser, link):
    browser.open(link)
    browser.send(password=GOOD)
    assert browser.url == "/en/sign-in", browser.text


def factors_of(app, person):
    with app.app_context():
        query = select(func.count()).where(SecondFactor.account_id == person.id)
        return db.session.scalar(query)


def test_an_app_set_up_with_the_password_alone_falls_with_the_change_of_address(
    app, visitor, new_person, thief_of, link_in
):
    _browser, person = new_person()
    thief = thief_of(person)
    set_up(thief, "/en/account/email")
    thief.open("/en/account/email")
    thief.send(email=THIEFS, current=PASSWORD)
    thief.open(link_in(THIEFS, "Confirm your new"))
    thief.send()
    owner = visitor()
    owner.open(link_in(person.login, "about to change"))
    owner.send()
    assert "Your account is safe again" in owner.text
    choose_password(owner, link_in(person.login, "Choose a new password"))
    owner.send(email=person.login, password=GOOD)
    assert owner.url == "/en/"
    assert factors_of(app, person) == 0
    thief.open("/en/account/")
    assert "/sign-in" in thief.url


@pytest.mark.parametrize("has_moved", [False, True])
def test_the_warning_of_a_new_app_gives_the_account_back_to_the_mailbox_it_went_to(
    app, visitor, new_person, thief_of, link_in, has_moved
):
    _browser, person = new_person()
    thief = thief_of(person)
    set_up(thief)
    undo = link_in(person.login, SET_UP)
    if has_moved:
        thief.open("/en/account/email")
        thief.send(email=THIEFS, current=PASSWORD)
        thief.open(link_in(THIEFS, "Confirm your new"))
        thief.send()
    owner = visitor()
    owner.open(undo)
    assert factors_of(app, person) == 1
    owner.send()
    choose_password(owner, link_in(person.login, "Choose a new password"))
    owner.send(email=person.login, password=GOOD)
    assert owner.url == "/en/"
    assert factors_of(app, person) == 0
    owner.open(undo)
    assert owner.status == 410
    with app.app_context():
        assert "undo_second_factor" in db.session.scalars(select(AuditEntry.action)).all()


def test_the_link_of_a_warning_ends_in_time(visitor, new_person, link_in):
    browser, person = new_person()
    set_up(browser)
    link = link_in(person.login, SET_UP)
    with clock.frozen(clock.now() + UNDO_FACTOR_LINK + timedelta(minutes=1)):
        late = visitor()
        late.open(link)
        assert late.status == 410


def test_an_app_that_was_there_long_before_stays(app, visitor, new_person, link_in, code_of):
    browser, person = new_person(has_app=True)
    with clock.frozen(clock.now() + UNDO_FACTOR_LINK + timedelta(days=1)):
        late = visitor()
        late.open("/en/sign-in")
        late.give_password(person.login, PASSWORD)
        late.open("/en/account/email")
        late.send(email=THIEFS, current=PASSWORD)
        late.open(link_in(person.login, "about to change"))
        late.send()
        choose_password(late, link_in(person.login, "Choose a new password"))
        late.send(email=person.login, password=GOOD)
        assert "/sign-in/code" in late.url
    assert factors_of(app, person) == 1


def test_codes_made_new_lately_fall_and_the_old_app_stays(app, visitor, new_person, link_in, code_of):
    _browser, person = new_person(has_app=True)
    with clock.frozen(clock.now() + UNDO_FACTOR_LINK + timedelta(days=1)):
        late = visitor()
        late.open("/en/sign-in")
        late.give_password(person.login, PASSWORD)
        late.open("/en/account/second-factor/codes/new")
        late.send()
        late.open("/en/account/email")
        late.send(email=THIEFS, current=PASSWORD)
        late.open(link_in(person.login, "about to change"))
        late.send()
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(RecoveryCode.account_id == person.id)) == 0
    assert factors_of(app, person) == 1


def test_the_mailbox_alone_ends_no_second_factor_of_the_staff(app, visitor, link_in):
    with app.app_context():
        colleague = new_account(SUPERVISOR)
        login, number = colleague.email, colleague.id
    browser = visitor()
    enter(browser, login)
    set_up(browser)
    thief = visitor()
    thief.open(link_in(login, SET_UP))
    thief.send()
    with app.app_context():
        assert second_factors.in_force(db.session.get_one(Account, number)) is not None


def test_a_new_password_ends_the_change_of_address_that_was_asked_before(app, visitor, new_person, link_in):
    thief, person = new_person(has_app=True)
    thief.open("/en/account/email")
    thief.send(email=THIEFS, current=PASSWORD)
    confirm = link_in(THIEFS, "Confirm your new")
    owner = visitor()
    owner.open("/en/password/forgotten")
    owner.send(email=person.login)
    choose_password(owner, link_in(person.login, "Choose a new password"))
    thief.open(confirm)
    assert thief.status == 410
    with app.app_context():
        assert db.session.get_one(Account, person.id).email == person.login


@pytest.mark.parametrize(
    ("purpose", "page"),
    [
        (mailed_links.UNDO_EMAIL, "email/undo"),
        (mailed_links.CHANGE_EMAIL, "email/confirm"),
        (mailed_links.UNDO_FACTOR, "second-factor/undo"),
    ],
)
def test_links_from_before_a_recovery_take_nothing_back(app, visitor, purpose, page):
    with app.app_context():
        given = new_account("employee", email="before@old.example")
        number = given.id
        token = mailed_links.token(mailed_links.make(purpose, "older@old.example", "en", given))
        found = recoveries.request(given, "now@new.example", Paper.passport, "1234", account("support"))
        db.session.commit()
        recoveries.confirm(found, account("helpdesk"))
        db.session.commit()
    with clock.frozen(clock.now() + timedelta(days=10)):
        with app.app_context():
            assert recoveries.complete_due() == 1
            link = db.session.scalars(
                select(mailed_links.MailedLink).where(mailed_links.MailedLink.purpose == purpose)
            )
            link.one().expires_at = clock.now() + timedelta(days=30)
            db.session.commit()
        thief = visitor()
        thief.open(f"/en/{page}/{token}")
        assert thief.status == 410
    with app.app_context():
        assert db.session.get_one(Account, number).email == "now@new.example"


def test_half_a_sign_in_ends_with_a_new_password(app, visitor, new_person, link_in, code_of):
    _browser, person = new_person(has_app=True)
    thief = visitor()
    thief.open("/en/sign-in")
    thief.send(email=person.login, password=PASSWORD)
    assert "/sign-in/code" in thief.url
    owner = visitor()
    owner.open("/en/password/forgotten")
    owner.send(email=person.login)
    choose_password(owner, link_in(person.login, "Choose a new password"))
    thief.send(code=code_of(person.login))
    thief.open("/en/account/")
    assert "/sign-in" in thief.url


def test_half_a_sign_in_is_no_device_signed_in(visitor, new_person):
    browser, person = new_person(has_app=True)
    half = visitor()
    half.open("/en/sign-in")
    half.send(email=person.login, password=PASSWORD)
    browser.open("/en/account/devices")
    assert browser.page.select("main input[name=session]") == []


def test_a_key_begun_on_one_device_is_read_on_no_other(app, new_person, thief_of, code_of):
    owner, person = new_person()
    other = thief_of(person)
    owner.open("/en/account/second-factor/begin")
    owner.send()
    key = key_on(owner.page)
    other.open("/en/account/second-factor/set-up")
    assert "/set-up" not in other.url
    assert key not in other.text.replace(" ", "")
    other.open("/en/sign-in")
    other.post("/en/account/second-factor/set-up", {"code": second_factors.code_now(key)})
    assert factors_of(app, person) == 1
    with app.app_context():
        assert second_factors.in_force(db.session.get_one(Account, person.id)) is None


def test_another_telephone_is_set_up_with_a_fresh_code_only(visitor, new_person, code_of):
    browser, person = new_person(has_app=True)
    browser.open("/en/account/second-factor/replace")
    browser.send()
    assert "/set-up" in browser.url
    with clock.frozen(clock.now() + STEP_UP + timedelta(minutes=1)):
        browser.open("/en/account/second-factor/set-up")
        assert "/account/prove" in browser.url
        assert not browser.page.select("img.g-qr")
        browser.send(code=code_of(person.login))
        assert "/set-up" in browser.url


def test_a_new_app_signs_every_other_device_out(visitor, new_person, thief_of):
    browser, person = new_person()
    other = thief_of(person)
    set_up(browser)
    other.open("/en/account/")
    assert "/sign-in" in other.url
    browser.open("/en/account/")
    assert browser.url == "/en/account/"


def test_outside_guesses_take_nothing_from_who_is_in(app, new_person):
    live, person = new_person()
    for place in range(2):
        outsider = Visitor(app.test_client(), "en")
        outsider.client.environ_base["REMOTE_ADDR"] = f"203.0.113.{place}"
        outsider.open("/en/sign-in")
        for _ in range(8):
            outsider.send(email=person.login, password="wrong wrong")
    assert "too many wrong passwords" in outsider.text
    live.open("/en/account/password")
    live.send(current=PASSWORD, password=GOOD)
    assert live.url == "/en/account/", live.error_of("current")


def test_who_is_in_guesses_only_so_often(new_person):
    live, _person = new_person()
    live.open("/en/account/password")
    for _ in range(11):
        live.send(current="wrong wrong wrong", password=GOOD)
    assert "Too many tries" in live.error_of("current")


def test_the_old_mailbox_gets_few_warnings(new_person, mails):
    browser, person = new_person(has_app=True)
    for number in range(8):
        browser.open("/en/account/email")
        browser.send(email=f"new{number}@mail.cm", current=PASSWORD)
    assert "Too many tries" in browser.error_of("email")
    assert len([it for it in mails(person.login) if "about to change" in it["Subject"]]) == 3


def test_a_role_given_begins_with_signing_in_again(app, visitor):
    with app.app_context():
        fresh = new_account("employee")
        login, number = fresh.email, fresh.id
    browser = visitor()
    enter(browser, login)
    with app.app_context():
        wish = grants.propose(
            db.session.get_one(Account, number), ADMINISTRATOR, "Work", account("administrator")
        )
        db.session.commit()
        grants.approve(wish, account("administrator2"))
        db.session.commit()
    browser.open("/en/account/")
    assert "/sign-in" in browser.url


@pytest.mark.parametrize("page", ["phone", "password"])
def test_who_proves_again_who_they_are_gets_a_new_token_and_no_longer_session(app, new_person, code_of, page):
    browser, person = new_person(has_app=True)
    before = browser.client.get_cookie("guichet").value
    start = clock.now()
    with clock.frozen(start + STEP_UP + timedelta(minutes=1)):
        browser.open(f"/en/account/{page}")
        browser.send(code=code_of(person.login))
        assert browser.url == f"/en/account/{page}"
        after = browser.client.get_cookie("guichet").value
        assert after != before
        copied = Visitor(app.test_client(), "en")
        copied.client.set_cookie("guichet", before)
        copied.open("/en/account/")
        assert "/sign-in" in copied.url
    moment = start
    while moment < start + timedelta(hours=11, minutes=40):
        moment += timedelta(minutes=20)
        with clock.frozen(moment):
            browser.open("/en/account/")
    assert browser.url == "/en/account/"
    with clock.frozen(start + timedelta(hours=12, minutes=2)):
        browser.open("/en/account/")
    assert "/sign-in" in browser.url
