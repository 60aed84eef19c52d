"""The workbench: one's own work, what is urgent, what waits for others, and the next case."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import Agency, Case, DeclaredInterest
from app.services import casework, workbench
from app.workflow import Status
from tests.services.test_cases import SERVICE, account, bring_to, file_case, give
from tests.views.test_home import queries

__all__ = ["queries"]


def references(staff, queue):
    return [link.text for link in staff.page.select(f"#queue-{queue} .s-cases a")]


def file_many(number, start=0):
    """Cases due one day after another, the oldest first."""
    filed = []
    for place in range(start, start + number):
        case = file_case(key=f"key-{place}")
        case.due_on = clock.today() + timedelta(days=place + 1)
        filed.append(case)
    db.session.commit()
    return filed


@pytest.fixture
def filed(app):
    """Each queue with a case of its own; by queue."""
    with app.app_context():
        mine, team, today, late, proposed, asked = file_many(6)
        casework.assign(SERVICE, mine, account("officer"), account("officer"))
        today.due_on, late.due_on = clock.today(), clock.today() - timedelta(days=1)
        bring_to(proposed, Status.proposed)
        bring_to(asked, Status.info_requested)
        db.session.commit()
        return {
            name: case.reference
            for name, case in zip(
                ("mine", "team", "due-today", "overdue", "second", "others"),
                (mine, team, today, late, proposed, asked),
                strict=True,
            )
        }


def test_each_queue_holds_its_cases(visitor, filed):
    officer = visitor("officer")
    officer.open("/staff/")
    assert set(references(officer, "mine")) == {filed["mine"], filed["second"], filed["others"]}
    assert references(officer, "team") == [filed[name] for name in ("overdue", "due-today", "team")]
    assert references(officer, "due-today") == [filed["due-today"]]
    assert references(officer, "overdue") == [filed["overdue"]]
    assert references(officer, "others") == [filed["others"]]


def test_a_proposal_waits_for_another_officer_not_for_its_author(visitor, filed):
    author, second = visitor("officer"), visitor("agent")
    for staff in (author, second):
        staff.open("/staff/")
    assert references(author, "second") == []
    assert references(second, "second") == [filed["second"]]


def test_the_counts_hold_proposals_and_name_who_is_awaited(visitor, filed):
    officer = visitor("officer")
    officer.open("/staff/")
    row = officer.page.select_one("#services tbody tr:has(a[href^='/staff/registrationview/'])")
    assert [cell.text.strip() for cell in row.select("td")] == ["5", "1", "1", "1", "1", "–"]


def test_every_count_leads_to_its_list(visitor, filed):
    officer = visitor("officer")
    officer.open("/staff/")
    for name in filed:
        if not officer.page.select_one(f"#queue-{name} .s-more a"):
            assert name == "second"
            continue
        shown = references(officer, name)
        officer.open(officer.page.select_one(f"#queue-{name} .s-more a")["href"])
        listed = [cell.get_text(strip=True) for cell in officer.page.select("td[data-label=Reference]")]
        assert listed == shown, name
        officer.open("/staff/")


def test_a_narrowed_list_stays_narrowed_when_it_is_searched(visitor, filed):
    officer = visitor("officer")
    officer.open("/staff/registrationview/list/?queue=overdue&_flt_0_reference=RG")
    assert filed["overdue"] in officer.text
    assert filed["team"] not in officer.text
    assert officer.page.select_one("#filter_form input[name=queue]")["value"] == "overdue"
    officer.open("/staff/registrationview/list/?queue=nonsense")
    assert filed["team"] in officer.text


def test_empty_queues_say_what_to_do(visitor, app):
    officer = visitor("officer")
    officer.open("/staff/")
    assert "You work no case. Take the next one" in officer.text
    assert "No case is late." in officer.text
    assert "No case is open." in officer.text


def test_another_agencys_work_is_not_counted(visitor, filed):
    there = visitor("centre")
    there.open("/staff/")
    assert all(references(there, name) == [] for name in filed)
    assert [cell.text.strip() for cell in there.page.select("#services tbody td")][:5] == ["0"] * 5


def test_the_flow_is_drawn_and_told(visitor, filed):
    officer = visitor("officer")
    officer.open("/staff/")
    assert officer.page.select("#flow svg rect")
    assert officer.page.select("#flow tbody tr")[-1].select("td")[0].text == "6"
    assert [cell.text for cell in officer.page.select("#ages tbody td")][:4] == ["6", "0", "0", "0"]


def test_who_decides_nothing_gets_no_case(visitor, filed, app):
    for login in ("auditor", "administrator", "claims"):
        staff = visitor(login)
        staff.open("/staff/")
        assert not staff.page.select("#next-case"), login
        staff.open("/en/sign-in")
        staff.post("/staff/next", {"csrf_token": staff.token()})
        assert staff.status == 403, login


def test_the_next_case_is_the_oldest_due_and_then_ones_own(visitor, app, filed):
    officer = visitor("officer")
    officer.open("/staff/")
    officer.send(form="#next-case")
    assert filed["overdue"] in officer.text
    assert "is yours." in officer.text
    with app.app_context():
        case = db.session.scalars(select(Case).where(Case.reference == filed["overdue"])).unique().one()
        assert case.officer_id == account("officer").id


def test_nothing_left_is_said(visitor, app):
    officer = visitor("officer")
    officer.open("/staff/")
    officer.send(form="#next-case")
    assert officer.url == "/staff/"
    assert "No case waits for an officer" in officer.text


def test_no_case_of_a_relative_of_ones_own_or_of_another_agency_is_handed_over(context):
    officer = account("officer")
    of_relative, own, elsewhere, free = file_many(4)
    db.session.add(DeclaredInterest(account_id=officer.id, relative_id=of_relative.owner_id))
    for case in (elsewhere, free):
        give(case, account("peter"))
    give(own, officer)
    elsewhere.agency_id = db.session.scalar(select(Agency.id).where(Agency.code == "YDE"))
    db.session.flush()
    assert workbench.next_case(officer).id == free.id
    assert workbench.next_case(officer) is None


def test_one_case_is_never_handed_to_two(app):
    officers, each = ("officer", "agent", "supervisor"), 4
    with app.app_context():
        file_many(len(officers) * each)
    taken, together = [], threading.Barrier(len(officers))

    def take(login):
        with app.app_context():
            together.wait()
            for _round in range(each):
                case = workbench.next_case(account(login))
                taken.append((case.id, login))
                db.session.commit()

    threads = [threading.Thread(target=take, args=(login,)) for login in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({number for number, _login in taken}) == len(officers) * each
    with app.app_context():
        owners = dict(db.session.execute(select(Case.id, Case.officer_id)).all())
        assert {number: account(login).id for number, login in taken} == owners


def test_a_case_somebody_is_taking_is_passed_over(app):
    with app.app_context():
        first, second = (case.id for case in file_many(2))
        db.session.execute(select(Case.__table__.c.id).where(Case.__table__.c.id == first).with_for_update())
        found = []

        def take():
            with app.app_context():
                found.append(workbench.next_case(account("agent")).id)
                db.session.rollback()

        thread = threading.Thread(target=take)
        thread.start()
        thread.join()
        db.session.rollback()
    assert found == [second]


def test_the_workbench_asks_as_often_for_many_cases_as_for_few(visitor, app, queries):
    officer = visitor("officer")
    with app.app_context():
        file_many(3)
    with queries() as few:
        officer.open("/staff/")
    with app.app_context():
        file_many(27, start=3)
    with queries() as many:
        officer.open("/staff/")
    assert len(many) <= len(few)
    assert len(many) <= 12
