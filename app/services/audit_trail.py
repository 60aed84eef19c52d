"""What was recorded, for auditors: of a person, a case, a member of the staff, a period; page by page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, select

from app import clock
from app.extensions import db
from app.models import Account, AuditEntry, Case
from app.services import audit, merges, numbers
from app.services.base import RuleBroken

PAGE = 50
LAST_PAGE = 199


@dataclass(frozen=True)
class Wanted:
    """What the auditor looks for; empty means anything."""

    person: str = ""
    case: str = ""
    officer: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked for."""
        return not (self.person or self.case or self.officer or self.since or self.until)


@dataclass(frozen=True)
class Trail:
    """One page of entries, the latest first, and the names of who acted."""

    entries: Sequence[AuditEntry] = ()
    names: dict[int, str] = field(default_factory=dict)
    has_more: bool = False
    merged: int = 0
    """How many accounts merged with the person's, whose own streams are read as well."""


def read(wanted: Wanted, page: int, auditor: Account) -> Trail:
    """A page of the trail; the look itself is recorded.

    Raises `RuleBroken` when no such person, case or member of the staff exists.
    """
    accounts = merges.same_person(_person(wanted.person)) if wanted.person else []
    conditions = [*_streams(wanted, accounts), *_period(wanted)]
    if wanted.officer:
        conditions.append(AuditEntry.actor_id == _account(wanted.officer).id)
    page = min(max(page, 0), LAST_PAGE)
    rows = db.session.scalars(
        select(AuditEntry)
        .where(*conditions)
        .order_by(AuditEntry.recorded_at.desc(), AuditEntry.stream, AuditEntry.seq.desc())
        .offset(page * PAGE)
        .limit(PAGE + 1)
    ).all()
    facts = {"case": wanted.case, "has_person": bool(wanted.person), "has_officer": bool(wanted.officer)}
    audit.record(f"day:{clock.today()}", "read_trail", auditor.id, facts)
    return Trail(rows[:PAGE], _names(rows[:PAGE]), len(rows) > PAGE, max(len(accounts) - 1, 0))


def _streams(wanted: Wanted, accounts: Sequence[int]) -> list[ColumnElement[bool]]:
    """The streams of the person's, whichever account they had, and the case's."""
    found: list[ColumnElement[bool]] = []
    if wanted.person:
        cases = db.session.scalars(select(Case.id).where(Case.owner_id.in_(accounts)))
        own = [f"person:{one}" for one in accounts]
        found.append(AuditEntry.stream.in_([*own, *(f"case:{number}" for number in cases)]))
    if wanted.case:
        number = db.session.scalar(select(Case.id).where(Case.reference == wanted.case.upper()))
        if number is None:
            raise RuleBroken(_l("No case has this reference."))
        found.append(AuditEntry.stream == f"case:{number}")
    return found


def _period(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.since:
        found.append(AuditEntry.recorded_at >= clock.start_of(wanted.since))
    if wanted.until:
        found.append(AuditEntry.recorded_at < clock.start_of(wanted.until + timedelta(days=1)))
    return found


def _person(typed: str) -> int:
    """The account of a social security number or an e-mail address."""
    person = numbers.whose(typed)
    found = person.account_id if person else None
    if found is None:
        found = db.session.scalar(select(Account.id).where(func.lower(Account.email) == typed.lower()))
    if found is None:
        raise RuleBroken(_l("No account has this number or e-mail address."))
    return found


def _account(typed: str) -> Any:
    found = db.session.scalars(select(Account).where(func.lower(Account.email) == typed.lower())).first()
    if found is None:
        raise RuleBroken(_l("No member of the staff has this e-mail address."))
    return found


def _names(entries: Sequence[AuditEntry]) -> dict[int, str]:
    numbers = {entry.actor_id for entry in entries if entry.actor_id is not None}
    rows = db.session.execute(
        select(Account.id, Account.first_name, Account.last_name).where(Account.id.in_(numbers))
    )
    return {row[0]: f"{row[1]} {row[2]}" for row in rows}
