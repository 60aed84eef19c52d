"""Every page, in every state a person can bring it to: what accessibility, widths and languages are tested on."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser import files, people
from tests.browser.hands import MOUSE
from tests.browser.people import Filed, Person
from tests.browser.story import CARD, fill_in

NOBODY = ""
FRESH, NEW, READY = "fresh", "new", "ready"
WAITING, APPROVED, REJECTED = "waiting", "approved", "rejected"
RECEIVED, ASKED, MANY, WROTE, FILES = "received", "asked", "many", "wrote", "files"
OFFICER, AUDITOR, ADMINISTRATOR, AGENT = "officer", "auditor", "administrator", "employer"
SEND = "#main-form button[type=submit]:not([name])"
WRONG = "This is not the password"
ROWS = 50


@dataclass(frozen=True)
class World:
    """The people and the cases that the states show, by name."""

    people: dict[str, Person]
    cases: dict[str, Filed]
    conversation: Filed
    attached: Filed
    app: Flask
    more: dict[str, object] = field(default_factory=dict)

    def address(self, path: str, lang: str) -> str:
        """A state's path with the cases it speaks of, in a language: by its path, or asked for."""
        numbers = {f"{name}_id": case.id for name, case in self.cases.items()}
        names = {name: case.public_id for name, case in self.cases.items()}
        names |= {f"{name}_paper": case.paper for name, case in self.cases.items()}
        numbers["conversation_number"], names["conversation"] = (
            self.conversation.id,
            self.conversation.public_id,
        )
        names["attached"] = self.attached.public_id
        asked = "" if path.startswith("/{lang}") else f"{'&' if '?' in path else '?'}language={lang}"
        return path.format(lang=lang, **numbers, **names, **self.more) + asked

    def sign_in_again(self, page: Page, who: str, lang: str) -> None:
        """A session that was proved just now, in place of the one that grew old."""
        cookie = people.cookie_of(self.app, self.people[who], lang)
        url = self.app.config["SETTINGS"].PUBLIC_URL
        page.context.add_cookies([{"name": "guichet", "value": cookie, "url": url}])


@dataclass(frozen=True)
class State:
    """A page brought to a state: by whom, where, what they do there, how the server answers.

    `refused`: an error must show. `is_proved`: the page asks for a proof of a few minutes ago at most, so that
    one signs in again on the way to it.
    """

    name: str
    who: str
    path: str
    act: Callable[[Page], None] = lambda page: None
    answers: int = 200
    refused: bool = False
    is_proved: bool = False

    def __str__(self) -> str:
        return self.name

    def reach(self, page: Page, lang: str, world: World) -> None:
        """Bring the page there, and make sure that it is."""
        page.watch.expect(self.answers)
        if self.is_proved:
            world.sign_in_again(page, self.who, lang)
        page.goto(world.address(self.path, lang))
        self.act(page)
        expect(page.locator("html")).to_have_attribute("lang", lang)
        expect(page.locator("h1")).to_have_count(1)
        page.wait_for_load_state()
        if self.refused:
            expect(page.locator("main [id$='-error'], main [role=alert]").first).to_be_visible()


CHECKED = re.compile("Vérifié|Checked")
CHECKED_WITHIN = 60_000
"""Milliseconds a file's checks in the background may take."""


def make_world(app: Flask, many: int = ROWS) -> World:
    """A request in each state, of a person each; somebody with many, and somebody with nothing."""
    steps = {WAITING: "take", APPROVED: "approve", REJECTED: "reject"}
    steps |= dict.fromkeys((ASKED, FILES), "request_information")
    names = (FRESH, NEW, READY, RECEIVED, MANY, WROTE, *steps)
    persons = dict(zip(names, people.new_employees(app, len(names)), strict=True))
    cases = {name: people.file_case(app, persons[name]) for name in (RECEIVED, WROTE, *steps)}
    for name, step in steps.items():
        people.take_step(app, cases[name], step)
    for _number in range(many):
        people.file_case(app, persons[MANY], receipt=False)
    staff = {name: people.demo_person(app, name) for name in (OFFICER, AUDITOR, ADMINISTRATOR, AGENT)}
    attached = files.lay_out(app, persons[FILES], cases[FILES])
    return World(persons | staff, cases, people.begin_conversation(app, persons[WROTE]), attached, app)


def _send(page: Page) -> None:
    page.click(SEND)


def _give_wrong_password(page: Page) -> None:
    page.fill("#email", "amina@demo.example")
    page.fill("#password", WRONG)
    _send(page)


def _give_wrong_code(page: Page) -> None:
    _send(page)
    expect(page.locator(".g-qr")).to_be_visible()
    page.fill("#code", "000000")
    _send(page)


def _fill_in_half(page: Page) -> None:
    page.fill("#given_names", "Marie-Noëlle")
    page.fill("#birth_date-day", "31")
    page.fill("#birth_date-month", "2")
    page.fill("#birth_date-year", "1990")


def _be_refused_half_filled_in(page: Page) -> None:
    _fill_in_half(page)
    _send(page)


def _come_back_to_the_file(page: Page) -> None:
    address = page.url
    page.set_input_files("input[type=file]", CARD)
    _send(page)
    expect(page).not_to_have_url(address)
    page.goto(address)
    expect(page.locator(".g-file").first).to_contain_text(CHECKED, timeout=CHECKED_WITHIN)
    page.goto(address)  # without what was announced when the checks were over


def _date_absurdly(page: Page) -> None:
    page.fill("[name=expires_on-day]", "31")
    page.fill("[name=expires_on-month]", "2")
    page.fill("[name=expires_on-year]", "2031")
    page.click("#validity button")


def _answer_all(page: Page) -> None:
    fill_in(MOUSE, page)
    expect(page.locator(".govuk-summary-list").first).to_be_visible()


def _reject_without_reason(page: Page) -> None:
    page.click("button[name=step][value=reject]")


def _write_a_reason(page: Page) -> None:
    page.fill("#step-reason", "La carte\nest illisible.")


def _open_search(page: Page) -> None:
    page.click(".s-search > summary")


def _open_menu(page: Page) -> None:
    page.click("[data-dropdown] > summary >> nth=0")


def _save_nothing(page: Page) -> None:
    page.click("#model_form button[type=submit]")


def _open_notice(page: Page) -> None:
    page.click("a[href*='/notices/'] >> nth=0")


def _read_again(page: Page) -> None:
    """What was new is new no more."""
    page.reload()


def _answer_nothing(page: Page) -> None:
    page.click("#answer-form button.btn-primary")


def _search_a_number(page: Page) -> None:
    page.fill("#number", "10-0000345-81")
    page.click("#model_form button[type=submit]")


def _open_first_row(page: Page) -> None:
    page.click(".s-table__open >> nth=0")


def _ask_to_delete(page: Page) -> None:
    page.click(".s-row-actions .s-confirm > summary >> nth=0")


PORTAL = (
    State("home", NOBODY, "/{lang}/"),
    State("home of somebody new", FRESH, "/{lang}/"),
    State("home with requests", WAITING, "/{lang}/"),
    State("start", NOBODY, "/{lang}/registration/"),
    State("help", NOBODY, "/{lang}/help"),
    State("accessibility statement", NOBODY, "/{lang}/accessibility"),
    State("sign-in", NOBODY, "/{lang}/sign-in"),
    State("sign-in on the way", NOBODY, "/{lang}/registration/new"),
    State("sign-in, nothing typed", NOBODY, "/{lang}/sign-in", _send, refused=True),
    State("sign-in, wrong password", NOBODY, "/{lang}/sign-in", _give_wrong_password, refused=True),
    State("sign-up", NOBODY, "/{lang}/sign-up"),
    State("sign-up, nothing typed", NOBODY, "/{lang}/sign-up", _send, refused=True),
    State("sign-up, sent", NOBODY, "/{lang}/sign-up/sent"),
    State("a link that no longer works", NOBODY, "/{lang}/sign-up/confirm/x", answers=410),
    State("password forgotten", NOBODY, "/{lang}/password/forgotten"),
    State("password forgotten, nothing typed", NOBODY, "/{lang}/password/forgotten", _send, refused=True),
    State("terms", NOBODY, "/{lang}/terms"),
    State("my account", FRESH, "/{lang}/account/"),
    State("my account, contacts", FRESH, "/{lang}/account/contacts"),
    State("my account, language", FRESH, "/{lang}/account/language"),
    State("my account, notices", FRESH, "/{lang}/account/notices"),
    State("my account, password", FRESH, "/{lang}/account/password"),
    State("my account, password refused", FRESH, "/{lang}/account/password", _send, refused=True),
    State("my account, devices", FRESH, "/{lang}/account/devices"),
    State("my account, sign-ins", FRESH, "/{lang}/account/sign-ins"),
    State("second factor, none", FRESH, "/{lang}/account/second-factor/"),
    State("second factor, to begin", FRESH, "/{lang}/account/second-factor/begin"),
    State("second factor, sent here", FRESH, "/{lang}/account/email"),
    State(
        "second factor, wrong code",
        NEW,
        "/{lang}/account/second-factor/begin",
        _give_wrong_code,
        refused=True,
    ),
    State("second factor, in force", OFFICER, "/{lang}/account/second-factor/"),
    State("my account, e-mail refused", OFFICER, "/{lang}/account/email", _send, refused=True),
    State("my account, telephone", OFFICER, "/{lang}/account/phone"),
    State("questions", FRESH, "/{lang}/registration/new"),
    State("questions, half filled in", FRESH, "/{lang}/registration/new", _fill_in_half),
    State("questions, nothing typed", FRESH, "/{lang}/registration/new", _send, refused=True),
    State(
        "questions, an absurd day",
        FRESH,
        "/{lang}/registration/new",
        _be_refused_half_filled_in,
        refused=True,
    ),
    State("questions, employer", FRESH, "/{lang}/registration/new/work"),
    State("questions, employer missing", FRESH, "/{lang}/registration/new/work", _send, refused=True),
    State("questions, document", FRESH, "/{lang}/registration/new/documents"),
    State("questions, document missing", NEW, "/{lang}/registration/new/documents", _send, refused=True),
    State("questions, file kept", FRESH, "/{lang}/registration/new/documents", _come_back_to_the_file),
    State("check your answers", READY, "/{lang}/registration/new/you", _answer_all),
    State("start, with a draft", READY, "/{lang}/registration/"),
    State("verify", NOBODY, "/{lang}/verify"),
    State("case, just received", RECEIVED, "/{lang}/cases/{received}"),
    State("receipt", RECEIVED, "/{lang}/cases/{received}/receipt"),
    State("case, information requested", ASKED, "/{lang}/cases/{asked}"),
    State("home, information requested", ASKED, "/{lang}/"),
    State("home with 50 requests", MANY, "/{lang}/"),
    State("answer", ASKED, "/{lang}/cases/{asked}/answer"),
    State("answer, nothing typed", ASKED, "/{lang}/cases/{asked}/answer", _send, refused=True),
    State("case, under review", WAITING, "/{lang}/cases/{waiting}"),
    State("case, approved", APPROVED, "/{lang}/cases/{approved}"),
    State("case, rejected", REJECTED, "/{lang}/cases/{rejected}"),
    State("documents, none yet", FRESH, "/{lang}/documents/"),
    State("documents, nothing chosen", FRESH, "/{lang}/documents/", _send, refused=True),
    State("documents", RECEIVED, "/{lang}/documents/"),
    State("document", RECEIVED, "/{lang}/documents/{received_paper}"),
    State(
        "document, an absurd date",
        RECEIVED,
        "/{lang}/documents/{received_paper}",
        _date_absurdly,
        refused=True,
    ),
    State("my file", FRESH, "/{lang}/my-file/"),
    State("my lock", FRESH, "/{lang}/my-file/lock"),
    State("who looked at my file", APPROVED, "/{lang}/my-file/openings"),
    State("link, nothing typed", FRESH, "/{lang}/my-file/link", _send, refused=True, is_proved=True),
    State("link by an officer", FRESH, "/{lang}/my-file/link/proof", is_proved=True),
    State("code of linking, nothing typed", FRESH, "/{lang}/my-file/link/code", _send, refused=True),
    State("copy of my data", FRESH, "/{lang}/my-file/copy"),
    State("closing my account", FRESH, "/{lang}/my-file/close", is_proved=True),
    State("closing, requests in the way", WAITING, "/{lang}/my-file/close", is_proved=True),
    State("a link that is over", NOBODY, "/{lang}/not-me/nothing", answers=404),
    State("page not found", NOBODY, "/{lang}/nothing", answers=404),
    State("page not allowed", OFFICER, "/{lang}/registration/new", answers=403),
)
WITH_FILES = (
    State("documents, in each state", FILES, "/{lang}/documents/"),
    State("documents, kept and no category", FILES, "/{lang}/documents/", _send, refused=True),
    State("case, files in each state", FILES, "/{lang}/cases/{files}"),
    State("answer, begun, files in each state", FILES, "/{lang}/cases/{files}/answer"),
    State("message, begun, files in each state", FILES, "/{lang}/messages/new"),
    State("message, a file refused", FILES, "/{lang}/messages/new", _send, refused=True),
    State("messages, one begun", FILES, "/{lang}/messages/"),
    State("conversation with a file", FILES, "/{lang}/messages/{attached}"),
    State("case, files in each state, for the officer", OFFICER, "/staff/registrationview/show/{files_id}"),
)
MESSAGES = (
    State("messages, none", FRESH, "/{lang}/messages/"),
    State("messages", WROTE, "/{lang}/messages/"),
    State("messages, searched", WROTE, "/{lang}/messages/?q=Bonjour&unread=y"),
    State("messages, many", MANY, "/{lang}/messages/"),
    State("message, to write", FRESH, "/{lang}/messages/new"),
    State("message, nothing typed", FRESH, "/{lang}/messages/new", _send, refused=True),
    State("message about a request", WAITING, "/{lang}/cases/{waiting}/message"),
    State("conversation", WROTE, "/{lang}/messages/{conversation}", _read_again),
    State("conversation, nothing typed", WROTE, "/{lang}/messages/{conversation}", _send, refused=True),
    State("notice", WROTE, "/{lang}/messages/", _open_notice),
    State("home, not read yet", RECEIVED, "/{lang}/"),
)
STAFF = (
    State("messages to answer", OFFICER, "/staff/conversationview/list/"),
    State(
        "conversation to answer", OFFICER, "/staff/conversationview/show/{conversation_number}", _read_again
    ),
    State(
        "conversation, nothing typed by the officer",
        OFFICER,
        "/staff/conversationview/show/{conversation_number}",
        _answer_nothing,
        answers=422,
        refused=True,
    ),
    State("conversation, for the auditor", AUDITOR, "/staff/conversationview/show/{conversation_number}"),
    State("subjects of messages", ADMINISTRATOR, "/staff/messagesubjectview/list/"),
    State("subject of messages, to add", ADMINISTRATOR, "/staff/messagesubjectview/add"),
    State("answer templates", ADMINISTRATOR, "/staff/answertemplateview/list/"),
    State("answer template, to add", ADMINISTRATOR, "/staff/answertemplateview/add"),
    State("workbench", OFFICER, "/staff/"),
    State("workbench, menu open", AUDITOR, "/staff/", _open_menu),
    State("workbench, nothing to do", ADMINISTRATOR, "/staff/"),
    State("search", OFFICER, "/staff/search/?q=abena"),
    State("search, nothing found", OFFICER, "/staff/search/?q=zzyzx"),
    State("cases, a queue", OFFICER, "/staff/registrationview/list/?queue=mine"),
    State("cases, a bulk act", OFFICER, "/staff/registrationview/bulk"),
    State(
        "cases, a bulk act without a reason",
        OFFICER,
        "/staff/registrationview/bulk",
        _save_nothing,
        answers=422,
        refused=True,
    ),
    State("bulk acts, none", OFFICER, "/staff/bulkrunview/list/"),
    State("audit trail", AUDITOR, "/staff/audittrail/list/"),
    State("audit trail, none found", AUDITOR, "/staff/audittrail/list/?since=2020-01-01&until=2020-01-31"),
    State("audit trail, unknown case", AUDITOR, "/staff/audittrail/list/?case=x", answers=422, refused=True),
    State("samples, none", AUDITOR, "/staff/sampleview/list/"),
    State("sample, to draw", AUDITOR, "/staff/sampleview/draw"),
    State("four-eyes report", AUDITOR, "/staff/foureyes/list/"),
    State("verifications, none", AUDITOR, "/staff/chainrunview/list/"),
    State("cases", OFFICER, "/staff/registrationview/list/"),
    State("cases, search open", OFFICER, "/staff/registrationview/list/", _open_search),
    State("cases, none found", OFFICER, "/staff/registrationview/list/?_flt_0_family_name=Nobody"),
    State("case to decide", OFFICER, "/staff/registrationview/show/{waiting_id}"),
    State("case, reason half written", OFFICER, "/staff/registrationview/show/{waiting_id}", _write_a_reason),
    State(
        "case, reason missing",
        OFFICER,
        "/staff/registrationview/show/{waiting_id}",
        _reject_without_reason,
        answers=422,
        refused=True,
    ),
    State("case, approved, for the auditor", AUDITOR, "/staff/registrationview/show/{approved_id}"),
    State("case, rejected, for the auditor", AUDITOR, "/staff/registrationview/show/{rejected_id}"),
    State("expiring evidence", OFFICER, "/staff/evidenceview/list/"),
    State("insured persons", OFFICER, "/staff/insuredpersonview/list/"),
    State(
        "insured persons, nothing typed",
        OFFICER,
        "/staff/insuredpersonview/list/",
        _save_nothing,
        answers=422,
        refused=True,
    ),
    State("insured persons, found", OFFICER, "/staff/insuredpersonview/list/", _search_a_number),
    State("insured person", OFFICER, "/staff/insuredpersonview/show/1"),
    State("employers", ADMINISTRATOR, "/staff/employerview/list/"),
    State("employers, deletion asked", ADMINISTRATOR, "/staff/employerview/list/", _ask_to_delete),
    State("employer", ADMINISTRATOR, "/staff/employerview/show/1"),
    State("employer, to add", ADMINISTRATOR, "/staff/employerview/add"),
    State("employer, nothing typed", ADMINISTRATOR, "/staff/employerview/add", _save_nothing, refused=True),
    State("employer, to change", ADMINISTRATOR, "/staff/employerview/edit/1"),
    State("letters to print", OFFICER, "/staff/printqueueview/list/"),
    State("letter templates", ADMINISTRATOR, "/staff/lettertemplateview/list/"),
    State("letter template, to add", ADMINISTRATOR, "/staff/lettertemplateview/add"),
    State("the law", OFFICER, "/staff/law/"),
    State("holidays", AUDITOR, "/staff/holidayview/list/"),
    State("holiday, to add", ADMINISTRATOR, "/staff/holidayview/add"),
    State("outgoing work", ADMINISTRATOR, "/staff/outboxview/list/"),
    State("outgoing work, one", ADMINISTRATOR, "/staff/outboxview/list/", _open_first_row),
    State("outgoing work, none found", ADMINISTRATOR, "/staff/outboxview/list/?_flt_0_job=nothing"),
    State("mailbox", ADMINISTRATOR, "/staff/devmail/"),
    State("users", ADMINISTRATOR, "/staff/colleagueview/list/"),
    State("invitation", ADMINISTRATOR, "/staff/colleagueview/invite"),
    State("role grants", ADMINISTRATOR, "/staff/grantview/list/"),
    State("delegations", ADMINISTRATOR, "/staff/delegationview/list/"),
    State("delegation, to propose", ADMINISTRATOR, "/staff/delegationview/propose"),
    State("agencies", ADMINISTRATOR, "/staff/agencyview/list/"),
    State("relatives and employers", ADMINISTRATOR, "/staff/interestview/list/"),
    State("recoveries", OFFICER, "/staff/recoveryview/list/"),
    State("recovery, to request", OFFICER, "/staff/recoveryview/request"),
    State("entry at the counter", OFFICER, "/staff/entry/"),
    State("entry at the counter, no account", OFFICER, "/staff/entry/new"),
    State("locks", OFFICER, "/staff/lockview/list/"),
    State("openings", AUDITOR, "/staff/accessview/list/"),
    State("staff page not found", OFFICER, "/staff/nothing", answers=404),
    State("staff page not allowed", WAITING, "/staff/registrationview/list/", answers=403),
)
EVERY = PORTAL + WITH_FILES + MESSAGES + STAFF
