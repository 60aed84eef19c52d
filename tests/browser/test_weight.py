"""How much a visit weighs, as Chromium received it, and what the server says about keeping it."""

import re
from collections import defaultdict
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.browser.states import FRESH, WAITING, make_world

KB = 1000
FIRST_VISIT, ITS_SCRIPTS, NEXT_VISIT = 100 * KB, 30 * KB, 15 * KB
YEAR = 31_536_000
HASHED = re.compile(r"\.[0-9a-f]{10}\.[a-z0-9]+$")
PAGES = {
    "home": ("", "/{lang}/"),
    "questions": (FRESH, "/{lang}/registration/new"),
    "case": (WAITING, "/{lang}/cases/{waiting}"),
}


@pytest.fixture(scope="module")
def world(site):
    return make_world(site.app, many=0)


class Scales:
    """Weighs the body of every answer that came over the network, compressed as it came; headers are not."""

    def __init__(self, page) -> None:
        self.bodies: dict[str, int] = defaultdict(int)
        self._urls: dict[str, str] = {}
        self._heads: dict[str, int] = {}
        self._parts: dict[str, int] = defaultdict(int)
        self._line = page.context.new_cdp_session(page)
        self._line.on("Network.responseReceived", self._on_head)
        self._line.on("Network.dataReceived", self._on_part)
        self._line.on("Network.loadingFinished", self._on_end)
        self._line.send("Network.enable")

    def stop(self) -> None:
        """Weigh no more."""
        self._line.detach()

    def _on_head(self, event) -> None:
        self._urls[event["requestId"]] = event["response"]["url"]
        self._heads[event["requestId"]] = event["response"]["encodedDataLength"]

    def _on_part(self, event) -> None:
        self._parts[event["requestId"]] += event["encodedDataLength"]

    def _on_end(self, event) -> None:
        """The total and the parts are counted apart, and either may come short: the greater is what came."""
        number = event["requestId"]
        if number in self._urls and event["encodedDataLength"]:
            whole = int(event["encodedDataLength"]) - self._heads[number]
            self.bodies[self._urls[number]] += max(whole, self._parts[number])

    @property
    def total(self) -> int:
        return sum(self.bodies.values())

    @property
    def scripts(self) -> int:
        return sum(size for url, size in self.bodies.items() if url.endswith(".js"))


def weigh(page, path) -> Scales:
    """Load a page to its end, and wait for nothing an event stream would hold open."""
    scales = Scales(page)
    page.goto(path)
    page.wait_for_load_state("load")
    scales.stop()
    return scales


@pytest.mark.parametrize("name", PAGES)
def test_a_first_visit_is_light_and_the_next_lighter(visit, world, name):
    who, path = PAGES[name]
    page = visit(world.people.get(who), "fr")
    first = weigh(page, world.address(path, "fr"))
    assert first.scripts > 1 * KB, first.bodies
    assert first.total > 10 * KB, first.bodies
    assert first.total <= FIRST_VISIT, first.bodies
    assert first.scripts <= ITS_SCRIPTS, first.bodies
    following = weigh(page, world.address(path, "fr"))
    assert 0 < following.total <= NEXT_VISIT, following.bodies


@pytest.mark.parametrize(
    ("coding", "accepted"), [("br", "gzip, deflate, br"), ("gzip", "gzip"), (None, "identity")]
)
@pytest.mark.parametrize(("who", "path"), [("", "/fr/"), ("officer", "/staff/registrationview/list/")])
def test_what_pages_are_made_of_is_kept_for_a_year_and_compressed(
    visit, site, world, who, path, coding, accepted
):
    page = visit(world.people.get(who), "fr")
    page.goto(path)
    made_of = page.evaluate(
        "() => [...document.querySelectorAll('link[rel=stylesheet], link[rel=icon], script[src]')]"
        ".map(element => new URL(element.href || element.src).pathname)"
    )
    assert len(made_of) >= 4
    for address in made_of:
        headers, size = fetch(site.url, address, accepted)
        assert HASHED.search(address), address
        assert headers["Cache-Control"] == f"public, max-age={YEAR}, immutable", address
        assert headers.get("Content-Encoding") == coding, address
        assert size, address


def fetch(url, path, accepted):
    """The headers and the size of an answer."""
    line = HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        line.request("GET", path, headers={"Accept-Encoding": accepted})
        answer = line.getresponse()
        return answer.headers, len(answer.read())
    finally:
        line.close()
