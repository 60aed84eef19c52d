"""`verify`: read everything that was ever recorded, and name what is not as it was written."""

import gc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from typing import Any

from flask import current_app

from app.adapters import storage
from app.audit import signing
from app.audit.checkpoints import Checkpoint
from app.audit.verification import Finding, StreamCheck, Tally, check_tree
from app.services import audit_checkpoints, audit_guards, audit_reading, audit_register
from app.services.audit_reading import Part

WORTH_SHARING = 20_000
"""Streams below which one process is quicker than several."""

STREAMS_IN_MIND = 1_000_000
"""The most one process keeps in mind, about 400 MB; beyond it the entries are read several times."""

_UNSEEN = (
    "Whoever owns the database could have deleted streams, or ends of streams, that no checkpoint covers,"
    " together with the steps in the register; whoever also holds the audit key could have rewritten them:"
    " it cannot be seen here."
)

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
            return f"There is no checkpoint yet. {_UNSEEN}"
        number, at = self.last_checkpoint["number"], self.last_checkpoint["at"]
        if not self.uncovered_entries:
            return f"Checkpoint {number} of {at} covers every entry that is here. {_UNSEEN}"
        return (
            f"Since checkpoint {number} of {at}: {self.uncovered_entries} entries in"
            f" {self.uncovered_streams} streams. {_UNSEEN}"
        )

    def as_dict(self) -> dict[str, Any]:
        """For tools."""
        return asdict(self) | {"is_sound": self.is_sound, "bound": self.bound}


Told = Callable[[int], None]

ENTRIES_PER_WORD = 20_000
"""Entries between two words about progress."""


def verify(processes: int = 1, told: Told | None = None) -> Report:
    """Check every entry, head, leaf, checkpoint, stored copy, guard and case, as of one moment.

    `told` is called with the number of entries read so far, by a check in one process.
    """
    source = _Source(audit_reading.address(), current_app.config["SETTINGS"].AUDIT_KEY)
    tally = Tally()
    with audit_reading.snapshot(source.where) as connection:
        made = audit_reading.checkpoints(connection)
        audit_guards.check(connection, tally)
        _check_copies(made, tally)
        shared = audit_reading.share(connection)
        row = connection.execute("SELECT count(*) FROM audit_head").fetchone()
        streams = row[0] if row else 0
        if streams < WORTH_SHARING:
            processes = 1
        for done in _check(source, shared, _parts(streams, processes), processes, told):
            tally.add(done)
    return _report(tally, made)


@dataclass(frozen=True)
class _Source:
    """What another process needs to read the chain and to know our keys."""

    where: str
    audit_key: str


def _check(
    source: _Source, shared: str, parts: list[Part], processes: int, told: Told | None
) -> Iterator[Tally]:
    """The parts of the check, here or in forks of this process, which open connections of their own."""
    if processes == 1:
        yield _check_checkpoints(source, shared)
        yield _check_register(source, shared)
        telling = _Telling(told) if told else None
        yield from (_check_part(source, shared, part, telling) for part in parts)
        return
    with ProcessPoolExecutor(processes, get_context("fork")) as pool:
        work = [pool.submit(_check_part, source, shared, part) for part in parts]
        work.insert(1, pool.submit(_check_checkpoints, source, shared))
        work.insert(1, pool.submit(_check_register, source, shared))
        for done in work:
            yield done.result()


class _Telling:
    """Counts the entries that pass, and says now and then how many."""

    def __init__(self, told: Told) -> None:
        self._told, self._passed, self._said = told, 0, 0

    def over(self, batches: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        """The same batches."""
        for batch in batches:
            yield batch
            self._passed += len(batch)
            if self._passed - self._said >= ENTRIES_PER_WORD:
                self._said = self._passed
                self._told(self._passed)


def _check_part(source: _Source, shared: str, part: Part, telling: _Telling | None = None) -> Tally:
    keys = signing.parse(source.audit_key)
    with audit_reading.snapshot(source.where, shared) as connection, _without_collector():
        sizes = [made.statement["size"] for _number, made in audit_reading.checkpoints(connection)]
        check = StreamCheck(audit_reading.leaves(connection, part), keys.is_sealed, sizes)
        entries = audit_reading.entries(connection, part)
        if telling:
            entries = telling.over(entries)
        return check.run(entries, audit_reading.heads(connection, part))


@contextmanager
def _without_collector() -> Iterator[None]:
    """Millions of small objects and no cycle among them: looking for one would cost as much as the check."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _check_checkpoints(source: _Source, shared: str) -> Tally:
    trusted = signing.parse(source.audit_key).public
    with audit_reading.snapshot(source.where, shared) as connection, _without_collector():
        made = audit_reading.checkpoints(connection)
        return check_tree(audit_reading.leaves_in_order(connection), made, trusted)


def _check_register(source: _Source, shared: str) -> Tally:
    tally = Tally()
    with audit_reading.snapshot(source.where, shared) as connection:
        audit_register.check(connection, tally)
    return tally


def _parts(streams: int, processes: int) -> list[Part]:
    """So many parts that none keeps too many streams in mind, the same number for each process."""
    rounds = 1 + streams // (STREAMS_IN_MIND * processes)
    of = rounds * processes
    return [Part(number, of) for number in range(of)]


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
