"""Small promises of docs/asvs.md about signing in and out."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app import clock
from app.delays import SESSION_LIMITS
from app.extensions import db
from app.models import Account, WebSession
from app.permissions import SUPERVISOR
from app.services import closures
from config import ROOT
from tests.accounts import enter, new_account
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
        person = visitor()
        person.open("/en/sign-in")
        person.send(email="joseph@demo.example", password="guichet-joseph")
        assert person.url == "/en/"


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


def test_a_closed_accounts_sessions_are_gone_also_from_the_table(app, visitor):
    """Closed by an administrator, as the screen does it."""
    with app.app_context():
        colleague = new_account(SUPERVISOR)
        login, number = colleague.email, colleague.id
    browser = visitor()
    enter(browser, login)
    mine = select(func.count()).where(WebSession.account_id == number)
    with app.app_context():
        assert db.session.scalar(mine) == 1
    administrator = visitor("administrator")
    administrator.open(f"/staff/colleagueview/show/{number}")
    administrator.send(form="form[action*='/deactivate/']")
    with app.app_context():
        assert db.session.scalar(mine) == 0
    browser.open("/en/account/")
    assert "/sign-in" in browser.url


def test_a_person_who_closes_their_account_is_signed_out_on_the_day(app, visitor):
    with app.app_context():
        leaver = new_account("employee")
        login, number = leaver.email, leaver.id
    browser = visitor()
    enter(browser, login)
    browser.open("/en/my-file/close")
    browser.send(reason="I move abroad.")
    with app.app_context(), clock.frozen(clock.now() + timedelta(days=30)):
        assert closures.carry_out_due() == 1
        db.session.commit()
        assert db.session.scalar(select(func.count()).where(WebSession.account_id == number)) == 0
    browser.open("/en/account/")
    assert "/sign-in" in browser.url


def test_the_limits_of_sessions_are_written_down_by_role():
    """In the decision, so that nobody has to read the code to know them."""
    written = (ROOT / "docs/decisions/0003-sessions-in-the-database.md").read_text()
    rows = dict(re.findall(r"^\| (\w+) \| (\d+ minutes \| \d+ hours) \|", written, re.M))
    assert rows == {
        kind: f"{int(idle.total_seconds() // 60)} minutes | {int(longest.total_seconds() // 3600)} hours"
        for kind, (idle, longest) in SESSION_LIMITS.items()
    }
