"""What is sensitive asks again who is there: a code of who has an app, the password of the others."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import clock
from app.delays import STEP_UP
from app.extensions import db
from app.models import DataExport
from tests.accounts import enter, new_account
from tests.browser.people import PASSWORD
from tests.security.conftest import GOOD
from tests.security.test_access import digests

COPY, ZIP, CLOSE = "/en/my-file/copy", "/en/my-file/copy.zip", "/en/my-file/close"
ASKS = "/account/prove/password"


def later():
    return clock.frozen(clock.now() + STEP_UP + timedelta(seconds=1))


@pytest.mark.parametrize("page", [ZIP, CLOSE])
def test_after_a_while_the_password_is_asked_for_again(new_person, page):
    person, _ = new_person()
    with later():
        person.open(page)
        assert ASKS in person.url
        person.send(current="not my password")
        assert "The password is wrong." in person.error_of("current")
        person.open(page)
        assert ASKS in person.url
        person.send(current=PASSWORD)
        assert person.url.endswith(page)


def test_the_button_of_the_copy_writes_nothing_before(app, new_person):
    person, _ = new_person()
    person.open(COPY)
    with later():
        person.send(form="form[action$='/my-file/copy']")
        assert ASKS in person.url
        with app.app_context():
            assert db.session.scalar(select(func.count()).select_from(DataExport)) == 0
        person.send(current=PASSWORD)
        person.open(COPY)
        person.send(form="form[action$='/my-file/copy']")
    assert "We are making your copy." in person.text


def test_who_has_an_app_gives_a_code_instead(new_person, code_of):
    person, who = new_person(has_app=True)
    with later():
        for page in (f"/en{ASKS}?next={CLOSE}", CLOSE):
            person.open(page)
            assert "/account/prove?" in person.url
        person.send(code=code_of(who.login))
        assert person.url.endswith(CLOSE)


@pytest.mark.parametrize(
    "page", ["email", "phone", "password", "second-factor/codes/new", "second-factor/remove"]
)
def test_an_old_code_opens_nothing_sensitive_and_changes_nothing(app, new_person, page):
    person, who = new_person(has_app=True)
    person.open(f"/en/account/{page}")
    assert person.url == f"/en/account/{page}"
    before = digests(app)
    with later():
        person.send(email="other@mail.cm", current=PASSWORD, phone="+237677123456", password=GOOD)
        assert "/account/prove?" in person.url
        person.open(f"/en/account/{page}")
        assert "/account/prove?" in person.url
    assert digests(app) == before
    assert who.login


@pytest.mark.parametrize("page", ["/en/my-file/link", "/en/my-file/link/proof"])
def test_linking_asks_who_is_there(new_person, page):
    person, _ = new_person()
    with later():
        person.open(page)
        assert ASKS in person.url
        person.send(current=PASSWORD)
        assert person.url == page


@pytest.mark.parametrize("button", ["form[action$='/account/devices']", "form[action$='/devices/all']"])
def test_signing_a_device_out_asks_who_is_there(visitor, new_person, button):
    person, who = new_person()
    other = visitor()
    other.open("/en/sign-in")
    other.give_password(who.login, PASSWORD)
    person.open("/en/account/devices")
    person.client.environ_base["HTTP_REFERER"] = "http://localhost/en/account/devices"
    with later():
        person.send(form=button)
        assert ASKS in person.url
        other.open("/en/account/")
        assert other.url == "/en/account/"
        person.send(current=PASSWORD)
        assert person.url == "/en/account/devices"
        person.send(form=button)
        other.open("/en/account/")
        assert "/sign-in" in other.url


@pytest.mark.parametrize("button", ["form[action$='/account/devices']", "form[action$='/devices/all']"])
def test_who_has_an_app_gives_a_code_to_sign_a_device_out(visitor, new_person, code_of, button):
    person, who = new_person(has_app=True)
    other = visitor()
    other.open("/en/sign-in")
    other.give_password(who.login, PASSWORD)
    person.open("/en/account/devices")
    person.client.environ_base["HTTP_REFERER"] = "http://localhost/en/account/devices"
    with later():
        person.send(form=button)
        assert "/account/prove?" in person.url
        person.send(code=code_of(who.login))
        assert person.url == "/en/account/devices"
        person.send(form=button)
        other.open("/en/account/")
        assert "/sign-in" in other.url


def test_a_form_without_its_token_leads_past_no_second_factor(app, visitor):
    with app.app_context():
        login = new_account("employee", "employer_agent").email
    person = visitor()
    enter(person, login)
    person.post("/en/registration/new/you", {"given_names": "X"})
    assert "/second-factor/begin" in person.url


def test_a_button_is_no_password(new_person):
    """Within the ten minutes the set-up asks for none: pressing its button does not begin them again."""
    person, _ = new_person()
    start = clock.now()
    with clock.frozen(start + STEP_UP - timedelta(minutes=1)):
        person.open("/en/account/second-factor/begin")
        person.send()
        assert "/set-up" in person.url
    with clock.frozen(start + STEP_UP + timedelta(minutes=1)):
        person.open(CLOSE)
        assert ASKS in person.url
