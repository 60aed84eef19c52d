"""Each person's own key, for what must be readable today and unreadable after a legal purge."""

from collections.abc import Collection

from flask import current_app
from sqlalchemy import Connection, text

from app import clock
from app.extensions import db
from app.security import encryption

_READ = text("SELECT number, wrapped_key FROM person_key WHERE person_id = :person_id AND number = :number")
_IN_FORCE = text(
    "SELECT person_id, number, wrapped_key FROM person_key"
    " WHERE person_id = ANY(:people) AND destroyed_at IS NULL"
)
_ADD = text(
    "INSERT INTO person_key (person_id, number, wrapped_key, created_at)"
    " VALUES (:person_id, :number, :wrapped_key, :now) ON CONFLICT DO NOTHING"
)
_LAST_NUMBERS = text(
    "SELECT person_id, max(number) FROM person_key WHERE person_id = ANY(:people) GROUP BY person_id"
)
_DESTROY = text(
    "UPDATE person_key SET wrapped_key = NULL, destroyed_at = :now"
    " WHERE person_id = :person_id AND destroyed_at IS NULL"
)
_OLDER = text(
    "SELECT person_id, number, wrapped_key FROM person_key"
    " WHERE wrapped_key IS NOT NULL AND substr(wrapped_key, 1, 2) <> :newest LIMIT :limit FOR UPDATE"
)
_REWRAP = text(
    "UPDATE person_key SET wrapped_key = :wrapped_key WHERE person_id = :person_id AND number = :number"
)


class KeyDestroyed(ValueError):
    """The values were purged: nobody can read them any more."""


def in_force(connection: Connection, people: Collection[int]) -> dict[int, tuple[int, bytes]]:
    """The number and the key in force of each person; made where there is none."""
    keys = _read_in_force(connection, people)
    missing = sorted(set(people) - set(keys))
    if missing:
        _make(connection, missing)
        keys |= _read_in_force(connection, missing)
    return keys


def key(person_id: int, number: int) -> bytes:
    """One key of a person; `KeyDestroyed` after a purge."""
    row = db.session.execute(_READ, {"person_id": person_id, "number": number}).one_or_none()
    if row is None or row.wrapped_key is None:
        raise KeyDestroyed(f"Key {person_id}.{number} was destroyed.")
    return keyring().decrypt(row.wrapped_key, _context(person_id, number))


def destroy(person_id: int) -> int:
    """Destroy the person's key: how many were in force. What it sealed is unreadable from the commit on."""
    return db.session.execute(_DESTROY, {"person_id": person_id, "now": clock.now()}).rowcount  # type: ignore[attr-defined]


def rewrap(limit: int = 1000) -> int:
    """Put keys that an older master key wraps under the newest: how many; 0 when none is left."""
    newest = keyring().newest.to_bytes(2, "big")
    rows = db.session.execute(_OLDER, {"newest": newest, "limit": limit}).all()
    for row in rows:
        wrapped = keyring().renew(row.wrapped_key, _context(row.person_id, row.number))
        db.session.execute(
            _REWRAP, {"person_id": row.person_id, "number": row.number, "wrapped_key": wrapped}
        )
    return len(rows)


def keyring() -> encryption.Keyring:
    """The running application's master keys."""
    return encryption.parse(current_app.config["SETTINGS"].ENCRYPTION_KEYS)


def _read_in_force(connection: Connection, people: Collection[int]) -> dict[int, tuple[int, bytes]]:
    ring = keyring()
    return {
        row.person_id: (row.number, ring.decrypt(row.wrapped_key, _context(row.person_id, row.number)))
        for row in connection.execute(_IN_FORCE, {"people": list(people)})
    }


def _make(connection: Connection, people: list[int]) -> None:
    """Another transaction that makes the same key at once is waited for, and its key is taken."""
    last = {row[0]: row[1] for row in connection.execute(_LAST_NUMBERS, {"people": people})}
    for person_id in people:
        number = last.get(person_id, 0) + 1
        wrapped = keyring().encrypt(encryption.new_key(), _context(person_id, number))
        connection.execute(
            _ADD,
            {"person_id": person_id, "number": number, "wrapped_key": wrapped, "now": clock.now()},
        )


def _context(person_id: int, number: int) -> str:
    return f"person_key {person_id}.{number}"
