"""A button is there for whoever may press it, and for nobody else: whoever opened the page first."""

import pytest

PAGES = [
    ("/staff/colleagueview/list/", "/staff/colleagueview/invite", "administrator", "auditor"),
    ("/staff/recoveryview/list/", "/staff/recoveryview/request", "support", "auditor"),
    ("/staff/interestview/list/", "/staff/interestview/record", "supervisor", "auditor"),
    ("/staff/delegationview/list/", "/staff/delegationview/propose", "administrator", "auditor"),
    ("/staff/delegationview/list/", "/staff/delegationview/propose", "administrator", "supervisor"),
    ("/staff/holidayview/list/", "/staff/holidayview/add", "administrator", "auditor"),
    ("/staff/sampleview/list/", "/staff/sampleview/draw", "auditor", None),
    ("/staff/chainrunview/list/", "/staff/chainrunview/start", "auditor", None),
]


@pytest.fixture
def first_of_the_day(app):
    """As after a start: no page was drawn for anybody yet."""
    app.jinja_env.cache.clear()
    yield
    app.jinja_env.cache.clear()


@pytest.mark.parametrize(("page", "leads_to", "may", "may_not"), PAGES)
@pytest.mark.parametrize("who_may_comes_first", [True, False])
def test_it_is_for_whoever_may_press_it(
    visitor, first_of_the_day, page, leads_to, may, may_not, who_may_comes_first
):
    people = [(may, True), (may_not, False)] if who_may_comes_first else [(may_not, False), (may, True)]
    for login, is_there in people:
        if login is not None:
            browser = visitor(login)
            browser.open(page)
            assert browser.status == 200
            assert bool(browser.page.select(f"a[href='{leads_to}'], form[action='{leads_to}']")) is is_there


def test_who_has_the_search_box_keeps_it_whoever_came_first(visitor, first_of_the_day):
    for login in ("officer", "auditor", "supervisor"):
        browser = visitor(login)
        browser.open("/staff/")
        assert browser.page.select("#search-all"), login
