"""An account taken back, without signing in, by who holds its mailbox: a link in a warning says "not me".

Whoever has the password alone sets up an app, then changes the address. So the address the warning went to
comes back, and what is young falls: the app and the recovery codes, the password, every session, every link
that is out. What was there long before stays.
"""

from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import Account, MailedLink
from app.security import sessions
from app.services import audit, mailed_links, second_factors

OUT = (mailed_links.CHANGE_EMAIL, mailed_links.UNDO_EMAIL, mailed_links.UNDO_FACTOR)
"""The links about an account that are worth nothing once it changed hands."""

ACTIONS = {mailed_links.UNDO_EMAIL: "undo_email_change", mailed_links.UNDO_FACTOR: "undo_second_factor"}


def owner_of(link: MailedLink) -> Account:
    """Whose account a link is about; `LinkUnusable` when it is closed."""
    if link.account is None or not link.account.active:
        raise mailed_links.LinkUnusable
    return link.account


def by_link(link: MailedLink) -> Account:
    """Undo what the link warned of; a new password is chosen by a link to the mailbox.

    Raises `LinkUnusable` when the account is closed, or the address is another account's by now.
    """
    account = owner_of(link)
    before = account.email
    try:
        with db.session.begin_nested():
            account.email = link.email
    except IntegrityError:
        raise mailed_links.LinkUnusable from None
    account.password = None
    second_factors.remove_young(account, link.created_at)
    mailed_links.cancel_all(account, *OUT)
    sessions.revoke_all(account.id)
    facts, personal = {"account": account.id}, {"before": before, "after": account.email}
    audit.record(f"person:{account.id}", ACTIONS[link.purpose], account.id, facts, personal, account.id)
    reset = mailed_links.make(mailed_links.RESET_PASSWORD, account.email, account.language)
    mailed_links.mail(reset)
    return account
