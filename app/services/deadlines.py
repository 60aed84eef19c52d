"""What the clock table makes happen at night: reminders, lapses, and going on without a silent employer."""

from collections.abc import Iterator
from datetime import date

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.extensions import db
from app.models import Case
from app.services import SERVICES, cases, delays, notifications
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
        if case.reminded_at is None and _end(case, delays.ANSWER_REMINDER) <= today:
            case.reminded_at = clock.now()
            notifications.tell_of_case("answer_reminder", case, f"reminder:{case.events[-1].id}")
            count += 1
    return count


def answer_by(case: Case) -> date | None:
    """The last day to answer a request for information; None when none is open."""
    return _end(case, delays.ANSWER) if case.status is Status.info_requested else None


def _take_when_due(status: Status, delay: str, step: str) -> int:
    """Take the step on each case whose delay is over, each in a transaction of its own."""
    due = [case.id for case in _stopped(status) if _end(case, delay) < clock.today()]
    db.session.commit()
    return sum(_take(number, step) for number in due)


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


def _end(case: Case, delay: str) -> date:
    began = clock.day_of(case.clock_stopped_at or clock.now())
    return delays.due(case.service, delay, began)
