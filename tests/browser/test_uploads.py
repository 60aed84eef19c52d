"""Files chosen in a real browser: sent at once, shown with their state, resumed after a cut, awaited by the form."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser import people
from tests.files import good, hostile

PAGE = "/en/registration/new/documents"
CARD = {"name": "card.jpg", "mimeType": "image/jpeg", "buffer": good.jpeg()}
SECOND = {"name": "back.png", "mimeType": "image/png", "buffer": good.png()}
LOCKED = {"name": "locked.pdf", "mimeType": "application/pdf", "buffer": hostile.FILES["password.pdf"][0]()}
CHECKED_MILLISECONDS = 60_000


@pytest.fixture
def page(visit, site):
    (person,) = people.new_employees(site.app, 1)
    page = visit(person)
    page.goto(PAGE)
    return page


def rows(page):
    return page.locator(".g-file")


def test_several_files_arrive_and_show_what_the_checks_found(page):
    page.set_input_files("input[type=file]", [CARD, SECOND, LOCKED])
    expect(rows(page).locator("input[type=hidden]")).to_have_count(3)
    expect(rows(page).filter(has_text="card.jpg")).to_contain_text("Checked", timeout=CHECKED_MILLISECONDS)
    locked = rows(page).filter(has_text="locked.pdf")
    expect(locked).to_contain_text("protected by a password", timeout=CHECKED_MILLISECONDS)
    page.reload()
    expect(rows(page)).to_have_count(3)
    locked.get_by_role("button").click()
    expect(rows(page)).to_have_count(2)
    page.locator("#main-form > button[type=submit]:not([name])").last.click()
    page.wait_for_url("**/new/proofs")


def test_a_cut_transfer_goes_on_from_where_the_server_is(page):
    cuts = []

    def cut_once(route: Route) -> None:
        if route.request.method == "POST" and len(cuts) < 2:
            cuts.append(route.request.url)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/uploads/*", cut_once)
    page.set_input_files("input[type=file]", [CARD])
    expect(rows(page).locator("input[type=hidden]")).to_have_count(1, timeout=20_000)
    assert len(cuts) == 2
    assert any("ERR_CONNECTION_RESET" in line for line in page.watch.forget())


def test_the_form_waits_for_files_still_on_their_way(page):
    held = []
    page.route("**/uploads/*", lambda route: held.append(route) if not held else route.continue_())
    with page.expect_request("**/uploads/*"):
        page.set_input_files("input[type=file]", [CARD])
    expect(page.locator("progress")).to_be_visible()
    page.locator("#main-form > button[type=submit]:not([name])").last.click()
    expect(page.locator("[data-uploads] [role=status]")).to_contain_text("The page goes on")
    assert page.url.endswith(PAGE)
    held[0].continue_()
    page.wait_for_url("**/new/proofs")


def test_a_file_refused_at_once_says_so_and_can_be_taken_away(page):
    page.watch.expect(422)
    page.set_input_files(
        "input[type=file]", [{"name": "x.pdf", "mimeType": "application/pdf", "buffer": b"MZ" * 50}]
    )
    expect(rows(page).get_by_role("alert")).to_contain_text("not a PDF, JPEG, PNG")
    rows(page).get_by_role("button", name="Remove").click()
    expect(rows(page)).to_have_count(0)
