"""My account: what is said about oneself, the devices signed in, the sign-ins, and a change of address."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.access_kinds import LockKind
from app.delays import CHANGE_EMAIL_LINK, SESSION_LIMITS, SIGN_INS_KEPT, STRAY_SIGN_INS_KEPT, UNDO_EMAIL_LINK
from app.extensions import db
from app.models import Account, SignIn
from app.services import accounts, locks, sign_ins
from tests.browser.people import PASSWORD

NEW = "new.address@mail.cm"
FIREFOX = "Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129 Safari/537.36"
PAGES = (
    "/en/account/",
    "/en/account/contacts",
    "/en/account/email",
    "/en/account/phone",
    "/en/account/language",
    "/en/account/notices",
    "/en/account/password",
    "/en/account/devices",
    "/en/account/sign-ins",
    "/en/account/second-factor/",
    "/en/account/second-factor/begin",
    "/en/account/second-factor/set-up",
    "/en/account/second-factor/codes",
    "/en/account/second-factor/codes/new",
    "/en/account/second-factor/replace",
    "/en/account/second-factor/remove",
    "/en/account/prove",
    "/en/typed",
)


def sign_in(browser, person, agent=None, password=PASSWORD):
    if agent:
        browser.client.environ_base["HTTP_USER_AGENT"] = agent
    browser.open("/en/sign-in")
    browser.give_password(person.login, password)
    return browser


@pytest.mark.parametrize("page", PAGES)
def test_a_visitor_signs_in_first(visitor, page):
    nobody = visitor()
    nobody.open(page)
    assert nobody.url.startswith("/en/sign-in")


def test_every_section_has_its_page(new_person):
    browser, _person = new_person()
    browser.open("/en/")
    browser.open(browser.page.select_one("a[href='/en/account/']")["href"])
    links = [link["href"] for link in browser.page.select("main h2 a")]
    assert len(links) == 8
    for link in links:
        browser.open(link)
        assert browser.status == 200
        assert browser.url == link


def test_devices_are_listed_in_plain_words_and_one_is_signed_out(visitor, new_person):
    browser, person = new_person()
    phone = sign_in(visitor(), person, FIREFOX)
    browser.open("/en/account/devices")
    assert "Firefox on Android" in browser.text
    assert "127.0.0.x" in browser.text
    assert browser.text.count("This device") == 1
    (form,) = browser.page.select("form[action='/en/account/devices']")
    form["id"] = "other"
    browser.send(form="#other")
    assert "That device is signed out." in browser.text
    phone.open("/en/account/")
    assert "/sign-in" in phone.url
    browser.open("/en/account/")
    assert browser.url == "/en/account/"


def test_somebody_elses_device_stays(visitor, new_person):
    browser, person = new_person()
    mine, _other = new_person()
    sign_in(visitor(), person)
    browser.open("/en/account/devices")
    key = browser.page.select_one("input[name=session]")["value"]
    mine.open("/en/account/devices")
    for wrong in (key, "", "zz", "00" * 32, "é"):
        mine.post("/en/account/devices", {"csrf_token": mine.token(), "session": wrong})
        assert "is signed out" not in mine.text
    browser.open("/en/account/devices")
    assert len(browser.page.select("input[name=session]")) == 1


def test_signing_out_everywhere_kills_every_cookie(visitor, new_person):
    browser, person = new_person()
    other = sign_in(visitor(), person)
    copied = browser.client.get_cookie("guichet").value
    browser.open("/en/account/devices")
    browser.send(form="form[action$='/devices/all']")
    assert "Every device is signed out." in browser.text
    thief = visitor()
    thief.client.set_cookie("guichet", copied)
    for one in (browser, other, thief):
        one.open("/en/account/")
        assert "/sign-in" in one.url


@pytest.mark.parametrize(
    ("login", "kind"), [("joseph", "employee"), ("officer", "staff"), ("administrator", "administrator")]
)
def test_a_session_lasts_as_long_as_its_role_lets_it(visitor, login, kind):
    idle, longest = SESSION_LIMITS[kind]
    start = clock.now()
    person = visitor(login)
    with clock.frozen(start + idle - timedelta(minutes=1)):
        person.open("/en/account/")
        assert person.url == "/en/account/"
    with clock.frozen(start + 2 * idle):
        person.open("/en/account/")
        assert "/sign-in" in person.url
    person = visitor(login)
    moment = start
    while moment < start + longest - idle:
        moment += idle / 2
        with clock.frozen(moment):
            person.open("/en/account/")
        assert person.url == "/en/account/"
    with clock.frozen(start + longest + timedelta(minutes=1)):
        person.open("/en/account/")
    assert "/sign-in" in person.url


def test_ended_sessions_are_no_longer_listed(visitor, new_person):
    _browser, person = new_person()
    with clock.frozen(clock.now() + timedelta(hours=1)):
        later = sign_in(visitor(), person)
        later.open("/en/account/devices")
        assert later.page.select("input[name=session]") == []


def test_the_history_says_when_how_and_from_where(visitor, new_person, code_of):
    browser, person = new_person(has_app=True)
    sign_in(visitor(), person, CHROME)
    browser.open("/en/account/sign-ins")
    assert browser.text.count("with a code of the app") == 2
    assert "Chrome on Windows" in browser.text


def test_a_new_kind_of_device_is_told_by_mail(visitor, new_person, mails):
    browser, person = new_person()
    sign_in(visitor(), person)
    assert [one for one in mails(person.login) if "new device" in one["Subject"]] == []
    sign_in(visitor(), person, FIREFOX)
    sign_in(visitor(), person, FIREFOX)
    (message,) = [one for one in mails(person.login) if "new device" in one["Subject"]]
    assert "Firefox on Android" in message.get_body(("plain",)).get_content()


def test_old_sign_ins_are_forgotten(app, visitor, new_person):
    _browser, _person = new_person()
    nobody = visitor()
    nobody.open("/en/sign-in")
    nobody.send(email="nobody@mail.cm", password="whatever it is")
    with app.app_context():
        for kept, left in ((STRAY_SIGN_INS_KEPT, 1), (SIGN_INS_KEPT, 0)):
            with clock.frozen(clock.now() + kept + timedelta(minutes=1)):
                assert sign_ins.purge() == 1
            db.session.commit()
            assert len(db.session.scalars(select(SignIn)).all()) == left


def test_the_language_is_kept_for_mail_and_pages(app, visitor, new_person):
    browser, person = new_person()
    browser.open("/en/account/language")
    browser.send(language="fr")
    with app.app_context():
        assert db.session.get_one(Account, person.id).language == "fr"
    browser.open("/en/account/language")
    browser.send(language="de")
    assert browser.error_of("language")


def test_notices_that_may_be_left_out_are_and_the_others_are_not(app, new_person):
    browser, person = new_person()
    browser.open("/en/account/notices")
    browser.send(reminders=None)
    with app.app_context():
        account = db.session.get_one(Account, person.id)
        assert not accounts.wants(account, "draft_reminder")
        for notice in ("decided", "information_requested", "received", "lapsed", "password_changed"):
            assert accounts.wants(account, notice), notice


@pytest.mark.parametrize("phone", ["abc", "12", "+" * 9, "+237 6 77 12 34 56 78 90 12", "٠١٢٣٤٥٦٧٨٩"])
def test_a_number_nobody_can_call_is_refused(new_person, phone):
    browser, _person = new_person(has_app=True)
    browser.open("/en/account/phone")
    browser.send(phone=phone)
    assert browser.error_of("phone")
    assert browser.value_of("phone") == phone


def test_a_new_telephone_number_is_told_by_mail(new_person, mails):
    browser, person = new_person(has_app=True)
    for _ in range(2):
        browser.open("/en/account/phone")
        browser.send(phone="+237677123456")
    told = [one for one in mails(person.login) if "telephone number has changed" in one["Subject"]]
    assert len(told) == 1


def change_email(browser, to=NEW):
    browser.open("/en/account/email")
    browser.send(email=to, current=PASSWORD)
    assert browser.url == "/en/account/contacts", browser.text


def test_a_new_address_is_confirmed_there_and_warned_of_at_the_old(app, visitor, new_person, link_in, mails):
    browser, person = new_person(has_app=True)
    change_email(browser)
    assert "about to change" in mails(person.login)[-1]["Subject"]
    link = link_in(NEW, "Confirm your new")
    browser.open("/en/account/contacts")
    assert person.login in browser.text
    anywhere = visitor()
    anywhere.open(link)
    anywhere.send()
    browser.open("/en/account/contacts")
    assert NEW in browser.text
    anywhere.open(link)
    assert anywhere.status == 410
    assert mails(NEW)[-1]["Subject"] == "Your e-mail address has changed"


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_who_did_not_ask_takes_the_account_back_from_the_old_mailbox(
    app, visitor, new_person, link_in, mails, is_confirmed
):
    thief, person = new_person(has_app=True)
    change_email(thief)
    confirm = link_in(NEW, "Confirm your new")
    undo = link_in(person.login, "about to change")
    if is_confirmed:
        thief.open(confirm)
        thief.send()
    owner = visitor()
    owner.open(undo)
    assert person.login in owner.text
    owner.send()
    assert "Your account is safe again" in owner.text
    thief.open("/en/account/")
    assert "/sign-in" in thief.url
    thief.open(confirm)
    assert thief.status == 410
    thief.open("/en/sign-in")
    thief.send(email=person.login, password=PASSWORD)
    assert thief.error_of("email")
    owner.open(link_in(person.login, "Choose a new password"))
    owner.send(password="tout va bien de nouveau ici")
    assert owner.url == "/en/sign-in"
    owner.open(undo)
    assert owner.status == 410


def test_the_links_end_in_time(visitor, new_person, link_in):
    browser, person = new_person(has_app=True)
    change_email(browser)
    links = {
        link_in(NEW, "Confirm your new"): CHANGE_EMAIL_LINK,
        link_in(person.login, "about to change"): UNDO_EMAIL_LINK,
    }
    for link, lasts in links.items():
        with clock.frozen(clock.now() + lasts + timedelta(minutes=1)):
            reader = visitor()
            reader.open(link)
            assert reader.status == 410


def test_an_address_somebody_has_is_not_taken_and_only_they_learn_it(app, visitor, new_person, mails):
    browser, person = new_person(has_app=True)
    _other_browser, other = new_person()
    change_email(browser, to=other.login)
    (message,) = [one for one in mails(other.login) if "account" in one["Subject"].lower()]
    assert message["Subject"] == "You already have an account"


def test_an_address_taken_meanwhile_is_refused(app, visitor, new_person, link_in):
    browser, person = new_person(has_app=True)
    change_email(browser)
    link = link_in(NEW, "Confirm your new")
    _other_browser, other = new_person()
    with app.app_context():
        db.session.get_one(Account, other.id).email = NEW.upper()
        db.session.commit()
    browser.open(link)
    browser.send()
    assert browser.status == 410
    with app.app_context():
        assert db.session.get_one(Account, person.id).email == person.login


def test_without_the_password_the_address_stays(new_person, mails):
    browser, person = new_person(has_app=True)
    browser.open("/en/account/email")
    browser.send(email=NEW, current="not the password")
    assert browser.error_of("current") == "The password is wrong."
    assert browser.value_of("email") == NEW
    assert mails(NEW) == []


def lock_everything(app, person):
    with app.app_context():
        locks.set_lock(db.session.get_one(Account, person.id), LockKind.everything)
        db.session.commit()


def test_a_locked_file_keeps_its_telephone(app, new_person):
    browser, person = new_person(has_app=True)
    lock_everything(app, person)
    browser.open("/en/account/phone")
    browser.send(phone="+237677123456")
    assert browser.status == 403
    assert "You locked your file" in browser.text
    with app.app_context():
        assert db.session.get_one(Account, person.id).phone is None


def test_a_locked_file_keeps_its_address(app, visitor, new_person, link_in):
    browser, person = new_person(has_app=True)
    change_email(browser)
    link = link_in(NEW, "Confirm your new")
    lock_everything(app, person)
    browser.open("/en/account/email")
    browser.send(email="other@example.org", current=PASSWORD)
    assert browser.status == 403
    browser.open(link)
    browser.send()
    assert browser.status == 403
    with app.app_context():
        assert db.session.get_one(Account, person.id).email == person.login
