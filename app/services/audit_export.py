"""What auditors take away: the whole chain as a file, and proofs about single entries and checkpoints."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app import clock
from app.audit import chain, entries, proofs
from app.audit.checkpoints import Checkpoint, leaf_hash
from app.extensions import db
from app.models import AuditCheckpoint, AuditEntry, AuditLeaf
from app.services import audit, audit_checkpoints, audit_reading


class NotProvable(ValueError):
    """There is nothing to prove it with, yet or at all."""


def lines() -> Iterator[str]:
    """The export, line by line, as of one moment and as far as it is signed; `docs/audit.md` has its form."""
    counts = _Counts()
    with audit_reading.snapshot(audit_reading.address()) as connection:
        yield _line({"format": "guichet-audit-export", "version": 1, "made_at": entries.instant(clock.now())})
        for number, made in audit_reading.checkpoints(connection):
            counts.checkpoints += 1
            yield _line(["c", number, made.content, made.signature.hex()])
        for leaf in audit_reading.leaves_in_order(connection):
            counts.leaves += 1
            yield _line(["l", leaf.position, leaf.stream, leaf.length, leaf.hash.hex()])
        for stream, length, reached in audit_reading.signed_heads(connection):
            counts.heads += 1
            yield _line(["h", stream, length, reached.hex()])
        for batch in audit_reading.signed_entries(connection):
            counts.entries += len(batch)
            for stream, seq, content, stored in batch:
                yield _line(["e", stream, seq, content.decode(), stored.hex()])
        yield _line({"end": counts.__dict__})


def prove_entry(stream: str, seq: int) -> dict[str, Any]:
    """The proof that a checkpoint covers this entry; `NotProvable` when there is none yet."""
    entry = db.session.get(AuditEntry, (stream, seq))
    if entry is None:
        raise NotProvable(f"There is no entry {seq} in {stream}.")
    leaf = db.session.scalars(
        select(AuditLeaf)
        .where(AuditLeaf.stream == stream, AuditLeaf.count >= seq)
        .order_by(AuditLeaf.count)
        .limit(1)
    ).first()
    if leaf is None:
        raise NotProvable(f"No checkpoint covers entry {seq} of {stream} yet: make one first.")
    made = _checkpoint_over(leaf.position)
    part = proofs.Part(
        stream,
        leaf.count,
        leaf.hash,
        seq,
        entry.content,
        _hash_before(stream, seq),
        _later_digests(stream, seq, leaf.count),
    )
    return _or_refused(proofs.of_entry(part, _leaf_hashes(made.statement["size"]), leaf.position, made))


def prove_consistency(first: int, second: int) -> dict[str, Any]:
    """The proof that checkpoint `second` only added to checkpoint `first`."""
    rows = [db.session.get(AuditCheckpoint, number) for number in (first, second)]
    if first >= second or rows[0] is None or rows[1] is None:
        raise NotProvable("Name two checkpoints that exist, the earlier one first.")
    old, new = (audit_checkpoints.as_checkpoint(row) for row in rows if row)
    return _or_refused(proofs.of_consistency(old, new, _leaf_hashes(new.statement["size"])))


def public_keys() -> tuple[str, ...]:
    """What the administration publishes, for third parties to compare."""
    return audit.keys().public


@dataclass
class _Counts:
    """How many lines of each kind: an export cut short is seen."""

    checkpoints: int = 0
    leaves: int = 0
    heads: int = 0
    entries: int = 0


def _or_refused(proof: dict[str, Any] | None) -> dict[str, Any]:
    """No proof leaves the house that does not hold."""
    if proof is None:
        raise NotProvable("The chain is not as it was signed: run `audit verify`.")
    return proof


def _line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":")) + "\n"


def _checkpoint_over(position: int) -> Checkpoint:
    """The first checkpoint whose tree has this leaf."""
    rows = db.session.scalars(select(AuditCheckpoint).order_by(AuditCheckpoint.number)).all()
    for row in rows:
        made = audit_checkpoints.as_checkpoint(row)
        if made.statement["size"] > position:
            return made
    raise NotProvable(f"Leaf {position} belongs to no checkpoint.")


def _hash_before(stream: str, seq: int) -> bytes:
    before = db.session.get(AuditEntry, (stream, seq - 1))
    return before.hash if before else chain.genesis(stream)


def _later_digests(stream: str, seq: int, count: int) -> list[bytes]:
    contents = db.session.scalars(
        select(AuditEntry.content)
        .where(AuditEntry.stream == stream, AuditEntry.seq > seq, AuditEntry.seq <= count)
        .order_by(AuditEntry.seq)
    )
    return [chain.digest(content.encode()) for content in contents]


def _leaf_hashes(size: int) -> list[bytes]:
    with audit_reading.snapshot(audit_reading.address()) as connection:
        return [
            leaf_hash(leaf.stream, leaf.length, leaf.hash)
            for leaf in audit_reading.leaves_in_order(connection, size)
        ]
