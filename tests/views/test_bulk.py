"""One act on a whole list: in the background, with a reason, each case through the rules, each result told."""

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.models import Agency, AuditEntry, BulkRow, BulkRun, Case, CaseEvent
from app.services import bulk
from app.workflow import Status
from tests.papers import accept_all
from tests.services.test_cases import REASON, account, bring_to, file_case

LIST = "/staff/registrationview/list/"
BULK = "/staff/registrationview/bulk"


@pytest.fixture
def numbers(app):
    with app.app_context():
        return [file_case(key=f"key-{number}").id for number in range(3)]


def ask(staff, act, reason="They are all alike.", query=""):
    staff.open(BULK + query)
    staff.send(form="#model_form", to=BULK + query, act=act, reason=reason)


def outcomes(staff):
    return [cell.get_text(strip=True) for cell in staff.page.select("td[data-label=Outcome]")]


def whys(staff):
    return [cell.get_text(strip=True) for cell in staff.page.select("td[data-label=Why]")]


def statuses(app):
    with app.app_context():
        return dict(db.session.execute(select(Case.__table__.c.id, Case.__table__.c.status)).all())


def test_a_step_is_taken_on_every_case_of_the_list(visitor, app, numbers, work):
    officer = visitor("officer")
    officer.open(LIST)
    officer.open(officer.page.select_one(f"a[href^='{BULK}']")["href"])
    assert "3 cases are in this list." in officer.text
    ask(officer, "step:take")
    assert "The work has begun." in officer.text
    assert outcomes(officer) == ["To do"] * 3
    assert set(statuses(app).values()) == {"submitted"}
    work()
    officer.open(officer.url)
    assert outcomes(officer) == ["Done"] * 3
    assert "Done: 3. Refused: 0. Still to do: 0." in officer.text
    assert set(statuses(app).values()) == {"under_review"}
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(AuditEntry.action == "bulk")) == 1
        assert db.session.scalar(select(func.count()).where(AuditEntry.action == "take")) == 3


def test_only_the_narrowed_list_is_acted_on(visitor, app, numbers, work):
    with app.app_context():
        reference = db.session.get(Case, numbers[1]).reference
    officer = visitor("officer")
    ask(officer, "step:take", query=f"?_flt_0_reference={reference}")
    work()
    assert statuses(app) == {
        numbers[0]: "submitted",
        numbers[1]: "under_review",
        numbers[2]: "submitted",
    }


def test_the_cases_of_a_list_are_handed_to_one_officer(visitor, app, numbers, work):
    with app.app_context():
        agent = account("agent").id
    supervisor = visitor("supervisor")
    ask(supervisor, f"assign:{agent}", query="?queue=team")
    work()
    with app.app_context():
        assert set(db.session.scalars(select(Case.__table__.c.officer_id))) == {agent}


def test_what_the_rules_refuse_is_told_and_the_others_go_on(visitor, app, numbers, work):
    """Not where the step begins; prepared by oneself; without its document."""
    with app.app_context():
        proposed = db.session.get(Case, numbers[0])
        bring_to(proposed, Status.proposed)
        accept_all()
        without = db.session.get(Case, numbers[2])
        without.documents.clear()
        db.session.commit()
    officer = visitor("officer")
    ask(officer, "step:confirm_approval")
    work()
    officer.open(officer.url)
    assert outcomes(officer) == ["Refused"] * 3
    assert "You prepared this case: somebody else must decide it." in whys(officer)
    assert "This step is not possible at this stage." in whys(officer)
    second = visitor("agent")
    ask(second, "step:confirm_approval")
    work()
    second.open(second.url)
    assert sorted(outcomes(second)) == ["Done", "Refused", "Refused"]
    assert statuses(app)[numbers[0]] == "carried_out"


def test_a_case_that_left_the_list_meanwhile_is_refused_and_not_named(visitor, app, numbers, work):
    officer = visitor("officer")
    ask(officer, "step:reject")
    with app.app_context():
        case = db.session.get(Case, numbers[1])
        case.agency_id = db.session.scalar(select(Agency.id).where(Agency.code == "YDE"))
        reference = case.reference
        db.session.commit()
    work()
    officer.open(officer.url)
    assert outcomes(officer) == ["Refused", "Done", "Done"]
    assert "This case is not in your list." in whys(officer)
    assert reference not in officer.text
    assert statuses(app)[numbers[1]] == "submitted"


def test_cases_of_another_agency_are_never_in_the_list(visitor, app, numbers):
    there = visitor("centre")
    ask(there, "step:take")
    assert there.status == 422
    assert "The list is empty: there is nothing to do." in there.text


@pytest.mark.parametrize(
    ("act", "reason", "said"),
    [
        ("step:reject", " ", "Give a reason."),
        ("step:reject", "x" * 1001, "The reason must be at most 1,000 characters long."),
        ("", "Because.", "Choose what is to be done."),
        ("step:withdraw", "Because.", "Not a valid choice"),
        ("step:carry_out", "Because.", "Not a valid choice"),
        ("assign:999999", "Because.", "Not a valid choice"),
    ],
)
def test_what_cannot_be_asked_is_refused_and_nothing_is_written(visitor, app, numbers, act, reason, said):
    officer = visitor("officer")
    ask(officer, act, reason)
    assert officer.status == 422
    assert said in officer.text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(BulkRun)) == 0


@pytest.mark.parametrize("login", ["auditor", "administrator", "claims", "joseph"])
def test_who_does_not_work_the_cases_cannot(visitor, app, numbers, login):
    other = visitor(login)
    other.open("/en/sign-in")
    other.post(BULK, {"csrf_token": other.token(), "act": "step:reject", "reason": "Because."})
    assert other.status == 403
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(BulkRun)) == 0


def test_anothers_act_is_read_by_supervisors_and_auditors_only(visitor, app, numbers):
    officer = visitor("officer")
    ask(officer, "step:take")
    for login, status in (("agent", 404), ("supervisor", 200), ("auditor", 200)):
        other = visitor(login)
        other.open(officer.url)
        assert other.status == status, login


def test_many_cases_are_worked_slice_by_slice(app, work):
    with app.app_context():
        wanted = bulk.SLICE * 2 + 1
        for number in range(wanted):
            file_case(key=f"key-{number}")
        service = bulk.SERVICES["registration"]
        run = bulk.ask(service, select(Case.__table__.c.id), bulk.Act("take"), REASON, account("officer"))
        db.session.commit()
        number = run.id
        bulk.work(run)
        db.session.commit()
        assert bulk.progress(run) == bulk.Progress(bulk.SLICE, 0, wanted - bulk.SLICE)
    work()
    with app.app_context():
        run = db.session.get(BulkRun, number)
        assert bulk.progress(run) == bulk.Progress(wanted, 0, 0)
        assert run.finished_at is not None
        assert db.session.scalar(select(func.count()).where(CaseEvent.step == "take")) == wanted
        bulk.work(run)
        assert db.session.scalar(select(func.count()).select_from(BulkRow)) == wanted
