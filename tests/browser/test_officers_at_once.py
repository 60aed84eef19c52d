"""Two officers served by the greenlets of the same workers: neither meets the other's search (FAB #2366).

Rows and the search form both: the form is drawn after the database was waited for, while others are served.
"""

from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit

import pytest

from tests.browser import people

ROUNDS = 10
LINES_EACH = 4
"""More lines at once than there are web workers: each worker serves both officers between two of its waits."""


@pytest.fixture
def officers(site):
    """The cookie of each officer with the reference only they look for."""
    filed = [people.file_case(site.app, person) for person in people.new_employees(site.app, 2)]
    names = ("officer", "agent")
    return {
        one.reference: people.cookie_of(site.app, people.demo_person(site.app, name))
        for one, name in zip(filed, names, strict=True)
    }


def answer(site, cookie, method, path):
    """The status and the page of one request on a line of its own."""
    line = HTTPConnection(urlsplit(site.url).netloc, timeout=30)
    try:
        line.request(method, path, headers={"Cookie": f"guichet={cookie}"})
        told = line.getresponse()
        return told.status, told.read().decode()
    finally:
        line.close()


def test_each_finds_and_reads_only_what_they_looked_for(site, officers):
    def look(reference):
        path = f"/staff/registrationview/list/?_flt_3_reference={quote(reference)}"
        found = []
        for _ in range(ROUNDS):
            status, page = answer(site, officers[reference], "GET", path)
            found.append((status, {other for other in officers if other in page}))
        return reference, found

    with ThreadPoolExecutor(2 * LINES_EACH) as lines:
        looks = list(lines.map(look, list(officers) * LINES_EACH))
    assert all(one == (200, {reference}) for reference, found in looks for one in found)
