"""Guessing is counted, for an account and for a place; the owner has a way out and is not thrown out."""

from datetime import timedelta

import pytest
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import TimeoutError as NoAnswer
from sqlalchemy import func, select

from app import create_app
from app.extensions import db, valkey
from app.models import SignIn
from app.security import attempts, devices
from config import load
from tests.browser.people import PASSWORD
from tests.security.conftest import GOOD
from tests.visitor import Visitor

WRONG = "not the right password"
LOCKED = "There were too many wrong passwords."
SAME = "The e-mail address or the password is wrong."


def guess(app, address, times, place):
    """Wrong passwords for an address from one place; what was said last."""
    browser = Visitor(app.test_client(), "en")
    browser.client.environ_base["REMOTE_ADDR"] = place
    browser.open("/en/sign-in")
    for _ in range(times):
        browser.send(email=address, password=WRONG)
    return browser


def test_a_hundred_wrong_passwords_from_ten_places_lock_and_the_mailbox_opens(
    app, visitor, new_person, link_in
):
    live, person = new_person()
    said = [guess(app, person.login, 10, f"203.0.113.{place}").error_of("email") for place in range(10)]
    assert said[0] == SAME
    assert all(LOCKED in text and "minutes" in text for text in said[1:])
    owner = visitor()
    owner.open("/en/sign-in")
    owner.send(email=person.login, password=PASSWORD)
    assert LOCKED in owner.error_of("email")
    live.open("/en/account/")
    assert live.url == "/en/account/"
    owner.open(owner.page.select_one("a[href$='/password/forgotten']")["href"])
    owner.send(email=person.login)
    owner.open(link_in(person.login, "Choose a new password"))
    owner.send(password=GOOD)
    owner.send(email=person.login, password=GOOD)
    assert "/sign-in" not in owner.url


def test_an_unknown_address_is_locked_with_the_same_words(app, new_person):
    _live, person = new_person()
    known, unknown = (guess(app, address, 11, "203.0.113.9") for address in (person.login, "nobody@mail.cm"))
    assert known.error_of("email") == unknown.error_of("email")
    assert LOCKED in known.error_of("email")


def test_a_wrong_password_costs_the_same_for_a_known_and_an_unknown_address(visitor, new_person, cost):
    _browser, known = new_person()
    for rounds, hashes in ((1, ["verify"]), (10, [])):
        spent = []
        for address in (known.login, "nobody@mail.cm"):
            person = visitor()
            person.open("/en/sign-in")
            for _ in range(rounds):
                with cost() as counted:
                    person.send(email=address, password=WRONG)
            spent.append(counted.spent)
        assert spent[0] == spent[1]
        assert spent[0][1] == hashes


def test_the_right_password_begins_the_count_again(app, visitor, new_person):
    _browser, person = new_person()
    for _ in range(3):
        guess(app, person.login, 9, "203.0.113.1")
        owner = visitor()
        owner.open("/en/sign-in")
        owner.send(email=person.login, password=PASSWORD)
        assert "/sign-in" not in owner.url


def test_one_place_guesses_for_many_accounts_only_so_often(app):
    browser = Visitor(app.test_client(), "en")
    browser.client.environ_base["REMOTE_ADDR"] = "203.0.113.77"
    browser.open("/en/sign-in")
    for number in range(101):
        browser.send(email=f"somebody{number}@mail.cm", password=WRONG)
    assert LOCKED in browser.error_of("email")
    elsewhere = guess(app, "somebody7@mail.cm", 1, "198.51.100.1")
    assert elsewhere.error_of("email") == SAME


def test_the_message_stays_in_the_other_language(app, new_person):
    _live, person = new_person()
    browser = guess(app, person.login, 11, "203.0.113.4")
    browser.send(button=("_switch", "fr"), to=browser.url.replace("/en/", "/fr/"))
    assert "Trop de mots de passe incorrects" in browser.error_of("email")


def test_codes_are_guessed_only_so_often(app, visitor, new_person, code_of):
    _browser, person = new_person(has_app=True)
    thief = visitor()
    thief.open("/en/sign-in")
    thief.send(email=person.login, password=PASSWORD)
    for _ in range(5):
        thief.send(code="000000")
        assert "This code is wrong" in thief.error_of("code")
    thief.send(code=code_of(person.login))
    assert "Too many tries. Wait" in thief.error_of("code")
    thief.open("/en/account/")
    assert "/sign-in" in thief.url


def test_tries_are_written_down_for_their_owner_and_for_nobody(app, new_person):
    browser, person = new_person()
    guess(app, person.login, 1, "203.0.113.4")
    guess(app, "nobody@mail.cm", 1, "203.0.113.4")
    browser.open("/en/account/sign-ins")
    assert "Wrong password" in browser.text
    assert "203.0.113.x" in browser.text
    assert "203.0.113.4" not in browser.text
    with app.app_context():
        stray = select(func.count()).select_from(SignIn).where(SignIn.account_id.is_(None))
        assert db.session.scalar(stray) == 1


@pytest.mark.parametrize("failure", [NoConnection, NoAnswer, OSError])
def test_without_valkey_each_process_counts_for_itself(app, environment, monkeypatch, failure):
    """An application of its own: what it counts by itself must not stay for other tests."""
    app = create_app(load(environment))
    limiter = app.extensions["attempts"]

    def away(*given, **more):
        raise failure("away")

    for name in ("get", "incr", "clear", "get_expiry"):
        monkeypatch.setattr(limiter.storage, name, away)
    browser = guess(app, "nobody@mail.cm", 10, "203.0.113.50")
    assert browser.error_of("email") == SAME
    browser.send(email="nobody@mail.cm", password=WRONG)
    assert browser.status == 200
    assert LOCKED in browser.error_of("email")
    with app.app_context():
        db.engine.dispose()


def test_valkey_learns_no_address(app):
    guess(app, "nobody@mail.cm", 2, "203.0.113.51")
    with app.app_context():
        names = b" ".join(valkey().keys("*"))
    assert b"guichet:tries" in names
    assert b"nobody" not in names
    assert b"203.0.113" not in names


def test_what_is_refused_makes_the_wait_no_longer(app):
    with app.app_context():
        for _ in range(10):
            attempts.spend(attempts.PASSWORD, "somebody")
        for _ in range(60):
            with pytest.raises(attempts.TooManyTries) as refusal:
                attempts.spend(attempts.PASSWORD, "somebody")
        assert refusal.value.wait <= timedelta(minutes=15)
        attempts.forgive(attempts.PASSWORD, "somebody")
        attempts.spend(attempts.PASSWORD, "somebody")


@pytest.mark.parametrize(
    ("address", "coarse", "place"),
    [
        ("196.200.53.17", "196.200.53.x", "196.200.53.17"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::", "2001:db8:1:2::"),
        ("", "", ""),
        ("unix:", "", "unix:"),
    ],
)
def test_an_address_is_told_coarsely_and_counted_by_its_line(address, coarse, place):
    assert (devices.coarse(address), devices.place(address)) == (coarse, place)
