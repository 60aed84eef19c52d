"""A checkpoint: a signed statement of how far every stream had come.

The heads (stream, count, hash) that moved since the checkpoint before are appended as leaves to one growing
tree. Its root therefore covers all heads, and a later checkpoint can be shown to add to an earlier one.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from app.audit import merkle, signing

_SIGNED = b"guichet audit checkpoint\n"
_NOTHING: dict[str, Any] = {"number": 0, "at": "", "size": 0, "root": "", "previous": None, "key": ""}
_TYPED = ("number", "at", "size", "root", "key")


def leaf_hash(stream: str, count: int, head: bytes) -> bytes:
    """The head of a stream, its count and the hash of its last entry, as a leaf of the tree."""
    return merkle.leaf_hash(f"{stream}\n{count}\n{head.hex()}".encode())


@dataclass(frozen=True)
class Checkpoint:
    """A statement and its signature; everything said is read from the signed text."""

    content: str
    signature: bytes

    @property
    def statement(self) -> dict[str, Any]:
        """What it says: `number`, `at`, `size`, `root`, `previous`, `key`; nothing, when it is unreadable."""
        try:
            said = json.loads(self.content)
        except ValueError:
            return _NOTHING
        is_whole = isinstance(said, dict) and all(
            type(said.get(name)) is type(_NOTHING[name]) for name in _TYPED
        )
        return said if is_whole else _NOTHING

    @property
    def digest(self) -> str:
        """What the next checkpoint names as its predecessor."""
        return merkle.leaf_hash(self.content.encode()).hex()

    def is_signed(self, trusted: Collection[str]) -> bool:
        """Whether one of the trusted public keys signed it."""
        key = str(self.statement.get("key"))
        return key in trusted and signing.is_signed(_SIGNED + self.content.encode(), self.signature, key)

    def as_dict(self) -> dict[str, str]:
        """For files: the signed text and the signature."""
        return {"content": self.content, "signature": self.signature.hex()}


def sign(
    keys: signing.AuditKeys, number: int, at: str, tree: merkle.Frontier, previous: Checkpoint | None
) -> Checkpoint:
    """The checkpoint of a tree, naming the checkpoint before it."""
    statement = {
        "number": number,
        "at": at,
        "size": tree.size,
        "root": tree.root().hex(),
        "previous": previous.digest if previous else None,
        "key": keys.public[0],
    }
    content = json.dumps(statement, separators=(",", ":"))
    return Checkpoint(content, keys.sign(_SIGNED + content.encode()))
