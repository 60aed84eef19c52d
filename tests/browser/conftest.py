"""One site and one Chromium for the run; every page is watched, and what it complains of fails the test."""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import chromium, people
from tests.browser.people import Person
from tests.browser.site import Site, standing
from tests.browser.watch import Watch

SECONDS = 10_000
WIDE = {"width": 1280, "height": 900}
_skipped: list[str] = []


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; in continuous integration its absence is a failure, elsewhere a loud skip."""
    try:
        with chromium.launched() as launched:
            expect.set_options(timeout=SECONDS)
            yield launched
    except chromium.NoChromium as missing:
        if os.environ.get("CI", "") not in ("", "0", "false"):
            pytest.fail(str(missing))
        _skipped.append(str(missing))
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A whole Guichet with its demonstration."""
    with standing(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def visit(site: Site, browser: Browser) -> Iterator["Callable[..., Page]"]:
    """Opens a browser of its own: `visit()` for nobody, `visit(person)` already signed in.

    Other arguments are Playwright's for a context. What a page complains of fails the test when it ends.
    """
    contexts: list[BrowserContext] = []
    watches: list[Watch] = []

    def open_browser(person: Person | None = None, lang: str = "en", **given: object) -> Page:
        context = browser.new_context(**{"base_url": site.url, "viewport": WIDE, **given})
        context.set_default_timeout(SECONDS)
        contexts.append(context)
        watches.append(Watch(context))
        if person:
            cookie = {"name": "guichet", "value": people.cookie_of(site.app, person, lang), "url": site.url}
            context.add_cookies([cookie])
        page = context.new_page()
        page.watch = watches[-1]
        return page

    yield open_browser
    complaints = [line for watch in watches for line in watch.complaints()]
    for context in contexts:
        context.close()
    assert complaints == []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Nobody may believe that the browser's tests ran when they did not."""
    for reason in _skipped:
        terminalreporter.section("THE BROWSER TESTS DID NOT RUN", red=True, bold=True)
        terminalreporter.line(reason)
