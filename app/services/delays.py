"""The clock table: each legal or promised delay, once for each service, and the dates that follow from it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.extensions import db
from app.models import Case, Decision, Delay, Holiday
from app.workflow import AWAITING_OTHERS, Status

ANY = "*"
"""The service of a delay that holds for every service without one of its own."""

DECISION = "decision"
APPEAL = "appeal"
ANSWER = "answer"
ANSWER_REMINDER = "answer_reminder"
EMPLOYER_REMINDER = "employer_reminder"
EMPLOYER_ANSWER = "employer_answer"
WAIT = "wait"
REPLY = "reply"
MESSAGES = "messages"
RECOVERY = "account_recovery"
CLOSURE = "account_closure"
MEDIAN_WINDOW = timedelta(days=90)
_SOURCE = "demo, process facts"
_SINCE = date(2000, 1, 1)

PROCESS_FACTS = (
    ("registration", DECISION, 5, "working"),
    ("record_changes", DECISION, 5, "working"),
    ("new_employments", DECISION, 5, "working"),
    ("claims", DECISION, 30, "working"),
    ("refunds", DECISION, 30, "working"),
    ("bank_orders", DECISION, 3, "working"),
    ("grievances", DECISION, 15, "working"),
    ("schooling", DECISION, 5, "working"),
    ("payees", DECISION, 10, "working"),
    (ANY, DECISION, 10, "working"),
    (ANY, APPEAL, 60, "calendar"),
    (ANY, ANSWER, 30, "calendar"),
    (ANY, ANSWER_REMINDER, 20, "calendar"),
    (ANY, EMPLOYER_REMINDER, 10, "calendar"),
    (ANY, EMPLOYER_ANSWER, 20, "calendar"),
    (RECOVERY, WAIT, 3, "working"),
    (CLOSURE, WAIT, 14, "calendar"),
    (MESSAGES, REPLY, 5, "working"),
)


@dataclass(frozen=True)
class Length:
    """How long a delay is: a number of calendar or working days."""

    days: int
    unit: str

    @property
    def is_working(self) -> bool:
        """Whether weekends and holidays are not counted."""
        return self.unit == "working"


def seed() -> None:
    """Write the delays of the scheme's process facts that are missing; others stay as they were changed."""
    for service, name, days, unit in PROCESS_FACTS:
        row = insert(Delay).values(
            service=service, name=name, days=days, unit=unit, valid_from=_SINCE, source=_SOURCE
        )
        db.session.execute(row.on_conflict_do_nothing())


def length(service: str, name: str, on: date | None = None) -> Length:
    """The delay in force on a day (today): the service's own, else the one for all. `LookupError` if none."""
    on = on or clock.today()
    return _in_force(service, name, on)[0]


def due(service: str, name: str, start: date | None = None) -> date:
    """The day a service's delay ends that begins on `start` (today)."""
    start = start or clock.today()
    delay, holidays = _in_force(service, name, start)
    return _day_after(start, delay, holidays)


def add_working_days(start: date, days: int, holidays: Collection[date]) -> date:
    """The day `days` working days after `start`: Saturdays, Sundays and holidays are not counted."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in holidays:
            days -= 1
    return day


def working_days_between(start: date, end: date, holidays: Collection[date]) -> int:
    """How many working days lie after `start` up to `end` (none when `end` is not later)."""
    days = (start + timedelta(days=count) for count in range(1, (end - start).days + 1))
    return sum(day.weekday() < 5 and day not in holidays for day in days)


def pushed_back(due_on: date, service: str, stopped: date, today: date) -> date:
    """The due date after the clock stood still from `stopped` to `today`, in the unit of the promise."""
    if not length(service, DECISION, stopped).is_working:
        return due_on + (today - stopped)
    holidays = _holidays_from(min(stopped, due_on))
    return add_working_days(due_on, working_days_between(stopped, today, holidays), holidays)


def median_days(service: str) -> int | None:
    """The published median: days from submission to first decision, of cases decided in the last 90 days."""
    return medians_days([service])[service]


def medians_days(services: Sequence[str]) -> dict[str, int | None]:
    """The same for several services, in one query."""
    since = clock.now() - MEDIAN_WINDOW
    first = (
        select(Decision.case_id, func.min(Decision.decided_at).label("at"))
        .group_by(Decision.case_id)
        .having(func.min(Decision.decided_at) >= since)
        .subquery()
    )
    days = func.extract("epoch", first.c.at - Case.submitted_at) / 86400
    rows = db.session.execute(
        select(Case.service, func.percentile_cont(literal_column("0.5")).within_group(days))
        .select_from(Case)
        .join(first, first.c.case_id == Case.id)
        .where(Case.service.in_(services))
        .group_by(Case.service)
    )
    found = {row[0]: round(row[1]) for row in rows}
    return {service: found.get(service) for service in services}


def _in_force(service: str, name: str, on: date) -> tuple[Length, Collection[date]]:
    """The delay of a day, and the holidays from that day on where they count; in one query."""
    since = select(func.array_agg(Holiday.day)).where(Holiday.day >= on, Delay.unit == "working")
    row = db.session.execute(
        select(Delay.days, Delay.unit, since.scalar_subquery())
        .where(Delay.name == name, Delay.service.in_((service, ANY)), Delay.valid_from <= on)
        .order_by(Delay.service == ANY, Delay.valid_from.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        raise LookupError(f"The clock table has no delay “{name}” for {service} on {on}.")
    return Length(row.days, row.unit), frozenset(row[2] or ())


def _day_after(start: date, delay: Length, holidays: Collection[date]) -> date:
    """The day a delay that begins on `start` ends on."""
    if not delay.is_working:
        return start + timedelta(days=delay.days)
    return add_working_days(start, delay.days, holidays)


def _holidays_from(start: date) -> set[date]:
    return set(db.session.scalars(select(Holiday.day).where(Holiday.day >= start)))


def turn(case: Case, target: Status, now: datetime) -> None:
    """The clock stops while the person or the employer is awaited; the due date moves by as much."""
    if target in AWAITING_OTHERS:
        case.clock_stopped_at, case.reminded_at = now, None
    elif case.clock_stopped_at is not None:
        stopped = clock.day_of(case.clock_stopped_at)
        if case.due_on is not None:
            case.due_on = pushed_back(case.due_on, case.service, stopped, clock.day_of(now))
        case.clock_stopped_at = None
