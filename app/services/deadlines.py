"""What the clock table makes happen at night: reminders, lapses, and going on without a silent employer.

Whoever has no e-mail is asked by post: their time to answer begins when the letter is posted, not written.
"""

from collections.abc import Iterator
from datetime import date, datetime

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.extensions import db
from app.models import Case, Letter
from app.services import SERVICES, accounts, cases, delays, employer_requests, notifications
from app.services.base import RuleBroken
from app.workflow import Status


def lapse_unanswered() -> int:
    """Close the cases whose author did not answer in time; how many."""
    return _take_when_due(Status.info_requested, delays.ANSWER, "lapse")


def go_on_without_employer() -> int:
    """Hand the cases to an officer whose employer did not answer in time; how many."""
    return _take_when_due(Status.awaiting_employer, delays.EMPLOYER_ANSWER, "employer_silent")


def remind_unanswered() -> int:
    """Recall each open request for information to its author, once, when its reminder is due; how many."""
    today, count = clock.today(), 0
    for case in _stopped(Status.info_requested):
        due = None if case.reminded_at else _end(case, delays.ANSWER_REMINDER)
        if due is not None and due <= today:
            case.reminded_at = clock.now()
            notifications.tell_of_case("answer_reminder", case, f"reminder:{case.events[-1].id}")
            count += 1
    return count


def remind_employers() -> int:
    """Recall each open question to its employer, once, when its reminder is due; how many."""
    today, count = clock.today(), 0
    for case in _stopped(Status.awaiting_employer):
        due = None if case.reminded_at else _end(case, delays.EMPLOYER_REMINDER)
        request = employer_requests.open_of(case) if due is not None and due <= today else None
        if request is not None:
            case.reminded_at = clock.now()
            employer_requests.remind(request)
            count += 1
    return count


def answer_by(case: Case) -> date | None:
    """The last day to answer a request for information; None when none is open, or still to be posted."""
    return _end(case, delays.ANSWER) if case.status is Status.info_requested else None


def _take_when_due(status: Status, delay: str, step: str) -> int:
    """Take the step on each case whose delay is over, each in a transaction of its own."""
    ends = {case.id: _end(case, delay) for case in _stopped(status)}
    db.session.commit()
    return sum(_take(number, step) for number, end in ends.items() if end and end < clock.today())


def _take(number: int, step: str) -> bool:
    """One case: a failure is logged and leaves the others alone."""
    case = db.session.get_one(Case, number)
    try:
        cases.perform(SERVICES[case.service], case, step, cases.MACHINERY)
        db.session.commit()
    except (RuleBroken, SQLAlchemyError) as error:
        db.session.rollback()
        structlog.get_logger("guichet.deadlines").warning(
            "left_alone", case=number, error=type(error).__name__
        )
        return False
    return True


def _stopped(status: Status) -> Iterator[Case]:
    yield from db.session.scalars(select(Case).where(Case.status == status).order_by(Case.id))


def _end(case: Case, delay: str) -> date | None:
    """The day a delay ends that began with the wait; None while it has not begun."""
    began = _began(case)
    return None if began is None else delays.due(case.service, delay, began)


def _began(case: Case) -> date | None:
    """The day the wait began: for a question on paper the day it was posted, None until then."""
    stopped_at = case.clock_stopped_at or clock.now()
    if case.status is not Status.info_requested:
        return clock.day_of(stopped_at)
    question = _paper_question(case, stopped_at)
    if question is not None:
        return question.posted_on
    return clock.day_of(stopped_at) if accounts.has_email(case.owner) else None


def _paper_question(case: Case, stopped_at: datetime) -> Letter | None:
    """The letter that asks, since the clock stopped; None when there is none (yet)."""
    return db.session.scalars(
        select(Letter)
        .where(
            Letter.case_id == case.id,
            Letter.notice == "information_requested",
            Letter.written_at >= stopped_at,
        )
        .order_by(Letter.id)
        .limit(1)
    ).one_or_none()
