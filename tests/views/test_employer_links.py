"""An employer answers by the mailed link: what they see, what they may say, and when the link is worth nothing."""

import pytest

from app import clock
from app.employer_kinds import Reply, RequestState
from app.extensions import db
from app.models import Case, MailedLink
from app.services import SERVICES, cases, casework
from app.workflow import Actor, Status
from tests.employers import (
    ASKED_BY_LINK,
    CONFIRMED,
    CORRECTED,
    DISPUTED,
    SIGNED,
    UNREACHABLE,
    WITH_AN_AGENT,
    address_of,
    answered,
    employer,
    filed,
    link_in,
    only_of,
    requests_of,
)
from tests.services.test_cases import account


@pytest.fixture
def case_id(app):
    return filed(app)


def status_of(app, case_id):
    with app.app_context():
        return db.session.get_one(Case, case_id).status


def test_the_employer_is_asked_as_soon_as_the_request_is_sent(app, case_id, work, mailbox):
    assert status_of(app, case_id) is Status.awaiting_employer
    work()
    (mail,) = [path.read_text() for path in mailbox.iterdir() if "palmiers.example" in path.read_text()]
    assert "Joseph" not in mail
    assert link_in(mail) == address_of(app, case_id, "fr")


def test_the_clock_stands_still_until_the_employer_answers(app, case_id):
    with app.app_context():
        case = db.session.get_one(Case, case_id)
        assert case.clock_stopped_at is not None
        answered(case, Reply.confirm)
        assert case.clock_stopped_at is None
        assert case.events[-1].actor is Actor.employer


def test_an_employer_who_cannot_be_reached_is_not_waited_for(app):
    assert status_of(app, filed(app, UNREACHABLE)) is Status.submitted


def test_the_page_shows_only_what_is_to_be_confirmed(visitor, app, case_id):
    nobody = visitor()
    nobody.open(address_of(app, case_id))
    assert "Joseph Tabi" in nobody.text
    assert "2 March 2026" in nobody.text
    assert "Cook" in nobody.text
    with app.app_context():
        case = db.session.get_one(Case, case_id)
        kept = [case.reference, "1990", case.owner.email, "Registration", "RG-"]
    assert not [word for word in kept if word in nobody.page.select_one("main").get_text(" ")]


def test_looking_answers_nothing(visitor, app, case_id):
    visitor().open(address_of(app, case_id))
    assert status_of(app, case_id) is Status.awaiting_employer


@pytest.mark.parametrize(
    ("typed", "state"),
    [
        (CONFIRMED, RequestState.confirmed),
        (CORRECTED, RequestState.corrected),
        (DISPUTED, RequestState.disputed),
    ],
)
def test_an_answer_is_kept_with_who_gave_it_and_the_case_goes_on(visitor, app, case_id, typed, state):
    nobody = visitor()
    nobody.open(address_of(app, case_id))
    nobody.send(**typed | SIGNED)
    assert nobody.status == 200
    assert "Thank you" in nobody.text
    with app.app_context():
        request = only_of(case_id)
        assert request.state is state
        assert request.answered_as == "Rose Mbida (Head of personnel)"
        assert request.answered_by_id is None
    assert status_of(app, case_id) is Status.under_review


def test_corrected_facts_stand_beside_what_was_declared(visitor, app, case_id):
    nobody = visitor()
    nobody.open(address_of(app, case_id))
    nobody.send(**CORRECTED | SIGNED)
    with app.app_context():
        kept = {fact.name: (fact.declared, fact.answered) for fact in only_of(case_id).facts}
        assert kept == {
            "employed_from": ("2026-03-02", "2026-02-01"),
            "occupation": ("Cook", "cook"),
            "monthly_wage": (None, "250000"),
        }
        assert str(db.session.get_one(Case, case_id).employed_from) == "2026-03-02"


def test_the_same_in_other_capitals_is_a_confirmation(visitor, app, case_id):
    nobody = visitor()
    nobody.open(address_of(app, case_id))
    same = {"fact_employed_from-day": "2", "fact_employed_from-month": "3"}
    nobody.send(**CORRECTED | SIGNED | same)
    with app.app_context():
        assert only_of(case_id).state is RequestState.confirmed


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({}, "reply", "Choose your answer."),
        ({"reply": "maybe"}, "reply", "Not a valid choice."),
        (CONFIRMED | {"fact_monthly_wage": ""}, "fact_monthly_wage", "Enter the gross monthly wage."),
        (
            CONFIRMED | {"fact_monthly_wage": "much"},
            "fact_monthly_wage",
            "Enter an amount in digits, such as 250 000.",
        ),
        (CORRECTED | {"fact_occupation": " "}, "fact_occupation", "Enter the occupation."),
        (
            CORRECTED | {"fact_employed_from-day": "31"},
            "fact_employed_from",
            "Start date must be a real date",
        ),
        (DISPUTED | {"reason": " "}, "reason", "Say why: a case officer reads it."),
        (CONFIRMED | {"answered_by": ""}, "answered_by", "Enter your name."),
        (CONFIRMED | {"answered_function": ""}, "answered_function", "Say what you are in the company."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_kept(
    visitor, app, case_id, typed, field, message
):
    nobody = visitor()
    nobody.open(address_of(app, case_id))
    nobody.send(**SIGNED | typed)
    assert nobody.error_of(field) == message
    assert status_of(app, case_id) is Status.awaiting_employer


def test_the_other_language_keeps_what_was_typed(visitor, app, case_id):
    nobody = visitor()
    nobody.open(address_of(app, case_id))
    nobody.send(to=address_of(app, case_id, "fr"), button=("_switch", "fr"), **DISPUTED | SIGNED)
    assert nobody.value_of("answered_by") == SIGNED["answered_by"]
    assert "2 mars 2026" in nobody.text
    assert status_of(app, case_id) is Status.awaiting_employer


def over(visitor, address, says, status=410):
    """The link opens nothing and takes nothing, and says why."""
    nobody = visitor()
    nobody.open(address)
    assert nobody.status == status
    assert says in nobody.text
    assert nobody.page.select_one("main form") is None
    nobody.open("/en/sign-in")
    nobody.post(address, {"csrf_token": nobody.token()} | CONFIRMED | SIGNED)
    assert nobody.status == status


def test_a_used_link_says_when_it_was_used(visitor, app, case_id):
    address = address_of(app, case_id)
    with app.app_context():
        answered(db.session.get_one(Case, case_id), Reply.confirm)
    over(visitor, address, "This question was answered on")


def test_a_link_whose_time_is_over_says_so(visitor, app, case_id):
    address = address_of(app, case_id)
    with app.app_context():
        db.session.query(MailedLink).update({"expires_at": clock.now()})
        db.session.commit()
    over(visitor, address, "The time to answer is over")


def test_a_link_of_a_withdrawn_request_is_no_longer_needed(visitor, app, case_id):
    address = address_of(app, case_id)
    with app.app_context():
        case = db.session.get_one(Case, case_id)
        cases.perform(SERVICES[case.service], case, "withdraw", cases.By(case.owner, Actor.insured_person))
        db.session.commit()
    over(visitor, address, "no longer needed")


@pytest.mark.parametrize("spoilt", ["x", "WyJhIl0.abc"])
def test_a_link_that_is_none_of_ours(visitor, app, case_id, spoilt):
    over(visitor, f"/en/employer/answer/{spoilt}", "no link of ours", 404)
    over(visitor, address_of(app, case_id) + "x", "no link of ours", 404)


def test_another_employer_is_asked_when_the_officer_corrects_which(visitor, app, case_id):
    first = address_of(app, case_id)
    with app.app_context():
        case = db.session.get_one(Case, case_id)
        number = employer(WITH_AN_AGENT).id
        casework.correct(SERVICES[case.service], case, "employer_id", number, "Another", account("officer"))
        db.session.commit()
        assert [request.state for request in requests_of(case_id)] == [
            RequestState.replaced,
            RequestState.open,
        ]
    over(visitor, first, "replaced by another")
    assert status_of(app, case_id) is Status.awaiting_employer


def test_the_case_goes_on_when_the_other_employer_cannot_be_asked(app, case_id):
    with app.app_context():
        case = db.session.get_one(Case, case_id)
        number = employer(UNREACHABLE).id
        casework.correct(SERVICES[case.service], case, "employer_id", number, "Another", account("officer"))
        db.session.commit()
        assert only_of(case_id).state is RequestState.replaced
    assert status_of(app, case_id) is Status.under_review


def test_two_questions_of_one_employer_have_a_link_each(visitor, app, case_id):
    other = filed(app, ASKED_BY_LINK, "peter", "key-of-peter")
    nobody = visitor()
    nobody.open(address_of(app, other))
    nobody.send(**CONFIRMED | SIGNED)
    assert status_of(app, other) is Status.under_review
    assert status_of(app, case_id) is Status.awaiting_employer
    nobody.open(address_of(app, case_id))
    assert nobody.status == 200
