"""What the clock table makes happen at night: reminders, lapses, and going on without a silent employer.

Whoever has no e-mail is asked by post: their time to answer begins when the letter is posted, not written.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

import structlog
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.extensions import db
from app.models import Account, Case, Letter
from app.services import SERVICES, accounts, cases, delays, employer_requests, notifications
from app.services.base import RuleBroken
from app.workflow import Status

AT_ONCE = 500
"""Waiting cases that are read in one query."""


@dataclass(frozen=True)
class _Wait:
    """A case that waits for somebody, and the day the wait began; None while its question is not posted."""

    case_id: int
    service: str
    began: date | None
    is_reminded: bool


def lapse_unanswered() -> int:
    """Close the cases whose author did not answer in time; how many."""
    return _take_when_due(Status.info_requested, delays.ANSWER, "lapse")


def go_on_without_employer() -> int:
    """Hand the cases to an officer whose employer did not answer in time; how many."""
    return _take_when_due(Status.awaiting_employer, delays.EMPLOYER_ANSWER, "employer_silent")


def remind_unanswered() -> int:
    """Recall each open request for information to its author, once, when its reminder is due; how many."""

    def remind(case: Case) -> bool:
        notifications.tell_of_case("answer_reminder", case, f"reminder:{case.events[-1].id}")
        return True

    return _remind_when_due(Status.info_requested, delays.ANSWER_REMINDER, remind)


def remind_employers() -> int:
    """Recall each open question to its employer, once, when its reminder is due; how many."""

    def remind(case: Case) -> bool:
        request = employer_requests.open_of(case)
        if request is not None:
            employer_requests.remind(request)
        return request is not None

    return _remind_when_due(Status.awaiting_employer, delays.EMPLOYER_REMINDER, remind)


def answer_by(case: Case) -> date | None:
    """The last day to answer a request for information; None when none is open, or still to be posted."""
    if case.status is not Status.info_requested:
        return None
    waits = _batch(Status.info_requested, Case.id == case.id)
    return next((delays.due(it.service, delays.ANSWER, it.began) for it in waits if it.began), None)


def _remind_when_due(status: Status, delay: str, remind: Callable[[Case], bool]) -> int:
    """Recall each waiting case whose reminder is due and was not sent; one that moved meanwhile is left."""
    today, count = clock.today(), 0
    due = [wait.case_id for wait, end in _ends(status, delay) if not wait.is_reminded and end <= today]
    for number in due:
        case = db.session.get_one(Case, number)
        cases.lock(case)
        if case.status is status and case.reminded_at is None and remind(case):
            case.reminded_at = clock.now()
            count += 1
    return count


def _take_when_due(status: Status, delay: str, step: str) -> int:
    """Take the step on each case whose delay is over, each in a transaction of its own."""
    over = [wait.case_id for wait, end in _ends(status, delay) if end < clock.today()]
    db.session.commit()
    return sum(_take(number, step) for number in over)


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


def _ends(status: Status, delay: str) -> Iterator[tuple[_Wait, date]]:
    """Each waiting case whose delay has begun, and the day it ends; the clock table is asked once a day."""
    due = cache(lambda service, began: delays.due(service, delay, began))
    for wait in _waits(status):
        if wait.began is not None:
            yield wait, due(wait.service, wait.began)


def _waits(status: Status) -> Iterator[_Wait]:
    """All of them by number, so many at once."""
    last = 0
    while batch := _batch(status, Case.id > last):
        yield from batch
        last = batch[-1].case_id


def _batch(status: Status, which: ColumnElement[bool]) -> list[_Wait]:
    """The first of those waiting; a question on paper begins the wait when it is posted, not written."""
    asked = (
        select(Letter.id, Letter.posted_on)
        .where(
            Letter.case_id == Case.id,
            Letter.notice == "information_requested",
            Letter.written_at >= Case.clock_stopped_at,
        )
        .order_by(Letter.id)
        .limit(1)
        .lateral()
    )
    rows = db.session.execute(
        select(
            Case.id,
            Case.service,
            Case.clock_stopped_at,
            Case.reminded_at,
            accounts.is_reached_by_email().label("is_reached"),
            asked.c.id.label("letter"),
            asked.c.posted_on,
        )
        .join(Account, Account.id == Case.owner_id)
        .outerjoin(asked, true())
        .where(Case.status == status, which)
        .order_by(Case.id)
        .limit(AT_ONCE)
    )
    return [
        _Wait(
            row.id,
            row.service,
            _began(status, row.clock_stopped_at, row.is_reached, row.letter is not None, row.posted_on),
            row.reminded_at is not None,
        )
        for row in rows
    ]


def _began(
    status: Status, stopped_at: datetime, is_reached: bool, is_on_paper: bool, posted_on: date | None
) -> date | None:
    if status is not Status.info_requested or (is_reached and not is_on_paper):
        return clock.day_of(stopped_at)
    return posted_on
