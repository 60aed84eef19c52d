"""A new password: by a link that works once, or by its owner; who was signed in is signed out."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import clock
from app.delays import RESET_LINK
from app.extensions import db
from app.models import Account, AuditEntry, MailedLink
from app.security import passwords
from tests.browser.people import PASSWORD
from tests.security.conftest import GOOD

SIGNED_IN_PAGE = "/en/account/"


def ask_for_link(browser, address):
    browser.open("/en/password/forgotten")
    browser.send(email=address)
    assert browser.url == "/en/password/sent"


def sign_in(browser, address, password):
    browser.open("/en/sign-in")
    browser.send(email=address, password=password)
    return "/sign-in" not in browser.url


def test_a_link_gives_a_new_password_and_signs_everybody_out(app, visitor, new_person, link_in, mails):
    thief, person = new_person()
    owner = visitor()
    ask_for_link(owner, person.login)
    owner.open(link_in(person.login, "Choose a new password"))
    owner.send(password=GOOD)
    assert owner.url == "/en/sign-in"
    thief.open(SIGNED_IN_PAGE)
    assert "/sign-in" in thief.url
    assert not sign_in(visitor(), person.login, PASSWORD)
    assert sign_in(visitor(), person.login, GOOD)
    assert mails(person.login)[-1]["Subject"] == "Your password has changed"
    with app.app_context():
        actions = select(AuditEntry.action).where(AuditEntry.stream == f"person:{person.id}")
        assert "reset_password" in db.session.scalars(actions).all()


def test_the_link_works_once_and_ends_after_an_hour(visitor, new_person, link_in):
    _browser, person = new_person()
    owner = visitor()
    ask_for_link(owner, person.login)
    link = link_in(person.login, "Choose")
    owner.open(link)
    token = owner.token()
    owner.send(password=GOOD)
    owner.post(link, {"csrf_token": token, "password": "another good long one"})
    assert owner.status in (400, 410)
    owner.open(link)
    assert owner.status == 410
    assert sign_in(visitor(), person.login, GOOD)
    ask_for_link(owner, person.login)
    late = link_in(person.login, "Choose")
    with clock.frozen(clock.now() + RESET_LINK + timedelta(seconds=1)):
        owner.open(late)
    assert owner.status == 410


def test_one_link_used_ends_the_others(visitor, new_person, link_in):
    _browser, person = new_person()
    owner = visitor()
    ask_for_link(owner, person.login)
    first = link_in(person.login, "Choose")
    ask_for_link(owner, person.login)
    owner.open(link_in(person.login, "Choose"))
    owner.send(password=GOOD)
    owner.open(first)
    assert owner.status == 410


def test_reading_the_link_changes_nothing(visitor, new_person, link_in):
    browser, person = new_person()
    ask_for_link(visitor(), person.login)
    link = link_in(person.login, "Choose")
    for _ in range(2):
        reader = visitor()
        reader.open(link)
        assert reader.status == 200
    browser.open(SIGNED_IN_PAGE)
    assert browser.url == SIGNED_IN_PAGE


def test_an_unknown_address_gets_the_same_answer_and_no_mail(visitor, mails):
    ask_for_link(visitor(), "nobody@mail.cm")
    assert mails("nobody@mail.cm") == []


def test_an_account_that_was_closed_gets_no_link(app, visitor, new_person, mails):
    _browser, person = new_person()
    with app.app_context():
        db.session.get_one(Account, person.id).active = False
        db.session.commit()
    ask_for_link(visitor(), person.login)
    assert [one for one in mails(person.login) if "Choose" in one["Subject"]] == []


def test_a_known_and_an_unknown_address_cost_the_same(visitor, new_person, cost):
    _browser, known = new_person()
    spent = []
    for address in (known.login, "nobody@mail.cm"):
        person = visitor()
        person.open("/en/password/forgotten")
        with cost() as counted:
            person.send(email=address)
        spent.append(counted.spent)
    assert spent[0] == spent[1]
    assert spent[0][1] == []


def test_a_weak_new_password_keeps_the_link(visitor, new_person, link_in):
    _browser, person = new_person()
    owner = visitor()
    ask_for_link(owner, person.login)
    link = link_in(person.login, "Choose")
    for weak in ("short", "password1234", person.login.partition("@")[0] + " zzzz"):
        owner.open(link)
        owner.send(password=weak)
        assert owner.error_of("password"), weak
    owner.send(password=GOOD)
    assert owner.url == "/en/sign-in"


def test_the_owner_changes_it_and_other_devices_are_signed_out(visitor, new_person):
    browser, person = new_person()
    copied = browser.client.get_cookie("guichet").value
    other = visitor()
    assert sign_in(other, person.login, PASSWORD)
    browser.open("/en/account/password")
    browser.send(current=PASSWORD, password=GOOD)
    assert browser.url == SIGNED_IN_PAGE
    other.open(SIGNED_IN_PAGE)
    assert "/sign-in" in other.url
    thief = visitor()
    thief.client.set_cookie("guichet", copied)
    thief.open(SIGNED_IN_PAGE)
    assert "/sign-in" in thief.url
    browser.open(SIGNED_IN_PAGE)
    assert browser.url == SIGNED_IN_PAGE
    assert sign_in(visitor(), person.login, GOOD)


def test_without_the_old_password_it_stays(visitor, new_person):
    browser, person = new_person()
    browser.open("/en/account/password")
    browser.send(current="something else", password=GOOD)
    assert browser.error_of("current") == "The password is wrong."
    assert sign_in(visitor(), person.login, PASSWORD)


@pytest.mark.parametrize("weak", ["short", "password1234", "motdepasse2026", "guichet202612"])
def test_a_weak_password_is_not_taken_by_its_owner_either(visitor, new_person, weak):
    browser, person = new_person()
    browser.open("/en/account/password")
    browser.send(current=PASSWORD, password=weak)
    assert browser.error_of("password")
    assert sign_in(visitor(), person.login, PASSWORD)


def test_the_last_sign_of_the_longest_password_counts(visitor, new_person):
    browser, person = new_person()
    longest = (GOOD * 8)[: passwords.LONGEST]
    browser.open("/en/account/password")
    browser.send(current=PASSWORD, password=longest)
    assert browser.url == SIGNED_IN_PAGE
    assert not sign_in(visitor(), person.login, f"{longest[:-1]}#")
    assert sign_in(visitor(), person.login, longest)


def test_an_old_hash_is_made_anew_when_its_owner_comes(app, visitor, new_person):
    from argon2 import PasswordHasher

    _browser, person = new_person()
    with app.app_context():
        old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
        db.session.get_one(Account, person.id).password = old
        db.session.commit()
    assert sign_in(visitor(), person.login, PASSWORD)
    with app.app_context():
        stored = db.session.get_one(Account, person.id).password
        assert stored != old
        assert passwords.matches(stored, PASSWORD)


@pytest.mark.parametrize("path", ["/en/password/new/made-up", "/en/email/confirm/x", "/en/email/undo/x"])
def test_a_link_somebody_made_up_opens_nothing(visitor, app, path):
    person = visitor()
    person.open(path)
    assert person.status == 410
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(MailedLink)) == 0


def test_a_new_password_from_the_mailbox_leads_past_no_second_factor(visitor, new_person, link_in):
    _browser, person = new_person(has_app=True)
    owner = visitor()
    ask_for_link(owner, person.login)
    owner.open(link_in(person.login, "Choose a new password"))
    owner.send(password=GOOD)
    owner.open("/en/sign-in")
    owner.send(email=person.login, password=GOOD)
    assert "/sign-in/code" in owner.url
    owner.open("/en/account/")
    assert "/sign-in" in owner.url


@pytest.mark.parametrize("typed", [PASSWORD.upper(), PASSWORD.capitalize(), f" {PASSWORD}", PASSWORD[:-1]])
def test_a_password_in_another_case_or_cut_short_is_another_one(visitor, new_person, typed):
    _browser, person = new_person()
    nobody = visitor()
    sign_in(nobody, person.login, typed)
    assert nobody.error_of("email")


def test_nobody_asks_for_a_hint_or_a_secret_answer(visitor):
    asked = set()
    nobody = visitor()
    for page in ("sign-in", "sign-up", "password/forgotten"):
        nobody.open(f"/en/{page}")
        assert nobody.status == 200, page
        asked |= {field["name"] for field in nobody.page.select("#main-form [name]")}
    assert {name for name in asked if not name.startswith(("_", "csrf"))} == {
        *("email", "password", "first_name", "last_name", "language", "terms"),
    }
