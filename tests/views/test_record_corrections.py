"""What officers correct in records beside a request: asked with a reason, approved by a second, traced, told."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import (
    AuditEntry,
    Certificate,
    Employment,
    FormerFact,
    InsuredPerson,
    Notice,
    PersonName,
    RecordCorrection,
)
from app.services import interests, merges, record_corrections
from app.services.base import NotAllowed, RuleBroken
from tests.employers import ASKED_BY_LINK, employer
from tests.services.test_cases import account
from tests.services.test_merges import person

WHY = "The birth certificate says so."


def employed(of, **facts):
    made = Employment(person=of, employer=employer(ASKED_BY_LINK), **{"started_on": date(2025, 3, 1)} | facts)
    db.session.add(made)
    db.session.commit()
    return made


def asked(of, field, value, by="officer", employment=None):
    correction = record_corrections.ask(of, employment, field, value, WHY, account(by))
    db.session.commit()
    return correction


def test_a_name_is_written_by_a_second_officer_alone_and_the_one_before_is_kept(english):
    of = person()
    correction = asked(of, "family_name", "Ondoa Mbia")
    assert (of.family_name, correction.decided_at) == ("Ondoa", None)
    with pytest.raises(NotAllowed, match="another officer must approve it"):
        record_corrections.approve(correction, account("officer"))
    record_corrections.approve(correction, account("supervisor"))
    assert of.family_name == "Ondoa Mbia"
    names = db.session.scalars(select(PersonName).where(PersonName.person_id == of.id)).all()
    assert {(it.family_name, it.valid_to is None) for it in names} == {("Ondoa", False), ("Ondoa Mbia", True)}
    issued = db.session.scalars(select(Certificate).where(Certificate.person_id == of.id)).one()
    assert issued.family_name == "Ondoa Mbia"
    told = select(Notice.name).where(Notice.account_id == of.account_id)
    assert "record_corrected" in db.session.scalars(told).all()


@pytest.mark.parametrize(
    ("field", "value", "before"),
    [("birth_date", date(1988, 3, 1), "1988-02-01"), ("occupation", "Baker", None), ("sex", "male", None)],
)
def test_a_fact_is_kept_with_what_it_was_and_traced(english, field, value, before):
    of = person()
    correction = asked(of, field, value)
    assert correction.is_for_two == (field != "occupation")
    if correction.is_for_two:
        record_corrections.approve(correction, account("supervisor"))
    db.session.commit()
    assert str(getattr(of, field)) == str(value)
    kept = db.session.scalars(select(FormerFact.value).where(FormerFact.person_id == of.id)).all()
    assert kept == ([before] if before else [])
    stream = select(AuditEntry.action).where(AuditEntry.stream == f"person:{of.account_id}")
    assert {"ask_correction", "correct_record"} <= set(db.session.scalars(stream))


def test_an_employment_is_ended_and_corrected(english):
    of = person()
    work = employed(of)
    for field, value in (
        ("ended_on", date(2025, 9, 30)),
        ("monthly_wage", Decimal("250000.00")),
        ("started_on", date(2025, 2, 1)),
    ):
        record_corrections.approve(asked(of, field, value, employment=work), account("supervisor"))
    asked(of, "occupation", "Cook", employment=work)
    facts = (work.started_on, work.ended_on, work.monthly_wage, work.occupation)
    assert facts == (date(2025, 2, 1), date(2025, 9, 30), Decimal("250000.00"), "Cook")


def test_two_corrections_that_contradict_each_other_are_not_both_written(english):
    of = person()
    work = employed(of)
    first = asked(of, "ended_on", date(2025, 6, 1), employment=work)
    second = asked(of, "started_on", date(2025, 7, 1), employment=work)
    record_corrections.approve(first, account("supervisor"))
    with pytest.raises(RuleBroken, match="must not be before the first"):
        record_corrections.approve(second, account("supervisor"))
    assert (work.started_on, second.decided_at) == (date(2025, 3, 1), None)


def test_what_changed_meanwhile_is_not_written_over(english):
    of = person()
    correction = asked(of, "birth_place", "Edéa")
    of.birth_place = "Kribi"
    db.session.commit()
    with pytest.raises(RuleBroken, match="something else by now"):
        record_corrections.approve(correction, account("supervisor"))
    assert of.birth_place == "Kribi"


def test_it_is_asked_once_and_decided_once(english):
    of = person()
    correction = asked(of, "sex", "male")
    with pytest.raises(RuleBroken, match="waits for a second officer already"):
        record_corrections.ask(of, None, "sex", "female", WHY, account("supervisor"))
    record_corrections.refuse(correction, account("officer"))
    assert of.sex is None
    with pytest.raises(RuleBroken, match="decided on this before you"):
        record_corrections.approve(correction, account("supervisor"))


@pytest.mark.parametrize("who", ["claims", "support", "auditor", "administrator", "joseph"])
def test_nobody_else_corrects(english, who):
    with pytest.raises(NotAllowed):
        record_corrections.ask(person(), None, "sex", "male", WHY, account(who))


def test_nobody_corrects_their_own_or_without_a_change_or_what_was_merged(english):
    of = person()
    with pytest.raises(RuleBroken, match="says this already"):
        record_corrections.ask(of, None, "family_name", "Ondoa", WHY, account("officer"))
    with pytest.raises(NotAllowed, match="cannot be corrected here"):
        record_corrections.ask(of, None, "ssn", "1", WHY, account("officer"))
    of.account = account("officer")
    db.session.flush()
    with pytest.raises(NotAllowed):
        record_corrections.ask(of, None, "sex", "male", WHY, account("officer"))
    db.session.rollback()
    other = person()
    merge = merges.propose(of, other, "x", account("officer"))
    merges.approve(merge, account("supervisor"))
    with pytest.raises(RuleBroken, match="merged"):
        record_corrections.ask(other, None, "sex", "male", WHY, account("officer"))


@pytest.mark.parametrize("decide", [record_corrections.approve, record_corrections.refuse])
def test_nobody_corrects_or_decides_on_an_employment_at_their_own_employer(english, decide):
    work = employed(person())
    waits = asked(work.person, "ended_on", date(2025, 9, 30), employment=work)
    interests.record(account("officer"), "", ASKED_BY_LINK, account("supervisor"))
    interests.record(account("supervisor"), "", ASKED_BY_LINK, account("administrator"))
    for field, value in (("occupation", "Cook"), ("monthly_wage", Decimal("250000.00"))):
        with pytest.raises(NotAllowed, match="declared an interest"):
            asked(work.person, field, value, employment=work)
    with pytest.raises(NotAllowed, match="declared an interest"):
        decide(waits, account("supervisor"))
    assert (work.occupation, work.monthly_wage, work.ended_on, waits.decided_at) == (None, None, None, None)
    assert asked(work.person, "birth_place", "Kribi").decided_at is None


def test_the_page_refuses_an_employment_at_ones_own_employer_and_keeps_what_was_typed(visitor, app):
    with app.app_context():
        number = employed(person()).id
    officer = opened(visitor, "officer", f"employmentview/show/{number}")
    officer.open(officer.page.select_one("a[href$='field=occupation']")["href"])
    with app.app_context():
        interests.record(account("officer"), "", ASKED_BY_LINK, account("supervisor"))
        db.session.commit()
    officer.send("#model_form", correction_reason=WHY, occupation="Cook")
    assert (officer.status, officer.value_of("occupation")) == (422, "Cook")
    assert "You have declared an interest in this case" in officer.text
    with app.app_context():
        assert db.session.get_one(Employment, number).occupation is None
        assert db.session.scalars(select(RecordCorrection)).unique().all() == []


def test_the_database_refuses_one_who_asks_and_approves(english):
    correction = asked(person(), "sex", "male")
    with pytest.raises(IntegrityError, match="four_eyes"):
        db.session.execute(
            text(
                "UPDATE record_correction SET decided_by_id = asked_by_id, decided_at = now() WHERE id = :id"
            ),
            {"id": correction.id},
        )


def opened(visitor, login, page):
    """An officer who gave a reason and stands on the page."""
    who = visitor(login)
    who.open(f"/staff/{page}?language=en")
    if who.page.select_one("#model_form [name=reason]"):
        who.send("#model_form", reason="At the counter")
    return who


def test_from_the_persons_page_to_the_second_officer(visitor, app):
    with app.app_context():
        number = person().id
    officer = opened(visitor, "officer", f"insuredpersonview/show/{number}")
    officer.open(officer.page.select_one("a[href$='field=birth_date']")["href"])
    assert "The record says: 1 February 1988." in officer.text
    date_of = {"birth_date-day": "1", "birth_date-month": "2", "birth_date-year": "2999"}
    officer.send("#model_form", correction_reason="", **date_of)
    assert officer.status == 422
    assert "Your date of birth must be in the past." in officer.text
    assert officer.value_of("birth_date-year") == "2999"
    officer.send("#model_form", correction_reason=WHY, **date_of | {"birth_date-year": "1989"})
    assert "Proposed: another officer must approve it." in officer.text
    assert "Waits for a second officer" in officer.text
    officer.open("/staff/")
    assert "waits for a second officer" not in officer.text
    supervisor = visitor("supervisor")
    supervisor.open("/staff/?language=en")
    assert "1 correction of a record waits for a second officer." in supervisor.text
    supervisor.open("/staff/recordcorrectionview/list/")
    assert "Ondoa" not in supervisor.text
    with app.app_context():
        correction = db.session.scalars(select(RecordCorrection.id)).one()
    supervisor.open(f"/staff/recordcorrectionview/show/{correction}")
    assert WHY in supervisor.text
    assert "Date of birth" in supervisor.page.select_one("main dl").get_text(" ", strip=True)
    assert "1 February 1989" in supervisor.text
    supervisor.send("form[action*='/approve/']")
    assert "Corrected: what the record said before is kept." in supervisor.text
    with app.app_context():
        assert db.session.get_one(InsuredPerson, number).birth_date == date(1989, 2, 1)


def test_an_employment_is_found_by_its_employer_and_ended(visitor, app):
    with app.app_context():
        of = person()
        number, at = employed(of).id, employer(ASKED_BY_LINK).id
    officer = visitor("officer")
    officer.open(f"/staff/employerview/show/{at}?language=en")
    officer.open(officer.page.select_one("a[href*='/employmentview/list/']")["href"])
    assert officer.status == 200
    assert "Ondoa" not in officer.text
    assert officer.page.select_one(f"a[href*='/employmentview/show/{number}']")
    officer.open(f"/staff/employmentview/list/?employer={at + 1}")
    assert not officer.page.select_one(f"a[href*='/employmentview/show/{number}']")
    officer = opened(visitor, "officer", f"employmentview/show/{number}")
    officer.open(officer.page.select_one("a[href$='field=ended_on']")["href"])
    parts = {"ended_on-day": "1", "ended_on-month": "2", "ended_on-year": "2025"}
    officer.send("#model_form", correction_reason=WHY, **parts)
    assert officer.status == 422
    assert "The last day must not be before the first." in officer.text
    officer.send("#model_form", correction_reason=WHY, **parts | {"ended_on-month": "8"})
    assert "Proposed: another officer must approve it." in officer.text


@pytest.mark.parametrize("page", ["insuredpersonview/correct/{}", "employmentview/correct/{}"])
def test_what_is_not_the_officers_to_correct_is_said(visitor, app, page):
    with app.app_context():
        of = person()
        number = of.id if "insured" in page else employed(of).id
    officer = opened(visitor, "officer", page.format(number).replace("correct", "show"))
    officer.open(f"/staff/{page.format(number)}?field=ssn")
    assert "This fact cannot be corrected here." in officer.text


def test_an_auditor_reads_and_corrects_nothing(visitor, app):
    with app.app_context():
        of = person()
        number, correction = employed(of).id, asked(of, "sex", "male").id
    auditor = visitor("auditor")
    for page in (f"employmentview/show/{number}", f"recordcorrectionview/show/{correction}"):
        auditor.open(f"/staff/{page}?language=en")
        assert auditor.status == 200
        assert not auditor.page.select("a[href*='/correct/'], form[action*='/approve/']")
    auditor.post(f"/staff/recordcorrectionview/approve/{correction}", {"csrf_token": auditor.token()})
    assert auditor.status == 403
    with app.app_context():
        assert db.session.get_one(RecordCorrection, correction).decided_at is None
