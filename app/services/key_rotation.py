"""Putting every encrypted value under the newest master key, so that an older one can be removed.

In slices committed one by one: killed anywhere, it goes on where it stopped; run twice, it does nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, ColumnElement, MetaData, Row, Table, func, literal, select, tuple_, update

from app import clock
from app.columns import Encrypted, fingerprint_of
from app.extensions import db
from app.security.encryption import CannotDecrypt, version_of
from app.services import audit
from app.services.person_keys import keyring

SLICE = 500


@dataclass(frozen=True)
class Place:
    """One encrypted column, with the column of its keyed hash if it has one."""

    column: Column[Any]
    fingerprint: Column[Any] | None

    @property
    def table(self) -> Table:
        """The table it is in."""
        table: Table = self.column.table
        return table

    @property
    def name(self) -> str:
        """`table.column`."""
        return str(self.column)


@dataclass
class Progress:
    """How many values of a place were renewed, and the rows whose value does not open."""

    renewed: int = 0
    unreadable: list[tuple[Any, ...]] = field(default_factory=list)


def places(metadata: MetaData | None = None) -> list[Place]:
    """Every encrypted column there is, found by its type."""
    tables = (metadata or db.metadata).sorted_tables
    columns = (column for table in tables for column in table.columns if isinstance(column.type, Encrypted))
    return [Place(column, fingerprint_of(column.table, column.key)) for column in columns]


def versions(place: Place) -> dict[int, int]:
    """How many values of a place each master key still opens, by the key's version."""
    first = func.substr(place.column, 1, 2)
    query = select(first, func.count()).where(place.column.is_not(None)).group_by(first)
    return {version_of(version): count for version, count in db.session.execute(query)}


def waiting(place: Place) -> int:
    """How many values of a place are under an older key."""
    return sum(count for version, count in versions(place).items() if version != keyring().newest)


def rotate(place: Place, progress: Progress) -> Iterator[None]:
    """Renew a place slice by slice, and keep account; the caller commits after each.

    What does not open is passed over, and noted.
    """
    after = None
    while rows := _slice(place, after):
        for row in rows:
            _renew(place, row, progress)
        after = _key(place, rows[-1])
        yield


def record(renewed: int) -> None:
    """Note in the audit chain that keys were rotated."""
    facts = {"newest": keyring().newest, "renewed": renewed}
    audit.record(f"day:{clock.today().isoformat()}", "rotate_keys", None, facts)


def _slice(place: Place, after: tuple[Any, ...] | None) -> list[Row[Any]]:
    """The next rows whose value is under an older key, locked until the commit."""
    keys = list(place.table.primary_key)
    newest = keyring().newest.to_bytes(2, "big")
    is_older: ColumnElement[bool] = func.substr(place.column, 1, 2) != newest
    query = select(place.table).where(place.column.is_not(None), is_older)
    if after is not None:
        query = query.where(tuple_(*keys) > tuple_(*map(literal, after)))
    return list(db.session.execute(query.order_by(*keys).limit(SLICE).with_for_update()))


def _renew(place: Place, row: Row[Any], progress: Progress) -> None:
    """One value under the newest key, and its keyed hash with it."""
    kind: Any = place.column.type
    context = kind.context(place.column, dict(row._mapping))
    try:
        plain = keyring().decrypt(row._mapping[place.column], context)
    except CannotDecrypt:
        progress.unreadable.append(_key(place, row))
        return
    values = {place.column: keyring().encrypt(plain, context)}
    if place.fingerprint is not None:
        hashed: Any = place.fingerprint.type
        values[place.fingerprint] = keyring().fingerprint(
            hashed.compared(plain.decode()).encode(), hashed.context(place.fingerprint)
        )
    is_row = [key == row._mapping[key] for key in place.table.primary_key]
    db.session.execute(update(place.table).where(*is_row).values(values))
    progress.renewed += 1


def _key(place: Place, row: Row[Any]) -> tuple[Any, ...]:
    return tuple(row._mapping[key] for key in place.table.primary_key)
