"""`verify`: read everything that was ever recorded, and name what is not as it was written."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from typing import Any

import psycopg
from flask import current_app

from app.adapters import storage
from app.audit import signing
from app.audit.checkpoints import Checkpoint
from app.audit.verification import Finding, StreamCheck, Tally, check_tree
from app.services import audit_checkpoints, audit_reading
from app.services.audit_reading import Span

GUARDS = {
    ("audit_entry", "audit_entry_is_kept"),
    ("audit_leaf", "audit_leaf_is_kept"),
    ("audit_checkpoint", "audit_checkpoint_is_kept"),
    ("audit_head", "audit_head_is_kept"),
    ("audit_head", "audit_head_moves_on"),
}
COMPUTED = {"recorded_at", "action", "actor_id"}
WORTH_SHARING = 20_000
"""Streams below which one process is quicker than several."""

Checkpoints = list[tuple[int, Checkpoint]]


@dataclass(frozen=True)
class Report:
    """What was read, what was found, and how far the last checkpoint vouches for it."""

    entries: int
    streams: int
    checkpoints: int
    last_checkpoint: dict[str, Any] | None
    uncovered_entries: int
    uncovered_streams: int
    found: int
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.found

    @property
    def bound(self) -> str:
        """What cannot be known yet, in words."""
        if self.last_checkpoint is None:
            return "There is no checkpoint yet: whoever holds the audit key could have rewritten any stream."
        number, at = self.last_checkpoint["number"], self.last_checkpoint["at"]
        if not self.uncovered_entries:
            return f"Checkpoint {number} of {at} covers every entry."
        return (
            f"Since checkpoint {number} of {at}: {self.uncovered_entries} entries in"
            f" {self.uncovered_streams} streams. If somebody who holds the audit key rewrote those"
            " consistently, it cannot be seen here."
        )

    def as_dict(self) -> dict[str, Any]:
        """For tools."""
        return asdict(self) | {"is_sound": self.is_sound, "bound": self.bound}


def verify(processes: int = 1) -> Report:
    """Check every entry, head, leaf, checkpoint, stored copy and guard, as of one moment."""
    source = _Source(audit_reading.address(), current_app.config["SETTINGS"].AUDIT_KEY)
    tally = Tally()
    with audit_reading.snapshot(source.where) as connection:
        made = audit_reading.checkpoints(connection)
        _check_guards(connection, tally)
        _check_copies(made, tally)
        shared = audit_reading.share(connection)
        for part in _check(source, shared, _spans(connection, processes), processes):
            tally.add(part)
    return _report(tally, made)


@dataclass(frozen=True)
class _Source:
    """What another process needs to read the chain and to know our keys."""

    where: str
    audit_key: str


def _check(source: _Source, shared: str, spans: list[Span], processes: int) -> Iterator[Tally]:
    """The parts of the check, here or in processes of their own."""
    if len(spans) == 1:
        yield _check_checkpoints(source, shared)
        yield _check_span(source, shared, spans[0])
        return
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        parts = [pool.submit(_check_span, source, shared, span) for span in spans]
        parts.append(pool.submit(_check_checkpoints, source, shared))
        for part in parts:
            yield part.result()


def _check_span(source: _Source, shared: str, span: Span) -> Tally:
    keys = signing.parse(source.audit_key)
    with audit_reading.snapshot(source.where, shared) as connection:
        sizes = [made.statement["size"] for _number, made in audit_reading.checkpoints(connection)]
        heads, leaves = audit_reading.heads(connection, span), audit_reading.leaves(connection, span)
        check = StreamCheck(heads, leaves, keys.is_sealed, sizes)
        return check.run(audit_reading.entries(connection, span))


def _check_checkpoints(source: _Source, shared: str) -> Tally:
    trusted = signing.parse(source.audit_key).public
    with audit_reading.snapshot(source.where, shared) as connection:
        made = audit_reading.checkpoints(connection)
        return check_tree(audit_reading.leaves_in_order(connection), made, trusted)


def _spans(connection: psycopg.Connection[Any], processes: int) -> list[Span]:
    """Ranges of streams of about the same number, four for each process; one range for a small chain."""
    streams = connection.execute("SELECT count(*) FROM audit_head").fetchone()
    total = streams[0] if streams else 0
    if processes == 1 or total < WORTH_SHARING:
        return [Span()]
    parts = processes * 4
    query = "SELECT stream FROM audit_head ORDER BY stream OFFSET %s LIMIT 1"
    found = (connection.execute(query, (total * part // parts,)).fetchone() for part in range(1, parts))
    borders = [row[0] for row in found if row]
    return [Span(low, high) for low, high in zip(["", *borders], [*borders, None], strict=True)]


def _check_guards(connection: psycopg.Connection[Any], tally: Tally) -> None:
    """The triggers that refuse changes, and the columns the database reads from the content."""
    rows = connection.execute(
        "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgrelid::regclass::text LIKE 'audit\\_%'"
    )
    for table, name in sorted(GUARDS - set(rows.fetchall())):
        tally.find("guard_off", table, f"The trigger {name} on {table} is missing or switched off.")
    computed = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'audit_entry'::regclass AND attgenerated = 's'"
    )
    for name in sorted(COMPUTED - {row[0] for row in computed}):
        tally.find("guard_off", "audit_entry", f"The column {name} is no longer read from the content.")


def _check_copies(made: Checkpoints, tally: Tally) -> None:
    """Every checkpoint has its copy in storage, and every copy its checkpoint."""
    by_number = dict(made)
    copies = {audit_checkpoints.number_of(name): name for name in storage.names_in(audit_checkpoints.FOLDER)}
    for number in sorted(set(by_number) - set(copies)):
        tally.find("copy_missing", str(number), f"Storage has no copy of checkpoint {number}.")
    for number, name in sorted(copies.items()):
        row = by_number.get(number)
        if row is None:
            tally.find("checkpoint_missing", str(number), f"Checkpoint {number} is only in storage: {name}.")
        elif storage.read_named(name) != audit_checkpoints.as_file(row):
            tally.find("copy_differs", str(number), f"The copy of checkpoint {number} in storage differs.")


def _report(tally: Tally, made: Checkpoints) -> Report:
    return Report(
        tally.entries,
        tally.streams,
        len(made),
        made[-1][1].statement if made else None,
        tally.uncovered_entries,
        tally.uncovered_streams,
        tally.found,
        tuple(tally.findings),
    )
