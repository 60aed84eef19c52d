"""Separation of duties: who may not decide what. The database refuses the same by itself (migration 0010)."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, false, or_, select

from app.extensions import db
from app.models import (
    Account,
    Case,
    DeclaredInterest,
    InsuredPerson,
)
from app.services import agencies
from app.services.base import NotAllowed
from app.workflow import Status


def check_not_involved(case: Case, account: Account) -> None:
    """Nobody acts as staff on themself, a declared relative, their own employer, or another agency's case."""
    agencies.check(case, account)
    check_no_interest(case.owner_id, case.employer_id, account)


@dataclass(frozen=True)
class Look:
    """What was seen of an account and a case: why it may not act on it as staff, or None."""

    refusal: NotAllowed | None


def look(case: Case, account: Account) -> Look:
    """Look once, for a page that asks several times whether this account may act."""
    try:
        check_not_involved(case, account)
    except NotAllowed as found:
        return Look(found)
    return Look(None)


def check_no_interest(owner_id: int, employer_id: int | None, account: Account) -> None:
    """Nobody acts as staff on what belongs to themself, to a declared relative or to their own employer."""
    if owner_id == account.id:
        raise NotAllowed(_l("You cannot act on your own case."))
    _refuse(account, or_(are_relative(owner_id, None), *_own_employer(employer_id)))


def check_not_relative(person: InsuredPerson, account: Account) -> None:
    """The same for an insured person, who may have no account."""
    if person.account_id is not None and person.account_id == account.id:
        raise NotAllowed(_l("You cannot act on your own case."))
    _refuse(account, are_relative(person.account_id, person.id))


def check_not_of_employer(employer_id: int, account: Account) -> None:
    """Nobody acts as staff on what their own employer said or owes."""
    _refuse(account, or_(*_own_employer(employer_id)))


def are_relative(account_id: int | None, person_id: int | None) -> ColumnElement[bool]:
    """The interests declared in a relative known by account, by insured person, or by both."""
    found: list[ColumnElement[bool]] = [false()]
    if account_id is not None:
        linked = select(InsuredPerson.id).where(InsuredPerson.account_id == account_id)
        found += [DeclaredInterest.relative_id == account_id, DeclaredInterest.person_id.in_(linked)]
    if person_id is not None:
        found.append(DeclaredInterest.person_id == person_id)
    return or_(*found)


def _own_employer(employer_id: int | None) -> list[ColumnElement[bool]]:
    return [] if employer_id is None else [DeclaredInterest.employer_id == employer_id]


def _refuse(account: Account, declared: ColumnElement[bool]) -> None:
    interest = select(DeclaredInterest.id).where(DeclaredInterest.account_id == account.id, declared)
    if db.session.scalar(interest.limit(1)) is not None:
        raise NotAllowed(_l("You have declared an interest in this case: a colleague must take it."))


def check_second_pair(case: Case, account: Account) -> None:
    """Whoever proposed, corrected, entered or compared anything, at any stage, cannot confirm a decision."""
    if account.id in preparers(case):
        raise NotAllowed(_l("You prepared this case: somebody else must decide it."))


def preparers(case: Case) -> set[int]:
    """The accounts that proposed, corrected or compared something, or entered something for the person."""
    proposed = {e.account_id for e in case.events if e.to_status is Status.proposed or e.told is not None}
    corrected = {correction.account_id for correction in case.corrections}
    compared = {found.judged_by_id for found in case.duplicates}
    return {number for number in proposed | corrected | compared | {case.entered_by_id} if number is not None}
