"""One site for the run; every page is watched, and what it complains of fails the test."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from app.adapters import mail
from tests.browser import people
from tests.browser.people import Person
from tests.browser.site import Site, standing
from tests.browser.story import MAIL_SECONDS
from tests.browser.watch import Watch
from tests.conftest import MILLISECONDS
from tests.processes import until

WIDE = {"width": 1280, "height": 900}


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


@pytest.fixture
def mailed(site: Site) -> Callable[[str, re.Pattern[str]], str]:
    """What the first mail to an address that holds it says, once it has come: `mailed(address, pattern)`."""

    def find(address: str, what: re.Pattern[str]) -> str:
        found: list[str] = []

        def look() -> list[str]:
            with site.app.app_context():
                mine = [one for one in mail.delivered() if one["To"] == address]
            texts = [" ".join(one.get_body(("plain",)).get_content().split()) for one in mine]
            found.extend(match.group(1) for text in texts if (match := what.search(text)))
            return found

        assert until(look, MAIL_SECONDS), f"no mail to {address} with {what.pattern}"
        return found[0]

    return find
