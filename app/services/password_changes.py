"""A new password: by a link from the mailbox, or by who knows the old one."""

from app.extensions import db
from app.models import Account, MailedLink
from app.security import attempts, passwords, sessions
from app.services import accounts, audit, mailed_links, notifications


def ask_for_link(email: str, language: str) -> None:
    """Have a link sent, if an account has that address; the job sees that, and this costs the same."""
    link = mailed_links.make(mailed_links.RESET_PASSWORD, email, language)
    mailed_links.mail(link)


def owner_of(link: MailedLink) -> Account:
    """Whose password the link changes; `LinkUnusable` when nobody active has the address any more."""
    account = accounts.of_email(link.email)
    if account is None:
        raise mailed_links.LinkUnusable
    return account


def by_link(link: MailedLink, password: str) -> Account:
    """Set the password, open an account locked by wrong ones, and end every session."""
    account = owner_of(link)
    mailed_links.use_up(link)
    _set(account, password, "reset_password")
    attempts.forgive(attempts.PASSWORD, accounts.key_of(account.email))
    attempts.forgive(attempts.PASSWORD_WITHIN, str(account.id))
    return account


def by_owner(account: Account, password: str) -> None:
    """Set the password, and end every session; the view begins a new one here."""
    _set(account, password, "change_password")


def _set(account: Account, password: str, action: str) -> None:
    """Whoever knew the old one may have asked for another address: that is over too."""
    account.password = passwords.hashed(password)
    db.session.flush()
    mailed_links.cancel_all(account, mailed_links.CHANGE_EMAIL)
    sessions.revoke_all(account.id)
    audit.record(f"person:{account.id}", action, account.id, {"account": account.id})
    notifications.tell_account("password_changed", account.id)
