"""One site and one Chromium for the run; every page is watched, and what it complains of fails the test."""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import chromium, people
from tests.browser.people import Person
from tests.browser.site import Site, standing
from tests.browser.watch import Watch

MILLISECONDS = 10_000
WIDE = {"width": 1280, "height": 900}
_skipped: list[str] = []


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; in continuous integration its absence is a failure, elsewhere a loud skip."""
    try:
        with chromium.launched() as launched:
            expect.set_options(timeout=MILLISECONDS)
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


@pytest.fixture(scope="module")
def open_window(site: Site, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a window of its own: `open_window()` for nobody, `open_window(person, "fr")` signed in.

    Other arguments are Playwright's for a context. Its `watch` knows what the page complains of.
    """
    contexts: list[BrowserContext] = []

    def open_window(person: Person | None = None, lang: str = "en", **given: object) -> Page:
        context = browser.new_context(**{"base_url": site.url, "viewport": WIDE, **given})
        context.set_default_timeout(MILLISECONDS)
        contexts.append(context)
        if person:
            cookie = {"name": "guichet", "value": people.cookie_of(site.app, person, lang), "url": site.url}
            context.add_cookies([cookie])
        watch = Watch(context)
        page = context.new_page()
        page.watch = watch
        return page

    yield open_window
    for context in contexts:
        context.close()


@pytest.fixture
def visit(open_window: Callable[..., Page]) -> Iterator[Callable[..., Page]]:
    """Opens windows as `open_window` does; what a page complained of fails the test when it ends."""
    pages: list[Page] = []

    def visit(*given: object, **more: object) -> Page:
        pages.append(open_window(*given, **more))
        return pages[-1]

    yield visit
    complaints = [line for page in pages for line in page.watch.complaints()]
    for page in pages:
        page.context.close()
    assert complaints == []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Nobody may believe that the browser's tests ran when they did not."""
    for reason in _skipped:
        terminalreporter.section("THE BROWSER TESTS DID NOT RUN", red=True, bold=True)
        terminalreporter.line(reason)
