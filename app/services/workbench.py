"""What a member of the staff finds when they sign in: their work, how urgent it is, and how the flow goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, literal_column, select, union_all

from app import clock
from app.delays import WEEK
from app.extensions import db
from app.models import Account, Case, Decision
from app.services import SERVICES, agencies, casework, delays, queues
from app.services.queues import QUEUES, Queue
from app.workflow import WAITING, Status

SHORT = 5
WEEKS = 12
BANDS = (5, 10, 20)
"""Cases are counted by age in days: up to each of these, and older."""


@dataclass(frozen=True)
class Line:
    """One case of a short list."""

    id: int
    reference: str
    service: str
    status: Status
    due_on: date | None
    person: str


@dataclass(frozen=True)
class Short:
    """A queue with its first cases, and how many there are in all, by service."""

    queue: Queue
    lines: list[Line]
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """How many cases it holds."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Load:
    """One service's open cases."""

    waiting: int = 0
    due_today: int = 0
    overdue: int = 0
    proposed: int = 0
    others: int = 0
    bands: tuple[int, ...] = (0,) * (len(BANDS) + 1)


@dataclass(frozen=True)
class Week:
    """What came and what was decided in the week that begins on `begins`."""

    begins: date
    came: int
    decided: int


def short_lists(account: Account) -> list[Short]:
    """The queues of the services the account works, each with its first cases; two queries for all."""
    services = queues.services_of(account)
    if not services:
        return []
    counts = _counts(account, services)
    lines: dict[str, list[Line]] = {}
    for row in db.session.execute(
        union_all(*(_first(queue, account, services) for queue in QUEUES.values()))
    ):
        line = Line(row.id, row.reference, row.service, Status(row.status), row.due_on, row.person)
        lines.setdefault(row.queue, []).append(line)
    return [Short(queue, lines.get(name, []), counts[name]) for name, queue in QUEUES.items()]


def _counts(account: Account, services: list[str]) -> dict[str, dict[str, Any]]:
    """How many cases each queue holds, by service."""
    numbers = [func.count().filter(queue.condition(account)) for queue in QUEUES.values()]
    rows = db.session.execute(
        select(Case.service, *numbers).where(queues.in_reach(account, services)).group_by(Case.service)
    ).all()
    return {
        name: {row[0]: row[place] for row in rows if row[place]} for place, name in enumerate(QUEUES, start=1)
    }


def _first(queue: Queue, account: Account, services: list[str]) -> Any:
    """The rows of one short list, the oldest due first."""
    person = Account.first_name + " " + Account.last_name
    wanted = (
        select(
            literal_column(f"'{queue.name}'").label("queue"),
            *(Case.id, Case.reference, Case.service, Case.status, Case.due_on),
            person.label("person"),
        )
        .join(Account, Account.id == Case.owner_id)
        .where(queues.in_reach(account, services), queue.condition(account))
        .order_by(Case.due_on, Case.id)
        .limit(SHORT)
    )
    return select(wanted.subquery())


def loads(account: Account) -> dict[str, Load]:
    """Each service's open cases within the account's agency, counted in one query."""
    today, status = clock.today(), Case.status
    age = func.extract("day", clock.now() - Case.submitted_at)
    bounds = (-1, *BANDS)
    ages = [func.count().filter(age > low, age <= high) for low, high in zip(bounds, BANDS, strict=False)]
    is_ours = status.in_(queues.OURS)
    rows = db.session.execute(
        select(
            Case.service,
            func.count().filter(is_ours),
            func.count().filter(is_ours, Case.due_on == today),
            func.count().filter(is_ours, Case.due_on < today),
            func.count().filter(status == Status.proposed),
            func.count().filter(status.not_in(queues.OURS)),
            *ages,
            func.count().filter(age > BANDS[-1]),
        )
        .where(status.in_(WAITING), agencies.scope(account))
        .group_by(Case.service)
    )
    return {row[0]: Load(*row[1:6], tuple(row[6:])) for row in rows}


def weeks(account: Account) -> list[Week]:
    """What came in and what was decided, week by week, the oldest first; in one query."""
    monday = clock.today() - timedelta(days=1) * clock.today().weekday()
    first = monday - WEEK * (WEEKS - 1)
    since = clock.start_of(first)
    came = _by_week("came", Case.submitted_at, since, account)
    decided = _by_week("decided", Decision.decided_at, since, account)
    counts = {(row.what, row.week): row.number for row in db.session.execute(union_all(came, decided))}
    return [
        Week(begins, counts.get(("came", number), 0), counts.get(("decided", number), 0))
        for number in range(WEEKS)
        for begins in (first + WEEK * number,)
    ]


def _by_week(what: str, at: Any, since: Any, account: Account) -> Any:
    """How many in each week since then; weeks are counted from 0."""
    week = func.floor(func.extract("epoch", at - since) / WEEK.total_seconds()).label("week")
    wanted = select(literal_column(f"'{what}'").label("what"), week, func.count().label("number"))
    wanted = wanted.select_from(Case)
    if at.class_ is Decision:
        wanted = wanted.join(Decision, Decision.case_id == Case.id)
    return wanted.where(at >= since, agencies.scope(account)).group_by(week)


def medians(services: Sequence[str]) -> dict[str, int | None]:
    """The published median of each service, in days; in one query."""
    return delays.medians_days(services)


def next_case(account: Account) -> Case | None:
    """Give the account the oldest due case of its services that nobody works; None when there is none.

    Two officers who ask at once get two cases: the row is locked, and a locked one is passed over.
    """
    services = queues.services_of(account)
    wanted = (
        select(Case.id)
        .where(
            queues.in_reach(account, services),
            QUEUES["team"].condition(account),
            queues.not_involved(account),
        )
        .order_by(Case.due_on, Case.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Case)
    )
    number = db.session.scalar(wanted)
    if number is None:
        return None
    found = db.session.get_one(Case, number)
    casework.assign(SERVICES[found.service], found, account, account)
    return found
