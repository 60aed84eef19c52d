"""Every page, by every method, as everybody, on one's own object and on another's: what the table says, no more."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask
from flask_appbuilder import has_access
from flask_appbuilder.security.decorators import permission_name
from sqlalchemy import text

from app import demo, gate
from app.access import SECTIONS, TABLE, VISITOR, Page, Whose
from app.extensions import db
from app.permissions import AUDITOR, EMPLOYEE, ROLES
from config import ROOT
from tests.security import objects

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
MAY_CHANGE = {"web_session"}
"""What a refused request may write to: sessions, the log of accesses, the limits."""

EVERYBODY = {VISITOR: None} | {
    person.role: person.login.partition("@")[0] for person in reversed(demo.ACCOUNTS)
} | {EMPLOYEE: "joseph"}  # fmt: skip
UNUSUAL = {
    "root.healthz": "503",
    "StaffSignIn.login": "sign in",
    "account.code": "sign in",
    "my_account.sign_out_everywhere": "sign in",
    "my_file.download_copy": "404",
    "uploads.begin": "400",
    "uploads.add": "400",
    "answers.autosave": "404",
}
"""How a page that is served may answer: no worker runs here; the way to the sign-in is one's page too, and where a
code comes without a password; no copy was made; a file's part without its place is no part; no answer is awaited."""

LAST = {
    "delete": 1,
    "transfer": 1,
    "my_file.lock": 1,
    "account.sign_out": 2,
    "my_account.sign_out_everywhere": 2,
}
"""What ends a row or the session itself is called after all the rest."""

ENDS_THE_SESSION = 2
READS_ALL = {("AccessView", AUDITOR)}
"""Who sees every row of a screen that others see in part."""


@dataclass(frozen=True)
class Call:
    """One request, and what the table says of it."""

    method: str
    address: str
    endpoint: str
    expected: str
    data: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint or '(none)'} {self.address}"


@pytest.fixture
def things(app):
    """Joseph's objects, Amina's, and those no screen lists."""
    with app.app_context():
        own, other = objects.of_person("joseph"), objects.of_person("amina")
        objects.listed(own)
        return own, other, objects.unlisted(own, other)


def expected(page: Page | None, role: str, is_theirs: bool) -> str:
    """What the table says, read as a lawyer would."""
    if page is None:
        return "405"
    if not page.who or page.whose is Whose.MACHINE:
        return "404"
    if role not in page.who:
        if role == VISITOR:
            return "sign in"
        return "404" if page.whose is Whose.NAMED else "403"
    return "served" if is_theirs else "404"


def calls_of(app: Flask, role: str, things: tuple[objects.Objects, ...]) -> Iterator[Call]:
    """Every address with every method; where an object is named, also another's or an unlisted one."""
    own, other, unlisted = things
    routes = app.url_map.bind("localhost")
    by_address: dict[str, dict[str, str]] = {}
    for rule in app.url_map.iter_rules():
        by_address.setdefault(rule.rule, {}).update(dict.fromkeys(rule.methods or (), rule.endpoint))
    arguments = {rule.endpoint: rule.arguments for rule in app.url_map.iter_rules()}

    def call(method: str, endpoint: str, of: objects.Objects, is_theirs: bool, named: str = "") -> Call:
        page = TABLE.get((named, "GET" if method == "HEAD" else method))
        address = routes.build(endpoint, of.values(endpoint, arguments[endpoint], role))
        data = tuple(own.extra.get(named, {}).items())
        return Call(method, address, named, expected(page, role, is_theirs), data)

    for methods in by_address.values():
        anyone = next(iter(methods.values()))
        for method in METHODS:
            endpoint = methods.get(method, "")
            yield call(method, endpoint or anyone, own, True, endpoint)
            if not endpoint:
                continue
            whose = TABLE[endpoint, "GET" if method == "HEAD" else method].whose
            if whose is Whose.NAMED:
                yield call(method, endpoint, other, False, endpoint)
            elif whose is Whose.LISTED and hides(unlisted, endpoint, role) and "pk" in arguments[endpoint]:
                yield call(method, endpoint, unlisted, False, endpoint)


def hides(unlisted: objects.Objects, endpoint: str, role: str) -> bool:
    """Whether the screen of that page leaves rows out for that role."""
    view = endpoint.partition(".")[0]
    return view in unlisted.screens and (view, role) not in READS_ALL


def outcome(answer) -> str:
    """How the house answered."""
    place = answer.headers.get("Location", "")
    if answer.status_code == 302 and ("sign-in" in place or "login" in place):
        return "sign in"
    return "served" if answer.status_code in (200, 302, 422) else str(answer.status_code)


class Caller:
    """Somebody who calls addresses, with a token where one is needed."""

    def __init__(self, browser) -> None:
        self.client = browser.client
        browser.open("/en/sign-in")
        self.token = browser.token()

    def __call__(self, call: Call) -> str:
        """The outcome of one call; the answer is not read to its end, since a stream has none."""
        sent = {"csrf_token": self.token} | dict(call.data) if call.method != "GET" else None
        accepted = {} if call.expected == "served" else {"Accept": "application/json"}
        answer = self.client.open(call.address, method=call.method, data=sent, headers=accepted)
        answer.close()
        answer.request.environ["wsgi.input"].close()
        found = outcome(answer)
        is_usual = call.expected != "served" or found != UNUSUAL.get(call.endpoint)
        return found if is_usual else "served"


def digests(app: Flask) -> dict[str, str]:
    """How many rows each table has and a hash over them, and which files are stored."""
    names = [name for name in db.metadata.tables if name not in MAY_CHANGE]
    query = " UNION ALL ".join(
        f"SELECT '{name}', count(*) || ' ' || coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '')"
        f' FROM "{name}" AS t'
        for name in names
    )
    with app.app_context(), db.engine.connect() as connection:
        found = dict(connection.execute(text(query)).all())
    stored = sorted(str(path) for path in Path(app.config["SETTINGS"].DATA_DIR, "files").rglob("*"))
    return found | {"files": str(stored)}


def writers(app: Flask, caller: Caller, calls: list[Call]) -> list[str]:
    """The calls that write, found one by one."""
    found, before = [], digests(app)
    for call in calls:
        caller(call)
        after = digests(app)
        found += [f"{call} wrote to {name}" for name in before if before[name] != after[name]]
        before = after
    return found


@pytest.mark.long(sample=2)
@pytest.mark.parametrize("role", EVERYBODY)
def test_each_page_answers_as_the_table_says_and_a_refusal_writes_nothing(visitor, app, things, role):
    calls = list(calls_of(app, role, things))
    refused = [call for call in calls if call.expected != "served"]
    caller = Caller(visitor(EVERYBODY[role]))
    before = digests(app)
    wrong = [
        f"{call}: {found}, not {call.expected}"
        for call in refused
        if (found := caller(call)) != call.expected
    ]
    assert wrong == []
    if digests(app) != before:
        assert writers(app, caller, refused) == []
        pytest.fail("Something was written the first time a refused page was called, and not the second.")
    served = sorted((call for call in calls if call.expected == "served"), key=order)
    answered = [(call, caller(call)) for call in served if order(call)[0] < ENDS_THE_SESSION]
    last = [call for call in served if order(call)[0] == ENDS_THE_SESSION]
    answered += [(call, Caller(visitor(EVERYBODY[role]))(call)) for call in last]
    assert [f"{call}: {found}" for call, found in answered if found != "served"] == []
    assert len(refused) > 400
    assert len(served) > 20


def order(call: Call) -> tuple[int, bool]:
    """Reading first, and last what ends something."""
    rank = max((LAST[name] for name in LAST if call.endpoint.endswith(name)), default=0)
    return rank, call.method == "POST"


def test_every_role_is_called_as(app):
    assert set(EVERYBODY) == {VISITOR, *ROLES}


def test_the_table_lists_each_page_once_and_no_page_that_is_gone(app):
    listed = [
        (page.endpoint, method) for pages in SECTIONS.values() for page in pages for method in page.methods
    ]
    assert [key for key, count in Counter(listed).items() if count > 1] == []
    served = {(rule.endpoint, method) for rule in app.url_map.iter_rules() for method in rule.methods}
    assert set(listed) - served == set()
    assert served - set(listed) - {(endpoint, "HEAD") for endpoint, _method in listed} == set()


def test_a_page_that_is_not_in_the_table_stops_the_start():
    unlisted = Flask("a house with one room too many", static_folder=None)
    unlisted.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    unlisted.add_url_rule("/everybodys-pensions", "pensions.all", lambda: "secret", methods=["GET", "POST"])
    unlisted.add_url_rule("/staff/pensions", "PensionsView.pay", a_staff_page, methods=["POST"])
    with pytest.raises(gate.Undeclared) as refusal:
        gate.check(unlisted)
    assert '    Page("pensions.all", BOTH, WHO, Whose.WHOSE),' in str(refusal.value)
    assert '    "PensionsView": … | {"pay": (SEND, "can_step")},' in str(refusal.value)


@has_access
@permission_name("step")
def a_staff_page(view):
    """A page of a staff's screen."""


def test_a_page_added_after_the_start_is_not_served():
    unlisted = Flask("a house with one room too many", static_folder=None)
    gate.init_app(unlisted)
    unlisted.add_url_rule("/everybodys-pensions", "pensions.all", lambda: "secret")
    answer = unlisted.test_client().get("/everybodys-pensions")
    assert answer.status_code == 404
    assert b"secret" not in answer.data


def test_a_document_of_another_case_does_not_open_under_a_listed_one(visitor, things):
    own, other, _unlisted = things
    officer = visitor("officer")
    pk = own.screens["RegistrationView"]
    for end in (
        f"document/{pk}/{other.document}",
        f"letter/{pk}/{other.number}",
        f"letter/{pk}/{other.number}.pdf",
    ):
        assert officer.client.get(f"/staff/registrationview/{end}").status_code == 404


def test_the_walk_notices_a_page_that_writes_when_it_refuses(visitor, app, things):
    """The measure itself: a call that does write is found and named."""
    own, _other, _unlisted = things
    caller = Caller(visitor("joseph"))
    opening = Call("GET", f"/en/cases/{own.case}/letters/{own.number}", "letters.show", "served")
    assert sorted(writers(app, caller, [replace(opening, method="HEAD")])) == [
        f"HEAD letters.show {opening.address} wrote to {name}"
        for name in ("audit_entry", "audit_head", "letter")
    ]


def test_looking_at_a_link_does_not_do_what_it_is_for(visitor, app, things):
    """Mail programs and proxies look at links by themselves, also by HEAD."""
    own, _other, _unlisted = things
    routes = app.url_map.bind("localhost")
    caller, before = Caller(visitor()), digests(app)
    for endpoint in ("not_me.ask", *(name for name in own.tokens if "." in name)):
        address = routes.build(endpoint, own.values(endpoint, {"lang", "token"}))
        for method in ("HEAD", "GET"):
            assert caller(Call(method, address, endpoint, "served")) == "served", endpoint
    assert digests(app) == before


def test_the_page_in_the_docs_is_the_table(app):
    answer = app.test_cli_runner().invoke(args=["guichet", "access"])
    assert answer.exit_code == 0
    assert (ROOT / "docs/access.md").read_text() == answer.stdout
