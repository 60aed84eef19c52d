"""Insured persons are found by what one knows of them, never leafed through; whoever is found reads it."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.access_kinds import LockKind, Paper, TaskKind, TaskOutcome
from app.extensions import db
from app.models import AccessEntry, Case, DeclaredInterest, InsuredPerson, SupportTask
from app.services import cases, locks, people, recoveries
from app.services.base import NotAllowed
from app.workflow import Actor
from tests.services.test_cases import SERVICE, account, file_case
from tests.services.test_four_eyes import decide_by_sql

LIST = "/staff/insuredpersonview/list/?language=en"
BORN = {"birth_date": "1980-02-01"}


@pytest.fixture
def persons(app):
    """Peter, who has an account, and two namesakes without one."""
    with app.app_context():
        rows = [
            InsuredPerson(
                ssn=people.number_of(number),
                given_names=given,
                family_name=family,
                birth_date=date(1980, 2, day),
                registered_on=date(2020, 1, 1),
                account_id=account("peter").id if given == "Peter" else None,
            )
            for number, given, family, day in (
                (9150, "Peter", "Fôn-Che", 1),
                (9151, "Alice", "FON CHE", 1),
                (9152, "Zoé", "Fon Che", 2),
            )
        ]
        db.session.add_all(rows)
        db.session.commit()
        return {row.given_names: (row.id, row.ssn) for row in rows}


def search(browser, **typed):
    browser.open(LIST)
    browser.send(form="#model_form", **typed)


def entries(app):
    with app.app_context():
        rows = db.session.scalars(select(AccessEntry).order_by(AccessEntry.id))
        return [(row.account.email.partition("@")[0], row.opened.value, row.person_id) for row in rows]


@pytest.mark.parametrize("login", ["officer", "claims", "support", "supervisor", "auditor"])
def test_there_is_nothing_to_leaf_through(visitor, app, persons, login):
    officer = visitor(login)
    for address in (
        LIST,
        f"{LIST}&_flt_0_family_name=Fon",
        f"{LIST}&_flt_2_ssn=10",
        f"{LIST}&psize_InsuredPersonView=100&_oc_InsuredPersonView=ssn",
    ):
        officer.open(address)
        assert officer.status == 200
        for given, (_id, ssn) in persons.items():
            assert given not in officer.text
            assert ssn not in officer.text
    assert entries(app) == []


@pytest.mark.parametrize("wrapped", ["{}", " {} ", "{0}"])
def test_the_whole_number_finds_one(visitor, app, persons, wrapped):
    number, ssn = persons["Alice"]
    officer = visitor("claims")
    search(officer, number=wrapped.format(ssn.replace("-", "")))
    assert "Alice" in officer.text
    assert "Zoé" not in officer.text
    assert entries(app) == [("claims", "search", number)]
    assert "1980" not in officer.page.select_one("table").text
    assert ssn not in officer.page.select_one("table").text


@pytest.mark.parametrize("part", ["10", "915", "%", "_", "10-0009150-", "٩"])
def test_a_part_of_a_number_finds_nobody(visitor, app, persons, part):
    officer = visitor("claims")
    search(officer, number=part)
    assert "Nobody is described by this." in officer.text
    assert entries(app) == []


def test_name_and_birth_date_together_find_namesakes(visitor, app, persons):
    officer = visitor("claims")
    search(officer, family_name="fon-ché", **BORN)
    rows = [row.get_text(" ") for row in officer.page.select("tbody tr")]
    assert len(rows) == 2
    assert "Alice" in rows[0]
    assert "Peter" in rows[1]
    assert sorted(entries(app)) == sorted(
        ("claims", "search", persons[given][0]) for given in ("Alice", "Peter")
    )
    person = visitor("peter")
    person.open("/en/my-file/openings")
    assert "Your name and number, found by a search" in person.text


@pytest.mark.parametrize("typed", [{}, {"family_name": "Fon Che"}, BORN, {"family_name": "-", **BORN}])
def test_half_of_it_finds_nobody_and_says_what_is_missing(visitor, app, persons, typed):
    officer = visitor("claims")
    search(officer, **typed)
    assert officer.status == 422
    assert "Enter a number, or a family name and a date of birth." in officer.text
    assert "Alice" not in officer.text
    assert officer.value_of("family_name") == typed.get("family_name", "")
    assert entries(app) == []


def test_a_wrong_date_is_said_beside_the_field(visitor, persons):
    officer = visitor("claims")
    search(officer, family_name="Fon Che", birth_date="1980-02-31")
    assert officer.status == 422
    assert "Alice" not in officer.text


def test_whoever_is_found_opens_behind_the_door(visitor, app, persons):
    officer = visitor("claims")
    search(officer, number=persons["Alice"][1])
    officer.open(officer.page.select_one("tbody a")["href"])
    assert "/reason/" in officer.url
    officer.send(form="#model_form", reason="She asks for a copy by letter.")
    assert persons["Alice"][1] in officer.text


@pytest.mark.parametrize("login", ["joseph", "administrator", "doctor"])
def test_others_do_not_search(visitor, app, persons, login):
    other = visitor(login)
    other.open("/en/sign-in")
    other.post(LIST, {"csrf_token": other.token(), "number": persons["Alice"][1]})
    assert other.status == 403
    assert entries(app) == []


def test_a_colleagues_things_ask_for_a_reason_even_with_an_open_case(visitor, app):
    with app.app_context():
        case = file_case()
        role = next(role for role in account("claims").roles if role.name == "claims_officer")
        case.owner.roles.append(role)
        db.session.commit()
        pk = case.id
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/show/{pk}?language=en")
    assert "/reason/" in officer.url
    officer.send(form="#model_form", reason="Next in the queue.")
    assert "/show/" in officer.url
    supervisor = visitor("supervisor")
    supervisor.open("/staff/accessview/list/?language=en")
    assert "Next in the queue." in supervisor.text


def declare(visitor, relative, of="officer"):
    supervisor = visitor("supervisor")
    with supervisor.client.application.app_context():
        number = account(of).id
    supervisor.open("/staff/interestview/record?language=en")
    supervisor.send(form="#model_form", account_id=str(number), relative=relative)
    return supervisor


@pytest.mark.parametrize("hyphens", [True, False])
def test_a_relative_without_an_account_is_declared_by_number(visitor, app, persons, hyphens):
    number, ssn = persons["Alice"]
    supervisor = declare(visitor, ssn if hyphens else ssn.replace("-", " "))
    assert "Recorded" in supervisor.text
    supervisor.open("/staff/interestview/list/?language=en")
    assert "Alice FON CHE" in supervisor.text
    officer = visitor("officer")
    officer.open(f"/staff/insuredpersonview/show/{number}")
    assert "/reason/" in officer.url


def test_a_relative_who_gets_an_account_later_is_one_still(visitor, app, persons):
    number, ssn = persons["Alice"]
    declare(visitor, ssn)
    with app.app_context():
        case = file_case()
        db.session.get_one(InsuredPerson, number).account_id = case.owner_id
        db.session.commit()
        pk = case.id
    officer = visitor("officer")
    officer.open(f"/staff/registrationview/show/{pk}?language=en")
    assert "/reason/" in officer.url
    officer.send(form="#model_form", reason="Next in the queue.")
    assert "/show/" in officer.url
    assert not officer.page.select("[name=step]")
    with app.app_context():
        case, by = db.session.get_one(Case, pk), cases.By(account("officer"), Actor.officer)
        with pytest.raises(NotAllowed):
            cases.perform(SERVICE, case, "take", by)
        db.session.rollback()
        decide_by_sql(pk, "officer")
        with pytest.raises(IntegrityError, match="declared interest"):
            db.session.commit()
        db.session.rollback()


def test_a_declared_relative_keeps_nobody_from_others(visitor, app, persons):
    declare(visitor, persons["Alice"][1], of="support")
    with app.app_context():
        db.session.add(DeclaredInterest(account_id=account("support").id, relative_id=account("amina").id))
        db.session.commit()
    officer = visitor("support")
    officer.open("/staff/recoveryview/request?language=en")
    typed = {"paper": "passport", "last_digits": "12AB"}
    officer.send(form="#model_form", known="amina@demo.example", new_email="a@new.example", **typed)
    assert "You have declared an interest in this case" in officer.text
    officer.send(form="#model_form", known="joseph@demo.example", new_email="j@new.example", **typed)
    assert "another officer must confirm it" in officer.text


def test_a_lock_a_recovery_and_the_page_that_links_note_who_opened_them(visitor, app, persons):
    with app.app_context():
        lock = locks.set_lock(account("joseph"), LockKind.everything)
        recovery = recoveries.request(
            account("joseph"), "j@new.example", Paper.passport, "1234", account("support")
        )
        closed = SupportTask(
            kind=TaskKind.link,
            account_id=account("joseph").id,
            reason="Mine",
            facts={"number": persons["Alice"][1]},
            opened_at=clock.now(),
            closed_at=clock.now(),
            closed_by_id=account("helpdesk").id,
            outcome=TaskOutcome.done,
        )
        db.session.add(closed)
        db.session.commit()
        pks = lock.id, recovery.id, closed.id
    officer = visitor("support")
    officer.open(f"/staff/lockview/show/{pks[0]}?language=en")
    officer.open(f"/staff/recoveryview/show/{pks[1]}?language=en")
    assert [opened for _login, opened, _person in entries(app)] == ["lock", "recovery"]
    officer.open(f"/staff/supporttaskview/link/{pks[2]}?language=en")
    assert "/reason/" in officer.url
    assert persons["Alice"][1] not in str(officer.page)
    person = visitor("joseph")
    person.open("/en/my-file/openings")
    assert "The lock on your file" in person.text
    assert "The recovery of your account" in person.text


def test_an_ended_recovery_asks_for_a_reason(visitor, app):
    with app.app_context():
        recovery = recoveries.request(
            account("joseph"), "j@new.example", Paper.passport, "1234", account("support")
        )
        recoveries.freeze(recovery)
        db.session.commit()
        pk = recovery.id
    colleague = visitor("agent")
    colleague.open(f"/staff/recoveryview/show/{pk}?language=en")
    assert "/reason/" in colleague.url
    assert "j@new.example" not in colleague.text
