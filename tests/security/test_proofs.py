"""What is sensitive asks again who is there: a code of who has an app, the password of the others."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import clock
from app.delays import STEP_UP
from app.extensions import db
from app.models import DataExport
from tests.browser.people import PASSWORD

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
