"""A change of e-mail address: confirmed at the new one, warned of at the old one, undone from there.

Whoever takes over an account changes its address first, so that the warning goes to them.
"""

from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import Account, MailedLink
from app.services import accounts, audit, locks, mailed_links, notifications, taken_back


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
    account = taken_back.owner_of(link)
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


def _record(account: Account, action: str, before: str, after: str) -> None:
    audit.record(
        f"person:{account.id}",
        action,
        account.id,
        {"account": account.id},
        {"before": before, "after": after},
        account.id,
    )
