"""Reading the chain as it stands in the database: one snapshot, server-side cursors, text as bytes.

psycopg is used directly: verification reads every entry there is, and must not build objects for them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from flask import current_app
from psycopg import sql
from psycopg.types.string import ByteaBinaryLoader

from app.audit.checkpoints import Checkpoint
from app.audit.verification import Head, Leaf, Row

BATCH = 500
"""Small enough for what is read to stay near the processor: ten times more was measured slower by half."""

_ENTRY = "stream, seq, content, hash"
_AS_WRITTEN = ("SET LOCAL synchronize_seqscans = off", "SET LOCAL max_parallel_workers_per_gather = 0")
"""So that a table is read from its beginning to its end."""


@dataclass(frozen=True)
class Part:
    """One of several parts of the streams, chosen by a hash of their names."""

    number: int = 0
    of: int = 1

    @property
    def where(self) -> str:
        """The condition on a table that has a stream."""
        if self.of == 1:
            return ""
        return f" WHERE (hashtext(stream) & 2147483647) %% {int(self.of)} = {int(self.number)}"


def address() -> str:
    """Where psycopg finds the running application's database."""
    return str(current_app.config["SETTINGS"].DATABASE_URL).replace(
        "postgresql+psycopg://", "postgresql://", 1
    )


@contextmanager
def snapshot(where: str, shared: str | None = None) -> Iterator[psycopg.Connection[Any]]:
    """A connection that sees one moment only, and writes nothing; `shared` names another one's moment."""
    with psycopg.connect(where) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        if shared:
            connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(shared))
        for setting in _AS_WRITTEN:
            connection.execute(setting)
        yield connection


def share(connection: psycopg.Connection[Any]) -> str:
    """The name under which other connections can see the same moment, while this one stays open."""
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    return str(row[0]) if row else ""


def entries(connection: psycopg.Connection[Any], part: Part) -> Iterator[Sequence[Row]]:
    """Batches of entries as they lie on the disk, usually as they were written; contents as bytes."""
    yield from _batches(connection, "entries", f"SELECT {_ENTRY} FROM audit_entry{part.where}")  # noqa: S608


def signed_entries(connection: psycopg.Connection[Any]) -> Iterator[Sequence[Row]]:
    """Batches of the entries that leaves cover, by stream and number; contents as bytes."""
    query = (
        f"SELECT {_ENTRY} FROM audit_entry JOIN"  # noqa: S608
        " (SELECT stream, max(count) AS signed FROM audit_leaf GROUP BY stream) AS leaf USING (stream)"
        " WHERE seq <= signed ORDER BY stream, seq"
    )
    yield from _batches(connection, "entries", query)


def signed_heads(connection: psycopg.Connection[Any]) -> Iterator[tuple[str, int, bytes]]:
    """How far the leaves cover each stream: its length and the hash of its last entry then."""
    query = "SELECT DISTINCT ON (stream) stream, count, hash FROM audit_leaf ORDER BY stream, count DESC"
    for batch in _batches(connection, "heads", query):
        yield from batch


def heads(connection: psycopg.Connection[Any], part: Part) -> Iterator[Head]:
    """The heads, in no order."""
    query = f"SELECT stream, count, hash, seal FROM audit_head{part.where}"  # noqa: S608
    for batch in _batches(connection, "heads", query):
        yield from map(Head._make, batch)


def leaves(connection: psycopg.Connection[Any], part: Part) -> Iterator[Leaf]:
    """The leaves, those of a stream as checkpoints added them."""
    query = f"SELECT stream, count, hash, position FROM audit_leaf{part.where} ORDER BY position"  # noqa: S608
    for batch in _batches(connection, "leaves", query):
        yield from map(Leaf._make, batch)


def leaves_in_order(connection: psycopg.Connection[Any], size: int | None = None) -> Iterator[Leaf]:
    """The leaves as the tree has them; the first `size` only, when given."""
    query = (
        "SELECT stream, count, hash, position FROM audit_leaf"
        " WHERE %s::bigint IS NULL OR position < %s ORDER BY position"
    )
    for batch in _batches(connection, "leaves_in_order", query, (size, size)):
        yield from map(Leaf._make, batch)


def checkpoints(connection: psycopg.Connection[Any]) -> list[tuple[int, Checkpoint]]:
    """All checkpoints, by number."""
    rows = connection.execute("SELECT number, content, signature FROM audit_checkpoint ORDER BY number")
    return [(number, Checkpoint(content, bytes(signature))) for number, content, signature in rows]


def _batches(
    connection: psycopg.Connection[Any], name: str, query: str, parameters: tuple[Any, ...] = ()
) -> Iterator[Sequence[Any]]:
    with connection.cursor(name) as cursor:
        cursor.adapters.register_loader("text", ByteaBinaryLoader)
        cursor.execute(query, parameters, binary=True)
        while rows := cursor.fetchmany(BATCH):
            yield rows
