"""What another site, a mail program or a proxy may have a browser send: forms without our token, and readings.

Every page of the table is called once by somebody who may open it: a form without its token is refused and
writes nothing, a reading writes nothing but who read what.
"""

import random

import pytest
from bs4 import BeautifulSoup

from app.access import TABLE, VISITOR, Whose
from app.services import SERVICES
from app.views.stale import AUTOSAVE
from tests.security import objects
from tests.security.test_access import EVERYBODY, MAY_CHANGE, calls_of, digests
from tests.trials import SEED, trials

FIRST = (VISITOR, "employee")
"""Who calls what they may; everybody else what is left."""

READ_BY = MAY_CHANGE | {"access_entry"}
"""What any reading may write: the session, and who of the staff looked."""

OPEN = {"receipts.compare"}
"""A file compared with what was filed: nothing is kept, and nobody's session is asked for."""

SHOWN_BY_ANOTHER = {
    *("documents.expiry", "documents.renew", "documents.show_again"),
    *("journey.send", "counter.send"),
}
"""Forms on a page of another name."""

ON_A_SCREEN = (".step", ".note", "ConversationView.answer")
"""Forms of the staff on the screen of a case or a conversation: shown again, it is opened, which is noted."""

EXPORTED = {"audit_entry", "audit_head"}
"""What taking a list away writes besides: that it was taken."""

NOTED = {
    "cases": {"notice"},
    "ConversationView": {"audit_entry", "audit_head"},
    "letters": {"audit_entry", "audit_head", "letter"},
    "documents": {"audit_entry", "audit_head"},
    "receipts": {"audit_entry", "audit_head", "receipt", "files"},
    "my_file": {"audit_entry", "audit_head"},
    "my_record": {"certificate", "files"},
    **{
        service.staff_view: {"audit_entry", "audit_head", "receipt", "files"} for service in SERVICES.values()
    },
    "messages": {"notice"},
    "EmployerAgentView": {"audit_entry", "audit_head"},
    "SupportTaskView": {"audit_entry", "audit_head"},
    "ListExportView": {"audit_entry", "audit_head"},
    "PrintQueueView": {"audit_entry", "audit_head"},
    "PostedLettersView": {"audit_entry", "audit_head"},
}
"""What opening a document, a letter or an archive writes besides: that it was read, in the audit chain; a receipt or a
certificate as a PDF is made for its first reader."""


@pytest.fixture
def spread(visitor, app):
    """Each page of a method with somebody who may open it, everybody signed in once."""
    with app.app_context():
        own, other = objects.of_person("joseph"), objects.of_person("amina")
        objects.listed(own)
        things = own, other, objects.unlisted(own, other)

    def calls(method):
        done = set()
        for role in (*FIRST, *(role for role in EVERYBODY if role not in FIRST)):
            mine = [
                call
                for call in calls_of(app, role, things)
                if call.method == method and call.expected == "served" and call.endpoint not in done
            ]
            if mine:
                browser = visitor(EVERYBODY[role])
                done |= {call.endpoint for call in mine}
                yield from ((browser, call) for call in mine)
        listed = {
            name
            for (name, listed), page in TABLE.items()
            if listed == method and page.who and page.whose is not Whose.MACHINE
        }
        assert done == listed

    return calls


def drawn(calls):
    """All of them, or in the short form some by lot, in their order."""
    numbers = random.Random(SEED).sample(range(len(calls)), trials(short=50, full=len(calls)))
    return [calls[number] for number in sorted(numbers)]


def send(browser, call):
    """The answer to a form as another site would send it: with fields, and without our token."""
    fields = {"email": "forged@mail.cm", "reason": "Forged", "kind": "everything", "password": "x" * 20}
    answer = browser.client.post(call.address, data=fields | dict(call.data))
    answer.close()
    answer.request.environ["wsgi.input"].close()
    return answer


def is_shown_again(call):
    """A page that reading also opens: it is shown with what was typed, and acts on none of it."""
    of_a_screen = call.endpoint.endswith(ON_A_SCREEN) and call.endpoint != "cases.step"
    return (call.endpoint, "GET") in TABLE or call.endpoint in SHOWN_BY_ANOTHER or of_a_screen


def as_refused(call, answer):
    """Whether that is how a form without its token is refused."""
    if call.endpoint in OPEN:
        return answer.status_code == 200
    if call.endpoint == "account.sign_in":
        return answer.status_code == 302 and "/sign-in" in answer.headers["Location"]
    if is_shown_again(call):
        return answer.status_code in (200, 302)
    if call.endpoint in AUTOSAVE:
        return answer.status_code == 409
    return answer.status_code == 400


@pytest.mark.long
def test_no_form_is_taken_without_its_token_and_nothing_is_written(spread, app):
    calls, taken, wrote = drawn(list(spread("POST"))), [], []
    before = digests(app)
    for browser, call in calls:
        answer = send(browser, call)
        if not as_refused(call, answer):
            taken.append(f"{call}: {answer.status_code}")
        after = digests(app)
        may = {"access_entry"} if call.endpoint.endswith(ON_A_SCREEN) else set()
        written = {name for name in after if before[name] != after[name]} - may
        wrote += [f"{call} wrote to {name}" for name in written]
        before = after
    assert taken == [], "\n".join(taken)
    assert wrote == [], "\n".join(wrote)


@pytest.mark.long
def test_a_reading_writes_nothing_but_who_read(spread, app):
    calls, wrote = drawn(list(spread("GET"))), []
    before = digests(app)
    for browser, call in calls:
        answer = browser.client.get(call.address)
        answer.close()
        after = digests(app)
        may = READ_BY | NOTED.get(call.endpoint.partition(".")[0], set())
        may |= EXPORTED if call.endpoint.endswith(".export") else set()
        wrote += [
            f"{call} wrote to {name}" for name in after if before[name] != after[name] and name not in may
        ]
        before = after
    assert wrote == [], "\n".join(wrote)


def test_the_token_of_one_browser_is_none_in_another(visitor, app):
    mine, other = visitor("joseph"), visitor("peter")
    mine.open("/en/account/language")
    other.open("/en/account/language")
    before = digests(app)
    other.post("/en/account/language", {"csrf_token": mine.token(), "language": "fr"})
    assert "This page was open too long" in other.text
    assert digests(app) == before


def test_whatever_is_downloaded_opens_as_no_page(spread):
    """Documents, letters, receipts, pictures of pages: whatever is no page of ours, a script or a style."""
    found, wrong = set(), []
    for browser, call in spread("GET"):
        if call.endpoint in (*NO_FILES, "cases.events"):
            continue
        answer = browser.client.get(call.address)
        if answer.status_code == 200 and answer.mimetype not in ("text/html", "text/plain"):
            found.add(call.endpoint)
            policy = answer.headers["Content-Security-Policy"]
            kept = answer.headers.get("Content-Disposition", "").startswith("attachment")
            if "sandbox" not in policy or not (kept or answer.mimetype == "image/jpeg"):
                wrong.append(f"{call}: {answer.mimetype} {policy}")
        answer.close()
    assert wrong == []
    assert found >= {
        *("documents.download", "letters.download", "receipts.download", "receipts.download_pdf"),
        *("RegistrationView.document", "RegistrationView.letter_pdf", "PrintQueueView.pdf"),
        "my_record.certificate",
    }


def test_what_is_personal_is_stored_nowhere_shows_the_way_out_and_hides_passwords(spread):
    """Every page and file that is read: of who is signed in, and what a link from a mail opens."""
    stored, without_a_way_out, told = [], [], []
    for browser, call in spread("GET"):
        if call.endpoint in ("static", "cases.events"):
            continue
        answer = browser.client.get(call.address)
        is_anybodys = VISITOR in TABLE[call.endpoint, "GET"].who
        kept = answer.headers["Cache-Control"]
        by_a_link = call.endpoint in BY_A_LINK
        if kept != "no-store" and not (is_anybodys and not by_a_link and kept == "no-cache, private"):
            stored.append(f"{call}: {kept}")
        if answer.status_code == 200 and answer.mimetype == "text/html":
            page = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
            if (
                not is_anybodys
                and page.find("main")
                and not page.select_one("form[action$='/sign-out'] button")
            ):
                without_a_way_out.append(str(call))
            for field in page.select("input[name*=password], input[name=current]"):
                is_known = field.get("autocomplete") in ("current-password", "new-password")
                if field["type"] != "password" or not is_known:
                    told.append(f"{call}: {field['name']}")
        answer.close()
    assert stored == []
    assert without_a_way_out == []
    assert told == []


BY_A_LINK = (
    *("sign_up.confirm", "passwords.choose", "emails.confirm", "emails.undo", "emails.not_my_app"),
    *("invitations.accept", "employer_links.answer", "not_me.ask"),
)
"""Pages that a link from a mail opens: of one person, though nobody is signed in."""

NO_FILES = ("static", "uploads.state", "root.healthz", "employers_list.suggest")
"""Styles and scripts of ours, and answers for scripts of ours."""
