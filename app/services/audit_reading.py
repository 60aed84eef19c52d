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
from app.audit.verification import Leaf, Row, SealedHead

_BATCH = 2000
_ALL = "stream >= %s AND (%s::text IS NULL OR stream < %s)"
FIRST = ""
"""Before the name of every stream."""


@dataclass(frozen=True)
class Span:
    """The streams from one name on, up to another (None: to the end)."""

    low: str = FIRST
    high: str | None = None

    @property
    def parameters(self) -> tuple[str, str | None, str | None]:
        """For `_ALL`."""
        return (self.low, self.high, self.high)


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
        yield connection


def share(connection: psycopg.Connection[Any]) -> str:
    """The name under which other connections can see the same moment, while this one stays open."""
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    return str(row[0]) if row else ""


def entries(connection: psycopg.Connection[Any], span: Span) -> Iterator[Sequence[Row]]:
    """Batches of entries, by stream and number; contents as bytes."""
    query = f"SELECT stream, seq, content, hash FROM audit_entry WHERE {_ALL} ORDER BY stream, seq"  # noqa: S608
    yield from _batches(connection, "entries", query, span.parameters)


def heads(connection: psycopg.Connection[Any], span: Span) -> Iterator[SealedHead]:
    """The heads by stream."""
    query = f"SELECT stream, count, hash, seal FROM audit_head WHERE {_ALL} ORDER BY stream"  # noqa: S608
    for batch in _batches(connection, "heads", query, span.parameters):
        yield from (SealedHead(*row) for row in batch)


def leaves(connection: psycopg.Connection[Any], span: Span) -> Iterator[Leaf]:
    """The leaves by stream and count."""
    query = f"SELECT stream, count, hash, position FROM audit_leaf WHERE {_ALL} ORDER BY stream, count"  # noqa: S608
    for batch in _batches(connection, "leaves", query, span.parameters):
        yield from (Leaf(*row) for row in batch)


def leaves_in_order(connection: psycopg.Connection[Any], size: int | None = None) -> Iterator[Leaf]:
    """The leaves as the tree has them; the first `size` only, when given."""
    query = (
        "SELECT stream, count, hash, position FROM audit_leaf"
        " WHERE %s::bigint IS NULL OR position < %s ORDER BY position"
    )
    for batch in _batches(connection, "leaves_in_order", query, (size, size)):
        yield from (Leaf(*row) for row in batch)


def checkpoints(connection: psycopg.Connection[Any]) -> list[tuple[int, Checkpoint]]:
    """All checkpoints, by number."""
    rows = connection.execute("SELECT number, content, signature FROM audit_checkpoint ORDER BY number")
    return [(number, Checkpoint(content, bytes(signature))) for number, content, signature in rows]


def _batches(
    connection: psycopg.Connection[Any], name: str, query: str, parameters: tuple[Any, ...]
) -> Iterator[Sequence[Any]]:
    with connection.cursor(name) as cursor:
        cursor.adapters.register_loader("text", ByteaBinaryLoader)
        cursor.execute(query, parameters, binary=True)
        while rows := cursor.fetchmany(_BATCH):
            yield rows
