"""Lists as CSV: as narrowed, as the role may list, formulas disarmed, recorded."""

import csv
import io
import json
import zipfile

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import AuditEntry, Case, Employer
from tests.services.test_cases import file_case

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "|cmd", "%0A"]


def rows_of(staff, separator=","):
    assert staff.status == 200
    assert staff.response.mimetype == "text/csv"
    text = staff.response.get_data().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=separator))


def entries(app):
    with app.app_context():
        found = db.session.scalars(
            select(AuditEntry.content)
            .where(AuditEntry.action == "export")
            .order_by(AuditEntry.stream, AuditEntry.seq)
        )
        return [json.loads(content)["subject"] for content in found]


def test_an_export_holds_the_list_with_words_for_codes(visitor, app):
    with app.app_context():
        reference = file_case().reference
    officer = visitor("officer")
    officer.open("/staff/registrationview/list/")
    officer.open(officer.page.select_one("a[download]")["href"])
    heading, row = rows_of(officer)
    assert heading == ["Reference", "Family name", "Given names", "Status", "Submitted on", "Due on"]
    assert row[:4] == [reference, "Tabi", "Joseph", "Submitted"]
    assert entries(app) == [{"list": "RegistrationView", "filtered_by": [], "format": "csv"}]


def test_an_export_is_in_the_readers_language(visitor, app):
    with app.app_context():
        file_case()
    officer = visitor("officer")
    officer.open("/staff/registrationview/export?language=fr")
    heading, row = rows_of(officer, ";")
    assert heading[3] == "État"
    assert row[3] not in ("Submitted", "submitted")


def test_filters_and_queues_are_kept(visitor, app):
    with app.app_context():
        first, _second = file_case(key="1").reference, file_case(key="2").reference
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/export?_flt_0_reference={first}")
    assert [row[0] for row in rows_of(officer)[1:]] == [first]
    officer.open("/staff/registrationview/export?queue=mine")
    assert rows_of(officer)[1:] == []
    assert entries(app)[0]["filtered_by"] == ["reference"]


def test_what_an_officer_cannot_list_is_not_exported(visitor, app):
    with app.app_context():
        file_case()
        drafted = file_case(key="draft")
        reference = drafted.reference
        db.session.execute(Case.__table__.update().where(Case.id == drafted.id).values(status="draft"))
        db.session.commit()
    there = visitor("centre")
    there.open("/staff/registrationview/export")
    assert rows_of(there)[1:] == []
    officer = visitor("officer")
    officer.open("/staff/registrationview/export")
    assert reference not in officer.response.get_data(as_text=True)
    for login in ("claims", "administrator", "joseph"):
        other = visitor(login)
        other.open("/staff/registrationview/export")
        assert other.status == 403, login
    assert len(entries(app)) == 2


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_a_spreadsheet_would_run_is_disarmed(visitor, app, text):
    with app.app_context():
        db.session.add(Employer(registration_number="E-CSV", name=text + ' "quoted", and\nmore'))
        db.session.commit()
    administrator = visitor("administrator")
    administrator.open("/staff/employerview/export?_flt_0_registration_number=E-CSV")
    assert rows_of(administrator)[1] == ["E-CSV", "'" + text + ' "quoted", and\nmore', "Yes"]


LISTS = [
    "supporttask",
    "evidence",
    "conversation",
    "messagesubject",
    "answertemplate",
    "lock",
    "recovery",
    "colleague",
    "grant",
    "delegation",
    "interest",
    "access",
    "printqueue",
    "postedletters",
    "employer",
    "employment",
    "recordcorrection",
    "employeragent",
    "proposedemployer",
    "holiday",
    "agency",
    "documentcategory",
    "lettertemplate",
    "delay",
    "referencechange",
    "outbox",
    "chaincheck",
    "bulkrun",
    "sample",
    "merge",
    "numberreservation",
    "chainrun",
    "registration",
    "newemployment",
    "recordchange",
]


def sheet_of(staff, address):
    response = staff.client.get(address)
    assert response.status_code == 200
    assert response.mimetype.endswith("spreadsheetml.sheet")
    book = zipfile.ZipFile(io.BytesIO(response.get_data()))
    response.close()
    rows = BeautifulSoup(book.read("xl/worksheets/sheet1.xml"), "xml").find_all("row")
    return [[cell.text for cell in row.find_all("c")] for row in rows]


def test_a_list_is_a_workbook_too_as_narrowed_and_recorded(visitor, app):
    with app.app_context():
        first, _second = file_case(key="1").reference, file_case(key="2").reference
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/list/?_flt_0_reference={first}")
    link = officer.page.select_one("a[href*='as=xlsx']")
    heading, row = sheet_of(officer, link["href"])
    assert heading == ["Reference", "Family name", "Given names", "Status", "Submitted on", "Due on"]
    assert row[:4] == [first, "Tabi", "Joseph", "Submitted"]
    assert entries(app) == [{"list": "RegistrationView", "filtered_by": ["reference"], "format": "xlsx"}]


def test_a_workbook_that_would_be_too_long_is_refused_and_not_recorded(visitor, app, monkeypatch):
    monkeypatch.setattr("app.services.exports.LONGEST_WORKBOOK", 1)
    with app.app_context():
        file_case(key="1")
        file_case(key="2")
    officer = visitor("officer")
    sheet_of(officer, "/staff/registrationview/export?as=xlsx&queue=mine")
    officer.open("/staff/registrationview/export?as=xlsx&language=en")
    assert "too long for a spreadsheet" in officer.text
    assert len(entries(app)) == 1
    joseph = visitor("joseph")
    joseph.open("/staff/registrationview/export?as=xlsx")
    assert joseph.status == 403


@pytest.mark.parametrize("name", LISTS)
def test_every_list_can_be_exported_by_an_auditor(visitor, app, name):
    with app.app_context():
        file_case()
    auditor = visitor("auditor")
    auditor.open(f"/staff/{name}view/export")
    assert len(rows_of(auditor)) >= 1


def test_every_list_there_is_is_in_this_test(app):
    exported = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.endswith(".export")}
    assert {name.removesuffix("View.export").lower() for name in exported} == set(LISTS)


def test_a_paper_is_exported_with_every_request_it_stands_behind(visitor, app):
    with app.app_context():
        first, second = file_case(), file_case(key="another")
        paper = first.documents[0]
        paper.expires_on = clock.today()
        second.documents.append(paper)
        references = {first.reference, second.reference}
        db.session.commit()
    auditor = visitor("auditor")
    auditor.open("/staff/evidenceview/export")
    (_heading, line) = rows_of(auditor)
    assert set(line[-1].split(", ")) == references
