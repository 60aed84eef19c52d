"""The clock table: each delay once, in its own unit, over holidays; the clock stands still while others are awaited."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, select

from app import clock
from app.extensions import db
from app.models import Case, Delay, Outbox
from app.services import cases, deadlines, delays
from app.workflow import Actor, Status
from tests.services.test_cases import REASON, SERVICE, account, bring_to, file_case


def at(year, month, day, hour=11):
    return clock.frozen(datetime(year, month, day, hour, tzinfo=UTC))


@pytest.mark.parametrize(
    ("start", "days", "unit", "end"),
    [
        (date(2026, 11, 24), 5, "working", date(2026, 12, 1)),
        (date(2026, 11, 20), 1, "working", date(2026, 11, 23)),
        (date(2026, 12, 24), 1, "working", date(2026, 12, 28)),
        (date(2026, 12, 31), 1, "working", date(2027, 1, 4)),
        (date(2027, 3, 26), 1, "working", date(2027, 3, 30)),
        (date(2026, 11, 24), 30, "calendar", date(2026, 12, 24)),
        (date(2028, 2, 28), 1, "calendar", date(2028, 2, 29)),
    ],
)
def test_the_end_of_a_delay(context, start, days, unit, end):
    db.session.add(
        Delay(service="claims", name="wait", days=days, unit=unit, valid_from=date(2020, 1, 1), source="test")
    )
    assert delays.due("claims", "wait", start) == end


def test_a_services_own_delay_comes_before_the_one_for_all(context):
    assert delays.length("registration", "decision") == delays.Length(5, "working")
    assert delays.length("something_else", "decision") == delays.Length(10, "working")


def test_a_new_length_holds_from_its_day_on(context):
    row = Delay(
        service="registration",
        name="decision",
        days=3,
        unit="working",
        valid_from=date(2027, 1, 1),
        source="x",
    )
    db.session.add(row)
    db.session.flush()
    assert delays.length("registration", "decision", date(2026, 12, 31)).days == 5
    assert delays.length("registration", "decision", date(2027, 1, 1)).days == 3
    db.session.rollback()


def test_a_delay_that_was_never_declared_is_an_error_of_ours(context):
    with pytest.raises(LookupError, match="lunch"):
        delays.length("registration", "lunch")


def ask(case):
    cases.perform(SERVICE, case, "request_information", cases.By(account("officer"), Actor.officer), REASON)
    db.session.commit()


def reply(case):
    cases.perform(SERVICE, case, "answer", cases.By(case.owner, Actor.insured_person), "Here it is.")
    db.session.commit()


def test_the_clock_stands_still_while_the_person_is_awaited(context):
    with at(2026, 11, 24):
        case = file_case()
        assert case.due_on == date(2026, 12, 1)
    with at(2026, 11, 25):
        ask(case)
        assert case.clock_stopped_at is not None
    with at(2026, 12, 2):
        reply(case)
        assert case.clock_stopped_at is None
        assert case.due_on == date(2026, 12, 8)


def test_an_answer_on_the_same_day_moves_nothing(context):
    with at(2026, 11, 24):
        case = file_case()
        ask(case)
        reply(case)
        assert case.due_on == date(2026, 12, 1)


def notices():
    return [row.payload.get("notice") for row in db.session.scalars(select(Outbox).order_by(Outbox.id))]


def test_the_reminder_goes_out_once_on_its_day_even_after_a_missed_night(context):
    with at(2026, 11, 24):
        case = file_case()
        ask(case)
    for day, expected in ((13, 0), (16, 1), (17, 0)):
        with at(2026, 12, day):
            assert deadlines.remind_unanswered() == expected
            db.session.commit()
    assert notices().count("answer_reminder") == 1


def test_no_answer_in_time_closes_the_case_on_the_day_after(context):
    with at(2026, 11, 24):
        case, other = file_case(key="a"), file_case("peter", "b")
        ask(case)
        assert deadlines.answer_by(case) == date(2026, 12, 24)
    with at(2026, 12, 24):
        assert deadlines.lapse_unanswered() == 0
    with at(2026, 12, 25):
        assert deadlines.lapse_unanswered() == 1
        assert deadlines.lapse_unanswered() == 0
    assert db.session.get(Case, case.id).status is Status.lapsed
    assert db.session.get(Case, other.id).status is Status.submitted
    assert notices()[-1] == "lapsed"


def test_an_answer_before_the_night_keeps_the_case(context):
    with at(2026, 11, 24):
        case = file_case()
        ask(case)
    with at(2026, 12, 24):
        reply(case)
    with at(2026, 12, 26):
        assert deadlines.lapse_unanswered() == 0
    assert case.status is Status.under_review


def test_a_silent_employer_does_not_hold_the_case(context):
    with at(2026, 11, 24):
        case = file_case()
        bring_to(case, Status.awaiting_employer)
    with at(2026, 12, 14):
        assert deadlines.go_on_without_employer() == 0
    with at(2026, 12, 15):
        assert deadlines.go_on_without_employer() == 1
    assert db.session.get(Case, case.id).status is Status.under_review


def test_the_published_median_counts_first_decisions_of_the_last_90_days(context):
    start = datetime(2026, 11, 24, 11, tzinfo=UTC)
    assert delays.median_days("registration") is None
    for number, (login, days) in enumerate((("joseph", 2), ("peter", 4), ("amina", 30))):
        with clock.frozen(start):
            case = file_case(login, f"key-{number}")
        with clock.frozen(start + timedelta(days=days)):
            bring_to(case, Status.rejected)
    with clock.frozen(start + timedelta(days=31)):
        assert delays.median_days("registration") == 4
    with clock.frozen(start + timedelta(days=95)):
        assert delays.median_days("registration") == 30
    with clock.frozen(start + timedelta(days=200)):
        assert delays.median_days("registration") is None


@pytest.fixture
def waiting(context):
    """Seven cases that wait for an answer since the same day; asked about two at once."""
    with at(2026, 11, 24):
        for number in range(7):
            ask(file_case(key=f"waits-{number}"))


def test_the_waiting_cases_are_read_in_batches_and_none_is_left_out(waiting, monkeypatch):
    """Of seven, three at once: three full readings and none; the clock table is asked once for their one day."""
    monkeypatch.setattr(deadlines, "AT_ONCE", 3)
    db.session.rollback()
    asked = []
    heard = lambda *told: asked.append(told[2])  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", heard)
    with at(2026, 12, 13):
        assert deadlines.lapse_unanswered() == 0
    event.remove(db.engine, "before_cursor_execute", heard)
    assert len([query for query in asked if "LATERAL" in query]) == 4
    assert len(asked) == 5
    with at(2026, 12, 25):
        assert deadlines.lapse_unanswered() == 7


def test_one_case_that_cannot_lapse_leaves_the_others_alone(waiting, monkeypatch):
    first = db.session.scalars(select(Case).order_by(Case.id).limit(1)).unique().one()
    number, perform = first.id, cases.perform

    def stumble(service, case, *others):
        if case.id == number:
            raise cases.StepImpossible(case)
        return perform(service, case, *others)

    monkeypatch.setattr(cases, "perform", stumble)
    with at(2026, 12, 25):
        assert deadlines.lapse_unanswered() == 6
    left = db.session.scalars(select(Case.id).where(Case.status == Status.info_requested)).all()
    assert left == [number]


def test_what_was_answered_while_the_night_read_is_not_reminded(waiting, monkeypatch):
    lock = cases.lock

    def answered_meanwhile(case):
        monkeypatch.setattr(cases, "lock", lock)
        by = cases.By(case.owner, Actor.insured_person)
        cases.perform(SERVICE, case, "answer", by, "Here it is.")
        monkeypatch.setattr(cases, "lock", answered_meanwhile)

    monkeypatch.setattr(cases, "lock", answered_meanwhile)
    with at(2026, 12, 14):
        assert deadlines.remind_unanswered() == 0
    assert "answer_reminder" not in notices()


def test_a_second_question_is_recalled_again(context):
    with at(2026, 11, 24):
        case = file_case()
        ask(case)
    with at(2026, 12, 14):
        assert deadlines.remind_unanswered() == 1
        reply(case)
        ask(case)
    with at(2026, 12, 15):
        assert deadlines.remind_unanswered() == 0
    with at(2027, 1, 4):
        assert deadlines.remind_unanswered() == 1
