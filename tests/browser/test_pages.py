"""Each page in each state: nothing inaccessible, nothing too wide, and the other language keeps everything."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import employer_states, own_states, states
from tests.browser.conftest import WIDE
from tests.browser.hands import FOCUS_SHOWS, MOST_TABS
from tests.browser.states import FRESH, SEND, State, World, make_world
from tests.browser.story import CARD

TELEPHONE = {"width": 360, "height": 740}
AXE = Axe()
TYPED = """() => [...document.querySelectorAll("main input, main select, main textarea")]
  .filter(field => !["hidden", "password", "file"].includes(field.type))
  .map(field => [field.name, field.type === "checkbox" ? String(field.checked) : field.value])"""
WORDS = """() => {
  const main = document.querySelector("main").cloneNode(true);
  main.querySelectorAll("textarea").forEach(typed => typed.remove());
  return main.textContent.replace(/\\s+/g, " ").trim();
}"""
WRONG = "main [id$='-error'], main .govuk-error-summary__list li, main .alert"
ENLARGED = (
    *("home with 50 requests", "start", "questions, an absurd day", "case, just received", "answer"),
    *("documents, in each state", "message, a file refused", "conversation"),
    *("my record", "record changes, nothing chosen", "new employment", "questions, two dependants"),
    *("document, an absurd date", "at the counter, questions"),
)
CUT_OFF = """() => [...document.querySelectorAll("main *")]
  .filter(one => getComputedStyle(one).overflowX === "hidden" && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1)
  .map(one => one.outerHTML.slice(0, 200))"""
EVERY = states.EVERY + employer_states.EMPLOYERS + own_states.OWN
PLACE = "[...document.querySelectorAll('*')].indexOf(document.activeElement)"
SWITCH = ":is(.g-nav__language, .s-account) [lang]"


@dataclass(frozen=True)
class Sight:
    """Where one is, what one reads (folds opened), which errors show, which files are kept, what is typed."""

    where: str
    text: str
    errors: list[str]
    files: list[str]
    typed: list[list[str]]

    def without_words(self) -> tuple[object, ...]:
        """What must be the same in every language."""
        return self.where, len(self.errors), self.files, self.typed


@pytest.fixture(scope="module")
def world(site):
    there = employer_states.with_employers(site.app, make_world(site.app))
    return own_states.with_own_pages(site.app, there)


@pytest.fixture(scope="module")
def windows(open_window, world: World) -> Callable[[str, str], Page]:
    """A window for each person and language, kept from test to test as people keep theirs."""
    kept: dict[tuple[str, str], Page] = {}

    def window(who: str, lang: str) -> Page:
        if (who, lang) not in kept:
            kept[who, lang] = open_window(world.people.get(who), lang)
        kept[who, lang].set_viewport_size(WIDE)
        return kept[who, lang]

    return window


@pytest.fixture
def reach(windows, world):
    """Brings somebody's window to a state; what the page complained of fails the test."""
    pages = []

    def reach(state: State, lang: str) -> Page:
        page = windows(state.who, lang)
        pages.append(page)
        page.watch.forget()
        state.reach(page, lang, world)
        return page

    yield reach
    assert [line for page in pages for line in page.watch.forget()] == []


@pytest.mark.long(sample=8)
@pytest.mark.parametrize("state", EVERY, ids=str)
def test_in_both_languages(reach, state: State):
    """French, then by its switch English, then French again as it was: reached once, looked at three times."""
    page = reach(state, "fr")
    french = see(page)
    check_accessible_and_narrow(page)
    _switch(page, "en")
    english = see(page)
    assert english.text != french.text
    assert english.without_words() == french.without_words()
    check_accessible_and_narrow(page)
    _switch(page, "fr")
    assert see(page) == french


@pytest.mark.parametrize("name", ["questions, document", "message, to write", "documents, none yet"])
def test_a_file_chosen_before_the_switch_is_kept(reach, name):
    (state,) = (state for state in EVERY if state.name == name)
    page = reach(state, "fr")
    page.set_input_files("input[type=file]", CARD)
    _switch(page, "en")
    expect(page.locator(".g-file").first).to_contain_text(CARD["name"])


def test_signing_in_after_the_switch_leads_on_in_that_language(visit, world):
    page, person = visit(), world.people[FRESH]
    page.goto("/fr/registration/new")
    _switch(page, "en")
    page.fill("#email", person.login)
    page.fill("#password", person.password)
    page.click(SEND)
    expect(page).to_have_url(re.compile("/en/registration/new(/you)?$"))


def test_twice_the_size_loses_nothing(reach):
    """200 % of 1280 pixels is 640 to the page: the same words, no scrolling sideways, nothing cut off."""
    for state in (state for state in EVERY if state.name in ENLARGED):
        page = reach(state, "fr")
        before = page.locator("main").inner_text().split()
        page.set_viewport_size({"width": 640, "height": 450})
        assert page.evaluate("document.documentElement.scrollWidth") <= 640, state
        assert page.locator("main").inner_text().split() == before, state
        assert page.evaluate(CUT_OFF) == [], state
        page.set_viewport_size(WIDE)


@pytest.mark.parametrize(
    "name",
    [
        *("questions", "questions, nothing typed", "case, just received"),
        *("documents, kept and no category", "answer, begun, files in each state", "conversation"),
    ],
)
def test_the_focus_goes_through_the_page_as_it_is_read(reach, name):
    """Tab by Tab, from the skip link to the footer, in the order of the page, and seen at each stop."""
    (state,) = (state for state in EVERY if state.name == name)
    page = reach(state, "fr")
    if state.refused:
        expect(page.locator(".govuk-error-summary")).to_be_focused()
        first = page.locator(".govuk-error-summary__list a").first
        first.press("Enter")
        assert page.evaluate("'#' + document.activeElement.id") == first.get_attribute("href")
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    page.locator("body").evaluate(
        "body => { body.tabIndex = -1; body.focus(); body.removeAttribute('tabindex') }"
    )
    places = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        assert page.locator(":focus").evaluate(FOCUS_SHOWS), page.locator(":focus").evaluate(
            "e => e.outerHTML"
        )
        places.append(page.evaluate(PLACE))
    assert len(places) > 5
    assert places == sorted(set(places))


def check_accessible_and_narrow(page: Page) -> None:
    """No violation that axe can see, and nothing wider than a telephone."""
    found = AXE.run(page)
    assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size(TELEPHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE["width"]
    page.set_viewport_size(WIDE)


def _switch(page: Page, lang: str) -> None:
    page.locator(SWITCH).click()
    expect(page.locator("html")).to_have_attribute("lang", lang)
    page.wait_for_load_state()


def see(page: Page) -> Sight:
    """Look at the page as it stands; to which part of it a button led is forgotten by the next page."""
    address = re.sub(r"[?&]language=(fr|en)", "", unquote(page.url).partition("#")[0])
    address = re.sub("/(step|answer)/(?=[0-9])", "/show/", address)
    return Sight(
        where=re.sub(r"/(fr|en)/", "/", address),
        text=page.evaluate(WORDS),
        errors=page.locator(WRONG).all_inner_texts(),
        files=page.locator(".g-file__name").all_inner_texts(),
        typed=page.evaluate(TYPED),
    )
