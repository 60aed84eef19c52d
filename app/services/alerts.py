"""What must not wait, for whom it concerns: the audit chain, support tasks, work the machinery gave up."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.extensions import db
from app.models import Account, Outbox, SupportTask
from app.permissions import ADMINISTRATOR, HELPERS
from app.services import audit_alarms


@dataclass(frozen=True)
class Alerts:
    """How many of each; None where it is not this account's to mend."""

    differences: int
    checked_at: datetime | None
    given_up: int | None
    support_tasks: int | None


def of(account: Account) -> Alerts:
    """The alerts of an account; at most two queries."""
    check = audit_alarms.last()
    return Alerts(
        differences=check.found if check else 0,
        checked_at=check.checked_at if check else None,
        given_up=_given_up() if account.has_role(ADMINISTRATOR) else None,
        support_tasks=_support_tasks() if account.has_role(*HELPERS) else None,
    )


def _given_up() -> int:
    """Work that failed so often that a person must look."""
    return db.session.scalar(select(func.count()).where(Outbox.set_aside_at.is_not(None))) or 0


def _support_tasks() -> int:
    return db.session.scalar(select(func.count()).where(SupportTask.closed_at.is_(None))) or 0
