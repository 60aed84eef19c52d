"""An officer works the cases of their agency, and those no agency has yet."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Agency, Case
from app.services import cases, casework
from app.services.base import NotAllowed
from app.workflow import Actor
from tests.services.test_cases import SERVICE, account, file_case


@pytest.fixture
def case_id(app):
    with app.app_context():
        return file_case().id


@pytest.mark.parametrize(
    ("login", "status"), [("officer", 200), ("centre", 404), ("supervisor", 200), ("auditor", 200)]
)
def test_an_agencys_case_is_not_another_agencys(visitor, case_id, login, status):
    staff = visitor(login)
    staff.open(f"/staff/registrationview/show/{case_id}")
    assert staff.status == status
    staff.open("/staff/registrationview/list/")
    assert ("RG-20" in staff.text) is (status == 200)


def test_the_counts_follow_the_agency(visitor, case_id):
    for login, waiting in (("officer", "1"), ("centre", "0")):
        staff = visitor(login)
        staff.open("/staff/")
        assert staff.page.select_one("tbody td").text == waiting


def test_a_queue_is_a_link_only_for_who_may_open_it(visitor):
    for login, is_link in (("officer", True), ("support", False), ("claims", False)):
        staff = visitor(login)
        staff.open("/staff/")
        assert staff.status == 200
        assert bool(staff.page.select("main a[href*='registrationview']")) is is_link


def test_a_case_without_an_agency_is_everybodys(visitor, app, case_id):
    with app.app_context():
        db.session.execute(Case.__table__.update().values(agency_id=None))
        db.session.commit()
    for login in ("officer", "centre"):
        staff = visitor(login)
        staff.open(f"/staff/registrationview/show/{case_id}")
        assert staff.status == 200


@pytest.mark.parametrize("act", ["step", "note", "assign", "correct"])
def test_the_rule_itself_refuses_another_agency(english, act):
    case, other = file_case(), account("centre")
    acts = {
        "step": lambda: cases.perform(SERVICE, case, "approve", cases.By(other, Actor.officer)),
        "note": lambda: casework.note(SERVICE, case, "Seen.", other),
        "assign": lambda: casework.assign(SERVICE, case, other, account("officer")),
        "correct": lambda: casework.correct(SERVICE, case, "family_name", "X", "Because.", other),
    }
    with pytest.raises(NotAllowed, match="another agency"):
        acts[act]()


def test_a_case_transferred_leaves_the_officers_list(visitor, app, case_id):
    with app.app_context():
        centre = db.session.scalar(select(Agency.id).where(Agency.code == "YDE"))
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/show/{case_id}")
    officer.send(form="form[action*='/transfer/']", agency=str(centre))
    assert "Case transferred to agency YDE." in officer.text
    assert officer.url.startswith("/staff/registrationview/list")
    there = visitor("centre")
    there.open(f"/staff/registrationview/show/{case_id}")
    assert there.status == 200


def test_an_administrator_keeps_the_agencies(visitor, app):
    administrator = visitor("administrator")
    administrator.open("/staff/agencyview/add")
    administrator.send(
        form="#model_form", code="BDA", name_fr="Agence du Nord-Ouest", name_en="North West agency"
    )
    administrator.open("/staff/agencyview/list/")
    assert "North West agency" in administrator.text
    with app.app_context():
        agency = db.session.scalars(select(Agency).where(Agency.code == "BDA")).one()
        db.session.delete(agency)
        db.session.commit()
    supervisor = visitor("supervisor")
    supervisor.open("/staff/agencyview/add")
    assert supervisor.status == 404 or supervisor.status == 403
