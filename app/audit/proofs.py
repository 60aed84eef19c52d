"""Proofs a third party checks with `docs/verify.py` alone, as plain dictionaries for JSON."""

from collections.abc import Sequence
from typing import Any

from app.audit import merkle
from app.audit.checkpoints import Checkpoint, Head


def of_entry(
    seq: int,
    content: str,
    previous: bytes,
    later: Sequence[bytes],
    head: Head,
    leaves: Sequence[bytes],
    position: int,
    checkpoint: Checkpoint,
) -> dict[str, Any]:
    """That an entry stands at its place in a stream whose head, at `position`, a checkpoint covers.

    `later` holds the digests of the entries after it up to that head; what they say is not shown.
    """
    return {
        "format": "guichet-audit-proof",
        "version": 1,
        "stream": head.stream,
        "seq": seq,
        "content": content,
        "previous": previous.hex(),
        "later": [digest.hex() for digest in later],
        "count": head.count,
        "position": position,
        "path": [step.hex() for step in merkle.inclusion(leaves, position)],
        "checkpoint": checkpoint.as_dict(),
    }


def of_consistency(first: Checkpoint, second: Checkpoint, leaves: Sequence[bytes]) -> dict[str, Any]:
    """That the second checkpoint only added to the first; `leaves` are those of the second."""
    path = merkle.consistency(leaves, first.statement["size"])
    return {
        "format": "guichet-audit-consistency",
        "version": 1,
        "first": first.as_dict(),
        "second": second.as_dict(),
        "path": [step.hex() for step in path],
    }
