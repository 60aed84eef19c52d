"""Accounts: who signs in."""

from sqlalchemy import func, select

from app.extensions import db
from app.models import Account
from app.security import passwords


def authenticate(email: str, password: str) -> Account | None:
    """The active account of that address and password; an unknown address takes as long as a wrong one."""
    account = db.session.scalars(
        select(Account).where(func.lower(Account.email) == email.lower(), Account.active.is_(True))
    ).one_or_none()
    is_right = passwords.matches(account.password if account else None, password)
    return account if is_right else None
