"""Whose cases are whose: officers work those of their agency (docs/decisions/0008-agencies.md)."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, or_, true

from app.models import Account, Case
from app.permissions import EVERYWHERE
from app.services.base import NotAllowed


def sees_all(account: Account) -> bool:
    """Whether somebody of the staff works for the whole country: by their role, or without an agency."""
    return account.agency_id is None or account.has_role(*EVERYWHERE)


def scope(account: Account) -> ColumnElement[bool]:
    """The cases of an account's agency, and those no agency has yet, as a condition on `Case`."""
    if sees_all(account):
        return true()
    return or_(Case.agency_id.is_(None), Case.agency_id == account.agency_id)


def check(case: Case, account: Account) -> None:
    """Raise `NotAllowed` when the case is another agency's."""
    check_agency(case.agency_id, account)


def check_agency(agency_id: int | None, account: Account) -> None:
    """The same for what else an agency has, such as a person's file."""
    if not sees_all(account) and agency_id not in (None, account.agency_id):
        raise NotAllowed(_l("This case belongs to another agency."))
