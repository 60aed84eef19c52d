"""The queues of the staff: which cases wait for whom, as conditions the lists and the workbench share."""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, exists, or_, select

from app import clock
from app.models import Account, Case, CaseCorrection, CaseEvent, DeclaredInterest
from app.permissions import OFFICERS
from app.services import agencies
from app.workflow import AWAITING_OTHERS, WAITING, Status

OURS = WAITING - AWAITING_OTHERS
"""It is the administration's turn."""

UNREAD = frozenset({Status.submitted, Status.under_review})
"""A first pair of eyes is to look."""


@dataclass(frozen=True)
class Queue:
    """A part of the open cases: its name in addresses, its title, what it says when it is empty."""

    name: str
    title: LazyString
    when_empty: LazyString
    condition: Callable[[Account], ColumnElement[bool]]


def _mine(account: Account) -> ColumnElement[bool]:
    return and_(Case.status.in_(WAITING), Case.officer_id == account.id)


def _team(account: Account) -> ColumnElement[bool]:
    return and_(Case.status.in_(UNREAD), Case.officer_id.is_(None))


def _due_today(account: Account) -> ColumnElement[bool]:
    return and_(Case.status.in_(OURS), Case.due_on == clock.today())


def _overdue(account: Account) -> ColumnElement[bool]:
    return and_(Case.status.in_(OURS), Case.due_on < clock.today())


def _second(account: Account) -> ColumnElement[bool]:
    """Proposals this account may confirm: not on themself, nothing in them proposed or corrected by it."""
    prepared = exists(
        select(CaseEvent.id).where(
            CaseEvent.case_id == Case.id,
            CaseEvent.to_status == Status.proposed,
            CaseEvent.account_id == account.id,
        )
    )
    corrected = exists(
        select(CaseCorrection.id).where(
            CaseCorrection.case_id == Case.id, CaseCorrection.account_id == account.id
        )
    )
    return and_(Case.status == Status.proposed, ~prepared, ~corrected, Case.owner_id != account.id)


def _others(account: Account) -> ColumnElement[bool]:
    return Case.status.in_(AWAITING_OTHERS)


QUEUES = {
    queue.name: queue
    for queue in (
        Queue(
            "mine",
            _l("My cases"),
            _l("You work no case. Take the next one, or choose one from your team’s queue."),
            _mine,
        ),
        Queue(
            "team",
            _l("My team’s queue"),
            _l("Nobody waits for an officer: every case is in somebody’s hands."),
            _team,
        ),
        Queue("due-today", _l("Due today"), _l("Nothing more is due today."), _due_today),
        Queue("overdue", _l("Overdue"), _l("No case is late."), _overdue),
        Queue(
            "second",
            _l("For a second pair of eyes"),
            _l("No proposal of a colleague waits for you."),
            _second,
        ),
        Queue(
            "others",
            _l("Waiting for others"),
            _l("No question to a person or an employer is open."),
            _others,
        ),
    )
}


def services_of(account: Account) -> list[str]:
    """The services whose cases an account works."""
    return [slug for slug, roles in OFFICERS.items() if account.has_role(*roles)]


def in_reach(account: Account, services: list[str]) -> ColumnElement[bool]:
    """The open cases of these services in the account's agency."""
    return and_(Case.service.in_(services), Case.status.in_(WAITING), agencies.scope(account))


def not_involved(account: Account) -> ColumnElement[bool]:
    """Cases the account may act on: not their own, no declared relative's, not their own employer's."""
    interest = exists(
        select(DeclaredInterest.id).where(
            DeclaredInterest.account_id == account.id,
            or_(
                DeclaredInterest.relative_id == Case.owner_id,
                DeclaredInterest.employer_id == Case.employer_id,
            ),
        )
    )
    return and_(Case.owner_id != account.id, ~interest)
