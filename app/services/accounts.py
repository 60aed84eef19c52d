"""Accounts: who signs in, and what they choose about themselves."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, func, select

from app.extensions import db
from app.models import Account
from app.security import passwords
from app.services import audit, locks, notice_kinds, notifications

NO_EMAIL = "@no-email.invalid"
"""The ending of the address of an account whose person has no e-mail: never written to."""


def has_email(account: Account) -> bool:
    """Whether the person can be reached by e-mail; the others get paper."""
    return bool(account.email) and not account.email.endswith(NO_EMAIL)


def is_reached_by_email() -> ColumnElement[bool]:
    """The same, as a condition on the accounts of a query."""
    return and_(Account.email != "", ~Account.email.endswith(NO_EMAIL))


def key_of(email: str) -> str:
    """An address as it is counted and compared."""
    return email.strip().lower()


def of_email(email: str) -> Account | None:
    """The active account of an address, or None."""
    return db.session.scalars(
        select(Account).where(func.lower(Account.email) == key_of(email), Account.active.is_(True))
    ).one_or_none()


def has_password(account: Account | None, password: str) -> bool:
    """Whether the password is the account's; as slow when there is no account or no password."""
    if not passwords.matches(account.password if account else None, password):
        return False
    if account is not None and passwords.is_outdated(account.password):
        account.password = passwords.hashed(password)
    return True


def wants(account: Account, notice: str) -> bool:
    """Whether the person wants this notice by e-mail."""
    return notice_kinds.group_of(notice) not in account.muted_notices


def choose_notices(account: Account, wanted: Collection[str]) -> None:
    """Send the kinds of notices the person wants, and no other that may be left out. Raises `FileLocked`."""
    locks.check(account)
    account.muted_notices = sorted(set(notice_kinds.OPTIONAL) - set(wanted))


def choose_language(account: Account, language: str) -> None:
    """Write and speak to the person in that language from now on."""
    account.language = language


def change_phone(account: Account, phone: str | None) -> None:
    """Keep the new number, and warn of it by e-mail; nothing happens when it is the same.

    Raises `FileLocked` when the person locked their file.
    """
    locks.check(account)
    before = account.phone
    if before == phone:
        return
    account.phone = phone
    audit.record(
        f"person:{account.id}",
        "change_phone",
        account.id,
        {"account": account.id},
        {"before": before, "after": phone},
        account.id,
    )
    notifications.tell_account("phone_changed", account.id)
