"""Every list and page of the staff's: as many queries for thirty rows as for three, and at most twelve."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from app import clock
from app.access import SCREENS
from app.access_kinds import LockKind, Opened, TaskKind
from app.delays import LIST_EXPORT_KEPT
from app.extensions import db
from app.models import (
    AccessEntry,
    Account,
    Agency,
    AuditSample,
    BulkRun,
    Case,
    ChainCheck,
    ChainRun,
    DeclaredInterest,
    Delay,
    Delegation,
    DocumentCategory,
    Employer,
    Employment,
    FileLock,
    Holiday,
    InsuredPerson,
    LetterTemplate,
    ListExport,
    NumberReservation,
    Outbox,
    PersonMerge,
    RecordCorrection,
    Recovery,
    RoleGrant,
    SupportTask,
)
from app.permissions import EMPLOYEE, REGISTRATION_OFFICER
from app.services import cases, casework, people
from app.workflow import Actor, Outcome
from tests.accounts import new_account
from tests.papers import accepted
from tests.services.test_cases import SERVICE, account, file_case
from tests.services.test_letters import on_paper
from tests.views.test_home import queries

__all__ = ["queries"]
MOST = 12
MOST_OF_A_CASE = 9
"""Session, row, reason and opening; all that hangs on the case at once; interest, colleagues, others of the person."""

OTHERS = {
    "StaffHomeView",
    "EntryView",
    "SearchView",
    "SchemeView",
    "AuditTrailView",
    "FourEyesView",
    "DevMailView",
}
"""What is no list of rows; workbench and trail have tests of their own."""

LISTS = sorted(set(SCREENS) - OTHERS)


def fill(start, many):
    """So many rows of every table a list shows, each pointing at an account or a person of its own."""
    now, officer = clock.now(), account("officer")
    for place in range(start, start + many):
        day, person = clock.today() + timedelta(days=5000 + place), new_account(EMPLOYEE)
        colleague = new_account(REGISTRATION_OFFICER)
        employer = Employer(registration_number=f"E-LIST-{place}", name=f"List {place}")
        insured = InsuredPerson(
            ssn=people.number_of(2000 + place),
            given_names="A",
            family_name="B",
            birth_date=clock.today(),
            registered_on=clock.today(),
            account=person,
        )
        other = InsuredPerson(
            ssn=people.number_of(4000 + place),
            given_names="C",
            family_name="D",
            birth_date=clock.today(),
            registered_on=clock.today(),
        )
        db.session.add_all([employer, insured, other])
        db.session.flush()
        kept = 5_000_000 + 10 * place
        words = {"subject_fr": "a", "subject_en": "a", "body_fr": "a", "body_en": "a"}
        db.session.add_all(
            [
                Agency(code=f"L{place}", name_fr="a", name_en="a"),
                Holiday(day=day, name_fr="a", name_en="a"),
                DocumentCategory(code=f"l{place}", name_fr="a", name_en="a", valid_from=day),
                Delay(service="*", name="x", days=1, unit="calendar", valid_from=day, source="a"),
                LetterTemplate(service="*", outcome=next(iter(Outcome)), valid_from=day, **words),
                Outbox(job="x", payload={}, created_at=now, next_try_at=now, done_at=now),
                ChainCheck(checked_at=now, entries=1, found=0, findings=[]),
                RoleGrant(
                    account=colleague, role="x", reason="x", proposed_by_id=officer.id, proposed_at=now
                ),
                Delegation(
                    account=colleague,
                    quality_fr="a",
                    quality_en="a",
                    valid_from=day,
                    proposed_by_id=officer.id,
                ),
                DeclaredInterest(account=colleague, employer=employer),
                PersonMerge(
                    survivor=insured, merged=other, reason="x", proposed_by=colleague, proposed_at=now
                ),
                Employment(person=insured, employer=employer, started_on=clock.today()),
                RecordCorrection(
                    person=insured,
                    field="sex",
                    after="male",
                    reason="x",
                    is_for_two=True,
                    asked_by=colleague,
                    asked_at=now,
                ),
                NumberReservation(
                    region="10", first=kept, last=kept, reason="x", reserved_by=colleague, reserved_at=now
                ),
                DeclaredInterest(account=colleague, relative=person),
                SupportTask(kind=TaskKind.link, account=person, reason="x", facts={}, opened_at=now),
                FileLock(account=person, kind=LockKind.everything, locked_at=now),
                Recovery(
                    account=person,
                    new_email="a@mail.example",
                    paper="passport",
                    last_digits="1234",
                    requested_by=colleague,
                    requested_at=now,
                ),
                AccessEntry(
                    account=colleague,
                    role=REGISTRATION_OFFICER,
                    opened=Opened.record,
                    name="x",
                    subject_id=person.id,
                    reason="x",
                    opened_at=now,
                ),
                BulkRun(
                    service="registration", account=colleague, step="take", reason="x", total=1, asked_at=now
                ),
                AuditSample(
                    account=colleague,
                    service="registration",
                    since=day,
                    until=day,
                    seed="x",
                    size=1,
                    population=0,
                    population_digest="",
                    references=[],
                    drawn_at=now,
                ),
                ListExport(
                    account=account("auditor"),
                    view="EmployerView",
                    file_format="csv",
                    rights="",
                    total=1,
                    asked_at=now,
                    expires_at=now + LIST_EXPORT_KEPT,
                ),
                ChainRun(
                    account=colleague,
                    asked_at=now,
                    total=0,
                    finished_at=now,
                    check=ChainCheck(checked_at=now, entries=1, found=0, findings=[]),
                ),
            ]
        )
        file_case(key=f"list-{place}")
    on_paper_of(start, many)
    db.session.commit()


def on_paper_of(start, many):
    """One letter made on paper, and copies of its row."""
    if start == 0:
        on_paper("peter")
        db.session.commit()


def test_every_list_costs_the_same_for_few_and_for_many(visitor, app, queries):
    """One test for all: filling the tables is what takes long."""
    viewers = {
        "auditor": visitor("auditor"),
        "officer": visitor("officer"),
        "supervisor": visitor("supervisor"),
    }

    def cost(screen):
        auditor = viewers["auditor"]
        auditor.open(f"/staff/{screen.lower()}/list/?psize_{screen}=100")
        assert auditor.status == 200, screen
        with queries() as sent:
            auditor.open(f"/staff/{screen.lower()}/list/?psize_{screen}=100")
        return len(sent)

    with app.app_context():
        fill(0, 3)
    few = {screen: cost(screen) for screen in LISTS}
    with app.app_context():
        fill(3, 27)
    many = {screen: cost(screen) for screen in LISTS}
    assert {screen: (few[screen], many[screen]) for screen in LISTS if many[screen] > few[screen]} == {}
    assert {screen: number for screen, number in many.items() if number > MOST} == {}


def test_a_case_page_costs_the_same_for_few_and_for_many(visitor, app, queries):
    """Documents, notes, events: each kind is read once. Not one query more with more rows."""
    with app.app_context():
        case_id = file_case().id
    officer = visitor("officer")

    def cost():
        officer.open(f"/staff/registrationview/show/{case_id}")
        with queries() as sent:
            officer.open(f"/staff/registrationview/show/{case_id}")
        assert officer.status == 200
        return len(sent)

    few, before = cost(), len(officer.page.select(".s-document"))
    with app.app_context():
        case = db.session.get(Case, case_id)
        for place in range(9):
            case.documents.append(accepted(case.owner))
            casework.note(SERVICE, case, f"Note {place}", account("officer"))
        for name in ("request_information", "answer") * 4:
            by = Actor.officer if name.startswith("request") else Actor.insured_person
            who = account("officer") if by is Actor.officer else case.owner
            cases.perform(SERVICE, case, name, cases.By(who, by), "Reason.")
        db.session.commit()
    assert cost() <= few
    assert len(officer.page.select(".s-document")) == before + 9
    assert few <= MOST_OF_A_CASE


@pytest.mark.parametrize(
    "asked",
    [
        "psize_EmployerView=100000",
        "psize_EmployerView=-5",
        "page_EmployerView=-1",
        "page_EmployerView=99999999",
    ],
)
def test_no_page_is_longer_than_people_read_nor_beyond_the_last(visitor, app, asked):
    with app.app_context():
        db.session.execute(
            insert(Employer),
            [{"registration_number": f"P-{n}", "name": f"P {n}", "active": True} for n in range(150)],
        )
        db.session.commit()
    administrator = visitor("administrator")
    administrator.open(f"/staff/employerview/list/?{asked}")
    assert administrator.status in (200, 400)
    assert len(administrator.page.select("tbody tr")) <= 100


def test_a_long_list_is_counted_no_further_than_it_is_paged(visitor, app, monkeypatch):
    monkeypatch.setattr("app.views.backoffice_base.MOST_COUNTED", 20)
    with app.app_context():
        db.session.execute(
            insert(Employer),
            [{"registration_number": f"P-{n}", "name": f"P {n}", "active": True} for n in range(150)],
        )
        db.session.commit()
        assert db.session.scalar(select(Case.id).limit(1)) is None
        assert db.session.scalar(select(Account.id).limit(1))
    administrator = visitor("administrator")
    administrator.open("/staff/employerview/list/")
    assert "21 records" in administrator.text
