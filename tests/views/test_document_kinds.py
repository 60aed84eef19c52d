"""What kind of document it is: told by name, put right by an officer, and followed by who may open it."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, Document
from tests.papers import accepted
from tests.services.test_cases import account, file_case


@pytest.fixture
def paper(app):
    """A certificate sent with an answer: nobody said what it is."""
    with app.app_context():
        case = file_case("joseph")
        document = accepted(account("joseph"), "other")
        document.filename = "certificate.png"
        case.documents.append(document)
        db.session.commit()
        return {"case": case.id, "public_id": document.public_id, "mine": case.public_id}


@pytest.fixture
def officer(visitor, paper):
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/show/{paper['case']}")
    return officer


def put(staff, paper, kind):
    action = f"/staff/registrationview/document/{paper['case']}/{paper['public_id']}/category"
    staff.post(action, {"csrf_token": staff.token(), "category": kind})


def kind_of(app, paper):
    with app.app_context():
        found = select(Document.category).where(Document.public_id == paper["public_id"])
        return db.session.scalars(found).one()


@pytest.mark.parametrize(("lang", "name"), [("en", "Other"), ("fr", "Autre")])
def test_the_person_reads_its_name_not_its_code(visitor, paper, lang, name):
    person = visitor("joseph")
    person.open(f"/{lang}/cases/{paper['mine']}")
    rows = [row for row in person.page.select(".g-file") if "certificate.png" in row.get_text()]
    assert rows[0].select_one(".g-file__size").get_text(strip=True) == name


def test_an_officer_says_what_it_is_and_opens_it_no_more(officer, app, paper):
    form = next(form for form in officer.page.select(".s-category") if paper["public_id"] in form["action"])
    form["id"] = "kind"
    officer.send(form="#kind", category="medical")
    assert "certificate.png is now under “Medical”." in officer.text
    assert "Only these roles open documents of this kind: Medical referee, Auditor." in officer.text
    assert kind_of(app, paper) == "medical"
    officer.open(f"/staff/registrationview/document/{paper['case']}/{paper['public_id']}")
    assert officer.status == 403
    put(officer, paper, "other")
    assert kind_of(app, paper) == "medical"
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "categorise_document")).one()
        assert '"from":"other"' in entry.content.replace(" ", "")


@pytest.mark.parametrize("kind", ["", "nonsense", "x" * 500])
def test_only_a_kind_of_the_list(officer, app, paper, kind):
    put(officer, paper, kind)
    assert officer.status == 200
    assert "Choose a kind of the list." in officer.text
    assert kind_of(app, paper) == "other"


@pytest.mark.parametrize("login", ["auditor", "administrator", "peter", "joseph"])
def test_nobody_else_says_so(visitor, app, paper, login):
    other = visitor(login)
    other.open("/en/")
    if not other.page.select_one("input[name=csrf_token]"):
        other.open("/staff/")
    put(other, paper, "medical")
    assert kind_of(app, paper) == "other"


def test_once_the_case_is_over_nothing_changes(officer, app, paper):
    officer.send(form="#steps-form", button=("step", "reject"), reason="It cannot be read.")
    put(officer, paper, "medical")
    assert kind_of(app, paper) == "other"
