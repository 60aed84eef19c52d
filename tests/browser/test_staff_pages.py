"""Every page of the back office that the table of access knows, in both languages, with rows and without.

The pages are not listed here: they are the table's, and what their addresses name is made by
`tests/security/objects.py`. A new page is walked the day it is declared.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import Date, DateTime, select

from app import demo
from app.access import SCREENS, STAFF_PAGES
from app.extensions import db
from app.models import Case, Employer, Outbox
from app.permissions import ADMINISTRATOR, AUDITOR, REGISTRATION_OFFICER, SUPERVISOR, SUPPORT_OFFICER
from app.services import SERVICES, cases, exports, list_exports, outbox
from tests.browser import people
from tests.browser.conftest import WIDE
from tests.browser.story import MAIL_SECONDS
from tests.browser.test_pages import check_accessible_and_narrow
from tests.conftest import MILLISECONDS
from tests.processes import until
from tests.security import objects
from tests.services.test_cases import account

NO_PAGES = {
    "export": "a file",
    "export_later": "opened as a page: the list",
    "document": "a file",
    "document_preview": "a picture",
    "pdf": "a file",
    "letter_pdf": "a file",
    "receipt": "a file",
    "take": "a file",
    "start_page": "the address of a button: the list",
    "step_page": "the address of a button: the case",
    "preview_page": "the address of a button: the case",
    "answer_page": "the address of a button: the conversation",
    "posted_page": "the address of a button: the letter",
    "review_page": "the address of a button: the opening",
}
"""What answers a GET and is no page of its own, and what it is instead."""

FIELDS = {
    "RegistrationView": "birth_place",
    "RecordChangeView": "sex",
    "NewEmploymentView": "occupation",
    "EmploymentView": "occupation",
    "InsuredPersonView": "occupation",
}
"""What is corrected on the page of a screen that corrects one fact."""

WHILE_OPEN = (".correct", ".speak_for")
"""Pages that open on what is not decided yet."""

STAFF_VIEWS = {service.staff_view for service in SERVICES.values()}

READS = (REGISTRATION_OFFICER, SUPERVISOR, SUPPORT_OFFICER, AUDITOR, ADMINISTRATOR)
"""Who opens a page, the first of them that may."""

PAGES = {
    page.endpoint: page
    for page in STAFF_PAGES
    if "GET" in page.methods and page.endpoint.partition(".")[2] not in NO_PAGES
}
ELSEWHERE = {page.endpoint for page in STAFF_PAGES if "GET" in page.methods} - set(PAGES)
LISTS = sorted(f"{view}.list" for view, screen in SCREENS.items() if "export" in screen)
LOGINS = {one.role: one.login.partition("@")[0] for one in reversed(demo.ACCOUNTS)}


@pytest.fixture(scope="module")
def things(site) -> objects.Objects:
    """One object of each kind an address can name."""
    with site.app.app_context():
        own = objects.of_person("joseph")
        objects.listed(own)
        return own


@pytest.fixture(scope="module")
def windows(site, open_window) -> Callable[[str], Page]:
    """A window for each role, kept from test to test."""
    kept: dict[str, Page] = {}

    def window(role: str) -> Page:
        if role not in kept:
            kept[role] = open_window(people.demo_person(site.app, LOGINS[role]), "fr")
        kept[role].set_viewport_size(WIDE)
        return kept[role]

    return window


@pytest.fixture
def reach(site, windows, things) -> Iterator[Callable[..., Page]]:
    """Opens a page as the first who may, `narrowed` or not; what it complained of fails the test."""
    pages = []

    def reach(endpoint: str, narrowed: str = "") -> Page:
        role = reader(endpoint)
        page = windows(role)
        pages.append(page)
        page.watch.forget()
        address = address_of(site.app, things, endpoint, role) + narrowed
        page.goto(address)
        if "/reason/" in page.url and not endpoint.endswith(".reason"):
            page.fill("#reason", "To walk over every page.")
            page.click("#model_form button[type=submit]")
            expect(page).not_to_have_url(re.compile("/reason/"))
            page.goto(address)
        if endpoint.endswith(WHILE_OPEN):
            expect(page.locator("#model_form")).to_be_visible()
        return page

    yield reach
    assert [line for page in pages for line in page.watch.forget()] == []


def reader(endpoint: str) -> str:
    """The first role that may open the page."""
    who = PAGES[endpoint].who
    return next(role for role in (*READS, *who) if role in who)


def undecided(number: int) -> int:
    """A request of the service and the person of that number, which waits to be decided."""
    case = db.session.get_one(Case, number)
    service = SERVICES[case.service]
    same = (Case.service == case.service, Case.owner_id == case.owner_id, Case.decided_at.is_(None))
    waits = db.session.scalars(select(Case.id).where(*same).order_by(Case.id).limit(1)).first()
    if waits is not None:
        return waits
    asked = [name for name in (*service.correctable(), "changes") if hasattr(case, name)]
    said = {name: service.value_of(case, name) for name in asked}
    papers = [objects.a_document(case.owner)]
    said["employer_id"] = case.employer_id
    again = cases.submit(service, case.owner, said, papers, f"undecided-{number}", "fr")
    db.session.commit()
    return again.id


def address_of(app: Flask, things: objects.Objects, endpoint: str, role: str) -> str:
    """Where the page is, with what its address names."""
    (rule,) = (one for one in app.url_map.iter_rules() if one.endpoint == endpoint and "GET" in one.methods)
    values = things.values(endpoint, set(rule.arguments), role)
    view = endpoint.partition(".")[0]
    if endpoint.endswith(WHILE_OPEN) and view in STAFF_VIEWS:
        with app.app_context():
            values["pk"] = undecided(values["pk"])
    if endpoint.endswith(".correct"):
        values["field"] = FIELDS[view]
    return app.url_map.bind("localhost").build(endpoint, values, method="GET")


def nothing_found(app: Flask, endpoint: str) -> str:
    """What narrows a list to no row: the first column it is searched by, and a value nothing has."""
    name = endpoint.partition(".")[0]
    view = next(one for one in app.extensions["appbuilder"].baseviews if type(one).__name__ == name)
    columns = view.datamodel.obj.__mapper__.columns
    column = next((one for one in view.search_columns if one in columns), None)
    assert column is not None, f"{name} cannot be searched"
    is_day = isinstance(columns[column].type, Date | DateTime)
    return f"?_flt_0_{column}={'1900-01-01' if is_day else 'zzyzx'}"


def check_in_both_languages(page: Page) -> None:
    """One heading, no violation, nothing wider than a telephone: in French, then in English."""
    for lang in ("fr", "en"):
        if lang == "en":
            separator = "&" if "?" in page.url else "?"
            page.goto(f"{page.url}{separator}language=en")
        expect(page.locator("html")).to_have_attribute("lang", lang)
        expect(page.locator("h1")).to_have_count(1)
        check_accessible_and_narrow(page)
    page.goto(f"{page.url.partition('language=en')[0]}language=fr")


@pytest.mark.long(sample=6)
@pytest.mark.parametrize("endpoint", sorted(PAGES))
def test_each_page_in_both_languages(reach, endpoint):
    check_in_both_languages(reach(endpoint))


@pytest.mark.long(sample=3)
@pytest.mark.parametrize("endpoint", LISTS)
def test_each_list_without_rows(site, reach, endpoint):
    page = reach(endpoint, nothing_found(site.app, endpoint))
    expect(page.locator(".s-empty")).to_be_visible()
    check_in_both_languages(page)


def test_what_is_no_page_is_none(site, things):
    """Whatever is left out of the walk is a file, or leads to a page of it."""
    assert {name.partition(".")[2] for name in ELSEWHERE} == set(NO_PAGES)
    clients = {}
    wrong = []
    for endpoint in sorted(ELSEWHERE):
        (page,) = (one for one in STAFF_PAGES if one.endpoint == endpoint and "GET" in one.methods)
        role = next(role for role in (*READS, *page.who) if role in page.who)
        if role not in clients:
            clients[role] = site.app.test_client()
            cookie = people.cookie_of(site.app, people.demo_person(site.app, LOGINS[role]))
            clients[role].set_cookie(site.app.config["SESSION_COOKIE_NAME"], cookie)
        answer = clients[role].get(address_of(site.app, things, endpoint, role))
        if answer.status_code == 200 and answer.mimetype == "text/html":
            wrong.append(endpoint)
        answer.close()
    assert wrong == []


@pytest.mark.parametrize("scripts", [True, False])
def test_the_page_of_work_in_the_background_goes_on_by_itself(site, visit, scripts):
    """Read again without a reload, and told; without scripts by its link."""
    with site.app.app_context():
        who = account("administrator")
        query = db.session.query(Employer).order_by(Employer.id)
        sheet = exports.sheet(Employer, query, [exports.Column("Name", Employer.name)])
        export = list_exports.ask(list_exports.Asked("EmployerView", [], "csv", sheet), query, who)
        waiting = db.session.scalars(
            select(Outbox).where(Outbox.job == "make_list_export", Outbox.done_at.is_(None))
        )
        for row in waiting:
            db.session.delete(row)
        db.session.commit()
        number = export.id
    page = visit(people.demo_person(site.app, "administrator"), java_script_enabled=scripts)
    page.goto(f"/staff/listexportview/show/{number}")
    expect(page.locator("#progress-live .alert")).to_contain_text("is being prepared")
    with site.app.app_context():
        outbox.write("make_list_export", export_id=number)
        db.session.commit()
    taking = page.locator("#progress-live a[download]")
    if scripts:
        expect(taking).to_be_visible(timeout=MILLISECONDS)
        expect(page.locator("#progress-news")).to_contain_text("The file is ready")
        expect(page.locator("[data-look-again]")).to_have_count(0)
    else:
        assert until(
            lambda: page.locator("#progress-live a[href='']").click() or taking.count(), MAIL_SECONDS
        )
    with page.expect_download() as download:
        taking.click()
    assert "Boulangerie Bonne Mie" in Path(download.value.path()).read_text()
