"""Many people keep their case page open: each of them is told of the decision, and sees it."""

from contextlib import closing

import pytest

from tests.browser import people
from tests.browser.streams import Officer, OpenPage, OpenPages, read_state
from tests.processes import until
from tests.trials import trials

MANY = trials(short=20, full=200)
SECONDS_TO_OPEN = 30
SECONDS_TO_BE_TOLD = 30


@pytest.mark.long
def test_each_open_page_sees_its_decision(site):
    persons = people.new_employees(site.app, MANY)
    filed = [people.file_case(site.app, person, receipt=False) for person in persons]
    pages = [
        OpenPage(f"/en/cases/{case.public_id}/live", people.cookie_of(site.app, person))
        for case, person in zip(filed, persons, strict=True)
    ]
    officer = Officer(site.url, people.cookie_of(site.app, people.demo_person(site.app, "officer")))
    with closing(officer), OpenPages(site.url, pages) as opened:
        assert until(opened.all_open, SECONDS_TO_OPEN)
        pressed = [officer.approve(case.id) for case in filed]
        assert until(lambda: opened.all_told(pressed), SECONDS_TO_BE_TOLD)
        assert not any(page.ended for page in pages)
    assert [page.path for page in pages if "Social security number" not in read_state(site.url, page)] == []
