"""What people are told: a line in their inbox, written with its cause, and work for the outbox to mail it.

One event is told to a person once; the database holds it (`notice`, unique account and event).
"""

from collections.abc import Collection
from typing import Any

from flask import render_template
from flask_babel import force_locale
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.extensions import db
from app.message_kinds import Delivery
from app.models import Account, Case, Conversation, Notice, Outbox
from app.services import notice_kinds, outbox

LONGEST_REFUSAL = 500


def tell_of_case(name: str, case: Case, event: str, letter_id: int | None = None, page: str = "") -> None:
    """Tell the owner of a case; `page` goes on from the case's own."""
    payload: dict[str, Any] = {"notice": name, "case_id": case.id}
    if letter_id is not None:
        payload["letter_id"] = letter_id
    row = outbox.write("send_notice", **payload)
    facts = {"reference": case.reference}
    _file(row, name, case.owner_id, event, f"cases/{case.public_id}{page}", facts, case.id)


def tell_account(name: str, account_id: int, event: str | None = None, **more: Any) -> None:
    """Tell the owner of an account; `more` is what `account_mail.send_notice` takes."""
    row = outbox.write("send_account_notice", notice=name, account_id=account_id, **more)
    page = "account/" if "purpose" in more else more.get("page", "account/")
    _file(row, name, account_id, event, page, {})


def tell_at(name: str, account_id: int, addresses: Collection[str], page: str, **more: Any) -> None:
    """Tell the owner of an account by mail to several addresses; in their inbox it is one line."""
    first, *others = sorted(addresses)
    tell_account(name, account_id, page=page, to=first, **more)
    for address in others:
        outbox.write("send_account_notice", notice=name, account_id=account_id, to=address, page=page, **more)


def tell(
    job: str, name: str, account_id: int, event: str, page: str, facts: dict[str, Any], **work: Any
) -> None:
    """Tell somebody by a job of its own, which is given `work`."""
    _file(outbox.write(job, **work), name, account_id, event, page, facts, work.get("case_id"))


def of_outbox(outbox_id: int) -> Notice | None:
    """The notice whose mail a row of the outbox sends, if it has one."""
    return db.session.scalars(select(Notice).where(Notice.outbox_id == outbox_id)).one_or_none()


def end(outbox_id: int, delivery: Delivery, letter_id: int | None = None) -> None:
    """Note how the mail of a notice fared, in the transaction of its job."""
    ended = {"delivery": delivery, "ended_at": clock.now(), "refusal": None}
    if letter_id is not None:
        ended["letter_id"] = letter_id
    db.session.execute(update(Notice).where(Notice.outbox_id == outbox_id).values(ended))


def mark_failed(outbox_id: int, error: str) -> None:
    """Note why the mail could not be sent; the outbox tries again, and may send it yet."""
    refused = {"delivery": Delivery.refused, "refusal": error[:LONGEST_REFUSAL], "ended_at": clock.now()}
    waits = Notice.delivery.in_([Delivery.queued, Delivery.refused])
    db.session.execute(update(Notice).where(Notice.outbox_id == outbox_id, waits).values(refused))


def own(account: Account, public_id: str) -> Notice | None:
    """The person's own notice, or None: somebody else's finds nothing."""
    return db.session.scalars(
        select(Notice).where(Notice.public_id == public_id, listed_of(account))
    ).one_or_none()


def by_public_id(public_id: str) -> Notice | None:
    """A notice, whosever it is: to say in the log that somebody asked for another's."""
    return db.session.scalars(select(Notice).where(Notice.public_id == public_id)).one_or_none()


def of_messages(conversation: Conversation) -> dict[int, Notice]:
    """How the person was told of our messages of a conversation, by the message's number."""
    events = {f"message:{message.id}": message.id for message in conversation.messages if message.is_staff}
    told = select(Notice).where(Notice.account_id == conversation.owner_id, Notice.event.in_(events))
    return {events[notice.event]: notice for notice in db.session.scalars(told)}


def listed_of(account: Account) -> ColumnElement[bool]:
    """The lines of a person's inbox, as a condition."""
    return (Notice.account_id == account.id) & Notice.is_listed.is_(True)


def read(notice: Notice) -> None:
    """Note the first opening."""
    _read(Notice.id == notice.id)


def read_all_of(case: Case) -> bool:
    """Note that the owner opened the case its notices lead to; whether there was anything new."""
    return _read(Notice.case_id == case.id, Notice.account_id == case.owner_id)


def put_away(notice: Notice, is_away: bool) -> None:
    """Archive a notice, or bring it back; what is put away counts as read."""
    now = clock.now()
    notice.archived_at = now if is_away else None
    if is_away:
        read(notice)


def _read(*which: ColumnElement[bool]) -> bool:
    unread_ones = update(Notice).where(*which, Notice.read_at.is_(None)).values(read_at=clock.now())
    return bool(db.session.execute(unread_ones).rowcount)  # type: ignore[attr-defined]


def _file(
    row: Outbox,
    name: str,
    account_id: int,
    event: str | None,
    page: str,
    facts: dict[str, Any],
    case_id: int | None = None,
) -> None:
    """Write the line; when the same event was told before, the work for the outbox is taken back."""
    db.session.flush()
    values = {
        "account_id": account_id,
        "name": name,
        "event": event or f"outbox:{row.id}",
        "case_id": case_id,
        "page": page,
        "is_listed": notice_kinds.KINDS[name].is_listed,
        "told_at": clock.now(),
        "outbox_id": row.id,
    } | _subjects(name, facts)
    written = insert(Notice).values(values).on_conflict_do_nothing(index_elements=["account_id", "event"])
    if db.session.scalar(written.returning(Notice.id)) is None:
        db.session.delete(row)
        db.session.flush()


def _subjects(name: str, facts: dict[str, Any]) -> dict[str, str]:
    said = {}
    for language in ("fr", "en"):
        with force_locale(language):
            said[f"subject_{language}"] = render_template(f"email/{name}/subject.txt", **facts).strip()
    return said
