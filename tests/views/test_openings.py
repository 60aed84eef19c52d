"""Who looked at my file: each opening noted, a reason where no case is open, and its review."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app import clock
from app.delays import OWN_WORK_OPENS, REASON_HOLDS
from app.extensions import db
from app.models import AccessEntry, AuditEntry, DeclaredInterest, InsuredPerson
from app.services import people
from app.workflow import Status
from tests.services.test_cases import account, bring_to, file_case

MINE = "/en/my-file/openings"


@pytest.fixture
def case_id(app):
    with app.app_context():
        return file_case().id


@pytest.fixture
def ended_id(app):
    with app.app_context():
        case = file_case()
        bring_to(case, Status.carried_out)
        return case.id


@pytest.fixture
def person_id(app):
    with app.app_context():
        person = InsuredPerson(
            ssn=people.number_of(150),
            given_names="Peter",
            family_name="Fon",
            birth_date=date(1980, 1, 1),
            registered_on=date(2020, 1, 1),
            account_id=account("peter").id,
        )
        db.session.add(person)
        db.session.commit()
        return person.id


def entries(app):
    with app.app_context():
        rows = db.session.scalars(select(AccessEntry).order_by(AccessEntry.id))
        return [(row.account.email.partition("@")[0], row.opened.value, row.reason) for row in rows]


def see(staff, case_id):
    staff.open(f"/staff/registrationview/show/{case_id}?language=en")


def test_the_person_reads_role_and_agency_and_no_name(visitor, app, case_id):
    officer = visitor("officer")
    see(officer, case_id)
    assert entries(app) == [("officer", "case", None)]
    person = visitor("joseph")
    person.open(MINE)
    assert "A request of yours – RG-20" in person.text
    assert "Registration officer, Coast agency" in person.text
    assert "Ebai" not in person.text
    other = visitor("peter")
    other.open(MINE)
    assert "Nobody has opened anything of yours yet." in other.text


def test_an_ended_case_asks_for_a_reason_first(visitor, app, ended_id):
    officer = visitor("agent", lang="en")
    see(officer, ended_id)
    assert officer.url.startswith(f"/staff/registrationview/reason/{ended_id}")
    assert "Tabi" not in officer.page.select_one("main").text
    officer.send(form="#model_form", reason="  ")
    assert officer.status == 422
    assert entries(app) == []
    officer.send(form="#model_form", reason="A heir asks for a copy.")
    assert "Joseph" in officer.text
    assert entries(app) == [("agent", "case", "A heir asks for a copy."), ("agent", "case", None)]
    person = visitor("joseph")
    person.open(MINE)
    assert "Reason given: A heir asks for a copy." in person.text


def test_the_reason_holds_for_a_while_and_for_this_person(visitor, app, ended_id, person_id):
    officer = visitor("agent")
    see(officer, ended_id)
    officer.send(form="#model_form", reason="A copy.")
    see(officer, ended_id)
    assert "/show/" in officer.url
    officer.open(f"/staff/insuredpersonview/show/{person_id}")
    assert "/reason/" in officer.url
    with clock.frozen(clock.now() + REASON_HOLDS - timedelta(minutes=1)):
        see(officer, ended_id)
        assert "/show/" in officer.url
    late = visitor("agent")
    with clock.frozen(clock.now() + REASON_HOLDS + timedelta(minutes=1)):
        late.sign_in("agent")
        see(late, ended_id)
        assert "/reason/" in late.url


def test_whoever_decided_reads_it_the_same_day_without_a_reason(visitor, app, ended_id):
    officer = visitor("officer")
    see(officer, ended_id)
    assert "/show/" in officer.url
    with clock.frozen(clock.now() + OWN_WORK_OPENS + timedelta(minutes=1)):
        officer.sign_in("officer")
        see(officer, ended_id)
        assert "/reason/" in officer.url


@pytest.mark.parametrize("thing", ["document", "letter"])
def test_documents_and_letters_stand_behind_the_same_door(visitor, app, ended_id, thing, work):
    work()
    officer, colleague = visitor("officer"), visitor("agent")
    see(officer, ended_id)
    links = officer.page.select(f"a[href*='/{thing}/']")
    if thing == "letter":
        answer = colleague.client.get(links[0]["href"])
        assert "/reason/" in answer.headers["Location"]
        officer.open(links[0]["href"])
        assert entries(app)[-1] == ("officer", "letter", None)
    assert all(login == "officer" for login, *_rest in entries(app))


def test_a_record_opens_with_an_open_case_in_ones_own_service(visitor, app, person_id):
    officer, claims = visitor("officer"), visitor("claims")
    page = f"/staff/insuredpersonview/show/{person_id}"
    officer.open(page)
    assert "/reason/" in officer.url
    with app.app_context():
        file_case("joseph", "j")
        db.session.get_one(InsuredPerson, person_id).account_id = account("joseph").id
        db.session.commit()
    officer.open(page)
    assert "/show/" in officer.url
    claims.open(page)
    assert "/reason/" in claims.url


def test_a_relative_asks_for_a_reason_even_with_an_open_case(visitor, app, case_id):
    with app.app_context():
        db.session.add(DeclaredInterest(account_id=account("officer").id, relative_id=account("joseph").id))
        db.session.commit()
    officer = visitor("officer")
    see(officer, case_id)
    assert "/reason/" in officer.url


def test_auditors_are_noted_and_asked_nothing(visitor, app, ended_id):
    auditor = visitor("auditor")
    see(auditor, ended_id)
    assert "/show/" in auditor.url
    assert entries(app) == [("auditor", "case", None)]
    auditor.open("/staff/accessview/list/?language=en")
    assert "Samuel Njoya" in auditor.text


@pytest.mark.parametrize(
    "statement",
    ["UPDATE access_entry SET reason = 'x'", "DELETE FROM access_entry", "TRUNCATE access_entry CASCADE"],
)
def test_an_opening_is_never_unwritten(visitor, app, case_id, statement):
    see(visitor("officer"), case_id)
    with app.app_context(), pytest.raises(IntegrityError, match="only added to"):
        db.session.execute(text(statement))


def test_a_supervisor_reviews_and_nobody_their_own(visitor, app, ended_id):
    officer = visitor("agent")
    see(officer, ended_id)
    officer.send(form="#model_form", reason="Curiosity.")
    with app.app_context():
        pk = db.session.scalar(select(func.min(AccessEntry.id)))
    supervisor = visitor("supervisor")
    supervisor.open("/staff/accessview/list/?language=en")
    assert "Paul Essomba" in supervisor.text
    supervisor.open(f"/staff/accessview/show/{pk}")
    supervisor.send(form="form[action*='/review/']", is_justified="no", note="")
    assert "Say what was wrong." in supervisor.text
    supervisor.send(form="form[action*='/review/']", is_justified="no", note="No business there.")
    assert "Review noted." in supervisor.text
    assert not supervisor.page.select("form[action*='/review/']")
    see(supervisor, ended_id)
    supervisor.send(form="#model_form", reason="Checks the colleague.")
    with app.app_context():
        own = db.session.scalar(
            select(func.max(AccessEntry.id)).where(AccessEntry.reason == "Checks the colleague.")
        )
        actions = set(db.session.scalars(select(AuditEntry.action)))
    supervisor.open(f"/staff/accessview/show/{own}")
    supervisor.send(form="form[action*='/review/']", is_justified="yes")
    assert "Somebody else must review what you opened." in supervisor.text
    assert {"open_with_reason", "review_opening"} <= actions


@pytest.mark.parametrize("login", ["officer", "auditor", "administrator", "joseph", "support"])
def test_only_supervisors_review(visitor, login):
    other = visitor(login)
    other.open("/en/sign-in")
    other.post("/staff/accessview/review/1", {"csrf_token": other.token(), "is_justified": "yes"})
    assert other.status == 403
