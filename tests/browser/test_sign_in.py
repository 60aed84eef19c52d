"""Signing in with a code, coming back after being away, ending one's sessions: with a mouse, a keyboard, no scripts."""

import itertools
import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update

from app import clock
from app.delays import SESSION_IDLE
from app.extensions import db
from app.models import Account, WebSession
from tests import codes
from tests.browser import people
from tests.browser.hands import MOUSE, NAMES, WAYS, Hands
from tests.browser.story import MILLISECONDS, go_on

PASSWORD = "quatre mots sans rapport"
LINK = re.compile(r"(/(?:fr|en)/sign-up/confirm/\S+)")
_numbers = itertools.count(1)
TELEPHONE = "Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0"
WORDS = {
    "fr": {"telephone": "Firefox sous Android", "this": "Cet appareil"},
    "en": {"telephone": "Firefox on Android", "this": "This device"},
}
KEPT = {"fr": "Votre saisie est conservée", "en": "What you typed is kept"}


@pytest.mark.long(sample=1)
@pytest.mark.parametrize(("lang", "hands", "scripts"), WAYS, ids=NAMES)
def test_sign_up_set_up_sign_out_sign_in(site, visit, mailed, lang: str, hands: Hands, scripts: bool):
    page = visit(java_script_enabled=scripts)
    page.set_default_timeout(MILLISECONDS)
    address = f"marie-{next(_numbers)}@mail.cm"
    _sign_up(hands, page, lang, address)
    page.goto(mailed(address, LINK))
    go_on(hands, page)
    hands.press(page.locator("main a[href$='/sign-in']"))
    _give_password(hands, page, address)
    secret = _set_up(hands, page, lang)
    hands.press(page.locator("form[action$='/sign-out'] button"))
    hands.press(page.locator("main a[href$='/sign-in']"))
    _give_password(hands, page, address)
    expect(page).to_have_url(re.compile("/sign-in/code"))
    hands.write(page.locator("#code"), codes.next_of(secret))
    go_on(hands, page)
    expect(page.locator("form[action$='/sign-out'] button")).to_be_visible()


@pytest.mark.long(sample=1)
@pytest.mark.parametrize(("lang", "hands", "scripts"), WAYS, ids=NAMES)
def test_away_with_a_page_half_filled_in(site, visit, lang: str, hands: Hands, scripts: bool):
    person = people.new_employee(site.app, lang)
    page = visit(person, lang, java_script_enabled=scripts)
    page.goto(f"/{lang}/registration/new/you")
    hands.write(page.locator("#given_names"), "Marie-Noëlle")
    hands.write(page.locator("#birth_date-day"), "31")
    _let_the_session_end(site, person)
    go_on(hands, page)
    expect(page).to_have_url(re.compile("/sign-in"))
    _give_password(hands, page, person.login, person.password)
    expect(page.locator("h1")).to_have_text(KEPT[lang])
    hands.press(page.locator("#typed-form button"))
    expect(page.locator("#given_names")).to_have_value("Marie-Noëlle")
    expect(page.locator("#birth_date-day")).to_have_value("31")
    expect(page.locator("main [id$='-error']")).to_have_count(0)


@pytest.mark.long(sample=1)
@pytest.mark.parametrize(("lang", "hands", "scripts"), WAYS, ids=NAMES)
def test_a_device_is_signed_out_from_another_then_all_of_them(
    site, visit, lang: str, hands: Hands, scripts: bool
):
    person, words = people.new_employee(site.app, lang), WORDS[lang]
    desk = visit(java_script_enabled=scripts)
    telephone = visit(java_script_enabled=scripts, user_agent=TELEPHONE)
    for page in (desk, telephone):
        page.goto(f"/{lang}/sign-in")
        _give_password(hands, page, person.login, person.password)
        expect(page.locator("form[action$='/sign-out'] button")).to_be_visible()
    _to_my_account(hands, desk)
    hands.press(desk.locator("main h2 a[href$='/devices']"))
    listed = desk.locator(".g-cases > li")
    expect(listed).to_have_count(2)
    other = listed.filter(has_text=words["telephone"])
    expect(other).to_have_count(1)
    expect(listed.locator(".g-status")).to_have_text([words["this"]])
    expect(other.locator(".g-status")).to_have_count(0)
    hands.press(other.locator("button"))
    expect(listed).to_have_count(1)
    expect(listed.locator(".g-status")).to_have_text([words["this"]])
    _to_my_account(hands, telephone)
    expect(telephone).to_have_url(re.compile("/sign-in"))
    _give_password(hands, telephone, person.login, person.password)
    expect(telephone).to_have_url(re.compile("/account/$"))
    hands.press(desk.locator("form[action$='/devices/all'] button"))
    expect(desk).to_have_url(re.compile("/sign-in"))
    _to_my_account(hands, telephone)
    expect(telephone).to_have_url(re.compile("/sign-in"))


def _to_my_account(hands: Hands, page: Page) -> None:
    hands.press(page.locator(".g-nav a[href$='/account/']:not([hreflang])"))


def _sign_up(hands: Hands, page: Page, lang: str, address: str) -> None:
    page.goto(f"/{lang}/")
    hands.press(page.locator(".g-nav a[href$='/sign-up']"))
    hands.write(page.locator("#first_name"), "Marie-Noëlle")
    hands.write(page.locator("#last_name"), "N’Guessan")
    hands.write(page.locator("#email"), address)
    hands.write(page.locator("#password"), PASSWORD)
    _tick(hands, page)
    go_on(hands, page)
    expect(page).to_have_url(re.compile("/sign-up/sent"))


def _tick(hands: Hands, page: Page) -> None:
    """Accept the terms: with the space bar where there is no mouse."""
    box = page.locator("#terms")
    if hands is MOUSE:
        box.check()
    else:
        box.focus()
        page.keyboard.press("Space")
    expect(box).to_be_checked()


def _give_password(hands: Hands, page: Page, address: str, password: str = PASSWORD) -> None:
    hands.write(page.locator("#email"), address)
    hands.write(page.locator("#password"), password)
    go_on(hands, page)


def _set_up(hands: Hands, page: Page, lang: str) -> str:
    """From my account to an app in force; the secret of the app."""
    _to_my_account(hands, page)
    hands.press(page.locator("main h2 a[href$='/second-factor/']"))
    hands.press(page.locator("main a[href$='/second-factor/begin']"))
    go_on(hands, page)
    secret = page.locator("main strong.g-reference").inner_text().replace(" ", "")
    expect(page.locator(".g-qr")).to_be_visible()
    hands.write(page.locator("#code"), codes.next_of(secret))
    go_on(hands, page)
    expect(page.locator(".g-codes li")).to_have_count(10)
    go_on(hands, page)
    expect(page).to_have_url(re.compile("/second-factor/$"))
    return secret


def _let_the_session_end(site, person) -> None:
    """As if the person had been away for longer than a session lasts."""
    with site.app.app_context():
        number = db.session.scalar(select(Account.id).where(func.lower(Account.email) == person.login))
        old = clock.now() - SESSION_IDLE * 2
        db.session.execute(update(WebSession).where(WebSession.account_id == number).values(seen_at=old))
        db.session.commit()
