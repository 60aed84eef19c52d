"""Proofs a third party checks with `docs/verify.py` alone, as plain dictionaries for JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.audit import chain, merkle
from app.audit.checkpoints import Checkpoint, leaf_hash


@dataclass(frozen=True)
class Part:
    """An entry and the way from it to a head of its stream.

    `later` holds the digests of the entries after it; what they say is not shown.
    """

    stream: str
    count: int
    head: bytes
    seq: int
    content: str
    previous: bytes
    later: list[bytes]

    def holds(self) -> bool:
        """Whether the way leads to the head."""
        own = chain.link(self.previous, chain.digest(self.content.encode()))
        is_counted = self.seq + len(self.later) == self.count
        return is_counted and chain.follow(own, self.later) == self.head


def of_entry(
    part: Part, leaves: Sequence[bytes], position: int, checkpoint: Checkpoint
) -> dict[str, Any] | None:
    """That an entry stands at its place in a stream whose head is a leaf of a checkpoint's tree.

    None when that is not so.
    """
    path = merkle.inclusion(leaves, position)
    leaf = leaf_hash(part.stream, part.count, part.head)
    root = bytes.fromhex(checkpoint.statement["root"])
    if not part.holds() or not merkle.included(leaf, position, len(leaves), path, root):
        return None
    return {
        "format": "guichet-audit-proof",
        "version": 1,
        "stream": part.stream,
        "seq": part.seq,
        "content": part.content,
        "previous": part.previous.hex(),
        "later": [digest.hex() for digest in part.later],
        "count": part.count,
        "position": position,
        "path": [step.hex() for step in path],
        "checkpoint": checkpoint.as_dict(),
    }


def of_consistency(first: Checkpoint, second: Checkpoint, leaves: Sequence[bytes]) -> dict[str, Any] | None:
    """That the second checkpoint only added to the first; None when that is not so.

    `leaves` are those of the second.
    """
    earlier, old_root = first.statement["size"], bytes.fromhex(first.statement["root"])
    path = merkle.consistency(leaves, earlier)
    root = bytes.fromhex(second.statement["root"])
    if not merkle.consistent(earlier, len(leaves), path, old_root, root):
        return None
    return {
        "format": "guichet-audit-consistency",
        "version": 1,
        "first": first.as_dict(),
        "second": second.as_dict(),
        "path": [step.hex() for step in path],
    }
