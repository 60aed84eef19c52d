"""Each page of the portal, in both languages and with its errors shown, is HTML without a mistake."""

import os

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Case, Conversation
from app.services import SERVICES, cases
from app.workflow import Actor
from tests.conftest import NO_CHECKER
from tests.html_checker import NoChecker, checker, complaints
from tests.journey import address, answer_all, file_request, go_to
from tests.messages import answered
from tests.services.test_cases import account, file_case
from tests.views.test_linking import insured
from tests.visitor import a_file

LANGUAGES = ("fr", "en")
FOR_EVERYONE = (
    "",
    "help",
    "accessibility",
    "registration/",
    "sign-in",
    "verify",
    "verify/ABCD-EFGH-1234-5678",
    "nothing",
)


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
    for page in ("you", "work", "documents"):
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
