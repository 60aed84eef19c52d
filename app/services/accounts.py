"""Accounts: who signs in."""

from sqlalchemy import func, select

from app.extensions import db
from app.models import Account
from app.security import passwords

NO_EMAIL = "@no-email.invalid"
"""The ending of the address of an account whose person has no e-mail: never written to."""


def has_email(account: Account) -> bool:
    """Whether the person can be reached by e-mail; the others get paper."""
    return bool(account.email) and not account.email.endswith(NO_EMAIL)


def authenticate(email: str, password: str) -> Account | None:
    """The active account of that address and password; an unknown address takes as long as a wrong one."""
    account = db.session.scalars(
        select(Account).where(func.lower(Account.email) == email.lower(), Account.active.is_(True))
    ).one_or_none()
    is_right = passwords.matches(account.password if account else None, password)
    return account if is_right else None
