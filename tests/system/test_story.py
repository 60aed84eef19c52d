"""The acceptance story on the house as `make run` starts it, by a browser, in both languages."""

import json

import pytest
from playwright.sync_api import Browser

from app import create_app
from tests.browser.story import account_of, play
from tests.system.conftest import StandingHouse

EMPLOYEES = {"fr": "amina@demo.example", "en": "joseph@demo.example"}


@pytest.fixture(scope="module")
def accounts(standing: StandingHouse) -> list[dict[str, str | None]]:
    """The accounts the command prints for tools."""
    runner = create_app(standing.settings).test_cli_runner()
    return json.loads(runner.invoke(args=["guichet", "demo", "accounts", "--json"]).stdout)


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_from_the_form_to_the_auditor(
    standing: StandingHouse, browser: Browser, accounts: list[dict[str, str | None]], lang: str
) -> None:
    employee = account_of(accounts, EMPLOYEES[lang])
    reference = play(browser, f"http://127.0.0.1:{standing.settings.PORT}", lang, employee, accounts)
    assert reference.startswith("RG-")


def test_the_accounts_are_told_at_the_start(
    standing: StandingHouse, accounts: list[dict[str, str | None]]
) -> None:
    for account in accounts:
        assert str(account["login"]) in standing.told
        assert str(account["password"]) in standing.told
