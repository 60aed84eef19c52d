"""The acceptance story on the house as `make run` starts it, by a browser, in both languages."""

import json
from collections.abc import Iterator

import pytest
from flask.testing import FlaskCliRunner
from playwright.sync_api import Browser

from app import create_app
from app.extensions import db
from tests.browser import whole_story
from tests.browser.story import account_of, play
from tests.system.conftest import StandingHouse

EMPLOYEES = {"fr": "amina@demo.example", "en": "joseph@demo.example"}


@pytest.fixture(scope="module")
def runner(standing: StandingHouse) -> Iterator[FlaskCliRunner]:
    """Gives commands to the house; its connections are closed at the end, none is left to the collector."""
    app = create_app(standing.settings)
    yield app.test_cli_runner()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    app.extensions["valkey"].close()


@pytest.fixture(scope="module")
def accounts(runner: FlaskCliRunner) -> list[dict[str, str | None]]:
    """The accounts the command prints for tools."""
    return json.loads(runner.invoke(args=["guichet", "demo", "accounts", "--json"]).stdout)


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_from_the_form_to_the_auditor(
    standing: StandingHouse, browser: Browser, accounts: list[dict[str, str | None]], lang: str
) -> None:
    employee = account_of(accounts, EMPLOYEES[lang])
    reference = play(browser, f"http://127.0.0.1:{standing.settings.PORT}", lang, employee, accounts)
    assert reference.startswith("RG-")


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_from_the_sign_up_to_the_chain(
    standing: StandingHouse,
    browser: Browser,
    accounts: list[dict[str, str | None]],
    runner: FlaskCliRunner,
    lang: str,
) -> None:
    """All that registration is: both sides of the counter, the employer, the auditor, on the running system."""

    def run(*args: str) -> tuple[int, str]:
        told = runner.invoke(args=args)
        return told.exit_code, told.stdout

    address = f"http://127.0.0.1:{standing.settings.PORT}"
    assert whole_story.play(browser, address, lang, accounts, run).startswith("RG-")


def test_the_accounts_are_told_at_the_start(
    standing: StandingHouse, accounts: list[dict[str, str | None]]
) -> None:
    for account in accounts:
        assert str(account["login"]) in standing.told
        assert str(account["password"]) in standing.told
