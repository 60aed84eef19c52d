"""The acceptance story in both languages and three ways: a mouse, a keyboard alone, no JavaScript."""

import pytest

from app import demo
from tests.browser import people
from tests.browser.hands import KEYBOARD, MOUSE
from tests.browser.story import play

ACCOUNTS = [account.as_dict() for account in demo.ACCOUNTS]


@pytest.fixture
def tell(site, browser):
    """Plays the story with a person nobody registered yet."""

    def tell(lang, **how):
        person = people.new_employee(site.app, lang)
        employee = {
            "role": "employee",
            "login": person.login,
            "password": person.password,
            "totp_secret": None,
        }
        assert play(browser, site.url, lang, employee, ACCOUNTS, **how).startswith("RG-")

    return tell


WAYS = {"mouse": {"hands": MOUSE}, "keyboard": {"hands": KEYBOARD}, "no scripts": {"scripts": False}}


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_from_the_form_to_the_number(tell, lang, way):
    tell(lang, **WAYS[way])
