"""Each page of the portal, in both languages and with its errors shown, is HTML without a mistake."""

import os

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Case, Conversation
from app.services import SERVICES, cases
from app.workflow import Actor
from tests.conftest import NO_CHECKER
from tests.employers import WITH_AN_AGENT, address_of, filed, in_counter
from tests.html_checker import NoChecker, checker, complaints
from tests.journey import PAGES, address, answer, answer_all, child, file_request, go_to
from tests.messages import answered
from tests.services.test_cases import account, file_case
from tests.views.test_entry import receive
from tests.views.test_linking import insured
from tests.visitor import a_file

LANGUAGES = ("fr", "en")
FOR_EVERYONE = (
    "",
    "help",
    "accessibility",
    "registration/",
    "sign-in",
    "sign-up",
    "sign-up/sent",
    "sign-up/confirm/x",
    "password/forgotten",
    "terms",
    "employer/answer/x",
    "not-me/x",
    "verify",
    "verify/ABCD-EFGH-1234-5678",
    "nothing",
)
OWN = (
    *("my-file/", "my-file/openings", "my-file/record", "my-file/lock", "my-file/copy", "my-file/close"),
    *("my-file/link", "my-file/link/code", "my-file/link/proof"),
    *("account/", "account/contacts", "account/language", "account/password", "account/devices"),
    *("account/sign-ins", "account/second-factor/", "account/second-factor/begin"),
)
SENT_EMPTY = ("account/password", "my-file/link", "my-file/link/code", "my-file/link/proof")


@pytest.fixture(scope="module")
def archive():
    """The checker; in continuous integration its absence is a failure, elsewhere a loud skip."""
    try:
        return checker()
    except NoChecker as missing:
        if os.environ.get("CI", "") not in ("", "0", "false"):
            pytest.fail(str(missing))
        pytest.skip(f"{NO_CHECKER}: {missing}")


@pytest.fixture
def shelf(tmp_path):
    """Where the pages of a test are laid out; `put(person, name)` puts one there as it was answered."""
    pages = []

    def put(person, name):
        pages.append(tmp_path / f"{len(pages):02}-{name}.html")
        pages[-1].write_bytes(person.response.get_data())

    put.pages = pages
    return put


def both(person, shelf, name):
    """The page as it stands, then in French."""
    shelf(person, f"{name}-en")
    if person.page.select_one("button[name=_switch]"):
        action = person.page.select_one("button[name=_switch]")["formaction"]
        person.send(button=("_switch", "fr"), to=action)
        shelf(person, f"{name}-fr")
        back = person.page.select_one("button[name=_switch]")["formaction"]
        person.send(button=("_switch", "en"), to=back)
        return
    person.open(person.url.replace("/en/", "/fr/"))
    shelf(person, f"{name}-fr")
    person.open(person.url.replace("/fr/", "/en/"))


def step(app, name, reason=None):
    with app.app_context():
        case = db.session.scalars(select(Case)).unique().first()
        cases.perform(SERVICES[case.service], case, name, cases.By(account("officer"), Actor.officer), reason)
        db.session.commit()


def check(archive, shelf):
    found = [
        f"{line['url'].rpartition('/')[2]}: {line['type']}: {line['message']} {line.get('extract', '')}"
        for line in complaints(archive, shelf.pages)
    ]
    assert found == []
    assert len(shelf.pages) > 5


def test_the_checker_sees(archive, tmp_path):
    page = tmp_path / "wrong.html"
    page.write_text("<!DOCTYPE html><html lang=en><title>x</title><ul><p>no</ul><p id=a><p id=a>")
    assert complaints(archive, [page])


def test_pages_for_everyone(archive, visitor, shelf):
    for lang in LANGUAGES:
        nobody = visitor(lang=lang)
        for path in FOR_EVERYONE:
            nobody.open(f"/{lang}/{path}")
            shelf(nobody, f"{path.replace('/', '-') or 'home'}-{lang}")
        nobody.open(f"/{lang}/sign-in")
        nobody.send()
        shelf(nobody, f"sign-in-refused-{lang}")
    check(archive, shelf)


def test_the_journey(archive, visitor, shelf, app, work):
    person = visitor("joseph")
    for page in PAGES:
        go_to(person, page)
        both(person, shelf, page)
        person.send()
        both(person, shelf, f"{page}-refused")
        person.send(csrf_token="stale")
        shelf(person, f"{page}-stale")
    answer_all(person)
    both(person, shelf, "check")
    person.open("/en/registration/")
    both(person, shelf, "start-with-draft")
    person.open(address("documents"))
    both(person, shelf, "file-kept")
    person.open("/en/")
    both(person, shelf, "home-with-draft")
    check(archive, shelf)


def test_the_messages(archive, visitor, shelf, app, work):
    person = visitor("joseph")
    person.open("/en/messages/")
    both(person, shelf, "inbox-empty")
    person.open("/en/messages/new")
    both(person, shelf, "message-new")
    person.send(text="", files=[a_file("one.png"), a_file("wrong.exe", b"MZ")])
    both(person, shelf, "message-refused")
    person.send(subject="claims", text="<b>Hello</b>\n\n& more")
    thread = person.url.partition("?")[0]
    both(person, shelf, "conversation")
    with app.app_context():
        file_case("joseph")
        answered(db.session.scalars(select(Conversation)).unique().one(), by="claims", awaits=True)
    person.open("/en/messages/?q=e&unread=y")
    both(person, shelf, "inbox-filtered")
    person.open("/en/messages/")
    both(person, shelf, "inbox")
    person.open(person.page.select_one("a[href*='/notices/']")["href"])
    both(person, shelf, "notice")
    person.open("/en/")
    both(person, shelf, "home-unread")
    person.open(thread)
    person.send(text="")
    both(person, shelf, "conversation-refused")
    person.open("/en/account/notices")
    both(person, shelf, "notices-chosen")
    check(archive, shelf)


def test_the_case(archive, visitor, shelf, app, work):
    person = visitor("joseph")
    file_request(person)
    url = person.url
    both(person, shelf, "received")
    person.open(f"{url}/receipt")
    both(person, shelf, "receipt")
    step(app, "request_information", "Send\nthe <other> side & more.")
    person.open(url)
    both(person, shelf, "information-requested")
    person.open(f"{url}/answer")
    both(person, shelf, "answer")
    person.send()
    both(person, shelf, "answer-refused")
    person.send(answer="Here\nit is.")
    step(app, "reject", "It cannot be read.")
    work()
    person.open(url)
    both(person, shelf, "rejected")
    with app.app_context():
        for number in range(50):
            file_case("joseph", f"key-{number}")
    person.open("/en/")
    both(person, shelf, "home-with-50")
    person.open(person.page.select_one("a[href*='/letters/']")["href"])
    both(person, shelf, "letter")
    check(archive, shelf)


def test_the_record_and_the_services_of_who_is_registered(archive, visitor, shelf, app):
    with app.app_context():
        insured(account_id=account("joseph").id)
    person = visitor("joseph")
    person.open("/en/my-file/record")
    assert "Former values" in person.text
    both(person, shelf, "record")
    person.open("/en/my-file/record/change")
    both(person, shelf, "record-change")
    for slug in sorted(set(SERVICES) - {"registration"}):
        person.open(f"/en/{slug}/")
        both(person, shelf, slug)
        person.open(f"/en/{slug}/new")
        both(person, shelf, f"{slug}-new")
        person.send()
        both(person, shelf, f"{slug}-refused")
    check(archive, shelf)


def test_the_spouse_and_the_dependants(archive, visitor, shelf):
    person = visitor("joseph")
    go_to(person, "family")
    answer(person, "family", marital_status="married", has_dependants="yes")
    both(person, shelf, "spouse")
    person.send()
    both(person, shelf, "spouse-refused")
    person.open(address("dependants"))
    both(person, shelf, "dependants")
    person.send(button=("_add", "dependants"), **child(0))
    both(person, shelf, "dependants-two")
    person.send()
    both(person, shelf, "dependants-refused")
    check(archive, shelf)


def test_a_change_of_everything(archive, visitor, shelf, app):
    """Each page of the change of a record, with its errors, up to the check."""
    with app.app_context():
        insured(account_id=account("joseph").id)
    person, service = visitor("joseph"), SERVICES["record_changes"]
    person.open("/en/record_changes/new")
    person.send(changes=[box["value"] for box in person.page.select("input[name=changes]")])
    for page in service.pages[1:]:
        person.open(f"/en/record_changes/new/{page.slug}")
        assert person.url.endswith(page.slug)
        both(person, shelf, page.slug)
        person.send()
        both(person, shelf, f"{page.slug}-refused")
        if "marital_status" in page.fields:
            person.send(marital_status="married", marriage_evidence=a_file())
    check(archive, shelf)


def test_a_document_and_its_renewal(archive, visitor, shelf, app):
    with app.app_context():
        paper = file_case("joseph").documents[0].public_id
    person = visitor("joseph")
    person.open("/en/documents/")
    both(person, shelf, "documents")
    person.send()
    both(person, shelf, "documents-refused")
    person.open(f"/en/documents/{paper}")
    both(person, shelf, "document")
    person.send("#validity", **{"expires_on-day": "31", "expires_on-month": "2", "expires_on-year": "2031"})
    shelf(person, "document-absurd-date")
    person.open(f"/en/documents/{paper}")
    person.send("#renewal")
    shelf(person, "document-renewed-by-nothing")
    check(archive, shelf)


def test_the_counter(archive, visitor, shelf):
    officer = receive(visitor)
    both(officer, shelf, "counter-start")
    officer.open(officer.page.select_one("a.govuk-button--start")["href"])
    both(officer, shelf, "counter-questions")
    officer.send()
    both(officer, shelf, "counter-refused")
    officer.open(officer.url.replace("/you", "/work"))
    both(officer, shelf, "counter-work")
    check(archive, shelf)


def test_the_employers(archive, visitor, shelf, app):
    linked, asked = filed(app), filed(app, WITH_AN_AGENT, key="key-agent")
    with app.app_context():
        link = address_of(app, linked)
    employer = visitor()
    employer.open(link)
    both(employer, shelf, "by-link")
    employer.send(reply="correct")
    both(employer, shelf, "by-link-refused")
    employer.open("/en/employer/answered")
    both(employer, shelf, "answered")
    agent = visitor("employer")
    for page in ("", "agents", "agents/invite", "access"):
        agent.open(f"/en/employer/{page}")
        both(agent, shelf, f"counter-{page.replace('/', '-')}")
    agent.send()
    both(agent, shelf, "access-refused")
    agent.open("/en/employer/agents/invite")
    agent.send()
    both(agent, shelf, "invite-refused")
    agent.open(in_counter(app, asked))
    both(agent, shelf, "question")
    agent.send(reply="dispute")
    both(agent, shelf, "question-refused")
    check(archive, shelf)


def test_the_own_file_and_account(archive, visitor, shelf):
    person = visitor("joseph")
    for page in OWN:
        person.open(f"/en/{page}")
        assert (person.status, person.url) == (200, f"/en/{page}")
        both(person, shelf, page.replace("/", "-"))
    for page in SENT_EMPTY:
        person.open(f"/en/{page}")
        person.send()
        both(person, shelf, f"{page.replace('/', '-')}-refused")
    check(archive, shelf)
