"""The open case page: quiet until something happens, told at once when it does, and back after a break."""

import pytest
from playwright.sync_api import expect

from tests.browser import people


@pytest.fixture
def case(site):
    person = people.new_employee(site.app)
    return person, people.file_case(site.app, person)


def open_case(visit, case, lang="en"):
    """The case page, once its stream is open and it has asked for the state."""
    person, filed = case
    page = visit(person, lang)
    with page.expect_response(lambda answer: answer.url.endswith("/state")) as state:
        page.goto(f"/{lang}/cases/{filed.public_id}")
    assert state.value.ok
    state.value.finished()
    return page


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_nothing_is_announced_until_something_happens(visit, site, case, lang):
    page = open_case(visit, case, lang)
    page.locator("#case-live summary").focus()
    with page.expect_response(lambda answer: answer.url.endswith("/state")) as state:
        people.nudge(site.app, case[1])
    state.value.finished()
    expect(page.locator("#case-live-news")).to_be_empty()
    expect(page.locator("#case-live summary")).to_be_focused()


def test_each_step_is_announced_in_words(visit, site, case):
    page = open_case(visit, case)
    people.take_step(site.app, case[1], "take")
    expect(page.locator("#case-live-news")).to_contain_text("A case officer is reading your request")
    people.take_step(site.app, case[1], "reject")
    expect(page.locator("#case-live-news")).to_contain_text("Your request is rejected")
    expect(page.locator("#case-live")).to_contain_text(people.REASON)
    expect(page.locator("#case-live form")).to_have_count(0)


def test_what_happened_while_the_line_was_cut_is_shown_when_it_is_back(visit, site, case):
    """The first stream ends at once; the decision falls before the second one opens."""
    person, filed = case
    page = visit(person)
    opened = []

    def line(route):
        opened.append(route)
        if len(opened) == 1:
            route.fulfill(content_type="text/event-stream", body="retry: 100\n\n")
            return
        if len(opened) == 2:
            people.take_step(site.app, filed, "approve")
        route.continue_()

    page.route("**/live", line)
    page.goto(f"/en/cases/{filed.public_id}")
    expect(page.locator("#case-live")).to_contain_text("Your request is approved and all is done.")
    assert len(opened) >= 2


def test_a_page_left_open_after_signing_out_shows_nothing_new(visit, site, case):
    page = open_case(visit, case)
    other = page.context.new_page()
    other.goto("/en/")
    other.click("form[action$='/sign-out'] button")
    with page.expect_response(lambda answer: answer.url.endswith("/state")):
        people.take_step(site.app, case[1], "approve")
    expect(page.locator("#case-live")).not_to_contain_text("approved")


def test_components_put_in_by_a_live_change_are_started(visit, site, case):
    page = open_case(visit, case)
    people.take_step(site.app, case[1], "request_information")
    button = page.locator("#case-live [data-module=govuk-button]").first
    expect(page.locator("#case-live")).to_contain_text("Send what we need")
    expect(button).to_have_attribute("data-govuk-button-init", "")
