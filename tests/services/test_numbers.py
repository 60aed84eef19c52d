"""Numbers are issued once each, past what is reserved; temporary ones are converted, and go on leading there."""

import threading
from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.files.states import Verdict
from app.models import FormerNumber, InsuredPerson, Notice, NumberRange, NumberReservation, Registration
from app.services import document_review, numbers, people
from app.services.base import DocumentNeed, NotAllowed, RuleBroken
from app.workflow import Status
from tests.accounts import new_account
from tests.papers import accepted
from tests.services.test_cases import SERVICE, account, bring_to, file_case

WRITERS, EACH = 8, 12


def registered(is_temporary=False, **facts):
    fresh = new_account("employee")
    names = {"given_names": "Rose", "family_name": facts.get("family_name", "Ondoa")}
    person = people.register(Registration(owner=fresh, **names, birth_date=date(1988, 2, 1)), is_temporary)
    db.session.commit()
    return person


def test_eight_writers_leave_no_gap_and_give_nothing_twice(app):
    with app.app_context():
        first = db.session.get_one(NumberRange, numbers.region()).next_number
    given, start = [], threading.Barrier(WRITERS)

    def write():
        with app.app_context():
            start.wait()
            for turn in range(EACH):
                number = numbers.issue()
                if turn % 4 == 3:
                    db.session.rollback()
                    continue
                db.session.commit()
                given.append(number)

    threads = [threading.Thread(target=write) for _one in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert sorted(given) == [people.number_of(place) for place in range(first, first + len(given))]
    assert len(given) == WRITERS * EACH * 3 // 4


def test_reserved_places_are_passed_over(english):
    row = db.session.get_one(NumberRange, numbers.region())
    first = row.next_number + 1
    numbers.reserve(row.region, first, first + 2, "Of before", account("administrator"))
    numbers.reserve(row.region, first + 3, first + 3, "Of before too", account("administrator"))
    given = [numbers.issue() for _one in range(2)]
    assert given == [people.number_of(first - 1), people.number_of(first + 4)]


@pytest.mark.parametrize(
    ("shift", "length", "said"),
    [
        (-1, 5, "issued already"),
        (0, -1, "in this order"),
        (0, 10**8, "in this order"),
        (2, 0, "reserved already"),
    ],
)
def test_what_cannot_be_reserved_is_refused(english, shift, length, said):
    place = db.session.get_one(NumberRange, numbers.region()).next_number
    numbers.reserve(numbers.region(), place + 1, place + 4, "x", account("administrator"))
    first = place + shift
    with pytest.raises(RuleBroken, match=said):
        numbers.reserve(numbers.region(), first, first + length, "x", account("administrator"))


def test_only_administrators_reserve_and_the_database_refuses_an_overlap(english):
    with pytest.raises(NotAllowed):
        numbers.reserve(numbers.region(), 9000, 9001, "x", account("officer"))
    numbers.reserve(numbers.region(), 9000, 9001, "x", account("administrator"))
    db.session.flush()
    with pytest.raises(IntegrityError):
        db.session.execute(
            text(
                "INSERT INTO number_reservation (region, first, last, reason, reserved_at)"
                " SELECT region, 9001, 9002, 'x', reserved_at FROM number_reservation"
            )
        )


def test_a_range_that_is_used_up_says_so(english):
    row = db.session.get_one(NumberRange, numbers.region())
    row.next_number = numbers.lasting_format().capacity
    db.session.flush()
    with pytest.raises(RuleBroken, match="No number is left"):
        numbers.issue()


def test_a_temporary_number_is_converted_once_and_goes_on_leading_there(english):
    person = registered(is_temporary=True)
    before = person.ssn
    assert before.startswith("T")
    after = numbers.convert(person, "The birth certificate came.", account("officer"))
    db.session.commit()
    assert numbers.whose(before) == numbers.whose(after.replace("-", "")) == person
    kept = db.session.scalars(select(FormerNumber)).one()
    assert (kept.number, kept.was_temporary, kept.person_id) == (before, True, person.id)
    assert db.session.scalars(select(Notice.name).where(Notice.account_id == person.account_id)).all() == [
        "number_converted"
    ]
    with pytest.raises(RuleBroken, match="not a temporary one"):
        numbers.convert(person, "Again.", account("officer"))
    with pytest.raises(IntegrityError):
        db.session.execute(text("DELETE FROM former_number"))


def test_the_number_is_temporary_while_a_document_is_to_follow(english, monkeypatch):
    to_follow = DocumentNeed("attestation", "employment", "Attestation", may_follow=True)
    monkeypatch.setattr(SERVICE, "documents", (*SERVICE.documents, to_follow))
    case = file_case()
    bring_to(case, ["approve"])
    temporary = case.person.ssn
    assert (case.status, case.person.has_temporary_number) == (Status.approved, True)
    paper = accepted(case.owner, "employment")
    case.documents.append(paper)
    db.session.flush()
    document_review.verify(SERVICE, case, paper, Verdict.accepted, None, account("officer"))
    assert (case.status, case.person.has_temporary_number) == (Status.carried_out, False)
    assert numbers.whose(temporary) == case.person


def test_nobody_converts_without_the_role_or_for_a_relative(english):
    person = registered(is_temporary=True)
    with pytest.raises(NotAllowed):
        numbers.convert(person, "x", account("claims"))
    person.account = account("officer")
    db.session.flush()
    with pytest.raises(NotAllowed):
        numbers.convert(person, "x", account("officer"))


def test_an_administrator_reserves_on_a_page(visitor, app):
    admin = visitor("administrator")
    admin.open("/staff/numberreservationview/reserve")
    admin.send(form="#model_form", region="10", first="5000", last="5999", reason="Old system")
    assert "Reserved: no number is issued there." in admin.text
    admin.open("/staff/numberreservationview/reserve")
    admin.send(form="#model_form", region="10", first="5500", last="5600", reason="Old system")
    assert admin.status == 422
    assert "reserved already" in admin.text
    with app.app_context():
        assert len(db.session.scalars(select(NumberReservation)).all()) == 1


def test_an_officer_converts_on_the_persons_page(visitor, app):
    with app.app_context():
        person = registered(is_temporary=True)
        number, pk = person.ssn, person.id
    officer = visitor("officer")
    officer.open(f"/staff/insuredpersonview/show/{pk}")
    officer.send(form="#model_form", reason="At the counter")
    assert "temporary one" in officer.text
    officer.open(f"/staff/insuredpersonview/convert/{pk}")
    officer.send(form="#model_form", reason="The certificate came")
    assert "the temporary one still leads here" in officer.text
    assert number in officer.text
    with app.app_context():
        assert db.session.get(InsuredPerson, pk).ssn.startswith("10-")
