"""What somebody tries who knows the house: two at once, fields no form has, names in headers, cookies of theirs."""

import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
from itsdangerous import URLSafeSerializer
from sqlalchemy import func, select
from sqlalchemy import inspect as describe

from app.access import TABLE
from app.extensions import db
from app.models import AuditEntry
from app.security import links
from tests.browser.people import PASSWORD
from tests.security import objects
from tests.security.conftest import GOOD
from tests.security.test_headers import NASTY, leads_out
from tests.security.test_sessions import cookie_of
from tests.views.test_linking import ASK, CODE, RIGHT, insured

SECONDS = 30
OTHER = "cinq autres mots sans rapport"
EVIL = "evil.example"
FORGED = [
    {"Host": EVIL},
    {"X-Forwarded-Host": EVIL},
    {"X-Host": EVIL},
    {"Forwarded": f"host={EVIL}"},
    {"X-Original-URL": f"//{EVIL}/"},
]


def at_once(*acts):
    """What each answered, all of them begun at the same instant."""
    start = threading.Barrier(len(acts))

    def begin(act):
        start.wait(SECONDS)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begin, acts))


def test_of_two_who_use_one_reset_link_at_once_one_chooses_the_password(app, visitor, new_person, link_in):
    _browser, person = new_person()
    asking = visitor()
    asking.open("/en/password/forgotten")
    asking.send(email=person.login)
    link = link_in(person.login, "Choose a new password")
    browsers = [(visitor(), password) for password in (GOOD, OTHER)]
    for browser, _password in browsers:
        browser.open(link)
        assert browser.status == 200
    tokens = [browser.token() for browser, _password in browsers]

    def choose(browser, password, token):
        data = {"csrf_token": token, "password": password}
        return lambda: browser.client.post(link, data=data).status_code

    answers = at_once(*[choose(*one, token) for one, token in zip(browsers, tokens, strict=True)])
    assert sorted(answers) == [302, 410]
    for (_browser, password), answer in zip(browsers, answers, strict=True):
        entering = visitor()
        entering.open("/en/sign-in")
        entering.send(email=person.login, password=password)
        assert ("/sign-in" not in entering.url) is (answer == 302)
    with app.app_context():
        written = select(func.count()).where(
            AuditEntry.stream == f"person:{person.id}", AuditEntry.action == "reset_password"
        )
        assert db.session.scalar(written) == 1


def test_of_two_who_give_one_code_at_once_one_gets_in(visitor, new_person, code_of):
    _browser, person = new_person(has_app=True)
    browsers = [visitor(), visitor()]
    for browser in browsers:
        browser.open("/en/sign-in")
        browser.send(email=person.login, password=PASSWORD)
        assert browser.url == "/en/sign-in/code"
    code, tokens = code_of(person.login), [browser.token() for browser in browsers]

    def give(browser, token):
        data = {"csrf_token": token, "code": code}
        return lambda: browser.client.post("/en/sign-in/code", data=data).status_code

    answers = at_once(*map(give, browsers, tokens))
    assert sorted(answers) == [200, 302]
    for browser, answer in zip(browsers, answers, strict=True):
        browser.open("/en/account/")
        assert (browser.url == "/en/account/") is (answer == 302)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("headers", FORGED, ids=lambda headers: next(iter(headers)))
def test_a_mail_leads_to_our_own_address_whatever_the_request_says(
    visitor, new_person, mails, headers, known
):
    """A link with a token that carries another name would hand the token to whoever holds that name."""
    _browser, person = new_person()
    somebody = visitor()
    page, asked, to = (
        ("/en/password/forgotten", {"email": person.login}, person.login)
        if known
        else (
            "/en/sign-up",
            {"first_name": "A", "last_name": "B", "password": GOOD, "language": "en", "terms": "y"},
            "fresh@mail.cm",
        )
    )
    somebody.open(page)
    data = {"csrf_token": somebody.token(), "email": to} | asked
    somebody.client.set_cookie("guichet", cookie_of(somebody), domain=EVIL)
    answer = somebody.client.post(page, data=data, headers=headers)
    assert EVIL not in answer.headers.get("Location", "")
    found = mails(to)
    assert (answer.status_code, bool(found)) in [(302, True), (400, False)]
    for message in found:
        for part in ("plain", "html"):
            text = message.get_body((part,)).get_content()
            assert EVIL not in text
            assert "http://localhost/en/" in text


@pytest.mark.parametrize("target", NASTY)
def test_a_code_or_a_password_given_again_leads_to_no_other_site(visitor, new_person, code_of, target):
    """The way on is read again at each of these pages; the first is asked for by the page of the password."""
    _browser, person = new_person(has_app=True)
    browser = visitor()
    browser.open("/en/sign-in")
    data = {"csrf_token": browser.token(), "email": person.login, "password": PASSWORD}
    asked = browser.client.post("/en/sign-in", query_string={"next": target}, data=data)
    assert not leads_out(parse_qs(urlsplit(asked.headers["Location"]).query).get("next", ["/"])[0])
    for page in ("/en/sign-in/code", "/en/account/prove"):
        browser.open(page)
        data = {"csrf_token": browser.token(), "code": code_of(person.login)}
        answer = browser.client.post(page, query_string={"next": target}, data=data)
        assert answer.status_code == 302, page
        assert not leads_out(answer.headers["Location"]), page


def test_a_token_somebody_chose_is_nobodys_after_a_sign_in(visitor, new_person):
    _browser, person = new_person()
    browser = visitor()
    browser.client.set_cookie("guichet", "chosen-by-somebody-else")
    browser.open("/en/sign-in")
    browser.give_password(person.login, PASSWORD)
    assert cookie_of(browser) != "chosen-by-somebody-else"
    thief = visitor()
    thief.client.set_cookie("guichet", "chosen-by-somebody-else")
    thief.open("/en/account/")
    assert "/sign-in" in thief.url


def test_the_token_of_half_a_sign_in_opens_nothing_after_the_code(visitor, new_person, code_of):
    _browser, person = new_person(has_app=True)
    browser = visitor()
    browser.open("/en/sign-in")
    browser.send(email=person.login, password=PASSWORD)
    before = cookie_of(browser)
    browser.send(code=code_of(person.login))
    assert cookie_of(browser) != before
    browser.open("/en/account/")
    assert browser.url == "/en/account/"
    thief = visitor()
    thief.client.set_cookie("guichet", before)
    thief.open("/en/account/")
    assert "/sign-in" in thief.url


@pytest.mark.parametrize("key", ["somebody else's key, as long as ours is", ""])
def test_a_link_signed_with_another_key_opens_nothing(app, visitor, key):
    with app.app_context():
        own = objects.of_person("joseph")
        objects.listed(own)
        right = own.tokens["passwords.choose"]
        purpose = "reset_password"
        named = links.read(purpose, right, str)
        assert named is not None
        forged = URLSafeSerializer(key, salt=f"guichet {purpose}").dumps(named)
    nobody = visitor()
    for token, status in ((right, 200), (forged, 410)):
        nobody.open(f"/en/password/new/{token}")
        assert nobody.status == status


def test_no_page_tells_the_token_of_its_session(visitor, new_person):
    """It travels in Set-Cookie alone, so that a script that reads the page has no session."""
    browser, person = new_person()
    other = visitor()
    other.open("/en/sign-in")
    other.give_password(person.login, PASSWORD)
    tokens = [cookie_of(browser), cookie_of(other)]
    for page in ("/en/", "/en/account/", "/en/account/devices", "/en/account/sign-ins", "/en/my-file/"):
        answer = browser.client.get(page)
        assert answer.status_code == 200, page
        said = answer.get_data(as_text=True) + str(
            [line for line in answer.headers if line[0] != "Set-Cookie"]
        )
        assert [token for token in tokens if token in said] == [], page


def test_the_work_of_linking_computes_no_hash_whatever_the_number(app, visitor, cost):
    with app.app_context():
        known = insured(9301)[1]
    spent = []
    for login, number in (("joseph", known), ("peter", "10-0000777-00")):
        browser = visitor(login)
        browser.open(ASK)
        with cost() as counted:
            browser.send(number=number, **RIGHT)
        assert browser.url == CODE
        spent.append(counted.spent)
    assert spent[0] == spent[1]
    assert spent[0][0]
    assert spent[0][1] == []


def test_asking_for_an_address_of_somebodys_costs_what_a_free_one_does(visitor, new_person, cost):
    _browser, taken = new_person()
    spent = []
    for address in (taken.login, "free.address@mail.cm"):
        browser, _person = new_person(has_app=True)
        browser.open("/en/account/email")
        with cost() as counted:
            browser.send(email=address, current=PASSWORD)
        assert browser.url == "/en/account/contacts"
        spent.append(counted.spent)
    assert spent[0] == spent[1]
    assert spent[0][1] == ["verify"]


KEPT_BY_FORMS = sorted(
    name.removesuffix(".add")
    for (name, method), page in TABLE.items()
    if name.endswith("View.add") and method == "POST" and page.who
)
"""Every screen that has FAB's form."""

CHANGED = [name for name in KEPT_BY_FORMS if (f"{name}.edit", "POST") in TABLE]
FORGED_ID = 987_654
_IN = {"valid_from": "2099-02-03"}
_NAMED = {"name_fr": "Ajouté", "name_en": "Added"}
ADDED = {
    "AgencyView": {"code": "ADD", **_NAMED},
    "AnswerTemplateView": {"code": "added", "body_fr": "Bonjour.", "body_en": "Hello.", **_NAMED, **_IN},
    "DelayView": {"days": "9", "source": "Decree 12", **_IN},
    "DocumentCategoryView": {"code": "added", "position": "7", **_NAMED, **_IN},
    "EmployerView": {"registration_number": "E-ADDED", "name": "Added"},
    "HolidayView": {"day": "2099-02-03", **_NAMED},
    "LetterTemplateView": {
        **{"subject_fr": "Objet", "subject_en": "Subject", "body_fr": "Bonjour.", "body_en": "Hello."},
        **_IN,
    },
    "MessageSubjectView": {"code": "added", "position": "7", **_NAMED, **_IN},
}
"""What each form is filled in with; its lists as they stand."""


@pytest.fixture
def screen(app):
    """The view of that name, and the number of a row that it lists."""
    with app.app_context():
        own = objects.of_person("joseph")
        objects.listed(own)
        views = {type(view).__name__: view for view in app.appbuilder.baseviews}
        return lambda name: (views[name], own.screens[name])


def rows_of(app, view):
    """The columns of every row of a screen's table, by number."""
    model = view.datamodel.obj
    with app.app_context():
        return {row["id"]: dict(row) for row in db.session.execute(select(model.__table__)).mappings()}


def more_than(view, columns):
    """What a form does not ask and a thief sends: every other column and relation of the table."""
    model = describe(view.datamodel.obj)
    names = {column.key for column in model.columns} | {one.key for one in model.relationships}
    return dict.fromkeys(names - set(columns), str(FORGED_ID))


@pytest.mark.parametrize("name", CHANGED)
def test_a_change_sets_no_column_that_the_form_does_not_ask(app, visitor, screen, name):
    view, number = screen(name)
    extra = more_than(view, view.edit_columns)
    assert "id" in extra
    before = rows_of(app, view)
    administrator = visitor("administrator")
    administrator.open(f"/staff/{name.lower()}/edit/{number}")
    said = next(one for one in ("name_fr", "name", "subject_fr") if one in view.edit_columns)
    administrator.send(form="#model_form", **extra | {said: "Changed"})
    after = rows_of(app, view)
    assert after[number][said] == "Changed"
    assert {column for column in extra if after[number][column] != before[number][column]} == set()
    assert {key: row for key, row in after.items() if key != number} == {
        key: row for key, row in before.items() if key != number
    }


@pytest.mark.parametrize("name", KEPT_BY_FORMS)
def test_what_is_added_has_no_column_that_the_form_does_not_ask(app, visitor, screen, name):
    view, _number = screen(name)
    extra = more_than(view, view.add_columns)
    before = rows_of(app, view)
    administrator = visitor("administrator")
    administrator.open(f"/staff/{name.lower()}/add")
    administrator.send(form="#model_form", **extra | ADDED[name])
    added = {number: row for number, row in rows_of(app, view).items() if number not in before}
    ((number, row),) = added.items()
    assert number != FORGED_ID
    assert [column for column in extra if str(row[column]) == str(FORGED_ID)] == []
