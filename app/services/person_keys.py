"""Each person's own key, for what must be readable today and unreadable after a legal purge."""

from flask import current_app
from sqlalchemy import Connection, text

from app import clock
from app.extensions import db
from app.models import PersonKey
from app.security import encryption

_WRAPPED = PersonKey.__table__.c.wrapped_key
_READ = text("SELECT number, wrapped_key FROM person_key WHERE person_id = :person_id AND number = :number")
_IN_FORCE = "SELECT number, wrapped_key FROM person_key WHERE person_id = %s AND destroyed_at IS NULL"
_ADD = (
    "INSERT INTO person_key (person_id, number, wrapped_key, created_at)"
    " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"
)
_LAST_NUMBER = "SELECT coalesce(max(number), 0) FROM person_key WHERE person_id = %s"
_DESTROY = text(
    "UPDATE person_key SET wrapped_key = NULL, destroyed_at = :now"
    " WHERE person_id = :person_id AND destroyed_at IS NULL"
)


class KeyDestroyed(ValueError):
    """The values were purged: nobody can read them any more."""


def in_force(connection: Connection, person_id: int) -> tuple[int, bytes]:
    """The number and the key in force of a person; made when there is none."""
    row = connection.exec_driver_sql(_IN_FORCE, (person_id,)).one_or_none()
    if row is None:
        _make(connection, person_id)
        row = connection.exec_driver_sql(_IN_FORCE, (person_id,)).one()
    return row.number, keyring().decrypt(row.wrapped_key, _context(person_id, row.number))


def key(person_id: int, number: int) -> bytes:
    """One key of a person; `KeyDestroyed` after a purge."""
    row = db.session.execute(_READ, {"person_id": person_id, "number": number}).one_or_none()
    if row is None or row.wrapped_key is None:
        raise KeyDestroyed(f"Key {person_id}.{number} was destroyed.")
    return keyring().decrypt(row.wrapped_key, _context(person_id, number))


def destroy(person_id: int) -> int:
    """Destroy the person's key: how many were in force. What it sealed is unreadable from the commit on."""
    return db.session.execute(_DESTROY, {"person_id": person_id, "now": clock.now()}).rowcount  # type: ignore[attr-defined]


def keyring() -> encryption.Keyring:
    """The running application's master keys."""
    return encryption.parse(current_app.config["SETTINGS"].ENCRYPTION_KEYS)


def _make(connection: Connection, person_id: int) -> None:
    """Another transaction that makes the same key at once is waited for, and its key is taken."""
    number = 1 + int(connection.exec_driver_sql(_LAST_NUMBER, (person_id,)).scalar_one())
    wrapped = keyring().encrypt(encryption.new_key(), _context(person_id, number))
    connection.exec_driver_sql(_ADD, (person_id, number, wrapped, clock.now()))


def _context(person_id: int, number: int) -> str:
    row = {"person_id": person_id, "number": number}
    return _WRAPPED.type.context(_WRAPPED, row)
