"""Each page in each state: nothing inaccessible, nothing too wide, and the other language keeps everything."""

import re
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import WIDE
from tests.browser.states import EVERY, State, World, make_world

TELEPHONE = {"width": 360, "height": 740}
OTHER = {"fr": "en", "en": "fr"}
AXE = Axe()
TYPED = """() => [...document.querySelectorAll("main input, main select, main textarea")]
  .filter(field => !["hidden", "password", "file"].includes(field.type))
  .map(field => [field.name, field.type === "checkbox" ? String(field.checked) : field.value])"""
CHOSEN = """() => [...document.querySelectorAll("input[type=file]")]
  .flatMap(field => [...field.files].map(file => file.name))"""
WRONG = "main [id$='-error'], main .govuk-error-summary__list li, main .alert"
SWITCH = ":is(.g-nav__language, .s-account) [lang]"


@pytest.fixture(scope="module")
def world(site):
    return make_world(site.app)


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


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("state", EVERY, ids=str)
def test_it_is_accessible_and_fits_a_telephone(reach, state: State, lang):
    page = reach(state, lang)
    found = AXE.run(page)
    assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size(TELEPHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE["width"]


@pytest.mark.parametrize("state", EVERY, ids=str)
def test_the_other_language_keeps_page_data_and_messages(reach, state: State):
    page = reach(state, "fr")
    before, typed = _seen(page), page.evaluate(TYPED)
    _switch(page, "en")
    assert _seen(page)["where"] == before["where"]
    assert _seen(page)["files"] == before["files"]
    assert len(_seen(page)["wrong"]) == len(before["wrong"])
    assert _seen(page)["text"] != before["text"]
    assert page.evaluate(TYPED) == typed
    _switch(page, "fr")
    assert _seen(page) == before
    assert page.evaluate(TYPED) == typed


def _switch(page: Page, lang: str) -> None:
    page.locator(SWITCH).click()
    expect(page.locator("html")).to_have_attribute("lang", lang)


def _seen(page: Page) -> dict[str, object]:
    """Where one is, what one reads (folds opened), which errors show, which files are chosen or kept."""
    return {
        "where": re.sub(r"/(fr|en)/|[?&]language=(fr|en)", "/", unquote(page.url)).replace(
            "/step/", "/show/"
        ),
        "text": " ".join(str(page.locator("main").text_content()).split()),
        "wrong": page.locator(WRONG).all_inner_texts(),
        "files": page.locator(".g-kept__name").all_inner_texts() + page.evaluate(CHOSEN),
    }
