"""Relatives and employers of the staff: recorded by a supervisor or an administrator, never by themself."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.extensions import db
from app.models import Account, DeclaredInterest, Employer, InsuredPerson
from app.permissions import ADMINISTRATOR, STAFF, SUPERVISOR
from app.services import audit, numbers
from app.services.base import NotAllowed, RuleBroken


def record(account: Account, relative: str, employer: str, by: Account) -> DeclaredInterest:
    """Record a relative (by number or e-mail) or an employer (by registration number) of a member of staff.

    Raises `RuleBroken` when neither or both are named, or when nobody is found.
    """
    _check(account, by)
    if bool(relative) == bool(employer):
        raise RuleBroken(_l("Name a relative or an employer, one of the two."))
    interest = DeclaredInterest(account=account)
    if relative:
        interest.person = _person(relative)
        interest.relative = None if interest.person else _relative(relative)
        if account in (interest.relative, interest.person.account if interest.person else None):
            raise RuleBroken(_l("This is the account itself: nobody decides on themself anyway."))
    else:
        interest.employer = _employer(employer)
    db.session.add(interest)
    db.session.flush()
    _record(interest, "record_interest", by)
    return interest


def remove(interest: DeclaredInterest, by: Account) -> None:
    """Remove one that no longer holds; the audit chain keeps it."""
    _check(interest.account, by)
    _record(interest, "remove_interest", by)
    db.session.delete(interest)
    db.session.flush()


def _check(account: Account, by: Account) -> None:
    if not by.has_role(SUPERVISOR, ADMINISTRATOR):
        raise NotAllowed(_l("Your role does not allow this step."))
    if account.id == by.id:
        raise NotAllowed(_l("Somebody else must record this about you."))
    if not account.has_role(*STAFF):
        raise RuleBroken(_l("Choose a member of the staff."))


def _person(typed: str) -> InsuredPerson | None:
    """The insured person of that number, whether or not an account is linked to it."""
    return numbers.whose(typed)


def _relative(typed: str) -> Account:
    """The account of that e-mail."""
    found = db.session.scalars(select(Account).where(func.lower(Account.email) == typed.lower())).first()
    if found is None:
        raise RuleBroken(_l("No account has this number or e-mail address."))
    return found


def _employer(typed: str) -> Employer:
    found = db.session.scalars(select(Employer).where(Employer.registration_number == typed)).one_or_none()
    if found is None:
        raise RuleBroken(_l("No employer has this registration number."))
    return found


def _record(interest: DeclaredInterest, action: str, by: Account) -> None:
    facts = {
        "interest": interest.id,
        "account": interest.account_id,
        "relative": interest.relative_id,
        "person": interest.person_id,
        "employer": interest.employer_id,
    }
    audit.record(f"person:{interest.account_id}", action, by.id, facts)
