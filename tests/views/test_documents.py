"""My documents: given, seen, renewed, used again, recalled before they end; opened only by those who may."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.access_kinds import LockKind
from app.delays import EXPIRY_REMINDERS
from app.extensions import db
from app.files.states import Verdict
from app.models import AccessEntry, AuditEntry, Case, Document, Draft
from app.services import document_needs, document_review, locks, outbox
from tests import papers
from tests.journey import CHECK, address, answer, answer_all, file_request, go_to
from tests.services.test_cases import SERVICE as REGISTRATION
from tests.services.test_cases import account
from tests.visitor import a_file


@pytest.fixture
def person(visitor):
    return visitor("joseph")


def give(person, category="identity", name="card.png", content=None):
    person.open("/en/documents/")
    file = a_file(name, content) if content is not None else a_file(name)
    person.send(category=category, files=file)


def pages_of(person):
    return [link["href"] for link in person.page.select(".g-file a[href*='/documents/']")]


def renew(person, **fields):
    """Press "Replace by the newer version"."""
    button = person.page.select_one("#renewal button[formaction$='/renewal']")
    person.send(to=button["formaction"] if button else None, **fields)


def entries(app, action):
    with app.app_context():
        return [
            row.content for row in db.session.scalars(select(AuditEntry).where(AuditEntry.action == action))
        ]


def test_a_document_is_given_without_a_request_and_stays(person, app, work):
    give(person)
    assert "We have received your documents." in person.text
    work()
    with clock.frozen(clock.now() + timedelta(days=300)), app.app_context():
        outbox.write("purge_unfiled_documents")
        db.session.commit()
    work()
    person.open("/en/documents/")
    assert "Identity" in person.text
    assert "card.png" in person.text
    assert "Checked" in person.text


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"category": ""}, "category", "Choose the kind of document."),
        ({"category": "nonsense"}, "category", "Choose a kind of the list."),
        ({"files": None}, "files", "Choose at least one file."),
        ({"files": a_file("x.pdf", b"MZ")}, "files", "x.pdf: This file is not a PDF"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(person, app, changes, field, message):
    person.open("/en/documents/")
    person.send(**{"category": "identity", "files": a_file()} | changes)
    assert message in person.error_of(field)
    with app.app_context():
        assert db.session.scalars(select(Document).where(Document.filed_at.is_not(None))).all() == []


def test_each_opening_is_recorded_and_shown_to_the_owner(person, visitor, app, work):
    file_request(person)
    work()
    person.open("/en/documents/")
    page = pages_of(person)[0]
    person.open(page)
    assert "Nobody yet." in person.text
    officer = visitor("officer")
    with app.app_context():
        case_id, public_id = db.session.scalars(select(Case.id)).one(), page.rpartition("/")[2]
    staff = f"/staff/registrationview/document/{case_id}/{public_id}"
    assert officer.client.get(staff).status_code == 200
    picture = officer.client.get(f"{staff}/preview/1")
    assert picture.headers["Content-Type"] == "image/jpeg"
    assert picture.headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox;")
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert officer.client.get(f"{staff}/preview/2").status_code == 404
    auditor = visitor("auditor")
    assert auditor.client.get(staff).status_code == 200
    person.open(page)
    assert "Registration officer, " in person.text
    assert "Auditor" in person.text
    assert "Ruth" not in person.text
    read = entries(app, "read_document")
    assert len(read) == 3
    assert all(public_id in entry for entry in read)


@pytest.mark.parametrize("part", ["", "/file", "/preview/1", "/row"])
def test_somebody_elses_document_does_not_exist(person, visitor, app, work, part):
    give(person)
    work()
    person.open("/en/documents/")
    url = pages_of(person)[0]
    assert person.client.get(url + part).status_code == 200
    assert visitor("peter").client.get(url + part).status_code == 404
    assert visitor("officer").client.get(url + part).status_code == 404
    with app.app_context():
        assert db.session.scalars(select(AccessEntry)).all() == []


def test_a_document_of_another_case_does_not_open_through_mine(person, visitor, app, work):
    file_request(person)
    other = visitor("peter")
    file_request(other)
    work()
    with app.app_context():
        mine, theirs = db.session.scalars(select(Case).order_by(Case.id)).all()
        url = f"/staff/registrationview/document/{mine.id}/{theirs.documents[0].public_id}"
    officer = visitor("officer")
    assert officer.client.get(url).status_code == 404
    officer.open("/staff/")
    answer = officer.client.post(f"{url}/verify", data={"csrf_token": officer.token(), "verdict": "accepted"})
    assert answer.status_code == 404


@pytest.mark.parametrize("login", ["auditor", "administrator", "peter"])
def test_only_officers_verify(person, visitor, app, work, login):
    file_request(person)
    work()
    with app.app_context():
        case = db.session.scalars(select(Case)).one()
        url = f"/staff/registrationview/document/{case.id}/{case.documents[0].public_id}/verify"
    reader = visitor(login)
    reader.open("/en/")
    answer = reader.client.post(url, data={"csrf_token": reader.token(), "verdict": "accepted"})
    assert answer.status_code in (302, 403)
    with app.app_context():
        assert set(db.session.scalars(select(Document.verdict))) == {None}


def test_an_officer_accepts_then_approves(person, visitor, app, work):
    file_request(person)
    work()
    officer = visitor("officer")
    officer.open("/staff/registrationview/list/")
    officer.open(officer.page.select_one("td a[href*='/show/']")["href"])
    assert "Not accepted yet: Identity document. It blocks an approval." in officer.text
    officer.send(form="#steps-form", button=("step", "approve"))
    assert "Not possible before these documents are accepted: Identity document, Birth" in officer.text
    officer.send(form=".s-verdict", button=("verdict", "unreadable"))
    assert "Give the reason" in officer.text
    for form in [verdict["action"] for verdict in officer.page.select(".s-verdict")]:
        officer.send(form=f".s-verdict[action='{form}']", button=("verdict", "accepted"))
    assert "Accepted by our staff" in officer.text
    officer.send(form="#steps-form", button=("step", "approve"))
    assert "Request approved" in officer.text


def test_a_document_given_before_is_used_again(person, app, work):
    give(person)
    work()
    go_to(person, "documents")
    box = person.page.select_one("input[type=checkbox][name=identity_document-kept]")
    person.send(**{"identity_document-kept": box["value"]})
    answer(person, "proofs")
    assert person.url == CHECK
    person.send()
    with app.app_context():
        given = [document.filename for document in db.session.scalars(select(Case)).one().documents]
        assert given == ["card.png", "identity.png"]
        assert len(db.session.scalars(select(Document)).all()) == 2


def test_an_expired_document_is_not_offered_again(person, app, work):
    give(person)
    work()
    with app.app_context():
        db.session.scalars(select(Document)).one().expires_on = clock.today() - timedelta(days=1)
        db.session.commit()
    go_to(person, "documents")
    assert person.page.select("input[type=checkbox]") == []


def test_the_date_of_expiry_is_asked_for_and_kept(person, app):
    give(person)
    person.open(pages_of(person)[0] if pages_of(person) else "/en/documents/")
    person.send(**{"expires_on-day": "31", "expires_on-month": "2", "expires_on-year": "2030"})
    assert "must be a real date" in person.error_of("expires_on")
    refused, url = person.page, person.url
    person.open(url.replace("/en/", "/fr/"))
    assert "Valable jusqu’au" in person.text
    person.go_back(refused, url)
    person.send(**{"expires_on-day": "28", "expires_on-month": "2", "expires_on-year": "2030"})
    assert "28 February 2030" in person.text


def test_a_newer_version_takes_the_olders_place_in_open_requests(person, app, work):
    file_request(person)
    work()
    person.open("/en/documents/")
    older = pages_of(person)[0]
    person.open(older)
    renew(person, file=a_file("newer.png"))
    assert "newer.png" in person.text
    assert "identity.png" in person.text
    with app.app_context():
        case = db.session.scalars(select(Case)).one()
        assert [row.filename for row in case.documents] == ["identity.png", "identity.png", "newer.png"]
        assert case.documents[2].replaces in case.documents[:2]
    person.open(older)
    assert person.page.select_one("#renewal") is None


def test_a_newer_version_answers_the_question_the_older_one_answered(person, app, work):
    file_request(person)
    work()
    with app.app_context():
        case = db.session.scalars(select(Case)).one()
        asked = {row.document_id: row.questions for row in case.filed}
        names = {row.public_id: asked[row.id] for row in case.documents}
    assert all(names.values())
    person.open("/en/documents/")
    older = pages_of(person)[0]
    person.open(older)
    renew(person, file=a_file("newer.png"))
    with app.app_context():
        case = db.session.scalars(select(Case)).one()
        newer = next(row for row in case.documents if row.filename == "newer.png")
        assert {row.document_id: row.questions for row in case.filed}[newer.id] == names[
            older.rpartition("/")[2]
        ]
        for row in (*case.documents,):
            papers.accept(row)
        newer.category = "other"
        db.session.flush()
        assert document_needs.missing(REGISTRATION, case) == []


@pytest.mark.parametrize("category", ["identity", "civil_status"])
def test_a_newer_version_chosen_before_the_language_switch_is_kept(person, app, category):
    """With a date beside it and without: no script runs here."""
    give(person, category)
    person.open("/en/documents/")
    url = pages_of(person)[0]
    person.open(url)
    switch = person.page.select_one("button[name=_switch]")
    person.send(button=("_switch", "fr"), to=switch["formaction"], file=a_file("newer.png"))
    assert person.page.html["lang"] == "fr"
    assert "newer.png" in person.text
    person.open(url)
    assert "newer.png" in person.text
    renew(person)
    assert "We have received the newer version." in person.text
    with app.app_context():
        newer = db.session.scalars(select(Document).where(Document.filename == "newer.png")).one()
        assert newer.replaces.public_id == url.rpartition("/")[2]
        assert newer.category == category
        assert db.session.scalars(select(Draft)).all() == []


def test_saving_the_date_keeps_the_newer_version_for_later(person):
    give(person)
    person.open("/en/documents/")
    person.open(pages_of(person)[0])
    day = {"expires_on-day": "28", "expires_on-month": "2", "expires_on-year": "2031"}
    person.send(file=a_file("newer.png"), **day)
    assert "28 February 2031" in person.text
    assert "newer.png" in person.text
    remove = person.page.select_one("#renewal button[name=_remove]")["value"]
    person.send(button=("_remove", remove))
    assert "newer.png" not in person.text
    assert person.value_of("expires_on-year") == "2031"


@pytest.mark.parametrize(
    ("file", "message"),
    [(None, "Choose a file."), (a_file("wrong.exe", b"MZ"), "wrong.exe: This file is not a PDF")],
)
def test_a_wrong_newer_version_is_refused_beside_its_field(person, app, file, message):
    give(person)
    person.open("/en/documents/")
    person.open(pages_of(person)[0])
    renew(person, file=file)
    assert message in person.error_of("file")
    with app.app_context():
        assert db.session.scalars(select(Document.replaces_id)).all() == [None]


def test_no_document_given_before_becomes_a_newer_version(person, app, work):
    give(person)
    give(person, name="second.png", content=a_file()[0].read() + b"\n")
    work()
    person.open("/en/documents/")
    second, first = (link["href"] for link in person.page.select("a.g-file__name"))
    person.open(first)
    assert "second.png" not in person.text
    for page in (first, second):
        renew(person, **{"file-kept": page.rpartition("/")[2]})
        assert "Choose a file." in person.error_of("file")
    with app.app_context():
        assert db.session.scalars(select(Document.replaces_id)).all() == [None, None]


def test_reminders_come_60_30_and_7_days_before_once_each(person, app, work, mailbox):
    give(person)
    give(person, name="second.png", content=a_file()[0].read() + b"\n")
    work()
    now = clock.now()
    with app.app_context():
        for document in db.session.scalars(select(Document)):
            document.expires_on = clock.today() + timedelta(days=70)
        db.session.commit()
    sent = []
    for left in range(70, -3, -1):
        with clock.frozen(now + timedelta(days=70 - left)):
            with app.app_context():
                outbox.write("remind_expiring_documents")
                db.session.commit()
            work()
        if len(list(mailbox.glob("*"))) > len(sent):
            sent.append(left)
    assert sent == [60, 30, 7]
    letters = [path.read_text() for path in mailbox.glob("*")]
    assert all("2 of your documents expire soon" in letter for letter in letters)
    assert all("second.png" not in letter for letter in letters)


def test_what_staff_did_not_accept_is_told_with_the_rest(person, app, work, mailbox):
    file_request(person)
    work()
    before = len(list(mailbox.glob("*")))
    with app.app_context():
        case = db.session.scalars(select(Case)).one()
        document_review.verify(
            REGISTRATION, case, case.documents[0], Verdict.unreadable, "Too dark.", account("officer")
        )
        db.session.commit()
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        work()
    letters = sorted(mailbox.glob("*"), key=lambda path: path.stat().st_mtime)[before:]
    assert len(letters) == 1
    assert "Too dark" not in letters[0].read_text()
    person.open("/en/")
    person.open(person.page.select_one("a[href*='/cases/']")["href"])
    assert "Too dark." in person.text
    assert "Send another file in its place" in person.text


@pytest.mark.parametrize("login", ["officer", "administrator"])
def test_staff_have_no_documents_here(visitor, login):
    staff = visitor(login)
    staff.open("/en/documents/")
    assert staff.status == 403


def test_a_file_is_taken_away_from_the_page_and_the_draft(person):
    answer_all(person)
    person.open(address("documents"))
    person.send(button=("_remove", person.value_of("identity_document-kept")))
    assert person.page.select(".g-file") == []
    person.open(CHECK)
    assert "/new/documents" in person.url
    answer(person, "documents")
    assert "/check" in person.url


def test_the_administrator_keeps_the_kinds_of_documents(visitor):
    administrator = visitor("administrator")
    administrator.open("/staff/documentcategoryview/list/")
    assert "civil_status" in administrator.text
    administrator.open("/staff/documentcategoryview/add")
    kind = {
        "code": "tax",
        "name_fr": "Impôts",
        "name_en": "Tax",
        "position": "12",
        "valid_from": "2026-05-01",
    }
    administrator.send(form="#model_form", **kind | {"valid_to": "2026-04-01"})
    assert "The last day cannot be before the first." in administrator.text
    auditor = visitor("auditor")
    auditor.open("/staff/documentcategoryview/add")
    assert auditor.status == 404 or auditor.status == 403 or "/add" not in auditor.url


def test_a_locked_file_takes_no_document(app, visitor):
    person = visitor("joseph")
    with app.app_context():
        locks.set_lock(account("joseph"), LockKind.everything)
        db.session.commit()
    person.open("/en/documents/")
    person.send(category="identity", files=a_file())
    assert "You locked your file" in person.text
    with app.app_context():
        assert db.session.scalars(select(Document)).all() == []


@pytest.mark.parametrize("category", ["medical", "bank"])
def test_only_some_roles_open_what_is_confidential(person, visitor, app, work, category):
    file_request(person)
    work()
    with app.app_context():
        case = db.session.scalars(select(Case)).one()
        case.documents[0].category = category
        db.session.commit()
        show = f"/staff/registrationview/show/{case.id}"
        paper = f"/staff/registrationview/document/{case.id}/{case.documents[0].public_id}"
    officer = visitor("officer")
    officer.open(show)
    assert "Only these roles open documents of this kind: " in officer.text
    assert officer.page.select(f"[href^='{paper}'], [src^='{paper}'], form[action^='{paper}']") == []
    before = entries(app, "read_document")
    for part in ("", "/preview/1"):
        assert officer.client.get(paper + part).status_code == 403
    officer.post(f"{paper}/verify", {"csrf_token": officer.token(), "verdict": "accepted"})
    assert "Your role does not open documents of this kind." in officer.text
    assert entries(app, "read_document") == before
    with app.app_context():
        assert set(db.session.scalars(select(Document.verdict))) == {None}
    auditor = visitor("auditor")
    auditor.open(show)
    assert auditor.page.select(f"a[href='{paper}']")
    assert auditor.client.get(paper).status_code == 200
    assert len(entries(app, "read_document")) == len(before) + 1


def test_staff_find_expiring_papers_behind_open_requests(person, visitor, app, work):
    file_request(person)
    work()
    officer, listed = visitor("officer"), "/staff/evidenceview/list/"
    soon = max(EXPIRY_REMINDERS)
    for days, is_listed in ((soon + 1, False), (soon, True), (-400, True)):
        with app.app_context():
            case = db.session.scalars(select(Case)).one()
            reference, number = case.reference, case.id
            case.documents[0].expires_on = clock.today() + timedelta(days=days)
            db.session.commit()
        officer.open(listed)
        assert (reference in officer.text) is is_listed
    assert "Identity" in officer.text
    assert visitor("support").client.get(listed).status_code == 403
    officer.open(f"/staff/registrationview/show/{number}")
    officer.send(form="#steps-form", button=("step", "reject"), reason="No answer.")
    officer.open(listed)
    assert reference not in officer.text
