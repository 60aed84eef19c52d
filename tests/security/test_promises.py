"""Small promises of docs/asvs.md about signing in and out."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app import clock
from app.extensions import db
from app.models import Account
from config import ROOT
from tests.services.test_cases import file_case

SIGN_OUT = "form[action$='/sign-out'] button"


@pytest.fixture
def joseph_is_closed(app):
    """Closes Joseph's account when called, and opens it again afterwards."""

    def set_active(is_active):
        with app.app_context():
            db.session.execute(
                update(Account).where(Account.email == "joseph@demo.example").values(active=is_active)
            )
            db.session.commit()

    yield lambda: set_active(False)
    set_active(True)


def test_a_closed_accounts_sessions_end_at_once(visitor, joseph_is_closed):
    telephone, library = visitor("joseph"), visitor("joseph")
    joseph_is_closed()
    for browser in (telephone, library):
        browser.open("/en/registration/new")
        assert "sign-in" in browser.url


def test_a_password_has_no_end(visitor):
    with clock.frozen(clock.now() + timedelta(days=3650)):
        person = visitor("joseph")
        person.open("/en/registration/new")
        assert "/registration/new" in person.url


def test_the_password_is_hidden_and_password_managers_know_the_field(visitor):
    nobody = visitor()
    nobody.open("/en/sign-in")
    field = nobody.page.select_one("input[name=password]")
    assert field["type"] == "password"
    assert field["autocomplete"] == "current-password"
    assert not [name for name in field.attrs if name.startswith("on")]


def test_no_script_of_ours_stands_in_the_way_of_pasting():
    for script in (ROOT / "app/static/js").glob("*.js"):
        assert "paste" not in script.read_text()


def test_the_way_out_is_on_every_portal_page(visitor, app):
    with app.app_context():
        public_id = file_case().public_id
    person = visitor("joseph")
    for page in (
        "/en/",
        "/en/help",
        "/fr/registration/",
        "/en/registration/new/you",
        f"/en/cases/{public_id}",
    ):
        person.open(page)
        assert person.page.select_one(SIGN_OUT), page


def test_the_way_out_is_on_every_staff_page(visitor, app):
    with app.app_context():
        case_id = file_case().id
    officer = visitor("officer")
    for page in ("", "registrationview/list/", f"registrationview/show/{case_id}", "law/", "nothing"):
        officer.open(f"/staff/{page}")
        assert officer.page.select_one(SIGN_OUT), page
