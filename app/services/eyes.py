"""Separation of duties: who may not decide what. The database refuses the same by itself (migration 0010)."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from app.extensions import db
from app.models import Account, Case, CaseCorrection, CaseEvent, DeclaredInterest
from app.services import agencies
from app.services.base import NotAllowed
from app.workflow import Status


def check_not_involved(case: Case, account: Account) -> None:
    """Nobody acts as staff on themself, a declared relative, their own employer, or another agency's case."""
    agencies.check(case, account)
    check_no_interest(case.owner_id, case.employer_id, account)


def check_no_interest(owner_id: int, employer_id: int | None, account: Account) -> None:
    """Nobody acts as staff on what belongs to themself, to a declared relative or to their own employer."""
    if owner_id == account.id:
        raise NotAllowed(_l("You cannot act on your own case."))
    own_employer = DeclaredInterest.employer_id == employer_id
    interest = select(DeclaredInterest.id).where(
        DeclaredInterest.account_id == account.id,
        or_(DeclaredInterest.relative_id == owner_id, own_employer),
    )
    if db.session.scalar(interest.limit(1)) is not None:
        raise NotAllowed(_l("You have declared an interest in this case: a colleague must take it."))


def check_second_pair(case: Case, account: Account) -> None:
    """Whoever proposed a decision, or corrected or entered anything, at any stage cannot confirm one."""
    if account.id in preparers(case):
        raise NotAllowed(_l("You prepared this case: somebody else must decide it."))


def preparers(case: Case) -> set[int]:
    """The accounts that proposed or corrected something in this case, or entered it at the counter."""
    proposed = select(CaseEvent.account_id).where(
        CaseEvent.case_id == case.id, CaseEvent.to_status == Status.proposed
    )
    corrected = select(CaseCorrection.account_id).where(CaseCorrection.case_id == case.id)
    found = {*db.session.scalars(proposed.union(corrected)), case.entered_by_id}
    return {number for number in found if number is not None}
