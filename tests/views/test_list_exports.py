"""A long list made into a file in the background: for who asked alone, as they may see it, logged, for some days."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import insert, select, text

from app.adapters import storage
from app.delays import LIST_EXPORT_KEPT
from app.extensions import db
from app.jobs import nightly
from app.models import Agency, AuditEntry, Employer, ListExport, ListExportPart
from app.services import list_exports
from tests.services.test_cases import account, file_case

LIST = "/staff/employerview/export_later"
ROWS = 30


@pytest.fixture
def employers(app):
    """Thirty employers of a name, one of which a spreadsheet would run."""
    names = ["=Prepared 0"] + [f"Prepared {n}" for n in range(1, ROWS)]
    with app.app_context():
        rows = [
            {"registration_number": f"PREP-{n:03}", "name": name, "active": True}
            for n, name in enumerate(names)
        ]
        db.session.execute(insert(Employer), rows)
        db.session.commit()


def asked(staff, narrowed="?_flt_0_registration_number=PREP", file_format="csv", view="employerview"):
    """Ask for a list's file from its page; the page one is led to."""
    staff.open(f"/staff/{view}/list/?language=en")
    staff.post(f"/staff/{view}/export_later{narrowed}", {"csrf_token": staff.token(), "as": file_format})
    return staff


def download(staff):
    """Take the file from its page; what it holds."""
    link = staff.page.select_one("a[href*='/listexportview/take/']")
    answer = staff.client.get(link["href"])
    assert answer.status_code == 200
    content = answer.get_data()
    assert int(answer.headers["Content-Length"]) == len(content)
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    return content


def lines_of(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def noted(app):
    with app.app_context():
        query = select(AuditEntry.action, AuditEntry.content).where(AuditEntry.action.like("%_export"))
        found = db.session.execute(query.order_by(AuditEntry.stream, AuditEntry.seq))
        return [(action, json.loads(content)["subject"]) for action, content in found]


def test_it_is_asked_for_made_and_taken_and_each_is_recorded(visitor, app, work, employers):
    administrator = asked(visitor("administrator"))
    page = administrator.url
    assert "is being prepared" in administrator.text
    assert administrator.page.select_one("[data-look-again]")
    assert not administrator.page.select("a[href*='/take/']")
    work()
    administrator.open(page)
    assert "The file is ready" in administrator.text
    assert not administrator.page.select_one("[data-look-again]")
    heading, first, *others = lines_of(download(administrator))
    assert heading == ["Registration number", "Name", "Active"]
    assert first == ["PREP-000", "'=Prepared 0", "Yes"]
    assert [row[0] for row in others] == [f"PREP-{n:03}" for n in range(1, ROWS)]
    entries = noted(app)
    assert [action for action, _facts in entries] == ["ask_export", "make_export", "download_export"]
    assert entries[0][1]["filtered_by"] == ["registration_number"]
    assert {facts["list"] for _action, facts in entries} == {"EmployerView"}
    assert {facts["rows"] for _action, facts in entries} == {ROWS}
    administrator.open("/staff/listexportview/list/")
    (row,) = administrator.page.select("tbody tr")
    assert "Employers" in row.get_text()


def test_it_is_a_workbook_too_in_pieces_and_in_the_readers_language(
    visitor, app, work, employers, monkeypatch
):
    monkeypatch.setattr("app.services.list_exports.PIECE", 512)
    administrator = visitor("administrator")
    administrator.open("/staff/employerview/list/?language=fr")
    asked_in_french = f"{LIST}?_flt_0_registration_number=PREP&language=fr"
    administrator.post(asked_in_french, {"csrf_token": administrator.token(), "as": "xlsx"})
    page = administrator.url
    work()
    administrator.open(page)
    book = zipfile.ZipFile(io.BytesIO(download(administrator)))
    assert book.testzip() is None
    sheet = BeautifulSoup(book.read("xl/worksheets/sheet1.xml"), "xml")
    rows = [[cell.text for cell in row.find_all("c")] for row in sheet.find_all("row")]
    assert len(rows) == ROWS + 1
    assert rows[0][2] == "Actif"
    assert rows[1][2] == "Oui"
    with app.app_context():
        assert len(db.session.scalars(select(ListExportPart)).all()) > 2


def test_what_was_searched_for_stands_in_no_row_and_no_query_is_kept_once_it_is_made(
    visitor, app, work, employers
):
    asked(visitor("administrator"), "?_flt_2_name=Prepared 17")
    with app.app_context():
        (export,) = db.session.scalars(select(ListExport)).unique()
        row = str(db.session.execute(text("SELECT * FROM list_export")).all())
        assert "Prepared 17" not in row
        assert export.sheet is not None
    work()
    with app.app_context():
        (export,) = db.session.scalars(select(ListExport)).unique()
        assert export.sheet is None
        assert export.total == 1


def test_a_query_that_somebody_else_wrote_is_not_run(visitor, app, work, employers):
    """Whoever can write to the table cannot have the worker read for them."""
    asked(visitor("administrator"), "?_flt_0_name=Prepared 1")
    asked(visitor("administrator"), "?_flt_0_name=Prepared 2")
    with app.app_context():
        first, second = db.session.scalars(select(ListExport).order_by(ListExport.id)).unique()
        first.sheet = second.sheet
        db.session.commit()
        first_id = first.id
    work()
    with app.app_context():
        first, second = db.session.scalars(select(ListExport).order_by(ListExport.id)).unique()
        assert (first.id, first.made_at) == (first_id, None)
        assert second.made_at is not None


def test_nobody_else_sees_it_nor_takes_it(visitor, app, work, employers):
    administrator = asked(visitor("administrator"))
    page = administrator.url
    work()
    administrator.open(page)
    address = administrator.page.select_one("a[href*='/take/']")["href"]
    for login in ("administrator2", "auditor", "supervisor", "officer"):
        other = visitor(login)
        for wanted in (page, address):
            other.open(wanted)
            assert other.status == 404, (login, wanted)
        other.open("/staff/listexportview/list/")
        assert not other.page.select("tbody tr")
    for login, status in (("joseph", 403), (None, 200)):
        other = visitor(login)
        other.open(address)
        assert other.status == status
        assert other.response.mimetype == "text/html"
    assert "download_export" not in [action for action, _facts in noted(app)]


@pytest.mark.parametrize("login", ["claims", "joseph"])
def test_who_may_not_list_prepares_nothing(visitor, app, login):
    person = visitor(login)
    person.open("/en/account/language")
    person.post("/staff/registrationview/export_later", {"csrf_token": person.token(), "as": "csv"})
    assert person.status == 403
    with app.app_context():
        assert db.session.scalars(select(ListExport)).unique().all() == []


def test_a_role_or_an_agency_that_changed_ends_it(visitor, app, work):
    with app.app_context():
        file_case(key="a")
    officer = asked(visitor("officer"), "", view="registrationview")
    page = officer.url
    work()
    officer.open(page)
    address = officer.page.select_one("a[href*='/take/']")["href"]
    with app.app_context():
        account("officer").agency_id = db.session.scalars(select(Agency.id).where(Agency.code == "YDE")).one()
        db.session.commit()
    officer.open(page)
    assert "has changed since you asked" in officer.text
    officer.open(address)
    assert officer.status == 404
    again = asked(officer, "", view="registrationview")
    assert "nothing to do" in again.text


def test_rights_that_changed_before_it_was_made_leave_it_unmade(visitor, app, work):
    with app.app_context():
        file_case(key="a")
    officer = asked(visitor("officer"), "", view="registrationview")
    page = officer.url
    with app.app_context():
        account("officer").agency_id = None
        db.session.commit()
    work()
    officer.open(page)
    assert "has changed since you asked" in officer.text
    with app.app_context():
        assert db.session.scalars(select(ListExportPart)).all() == []


def test_only_what_one_may_list_is_in_it(visitor, app, work):
    with app.app_context():
        reference = file_case(key="a").reference
    there = asked(visitor("centre"), "", view="registrationview")
    assert "nothing to do" in there.text
    officer = asked(visitor("officer"), "", view="registrationview")
    page = officer.url
    work()
    officer.open(page)
    assert [row[0] for row in lines_of(download(officer))[1:]] == [reference]


def test_after_its_days_it_is_gone_with_its_file(visitor, app, work, employers):
    administrator = asked(visitor("administrator"))
    page = administrator.url
    work()
    administrator.open(page)
    address = administrator.page.select_one("a[href*='/take/']")["href"]
    with app.app_context():
        (sha256,) = db.session.scalars(select(ListExportPart.sha256))
        assert storage.read(sha256)
        (export,) = db.session.scalars(select(ListExport)).unique()
        export.expires_at -= LIST_EXPORT_KEPT + timedelta(seconds=1)
        db.session.commit()
    for wanted in (page, address):
        administrator.open(wanted)
        assert administrator.status == 404
    with app.app_context():
        nightly.purge_data_exports(0)
        db.session.commit()
    work()
    with app.app_context():
        assert db.session.scalars(select(ListExport)).unique().all() == []
        with pytest.raises(FileNotFoundError):
            storage.read(sha256)


def test_it_tells_how_far_it_is_and_a_second_run_changes_nothing(visitor, app, work, employers, monkeypatch):
    monkeypatch.setattr("app.services.exports.ROWS_BETWEEN_WORDS", 10)
    told, seen = list_exports._tell, []

    def tell(number, rows):
        told(number, rows)
        with db.engine.connect() as connection:
            seen.append(connection.scalar(select(ListExport.written)))

    monkeypatch.setattr("app.services.list_exports._tell", tell)
    asked(visitor("administrator"))
    work()
    assert seen == [10, 20, 30]
    with app.app_context():
        (export,) = db.session.scalars(select(ListExport)).unique()
        made_at = export.made_at
        list_exports.make(export)
        db.session.commit()
        assert export.made_at == made_at
        assert len(export.parts) == 1


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"as": "exe"}, "Choose what is to be done."),
        ({"as": ""}, "Choose what is to be done."),
    ],
)
def test_what_cannot_be_prepared_is_said_and_nothing_is_written(visitor, app, employers, sent, said):
    administrator = visitor("administrator")
    administrator.open("/staff/employerview/list/?language=en")
    administrator.post(LIST, {"csrf_token": administrator.token(), **sent})
    assert said in administrator.text
    with app.app_context():
        assert db.session.scalars(select(ListExport)).unique().all() == []


def test_no_more_rows_than_a_spreadsheet_holds(visitor, app, employers, monkeypatch):
    monkeypatch.setattr("app.services.list_exports.LONGEST_SHEET", ROWS - 1)
    administrator = asked(visitor("administrator"), file_format="xlsx")
    assert "No spreadsheet holds so many rows" in administrator.text
    assert "is being prepared" in asked(administrator, file_format="csv").text


def test_no_more_than_three_at_once(visitor, app, work, employers):
    administrator = visitor("administrator")
    for _ in range(3):
        assert "is being prepared" in asked(administrator).text
    assert "Three files are being prepared" in asked(administrator).text
    work()
    assert "is being prepared" in asked(administrator).text


def test_its_address_opened_as_a_page_is_the_list(visitor, app, employers):
    administrator = visitor("administrator")
    administrator.open(f"{LIST}?_flt_0_registration_number=PREP-001")
    assert "/employerview/list/" in administrator.url
    assert len(administrator.page.select("tbody tr")) == 1
    with app.app_context():
        assert db.session.scalars(select(ListExport)).unique().all() == []


def test_only_a_long_list_offers_it(visitor, app, employers):
    administrator = visitor("administrator")
    administrator.open("/staff/employerview/list/")
    assert not administrator.page.select("form[action*='/export_later']")
    with app.app_context():
        many = (
            "INSERT INTO employer (registration_number, name, active)"
            " SELECT 'LONG-' || n, 'Long ' || n, true FROM generate_series(1, 10001) AS n"
        )
        db.session.execute(text(many))
        db.session.commit()
    administrator.open("/staff/employerview/list/?_flt_0_registration_number=LONG")
    administrator.send(form="form[action*='/export_later']", button=("as", "csv"))
    assert "is being prepared" in administrator.text
    with app.app_context():
        (export,) = db.session.scalars(select(ListExport)).unique()
        assert (export.total, export.file_format) == (10001, "csv")
        assert export.expires_at == export.asked_at + LIST_EXPORT_KEPT
