"""The new service three ways in both languages: conditions, what is known, two documents, request, letter."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, expect

from app import demo
from tests.browser import people
from tests.browser.hands import KEYBOARD, MOUSE
from tests.browser.new_service.conftest import SLUG
from tests.browser.story import CARD, CHECK_SECONDS, Story, go_on, of_role
from tests.processes import until

ACCOUNTS = [account.as_dict() for account in demo.ACCOUNTS]
WAYS = {"mouse": (MOUSE, True), "keyboard": (KEYBOARD, True), "no scripts": (MOUSE, False)}
INVOICE = FilePayload(name="invoice.png", mimeType="image/png", buffer=CARD["buffer"] + b"\0")
ASKED = "La facture est coupée."
REFERENCE = re.compile(r"FG-\d{4}-\d{6}-[0-9A-Z]")
DOCUMENTS = 3
LETTER_SECONDS = 20
SUMMARY = ".govuk-error-summary__list li"


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_from_the_start_page_to_the_letter(site, browser, lang, way):
    hands, scripts = WAYS[way]
    story = Story(browser, site.url, lang, hands, scripts)
    employee = people.new_employee(site.app, lang)
    account = {"login": employee.login, "password": employee.password, "totp_secret": None}
    with (
        story.window(account) as person,
        story.window(of_role(ACCOUNTS, "supervisor")) as officer,
    ):
        reference = fill_in(story, person)
        open_case(officer, reference)
        officer.fill("#step-reason", ASKED)
        officer.click("button[name=step][value=request_information]")
        answer(story, person)
        open_case(officer, reference)
        accept_documents(officer)
        officer.click("button[name=step][value=approve]")
        read_the_letter(story, person)


def fill_in(story, page):
    """From the start page to the reference, with a change on the way."""
    hands = story.hands
    page.goto(f"/{story.lang}/{SLUG}/")
    hands.press(page.locator("main a.govuk-button--start"))
    hands.tick(page.locator("#is_right"))
    go_on(hands, page)
    hands.write(page.locator("#deceased_name"), "Marie N’Guessan")
    for part, text in {"day": "1", "month": "2", "year": "2026"}.items():
        hands.write(page.locator(f"#died_on-{part}"), text)
    revealed = page.locator("#relationship_other")
    expect(revealed).to_be_visible(visible=not story.scripts)
    hands.tick(page.locator("[name=relationship_kind][value=other]"))
    hands.write(revealed, "Ma tante")
    go_on(hands, page)
    hands.tick(page.locator("[name=is_helped][value=no]"))
    go_on(hands, page)
    hands.attach(page.locator("input[type=file][name=death_certificate]"), CARD)
    hands.attach(page.locator("input[type=file][name=invoice]"), INVOICE)
    go_on(hands, page)
    expect(page.get_by_text("Ma tante", exact=True)).to_be_visible()
    hands.press(page.locator("a[href*='/new/costs']"))
    hands.tick(page.locator("[name=is_helped][value=yes]"))
    go_on(hands, page)
    hands.write(page.locator("#helper_name"), "Ngo-Mbock")
    go_on(hands, page)
    go_on(hands, page)
    return REFERENCE.findall(page.locator("main .g-reference").first.inner_text())[0]


def open_case(page, reference):
    page.goto(f"/staff/funeralgrantview/list/?_flt_3_reference={reference}")
    page.get_by_role("link", name=reference).click()


def accept_documents(page):
    """Each of them, once the checks are done with all."""
    accepting = page.locator("button[name=verdict][value=accepted]")
    assert until(lambda: page.reload() and accepting.count() == DOCUMENTS, CHECK_SECONDS), "not checked"
    for number in range(DOCUMENTS):
        accepting.nth(number).click()


def answer(story, page):
    """The open page tells what is asked, by itself where scripts run."""
    if not story.scripts:
        page.reload()
    expect(page.locator("#case-live")).to_contain_text(ASKED)
    story.hands.press(page.locator("a[href$='/answer']"))
    story.hands.write(page.locator("#answer"), "La voici entière.")
    story.hands.attach(page.locator("input[type=file]"), INVOICE)
    go_on(story.hands, page)
    expect(page.locator("main")).to_contain_text("La voici entière.")


def read_the_letter(story, page):
    letter = page.locator("#case-live a[href*='/letters/']")
    assert until(lambda: page.reload() and letter.count(), LETTER_SECONDS), "no letter came"
    story.hands.press(letter)
    expect(page.locator("main")).to_contain_text("FG-")


@pytest.mark.long(sample=2)
@pytest.mark.parametrize("act", ["", "nothing typed"])
@pytest.mark.parametrize("name", ["you", "death", "costs", "papers"])
def test_its_pages_are_accessible_narrow_and_bilingual(visit, site, name, act):
    person = people.new_employee(site.app, "fr")
    page = visit(person, "fr")
    bring_to(page, name)
    if act:
        page.click("#main-form button[type=submit]:not([name])")
        expect(page.locator(".govuk-error-summary")).to_be_focused()
    shown = page.locator(SUMMARY).count()
    assert bool(shown) is bool(act)
    for lang in ("fr", "en"):
        if lang == "en":
            page.locator(".g-nav__language [lang]").click()
            expect(page.locator("html")).to_have_attribute("lang", "en")
            assert page.locator("main [id$='-error']").count() == page.locator(SUMMARY).count() == shown
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        page.set_viewport_size({"width": 360, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.set_viewport_size({"width": 1280, "height": 900})


def bring_to(page, name):
    page.goto(f"/fr/{SLUG}/new")
    if name == "you":
        return
    page.check("#is_right")
    page.click("#main-form button[type=submit]:not([name])")
    page.wait_for_url("**/death")
    page.goto(f"/fr/{SLUG}/new/{name}")


def test_a_hidden_question_gets_the_focus_once_revealed(visit, site):
    page = visit(people.new_employee(site.app, "en"), "en")
    page.goto(f"/en/{SLUG}/new")
    page.check("#is_right")
    page.click("#main-form button[type=submit]:not([name])")
    other = page.locator("[name=relationship_kind][value=other]")
    expect(page.locator("#relationship_other")).to_be_hidden()
    other.focus()
    page.keyboard.press("Space")
    expect(page.locator("#relationship_other")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("#relationship_other")).to_be_focused()
