"""Checking a whole chain: every stream against its head and its leaves, every leaf against its checkpoint.

Entries come as they lie on the disk: reading them in order would cost a jump for each. What is kept in mind
grows with the number of streams, not of entries.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from app.audit import chain, merkle
from app.audit.checkpoints import Checkpoint, leaf_hash

LONGEST_LIST = 1000
"""So many findings are named; those after are only counted."""

_NEVER = 1 << 62
_NOTHING = (0, b"", _NEVER)

Row = tuple[str, int, bytes, bytes]
"""Stream, number in it, content, stored hash."""


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was written: of which kind, where, and in words."""

    kind: str
    place: str
    sentence: str


@dataclass
class Tally:
    """What was read, how much of it no checkpoint covers yet, and what was found."""

    entries: int = 0
    streams: int = 0
    uncovered_entries: int = 0
    uncovered_streams: int = 0
    findings: list[Finding] = field(default_factory=list)
    found: int = 0

    def find(self, kind: str, place: str, sentence: str) -> None:
        """Note a finding."""
        self.found += 1
        if len(self.findings) < LONGEST_LIST:
            self.findings.append(Finding(kind, place, sentence))

    def add(self, other: "Tally") -> None:
        """Take in what another part of the check counted and found."""
        self.entries += other.entries
        self.streams += other.streams
        self.uncovered_entries += other.uncovered_entries
        self.uncovered_streams += other.uncovered_streams
        self.findings = (self.findings + other.findings)[:LONGEST_LIST]
        self.found += other.found


class Head(NamedTuple):
    """How far a stream has come: its length in entries, the hash of the last, and our seal."""

    stream: str
    length: int
    hash: bytes
    seal: bytes


class Leaf(NamedTuple):
    """A head as a checkpoint found it, at its place in the tree."""

    stream: str
    length: int
    hash: bytes
    position: int


class StreamCheck:
    """Reads entries once, however they lie on the disk, and keeps the last of each stream in mind."""

    def __init__(
        self,
        leaves: Iterable[Leaf],
        is_sealed: Callable[[str, int, bytes, bytes], bool],
        sizes: Sequence[int],
    ) -> None:
        self.tally = Tally()
        self._is_sealed = is_sealed
        self._sizes = sizes
        self._reached: dict[str, tuple[int, bytes, int]] = {}
        self._early: dict[str, dict[int, tuple[bytes, bytes]]] = {}
        self._leaves: dict[str, list[Leaf]] = {}
        for leaf in leaves:
            self._leaves.setdefault(leaf.stream, []).append(leaf)
        for known in self._leaves.values():
            known.sort(key=_length)

    def run(self, batches: Iterable[Sequence[Row]], heads: Iterable[Head]) -> Tally:
        """Check everything; what heads and leaves know and entries do not is found at the end."""
        for batch in batches:
            self.tally.entries += len(batch)
            self._read(batch)
        for stream in self._early:
            self._close_gaps(stream)
        self.tally.streams = len(self._reached)
        self._close(heads)
        return self.tally

    def _read(self, batch: Sequence[Row]) -> None:
        """The loop that runs once for each entry: nothing here that can be done once for each stream."""
        reached, early, hashed = self._reached, self._early, sha256
        for stream, seq, content, stored in batch:
            last, before, due = reached.get(stream) or self._begin(stream)
            if seq != last + 1:
                early.setdefault(stream, {})[seq] = (hashed(content).digest(), stored)
                continue
            if hashed(b"\x02" + before + hashed(content).digest()).digest() != stored:
                self._find_broken(stream, seq)
            if seq == due:
                due = self._meet_leaf(stream, seq, stored)
            reached[stream] = (seq, stored, due)
            if early and stream in early:
                self._catch_up(stream)

    def _begin(self, stream: str) -> tuple[int, bytes, int]:
        begun = (0, chain.genesis(stream), self._next_due(stream, 0))
        self._reached[stream] = begun
        return begun

    def _next_due(self, stream: str, seq: int) -> int:
        """How far the stream goes until a checkpoint has something to say."""
        leaves = self._leaves.get(stream)
        if not leaves or leaves[-1].length <= seq:
            return _NEVER
        return next(leaf.length for leaf in leaves if leaf.length > seq)

    def _meet_leaf(self, stream: str, seq: int, stored: bytes) -> int:
        for leaf in self._leaves[stream]:
            if leaf.length == seq and leaf.hash != stored:
                self._contradict(leaf, f"the first {seq} entries of {stream} were rewritten")
        return self._next_due(stream, seq)

    def _catch_up(self, stream: str) -> None:
        """Entries that lay on the disk before the one they follow."""
        waiting = self._early[stream]
        last, before, due = self._reached[stream]
        while last + 1 in waiting:
            last += 1
            content_digest, stored = waiting.pop(last)
            if chain.link(before, content_digest) != stored:
                self._find_broken(stream, last)
            before = stored
            if last == due:
                due = self._meet_leaf(stream, last, stored)
        self._reached[stream] = (last, before, due)

    def _close_gaps(self, stream: str) -> None:
        """Nothing more comes: what still waits has lost what it followed."""
        waiting = self._early[stream]
        while waiting:
            seq, last = min(waiting), self._reached[stream][0]
            _digest, stored = waiting.pop(seq)
            if seq <= last:
                self.tally.find(
                    "out_of_place", f"{stream}/{seq}", f"Number {seq} of {stream} is out of place."
                )
                continue
            gone = f"{last + 1}" if seq == last + 2 else f"{last + 1} to {seq - 1}"
            self.tally.find("missing", f"{stream}/{last + 1}", f"Entry {gone} of {stream} is missing.")
            due = self._meet_leaf(stream, seq, stored) if stream in self._leaves else _NEVER
            self._reached[stream] = (seq, stored, due)
            self._catch_up(stream)

    def _close(self, heads: Iterable[Head]) -> None:
        """Is each head what was reached, and do heads and checkpoints know more than there is?"""
        reached = self._reached
        for head in heads:
            last, before, _due = reached.pop(head.stream, _NOTHING)
            leaves = self._leaves.pop(head.stream, [])
            newest = leaves[-1] if leaves else None
            if newest is None or newest.length != last or newest.hash != before:
                self._close_stream(head.stream, last, leaves)
            elif head.length == last and head.hash == before:
                continue
            self._check_head(head, last, before)
        for stream, (last, _before, _due) in reached.items():
            self.tally.find("head_missing", stream, f"The head of {stream} is missing.")
            self._close_stream(stream, last, self._leaves.pop(stream, []))
        for stream, leaves in self._leaves.items():
            self._close_stream(stream, 0, leaves)

    def _close_stream(self, stream: str, last: int, leaves: Sequence[Leaf]) -> None:
        """What checkpoints know beyond what there is, and what there is beyond what they know."""
        covered = max((leaf.length for leaf in leaves), default=0)
        for leaf in leaves:
            if leaf.length > last:
                left = f"only {last} of" if last else "all"
                end = "are left" if last else "are missing"
                self._contradict(leaf, f"{left} {leaf.length} entries of {stream} {end}")
        if last > covered:
            self.tally.uncovered_entries += last - covered
            self.tally.uncovered_streams += 1

    def _check_head(self, head: Head, last: int, before: bytes) -> None:
        stream = head.stream
        if not last:
            self.tally.find("stream_missing", stream, f"All {head.length} entries of {stream} are missing.")
        elif last < head.length:
            self.tally.find(
                "tail_missing", stream, f"Entries {last + 1} to {head.length} of {stream} are missing."
            )
        elif last > head.length:
            more = f"{head.length + 1} to {last}"
            self.tally.find(
                "beyond_head", stream, f"Entries {more} of {stream} stand beyond its head: inserted."
            )
        elif before != head.hash:
            self.tally.find(
                "head_differs", stream, f"The head of {stream} is not the hash of its last entry."
            )
        if not self._is_sealed(stream, head.length, head.hash, head.seal):
            self.tally.find(
                "forged_head", stream, f"The head of {stream} was not written by this application."
            )

    def _find_broken(self, stream: str, seq: int) -> None:
        self.tally.find(
            "broken",
            f"{stream}/{seq}",
            f"Entry {seq} of {stream} does not follow from what stands before it: "
            "it was changed, inserted or swapped, or the entry before it was.",
        )

    def _contradict(self, leaf: Leaf, what: str) -> None:
        number = bisect_right(self._sizes, leaf.position) + 1
        self.tally.find("contradicts_checkpoint", leaf.stream, f"Checkpoint {number} contradicts: {what}.")


def _length(leaf: Leaf) -> int:
    return leaf.length


def check_tree(
    leaves: Iterable[Leaf], checkpoints: Sequence[tuple[int, Checkpoint]], trusted: Collection[str]
) -> Tally:
    """Check each checkpoint's signature, its place, and its root over the leaves up to its size."""
    tally, tree, rest = Tally(), merkle.Frontier(), iter(leaves)
    previous: Checkpoint | None = None
    for place, (number, checkpoint) in enumerate(checkpoints, start=1):
        _check_statement(tally, place, number, checkpoint, previous, trusted)
        _grow(tally, tree, rest, checkpoint.statement["size"])
        if tree.root().hex() != checkpoint.statement["root"]:
            tally.find(
                "root_differs",
                str(number),
                f"The leaves of checkpoint {number} are not those it was signed over.",
            )
        previous = checkpoint
    for leaf in rest:
        tally.find("leaf_unsigned", str(leaf.position), f"Leaf {leaf.position} belongs to no checkpoint.")
    return tally


def _check_statement(
    tally: Tally,
    place: int,
    number: int,
    checkpoint: Checkpoint,
    previous: Checkpoint | None,
    trusted: Collection[str],
) -> None:
    if not checkpoint.is_signed(trusted):
        tally.find("signature", str(number), f"Checkpoint {number} is not signed by a key in force.")
    named = previous.digest if previous else None
    if number != place or checkpoint.statement["number"] != number:
        tally.find("checkpoint_missing", str(place), f"Checkpoint {place} is missing: {number} stands there.")
    elif checkpoint.statement["previous"] != named:
        tally.find("predecessor", str(number), f"Checkpoint {number} names another predecessor.")


def _grow(tally: Tally, tree: merkle.Frontier, leaves: Iterator[Leaf], size: int) -> None:
    while tree.size < size:
        leaf = next(leaves, None)
        if leaf is None:
            tally.find("leaf_missing", str(tree.size), f"Leaf {tree.size} is missing.")
            return
        if leaf.position != tree.size:
            tally.find("leaf_missing", str(tree.size), f"Leaf {tree.size} is missing or moved.")
        tree.append(leaf_hash(leaf.stream, leaf.length, leaf.hash))
