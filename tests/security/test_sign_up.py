"""Signing up: the address is confirmed by a link that works once, and nothing tells who has an account."""

from datetime import timedelta

import pytest
from itsdangerous import URLSafeSerializer
from sqlalchemy import func, select

from app import clock
from app.delays import LINK_KEPT, SIGN_UP_LINK
from app.extensions import db
from app.models import Account, AuditEntry, MailedLink
from app.permissions import EMPLOYEE
from app.security import links
from app.services import mailed_links
from tests.security.conftest import GOOD

ADDRESS = "marie.noelle@mail.cm"
SIGN_UP = {
    "first_name": "Marie-Noëlle",
    "last_name": "N’Guessan",
    "email": ADDRESS,
    "password": GOOD,
    "language": "en",
    "terms": "y",
}


def sign_up(browser, lang="en", **changes):
    browser.open(f"/{lang}/sign-up")
    browser.send(**SIGN_UP | changes)


def account_of(address):
    return db.session.scalars(select(Account).where(Account.email == address)).unique().one_or_none()


def test_from_the_form_to_the_first_request(app, visitor, link_in):
    person = visitor()
    sign_up(person)
    assert person.url == "/en/sign-up/sent"
    person.open(link_in(ADDRESS, "Confirm your e-mail address"))
    with app.app_context():
        assert account_of(ADDRESS) is None
    person.send()
    assert "Your account is open" in person.text
    person.open("/en/registration/new")
    person.send(email=ADDRESS, password=GOOD)
    assert person.url.startswith("/en/registration/new")
    with app.app_context():
        account = account_of(ADDRESS)
        assert [role.name for role in account.roles] == [EMPLOYEE]
        assert account.terms_accepted_at is not None
        actions = select(AuditEntry.action).where(AuditEntry.stream == f"person:{account.id}")
        assert "confirm_sign_up" in db.session.scalars(actions).all()


def test_before_the_address_is_confirmed_nobody_gets_in(visitor):
    person = visitor()
    sign_up(person)
    person.open("/en/sign-in")
    person.send(email=ADDRESS, password=GOOD)
    assert person.error_of("email") == "The e-mail address or the password is wrong."


def test_the_link_works_once(visitor, link_in):
    person = visitor()
    sign_up(person)
    link = link_in(ADDRESS, "Confirm")
    person.open(link)
    token = person.token()
    person.send()
    for again in (lambda: person.open(link), lambda: person.post(link, {"csrf_token": token})):
        again()
        assert person.status == 410
        assert "This link no longer works" in person.text


def test_the_link_ends_after_a_day(visitor, link_in):
    person = visitor()
    sign_up(person)
    link = link_in(ADDRESS, "Confirm")
    with clock.frozen(clock.now() + SIGN_UP_LINK + timedelta(minutes=1)):
        person.open(link)
    assert person.status == 410


@pytest.mark.parametrize("change", ["x", "", ".", "é"])
def test_a_link_somebody_made_up_opens_nothing(visitor, link_in, change):
    person = visitor()
    sign_up(person)
    person.open(link_in(ADDRESS, "Confirm")[:-1] + change)
    assert person.status in (404, 410)


def test_the_row_alone_opens_nothing(app, visitor):
    """Whoever reads the database still lacks our signature; a link of one purpose serves no other."""
    person = visitor()
    sign_up(person)
    with app.app_context():
        link = db.session.scalars(select(MailedLink)).one()
        names = [link.public_id, URLSafeSerializer("guess", salt="x").dumps(link.public_id)]
        names.append(links.sign(mailed_links.RESET_PASSWORD, link.public_id))
        right = mailed_links.token(link)
    for name in names:
        person.open(f"/en/sign-up/confirm/{name}")
        assert person.status == 410
    person.open(f"/en/password/new/{right}")
    assert person.status == 410


def test_who_has_an_account_is_told_by_mail_alone(app, visitor, mails, new_person):
    _browser, known = new_person()
    somebody = visitor()
    sign_up(somebody, email=known.login.upper())
    assert somebody.url == "/en/sign-up/sent"
    (message,) = [one for one in mails(known.login) if "account" in one["Subject"]]
    assert message["Subject"] == "You already have an account"
    assert "/sign-up/confirm/" not in message.get_body(("plain",)).get_content()
    with app.app_context():
        count = select(func.count()).select_from(Account).where(func.lower(Account.email) == known.login)
        assert db.session.scalar(count) == 1


def test_a_known_and_an_unknown_address_cost_the_same(visitor, new_person, cost):
    _browser, known = new_person()
    spent = []
    for address in (known.login, ADDRESS):
        person = visitor()
        person.open("/en/sign-up")
        with cost() as counted:
            person.send(**SIGN_UP | {"email": address})
        spent.append(counted.spent)
    assert spent[0] == spent[1]
    assert spent[0][1] == ["hash"]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("password", "short", "at least 12 characters"),
        ("password", "é" * 11, "at least 12 characters"),
        ("password", "x" * 129, "at most 128 characters"),
        ("password", "password1234", "too easy to guess"),
        ("password", "motdepasse2026", "too easy to guess"),
        ("password", "azertyuiop123", "too easy to guess"),
        ("password", "Qwertyuiop12", "too easy to guess"),
        ("password", "aaaaaaaaaaaaaaaa", "too easy to guess"),
        ("password", "xy marie.noelle zq", "name of your e-mail address"),
        ("password", "", "Enter a password"),
        ("email", "no address", "like name@example.com"),
        ("email", "a@b\r\nBcc: x@y.cm", "like name@example.com"),
        ("email", "é@mail.cm", "like name@example.com"),
        ("email", "x" * 250 + "@mail.cm", "too long"),
        ("first_name", "x" * 65, "at most 64"),
        ("last_name", "<script>", "letters"),
        ("language", "de", ""),
        ("terms", None, "accept the terms"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field(app, visitor, field, value, said):
    person = visitor()
    sign_up(person, **{field: value})
    assert person.url == "/en/sign-up"
    assert said in person.error_of(field)
    assert person.error_of(field)
    assert person.value_of("last_name") == ("<script>" if field == "last_name" else "N’Guessan")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(MailedLink)) == 0


@pytest.mark.parametrize(
    "password", ["quatre mots sans rapport", "ééééàààà-ùùùù zx", "密码安全长度测试一二三四", "9f$Q!z2^Lw0&"]
)
def test_any_signs_make_a_password(visitor, link_in, password):
    person = visitor()
    sign_up(person, password=password)
    person.open(link_in(ADDRESS, "Confirm"))
    person.send()
    person.open("/en/sign-in")
    person.send(email=ADDRESS, password=password)
    assert "Marie-Noëlle" in person.text


def test_the_same_letters_typed_another_way_are_the_same_password(visitor, link_in):
    person = visitor()
    sign_up(person, password="une clé très bien gardée")
    person.open(link_in(ADDRESS, "Confirm"))
    person.send()
    person.open("/en/sign-in")
    person.send(email=ADDRESS, password="une cle\u0301 tre\u0300s bien garde\u0301e")
    assert "Marie-Noëlle" in person.text


def test_one_mailbox_is_not_flooded_and_one_place_not_served_without_end(app, visitor, mails):
    for number in range(5):
        person = visitor()
        sign_up(person)
        assert person.url == "/en/sign-up/sent", number
    assert len(mails(ADDRESS)) == 3
    person = visitor()
    for number in range(30):
        sign_up(person, email=f"somebody{number}@mail.cm")
    assert person.url == "/en/sign-up"
    assert "Too many tries. Wait" in person.error_of("email")


def test_a_link_is_forgotten_with_what_it_held(app, visitor):
    sign_up(visitor())
    with clock.frozen(clock.now() + SIGN_UP_LINK + LINK_KEPT + timedelta(minutes=1)), app.app_context():
        assert mailed_links.purge() == 1
