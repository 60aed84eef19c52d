"""Links sent by e-mail that work once: the row says what for, the link carries a signature of ours.

Asking for one costs the same whether or not the address is known: the job that mails it looks.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from app import clock
from app.delays import (
    CHANGE_EMAIL_LINK,
    LINK_KEPT,
    RESET_LINK,
    SIGN_UP_LINK,
    UNDO_EMAIL_LINK,
    UNDO_FACTOR_LINK,
)
from app.extensions import db
from app.models import Account, MailedLink
from app.security import links
from app.services import outbox

SIGN_UP = "sign_up"
RESET_PASSWORD = "reset_password"  # noqa: S105
CHANGE_EMAIL = "change_email"
UNDO_EMAIL = "undo_email"
UNDO_FACTOR = "undo_factor"
EMPLOYER = "employer"
LASTS: dict[str, timedelta] = {
    SIGN_UP: SIGN_UP_LINK,
    RESET_PASSWORD: RESET_LINK,
    CHANGE_EMAIL: CHANGE_EMAIL_LINK,
    UNDO_EMAIL: UNDO_EMAIL_LINK,
    UNDO_FACTOR: UNDO_FACTOR_LINK,
}
"""Each purpose, and how long its link works."""


class LinkUnusable(Exception):
    """The link is unknown, too old, or was used: a new one must be asked for."""


def make(
    purpose: str,
    email: str,
    language: str,
    account: Account | None = None,
    data: dict[str, Any] | None = None,
    until: datetime | None = None,
) -> MailedLink:
    """A new link, which works as long as its purpose says, or `until` then; nothing is mailed by this."""
    now = clock.now()
    link = MailedLink(
        purpose=purpose,
        email=email,
        language=language,
        account_id=account.id if account else None,
        data=data or {},
        created_at=now,
        expires_at=until or now + LASTS[purpose],
    )
    db.session.add(link)
    db.session.flush()
    return link


def mail(link: MailedLink) -> None:
    """Have a link sent to its address; the job sees whether anybody has it."""
    outbox.write("send_mailed_link", link_id=link.id)


def token(link: MailedLink) -> str:
    """What the address of the link ends in."""
    return links.sign(link.purpose, link.public_id)


def find(purpose: str, signed: str) -> MailedLink:
    """The link of that purpose that still works, locked; `LinkUnusable` otherwise."""
    name = links.read(purpose, signed, str)
    link = db.session.scalars(
        select(MailedLink)
        .where(
            MailedLink.public_id == name,
            MailedLink.purpose == purpose,
            MailedLink.used_at.is_(None),
            MailedLink.expires_at > clock.now(),
        )
        .with_for_update()
    ).one_or_none()
    if link is None:
        raise LinkUnusable
    return link


def named(purpose: str, signed: str) -> MailedLink | None:
    """The link of that purpose, whether or not it still works; None for what we never signed, or forgot."""
    name = links.read(purpose, signed, str)
    return db.session.scalars(
        select(MailedLink).where(MailedLink.public_id == name, MailedLink.purpose == purpose)
    ).one_or_none()


def is_over(link: MailedLink) -> bool:
    """Whether its time is over."""
    return link.expires_at <= clock.now()


def close(link: MailedLink) -> None:
    """This one link is worth nothing any more."""
    link.used_at = link.used_at or clock.now()


def use_up(link: MailedLink) -> None:
    """The link did its work; others of its purpose for that address are worth nothing any more."""
    db.session.execute(
        update(MailedLink)
        .where(
            MailedLink.purpose == link.purpose,
            func.lower(MailedLink.email) == link.email.lower(),
            MailedLink.account_id.is_not_distinct_from(link.account_id),
            MailedLink.used_at.is_(None),
        )
        .values(used_at=clock.now(), data={})
    )


def cancel_all(account: Account, *purposes: str) -> None:
    """Make every open link of those purposes for an account worthless."""
    db.session.execute(
        update(MailedLink)
        .where(
            MailedLink.account_id == account.id,
            MailedLink.purpose.in_(purposes),
            MailedLink.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )


def purge() -> int:
    """Delete the links of the past with what they hold; how many."""
    old = clock.now() - LINK_KEPT
    gone = db.session.execute(delete(MailedLink).where(MailedLink.expires_at <= old).returning(MailedLink.id))
    return len(gone.all())
