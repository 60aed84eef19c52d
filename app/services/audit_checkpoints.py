"""Checkpoints: sign how far every stream has come, and keep a copy where the database cannot reach."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import exists, func, select, text

from app import clock
from app.adapters import storage
from app.audit import checkpoints, entries
from app.audit.checkpoints import Checkpoint
from app.audit.merkle import Frontier
from app.extensions import db
from app.models import AuditCheckpoint, AuditHead, AuditLeaf
from app.services import audit

FOLDER = "audit/checkpoints"
_LOCK = 4_711_001
_BATCH = 5000
_ADD_LEAVES = text(
    "INSERT INTO audit_leaf (stream, count, hash, position) SELECT * FROM unnest(CAST(:streams AS text[]),"
    " CAST(:counts AS bigint[]), CAST(:hashes AS bytea[]), CAST(:positions AS bigint[]))"
)


class ChainBroken(RuntimeError):
    """The checkpoints in the database cannot be continued: `audit verify` says why."""


@dataclass(frozen=True)
class Signed:
    """The newest checkpoint (None: nothing was ever recorded), and the heads it leaves out as forged."""

    checkpoint: Checkpoint | None
    left_out: tuple[str, ...]


def checkpoint() -> Signed:
    """Sign a checkpoint over the heads that moved since the last; none is made when none moved.

    A head that does not bear our seal is left out, so that nothing written by SQL is ever signed.
    """
    db.session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    last = db.session.scalars(
        select(AuditCheckpoint).order_by(AuditCheckpoint.number.desc()).limit(1)
    ).first()
    tree = _tree_of(last)
    before = tree.size
    left_out = _append_moved(tree)
    if tree.size == before:
        return Signed(as_checkpoint(last) if last else None, left_out)
    number = last.number + 1 if last else 1
    previous = as_checkpoint(last) if last else None
    signed = checkpoints.sign(audit.keys(), number, entries.instant(clock.now()), tree, previous)
    db.session.add(
        AuditCheckpoint(
            number=number, content=signed.content, signature=signed.signature, peaks=b"".join(tree.peaks)
        )
    )
    db.session.flush()
    return Signed(signed, left_out)


def copy_to_storage() -> int:
    """Write the committed checkpoints that storage lacks at its end: how many. A gap is left for `verify`."""
    highest = max((number_of(name) for name in storage.names_in(FOLDER)), default=0)
    rows = db.session.scalars(
        select(AuditCheckpoint).where(AuditCheckpoint.number > highest).order_by(AuditCheckpoint.number)
    ).all()
    for row in rows:
        storage.write_named(file_of(row.number), as_file(as_checkpoint(row)))
    return len(rows)


def as_checkpoint(row: AuditCheckpoint) -> Checkpoint:
    """The row as what was signed."""
    return Checkpoint(row.content, row.signature)


def as_file(made: Checkpoint) -> bytes:
    """The bytes of its copy in storage."""
    return json.dumps(made.as_dict(), indent=1).encode() + b"\n"


def file_of(number: int) -> str:
    """Where storage keeps the copy of a checkpoint."""
    return f"{FOLDER}/{number:08d}.json"


def number_of(name: str) -> int:
    """Which checkpoint a file of storage is the copy of; 0 for another file."""
    stem = name.rpartition("/")[2].removesuffix(".json")
    return int(stem) if stem.isdigit() else 0


def _tree_of(last: AuditCheckpoint | None) -> Frontier:
    """The tree as the last checkpoint left it."""
    if last is None:
        return Frontier()
    statement = as_checkpoint(last).statement
    peaks = [last.peaks[start : start + 32] for start in range(0, len(last.peaks), 32)]
    tree = Frontier(statement["size"], peaks)
    if tree.root().hex() != statement["root"] or not as_checkpoint(last).is_signed(audit.keys().public):
        raise ChainBroken(f"Checkpoint {last.number} is not as it was signed.")
    return tree


def _append_moved(tree: Frontier) -> tuple[str, ...]:
    left_out: list[str] = []
    leaves: list[AuditHead] = []
    for head in _moved():
        if not audit.keys().is_sealed(head.stream, head.count, head.hash, head.seal):
            left_out.append(head.stream)
            continue
        leaves.append(head)
        if len(leaves) == _BATCH:
            _add(tree, leaves)
            leaves.clear()
    _add(tree, leaves)
    return tuple(left_out)


def _moved() -> Iterator[AuditHead]:
    """The heads no leaf covers, read without locking: what commits meanwhile is for the next checkpoint."""
    is_covered = exists().where(AuditLeaf.stream == AuditHead.stream, AuditLeaf.count == AuditHead.count)
    columns = (AuditHead.stream, AuditHead.count, AuditHead.hash, AuditHead.seal)
    query = select(*columns).where(~is_covered).order_by(AuditHead.stream)
    yield from db.session.execute(query.execution_options(yield_per=_BATCH))  # type: ignore[misc]


def _add(tree: Frontier, leaves: list[AuditHead]) -> None:
    if not leaves:
        return
    first = tree.size
    for leaf in leaves:
        tree.append(checkpoints.leaf_hash(leaf.stream, leaf.count, leaf.hash))
    db.session.execute(
        _ADD_LEAVES,
        {
            "streams": [leaf.stream for leaf in leaves],
            "counts": [leaf.count for leaf in leaves],
            "hashes": [leaf.hash for leaf in leaves],
            "positions": list(range(first, tree.size)),
        },
    )
