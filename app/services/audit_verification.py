"""`verify`: read everything that was ever recorded, and name what is not as it was written."""

from collections.abc import Collection
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from typing import Any

import psycopg

from app.adapters import storage
from app.audit import signing
from app.audit.checkpoints import Checkpoint
from app.audit.verification import Finding, StreamCheck, Tally, check_tree
from app.services import audit, audit_checkpoints, audit_reading
from app.services.audit_reading import Span

GUARDS = {
    ("audit_entry", "audit_entry_is_kept"),
    ("audit_leaf", "audit_leaf_is_kept"),
    ("audit_checkpoint", "audit_checkpoint_is_kept"),
    ("audit_head", "audit_head_is_kept"),
    ("audit_head", "audit_head_moves_on"),
}
COMPUTED = {"recorded_at", "action", "actor_id"}
_WORTH_SHARING = 20_000
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
            f"Since checkpoint {number} of {at}, {self.uncovered_entries} entries in {self.uncovered_streams} "
            "streams: if somebody who holds the audit key rewrote those consistently, it cannot be seen here."
        )

    def as_dict(self) -> dict[str, Any]:
        """For tools."""
        return asdict(self) | {"is_sound": self.is_sound, "bound": self.bound}


def verify(processes: int = 1) -> Report:
    """Check every entry, head, leaf, checkpoint, stored copy and guard, as of one moment."""
    where, keys = audit_reading.address(), audit.keys()
    with audit_reading.snapshot(where) as connection:
        made = audit_reading.checkpoints(connection)
        tally = Tally()
        _check_guards(connection, tally)
        _check_copies(made, tally)
        sizes = [checkpoint.statement["size"] for _number, checkpoint in made]
        work = _Work(where, _share(connection), keys, sizes, made)
        for part in work.run(_spans(connection, processes), processes):
            tally.add(part)
    last = made[-1][1].statement if made else None
    return Report(
        tally.entries,
        tally.streams,
        len(made),
        last,
        tally.uncovered_entries,
        tally.uncovered_streams,
        tally.found,
        tuple(tally.findings),
    )
