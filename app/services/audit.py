"""The audit chain: `record` what somebody did. It is written just before the commit, or not at all.

The heads of the streams are locked last, in order, so that transactions wait for each other briefly and never
in a circle.
"""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session, SessionTransaction

from app import clock
from app.audit import chain, entries, signing
from app.audit.entries import Sealed
from app.extensions import db
from app.models import AuditEntry
from app.security import encryption
from app.services import person_keys

_PENDING = "audit_pending"
_SAVEPOINTS = "audit_savepoints"
_IS_WRITTEN = "audit_is_written"

_LOCK = "SELECT count, hash FROM audit_head WHERE stream = %s FOR UPDATE"
_BEGIN = (
    "INSERT INTO audit_head AS head (stream, count, hash, seal) VALUES (%s, 0, '', '')"
    " ON CONFLICT (stream) DO UPDATE SET seal = head.seal RETURNING count, hash"
)
_ADD = "INSERT INTO audit_entry (stream, seq, content, hash) VALUES (%s, %s, %s, %s)"
_ADD_AND_MOVE_HEAD = (
    f"WITH written AS ({_ADD}) UPDATE audit_head SET count = %s, hash = %s, seal = %s WHERE stream = %s"  # noqa: S608
)
"""Plain statements with plain values: the same over arrays cost three times as much."""


@dataclass(frozen=True)
class _Recorded:
    """What `record` was told, kept until the commit."""

    stream: str
    at: str
    action: str
    actor_id: int | None
    subject: str
    personal: str | None
    person_id: int


class TooLate(RuntimeError):
    """Something was recorded while the commit was already under way; the transaction must not pass."""


def record(
    stream: str,
    action: str,
    actor_id: int | None,
    subject: dict[str, Any],
    personal: dict[str, Any] | None = None,
    person_id: int | None = None,
) -> None:
    """Add an entry to this transaction: it exists if and only if what it tells is committed.

    `stream` is `case:…`, else `person:…`, else `day:…`. `subject` holds plain facts that may be shown;
    `personal` is encrypted with the key of the account `person_id`. Costs no query before the commit.
    """
    if personal and person_id is None:
        raise ValueError("Personal values need the person whose key encrypts them.")
    if len(action) > 64:
        raise ValueError(f"“{action}” is longer than 64 characters.")
    _keep(
        _Recorded(
            entries.check_stream(stream),
            entries.instant(clock.now()),
            action,
            actor_id,
            entries.facts(subject),
            entries.facts(personal) if personal else None,
            person_id or 0,
        )
    )


def personal_of(entry: AuditEntry) -> dict[str, Any] | None:
    """The personal values of an entry; None when it has none, `KeyDestroyed` when they were purged."""
    said = json.loads(entry.content)
    sealed = said.get("personal")
    if sealed is None:
        return None
    person_id, number = (int(part) for part in sealed["key"].split("."))
    key = person_keys.key(person_id, number)
    context = _context(entry.stream, said["at"], said["action"])
    return dict(json.loads(encryption.decrypt(key, b64decode(sealed["sealed"]), context)))


def read_personal(entry: AuditEntry) -> dict[str, Any] | None:
    """The personal values of an entry for whoever looks from the command line; the look is recorded."""
    values = personal_of(entry)
    if values is not None:
        record(entry.stream, "read_entry", None, {"entry": entry.seq})
    return values


def purge_person(person_id: int, actor_id: int | None) -> None:
    """Destroy the person's key, and record that it was done: the chain still verifies."""
    if person_keys.destroy(person_id):
        record(f"person:{person_id}", "purge_personal_values", actor_id, {"person": person_id})


def keys() -> signing.AuditKeys:
    """The running application's audit keys."""
    return signing.parse(current_app.config["SETTINGS"].AUDIT_KEY)


def _keep(item: _Recorded) -> None:
    """Keep it until the commit of the transaction that is under way, or begins now."""
    session = db.session()
    if session.info.get(_IS_WRITTEN):
        raise TooLate("The audit entries of this transaction are written already.")
    if not session.in_transaction():
        session.begin()  # without it, a rollback before the first query would forget nothing
    session.info.setdefault(_PENDING, []).append(item)


@event.listens_for(Session, "before_commit")
def _write_pending(session: Session) -> None:
    """Only the outermost commit writes, and after everything else is flushed, which may record too."""
    if session.in_nested_transaction():
        return
    session.flush()
    if not session.info.get(_PENDING):
        return
    pending: list[_Recorded] = session.info.pop(_PENDING)
    session.info[_IS_WRITTEN] = True
    connection = session.connection()
    for stream, contents in sorted(_contents(connection, pending).items()):
        _append(connection, stream, contents)


@event.listens_for(Session, "after_transaction_create")
def _mark_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        marks = session.info.setdefault(_SAVEPOINTS, {})
        marks[transaction] = len(session.info.get(_PENDING, ()))


@event.listens_for(Session, "after_rollback")
def _forget_savepoint(session: Session) -> None:
    """What was recorded since a savepoint is undone with it."""
    mark = session.info.get(_SAVEPOINTS, {}).get(session.get_nested_transaction())
    if mark is not None:
        del session.info.get(_PENDING, [])[mark:]


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    """However the transaction ended, nothing of it passes into the next."""
    session.info.get(_SAVEPOINTS, {}).pop(transaction, None)
    if transaction.parent is None:
        session.info.pop(_PENDING, None)
        session.info.pop(_IS_WRITTEN, None)


def _contents(connection: Connection, pending: list[_Recorded]) -> dict[str, list[str]]:
    """The entries' texts by stream, in the order they were recorded."""
    people = sorted({item.person_id for item in pending if item.personal is not None})
    keys_in_force = {person_id: person_keys.in_force(connection, person_id) for person_id in people}
    by_stream: dict[str, list[str]] = {}
    for item in pending:
        sealed = _seal(item, *keys_in_force[item.person_id]) if item.personal is not None else None
        content = entries.canonical(item.at, item.action, item.actor_id, item.subject, sealed)
        by_stream.setdefault(item.stream, []).append(content)
    return by_stream


def _seal(item: _Recorded, number: int, key: bytes) -> Sealed:
    plain = (item.personal or "").encode()
    token = encryption.encrypt(key, plain, _context(item.stream, item.at, item.action))
    return Sealed(item.person_id, number, b64encode(token).decode())


def _context(stream: str, at: str, action: str) -> str:
    return f"audit {stream} {at} {action}"


def _append(connection: Connection, stream: str, contents: list[str]) -> None:
    """Lock the head of a stream, then write its entries; the last one together with the head."""
    head = connection.exec_driver_sql(_LOCK, (stream,)).one_or_none()
    count, reached = head or connection.exec_driver_sql(_BEGIN, (stream,)).one()
    if not count:
        reached = chain.genesis(stream)
    rows: list[tuple[str, int, str, bytes]] = []
    for content in contents:
        count += 1
        reached = chain.link(reached, chain.digest(content.encode()))
        rows.append((stream, count, content, reached))
    if rows[:-1]:
        connection.exec_driver_sql(_ADD, rows[:-1])
    moved = (count, reached, keys().seal(stream, count, reached), stream)
    connection.exec_driver_sql(_ADD_AND_MOVE_HEAD, rows[-1] + moved)
