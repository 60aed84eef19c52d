"""Each change of reference data is kept with who made it, shown below the row, and told in the audit chain."""

import json
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app import clock
from app.extensions import db
from app.models import Agency, AuditEntry, Delay, ReferenceChange
from app.services import delays


@pytest.fixture
def administrator(visitor):
    return visitor("administrator")


@pytest.fixture
def agency(administrator, app):
    """An agency the administrator added and renamed; its number."""
    administrator.open("/staff/agencyview/add")
    administrator.send(form="#model_form", code="NWD", name_fr="Agence du Nord", name_en="North agency")
    with app.app_context():
        number = db.session.scalar(select(Agency.id).where(Agency.code == "NWD"))
    administrator.open(f"/staff/agencyview/edit/{number}")
    administrator.send(form="#model_form", code="NWD", name_fr="Agence du Nord-Ouest", name_en="North agency")
    return number


def history(visitor):
    return [
        [cell.get_text(" ", strip=True) for cell in row.select("td")]
        for row in visitor.page.select("section[aria-labelledby=changes] tbody tr")
    ]


def test_a_change_is_shown_below_the_row_to_who_may_read_it(administrator, visitor, agency):
    auditor = visitor("auditor")
    auditor.open(f"/staff/agencyview/show/{agency}?language=en")
    changed, added = history(auditor)
    assert changed[1:] == [
        "Grace Lum",
        "Changed",
        "Name in French Agence du Nord → Agence du Nord-Ouest",
    ]
    assert added[1:] == ["Grace Lum", "Added", "–"]
    auditor.open(f"/staff/agencyview/show/{agency}?language=fr")
    assert [row[2] for row in history(auditor)] == ["Modifié", "Ajouté"]


def test_what_was_there_from_the_beginning_says_so(administrator, app):
    with app.app_context():
        first = db.session.scalar(select(Agency.id).order_by(Agency.id).limit(1))
    administrator.open(f"/staff/agencyview/show/{first}?language=en")
    assert history(administrator) == []
    assert "nobody changed it since" in administrator.text


def test_a_row_that_is_gone_is_still_told_of(administrator, visitor, agency):
    administrator.open(f"/staff/agencyview/show/{agency}")
    administrator.post(f"/staff/agencyview/delete/{agency}", {"csrf_token": administrator.token()})
    auditor = visitor("auditor")
    auditor.open("/staff/referencechangeview/list/?language=en")
    latest = auditor.page.select_one("tbody tr").get_text(" ", strip=True)
    assert "Grace Lum" in latest
    assert "Deleted" in latest
    assert "Agency" in latest


def test_saving_without_a_change_is_no_change(administrator, agency, app):
    administrator.open(f"/staff/agencyview/edit/{agency}")
    administrator.send(form="#model_form", code="NWD", name_fr="Agence du Nord-Ouest", name_en="North agency")
    with app.app_context():
        kept = db.session.scalars(
            select(ReferenceChange.action).where(
                ReferenceChange.kind == "agency", ReferenceChange.row_id == agency
            )
        ).all()
    assert kept == ["added", "changed"]


def test_what_is_refused_leaves_no_trace(administrator, app):
    with app.app_context():
        taken = db.session.scalar(select(Agency.code).limit(1))
    administrator.open("/staff/agencyview/add")
    administrator.send(form="#model_form", code=taken, name_fr="Agence", name_en="Agency")
    with app.app_context():
        assert db.session.scalar(select(ReferenceChange.id).limit(1)) is None


def test_the_chain_tells_it_too(administrator, agency, app):
    with app.app_context():
        told = db.session.scalars(
            select(AuditEntry.content)
            .where(AuditEntry.action == "change_reference_data")
            .order_by(AuditEntry.seq)
        ).all()
    assert [json.loads(one)["subject"]["action"] for one in told] == ["added", "changed"]
    assert json.loads(told[1])["subject"]["changes"] == {
        "name_fr": ["Agence du Nord", "Agence du Nord-Ouest"]
    }


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reference_change SET action = 'added'",
        "DELETE FROM reference_change",
        "TRUNCATE reference_change",
    ],
)
def test_the_history_is_only_added_to(app, agency, statement):
    with app.app_context():
        with pytest.raises((IntegrityError, psycopg.errors.IntegrityConstraintViolation)):
            db.session.execute(text(statement))
        db.session.rollback()


@pytest.mark.parametrize("role", ["officer", "supervisor", "auditor"])
def test_only_the_administrator_adds_a_delay(visitor, role):
    assert visitor(role).client.get("/staff/delayview/add").status_code in (403, 404)


def new_delay(administrator, **changed):
    with administrator.client.application.app_context():
        later = clock.today() + timedelta(days=30)
    administrator.open("/staff/delayview/add?language=en")
    typed = {
        "service": "registration",
        "name": delays.DECISION,
        "days": "9",
        "unit": "calendar",
        "valid_from": later.isoformat(),
        "source": "Decree 12",
    }
    administrator.send(form="#model_form", **(typed | changed))


def test_a_delay_is_in_force_from_its_day_on(administrator, app):
    new_delay(administrator)
    with app.app_context():
        later = clock.today() + timedelta(days=30)
        assert delays.length("registration", delays.DECISION, later) == delays.Length(9, "calendar")
        assert delays.length("registration", delays.DECISION).days == 5


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"valid_from": "2020-01-01"}, "cannot begin in the past"),
        ({"days": "0"}, "from 1 to 3650"),
        ({"days": "4000"}, "from 1 to 3650"),
        ({"days": "many"}, "Not a valid integer"),
        ({"source": "  "}, "Fill in this field."),
    ],
)
def test_a_delay_that_cannot_be_is_refused(administrator, app, typed, said):
    with app.app_context():
        before = db.session.query(Delay).count()
    new_delay(administrator, **typed)
    assert said in administrator.text
    with app.app_context():
        assert db.session.query(Delay).count() == before


def test_a_delay_in_force_is_not_taken_back(administrator, app):
    with app.app_context():
        number = db.session.scalar(select(Delay.id).order_by(Delay.id).limit(1))
    administrator.open("/staff/delayview/list/?language=en")
    administrator.post(f"/staff/delayview/delete/{number}", {"csrf_token": administrator.token()})
    with app.app_context():
        assert db.session.get(Delay, number) is not None


def test_a_delay_to_come_is_taken_back(administrator, app):
    new_delay(administrator)
    with app.app_context():
        number = db.session.scalar(select(Delay.id).where(Delay.source == "Decree 12"))
    administrator.post(f"/staff/delayview/delete/{number}", {"csrf_token": administrator.token()})
    with app.app_context():
        assert db.session.get(Delay, number) is None


def test_a_change_is_kept_of_a_row_that_was_not_read_since_the_last_commit(context):
    agency = db.session.scalars(select(Agency).order_by(Agency.id).limit(1)).one()
    before = agency.name_en
    db.session.commit()
    agency.name_en = "Elsewhere"
    db.session.commit()
    kept = db.session.scalars(select(ReferenceChange).order_by(ReferenceChange.id.desc()).limit(1)).one()
    assert (kept.kind, kept.row_id, kept.action) == ("agency", agency.id, "changed")
    assert kept.changes == {"name_en": [before, "Elsewhere"]}
