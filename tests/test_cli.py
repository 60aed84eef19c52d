"""The commands people, tests and tools run."""

import json
import re

import pytest

from app import create_app
from app.extensions import db
from app.permissions import ROLES, SECOND_FACTOR_ROLES
from config import ROOT, load
from tests import codes
from tests.test_config import SAFE


def test_the_demonstrations_accounts_open_the_door(app, visitor):
    answer = app.test_cli_runner().invoke(args=["guichet", "demo", "accounts", "--json"])
    assert answer.exit_code == 0
    accounts = json.loads(answer.stdout)
    assert {account["role"] for account in accounts} == set(ROLES)
    assert sum(account["role"] == "administrator" for account in accounts) > 1
    for account in accounts:
        assert set(account) == {"role", "login", "password", "totp_secret"}
        person = visitor()
        person.open("/en/sign-in")
        person.send(email=account["login"], password=account["password"])
        assert bool(account["totp_secret"]) is (account["role"] in SECOND_FACTOR_ROLES)
        if account["totp_secret"]:
            person.send(code=codes.next_of(account["totp_secret"]))
        assert person.status == 200
        assert "/sign-in" not in person.url


def test_the_plain_list_names_the_same_accounts(app):
    answer = app.test_cli_runner().invoke(args=["guichet", "demo", "accounts"])
    assert "officer@demo.example" in answer.stdout
    assert "guichet-officer" in answer.stdout


@pytest.fixture
def production(app, environment):
    """The same house where real people are."""
    given = {name: environment[name] for name in ("DATABASE_URL", "REDIS_URL")}
    production = create_app(load(SAFE | given))
    yield production
    with production.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("command", [["accounts", "--json"], ["load"], [], ["--persons", "10"]])
def test_the_demonstration_is_refused_in_production(production, command):
    answer = production.test_cli_runner().invoke(args=["guichet", "demo", *command])
    assert answer.exit_code == 1
    assert "refused in production" in answer.output
    assert "guichet-" not in answer.output


def test_production_has_no_mailbox_page_and_no_demonstration_banner(production):
    client = production.test_client()
    assert client.get("/staff/devmail/").status_code == 404
    page = client.get("/en/", base_url="https://guichet.example")
    assert b"Demonstration" not in page.data.replace(b"Republic of Demonstration", b"")
    assert page.headers["Strict-Transport-Security"].startswith("max-age=")


def test_setting_up_twice_changes_nothing(app):
    from app.models import Holiday

    def holidays():
        with app.app_context():
            return sorted(day.day for day in db.session.query(Holiday))

    before = holidays()
    for args in (["guichet", "setup"], ["guichet", "demo", "load"], ["guichet", "prepare"]):
        assert app.test_cli_runner().invoke(args=args).exit_code == 0
    assert holidays() == before
    assert len(before) >= 32


def test_what_comes_before_the_first_page_is_done_by_one_command(app):
    answer = app.test_cli_runner().invoke(args=["guichet", "prepare"])
    assert answer.exit_code == 0
    assert answer.stdout == app.test_cli_runner().invoke(args=["guichet", "demo", "accounts"]).stdout


def test_production_is_prepared_without_the_demonstration(production, monkeypatch):
    monkeypatch.setattr("app.demo.load", lambda: pytest.fail("Demonstration accounts in production."))
    answer = production.test_cli_runner().invoke(args=["guichet", "prepare"])
    assert (answer.exit_code, answer.stdout) == (0, "")


def test_the_state_diagram_in_the_docs_is_the_declared_one(app):
    answer = app.test_cli_runner().invoke(args=["guichet", "workflow"])
    assert answer.exit_code == 0
    assert (ROOT / "docs/workflow.md").read_text() == answer.stdout


def test_the_fields_in_the_docs_are_the_declared_ones(app):
    answer = app.test_cli_runner().invoke(args=["guichet", "fields"])
    assert answer.exit_code == 0
    assert (ROOT / "docs/fields.md").read_text() == answer.stdout


PAGES = {
    "AccessView": "opening.html entry",
    "ColleagueView": "user.html account",
    "DelegationView": "delegation.html delegation",
    "GrantView": "grant.html grant",
    "LockView": "lock.html lock",
    "RecoveryView": "recovery.html recovery",
    "SupportTaskView": "support_task.html task",
    "PrintQueueView": "letter.html letter",
}
"""The staff's pages that are not generated, and what they call the row they tell of."""


@pytest.mark.parametrize("view", PAGES)
def test_a_page_of_its_own_tells_no_field_that_is_not_declared(app, view):
    template, name = PAGES[view].split()
    words = (ROOT / "app/templates/backoffice" / template).read_text()
    told = set(re.findall(rf"\b{name}\.(\w+)", words)) - {
        "id",
        "get_full_name",
        "password",
        "account_id",
        "css",
    }
    (shown,) = [it.show_columns for it in app.appbuilder.baseviews if type(it).__name__ == view]
    assert told
    assert told <= set(shown)


def test_a_file_that_is_no_receipt_is_unknown(app, tmp_path):
    file = tmp_path / "receipt.json"
    file.write_text('{"reference": "RG-2026-000001-X"}')
    answer = app.test_cli_runner().invoke(args=["guichet", "audit", "verify-receipt", str(file)])
    assert answer.exit_code == 1
    assert answer.output.startswith("Unknown:")
