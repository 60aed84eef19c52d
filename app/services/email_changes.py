"""A change of e-mail address: confirmed at the new one, warned of at the old one, undone from there.

Whoever takes over an account changes its address first, so that the warning goes to them.
"""

from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import Account, MailedLink
from app.security import sessions
from app.services import accounts, audit, locks, mailed_links, notifications


def ask(account: Account, email: str) -> None:
    """Write to both addresses: the new one confirms, the old one may say that it was not them.

    Raises `FileLocked` when the person locked their file.
    """
    locks.check(account)
    mailed_links.cancel_all(account, mailed_links.CHANGE_EMAIL)
    new = mailed_links.make(mailed_links.CHANGE_EMAIL, email, account.language, account)
    mailed_links.mail(new)
    if accounts.has_email(account):
        undo = mailed_links.make(mailed_links.UNDO_EMAIL, account.email, account.language, account)
        mailed_links.mail(undo)
    _record(account, "ask_email_change", account.email, email)


def confirm(link: MailedLink) -> Account:
    """The account at its new address; `LinkUnusable` when another account has it by now."""
    account = _owner(link)
    locks.check(account)
    before = account.email
    try:
        with db.session.begin_nested():
            account.email = link.email
    except IntegrityError:
        raise mailed_links.LinkUnusable from None
    mailed_links.use_up(link)
    _record(account, "change_email", before, account.email)
    notifications.tell_account("email_changed", account.id)
    return account


def undo(link: MailedLink) -> Account:
    """Back to the former address: every session ends, and a new password must be chosen from there."""
    account = _owner(link)
    before = account.email
    try:
        with db.session.begin_nested():
            account.email = link.email
    except IntegrityError:
        raise mailed_links.LinkUnusable from None
    account.password = None
    mailed_links.cancel_all(account, mailed_links.CHANGE_EMAIL, mailed_links.UNDO_EMAIL)
    sessions.revoke_all(account.id)
    _record(account, "undo_email_change", before, account.email)
    reset = mailed_links.make(mailed_links.RESET_PASSWORD, account.email, account.language)
    mailed_links.mail(reset)
    return account


def _owner(link: MailedLink) -> Account:
    if link.account is None or not link.account.active:
        raise mailed_links.LinkUnusable
    return link.account


def _record(account: Account, action: str, before: str, after: str) -> None:
    audit.record(
        f"person:{account.id}",
        action,
        account.id,
        {"account": account.id},
        {"before": before, "after": after},
        account.id,
    )
