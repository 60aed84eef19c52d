"""Checking a whole chain: every stream against its head and its leaves, every leaf against its checkpoint.

Entries, heads and leaves come sorted by stream, so that memory stays flat whatever the size.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from app.audit import chain, merkle
from app.audit.checkpoints import Checkpoint, Head

LONGEST_LIST = 1000
"""So many findings are named; those after are only counted."""

_NEVER = 1 << 62

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


@dataclass(frozen=True)
class SealedHead(Head):
    """A head as it is stored, with its seal."""

    seal: bytes


@dataclass(frozen=True)
class Leaf(Head):
    """A head as a checkpoint found it, at its place in the tree."""

    position: int


class StreamCheck:
    """Reads the entries of a range of streams once, beside their heads and leaves."""

    def __init__(
        self,
        heads: Iterable[SealedHead],
        leaves: Iterable[Leaf],
        is_sealed: Callable[[str, int, bytes, bytes], bool],
        sizes: Sequence[int],
    ) -> None:
        self.tally = Tally()
        self._heads = _Pushed(heads)
        self._leaves = _Pushed(leaves)
        self._is_sealed = is_sealed
        self._sizes = sizes
        self._stream = ""
        self._last = 0
        self._reached = b""
        self._due: list[Leaf] = []
        self._covered = 0

    def run(self, batches: Iterable[Sequence[Row]]) -> Tally:
        """Check everything; what heads and leaves know and entries do not is found at the end."""
        for batch in batches:
            self.tally.entries += len(batch)
            self._read(batch)
        self._close()
        self._pass_over(None)
        return self.tally

    def _read(self, batch: Sequence[Row]) -> None:
        """The loop that runs once for each entry: nothing here that can be done once for each stream."""
        stream, last, reached = self._stream, self._last, self._reached
        due = self._due[0].count if self._due else _NEVER
        for row_stream, seq, content, stored in batch:
            if row_stream != stream:
                self._last, self._reached = last, reached
                self._close()
                stream, last, reached = self._turn_to(row_stream)
                due = self._due[0].count if self._due else _NEVER
            follows = sha256(b"\x02" + reached + sha256(content).digest()).digest()
            if follows != stored or seq != last + 1:
                self._explain(stream, last, seq, follows != stored)
            last, reached = seq, stored
            if last >= due:
                due = self._meet_leaf(last, reached)
        self._last, self._reached = last, reached

    def _turn_to(self, stream: str) -> tuple[str, int, bytes]:
        self._pass_over(stream)
        self._stream, self._last, self._reached = stream, 0, chain.genesis(stream)
        self._due = list(self._leaves.of(stream))
        self._covered = self._due[-1].count if self._due else 0
        self.tally.streams += 1
        return stream, 0, self._reached

    def _explain(self, stream: str, last: int, seq: int, is_broken: bool) -> None:
        place = f"{stream}/{seq}"
        if seq > last + 1:
            gone = f"{last + 1}" if seq == last + 2 else f"{last + 1} to {seq - 1}"
            self.tally.find("missing", f"{stream}/{last + 1}", f"Entry {gone} of {stream} is missing.")
        elif seq <= last:
            self.tally.find("repeated", place, f"Number {seq} of {stream} stands twice.")
        elif is_broken:
            self.tally.find(
                "broken",
                place,
                f"Entry {seq} of {stream} does not follow from what stands before it: "
                "it was changed, inserted or swapped, or the entry before it was.",
            )

    def _meet_leaf(self, seq: int, reached: bytes) -> int:
        while self._due and self._due[0].count <= seq:
            leaf = self._due.pop(0)
            if leaf.count == seq and leaf.hash != reached:
                self._contradict(leaf, f"the first {leaf.count} entries of {leaf.stream} were rewritten")
        return self._due[0].count if self._due else _NEVER

    def _close(self) -> None:
        """The stream has ended: is its head what was reached, and do checkpoints know more than there is?"""
        if not self._stream:
            return
        for leaf in self._due:
            self._contradict(leaf, f"only {self._last} of {leaf.count} entries of {leaf.stream} are left")
        uncovered = max(0, self._last - self._covered)
        self.tally.uncovered_entries += uncovered
        self.tally.uncovered_streams += uncovered > 0
        head = next(self._heads.of(self._stream), None)
        if head is None:
            self.tally.find("head_missing", self._stream, f"The head of {self._stream} is missing.")
        else:
            self._check_head(head)

    def _check_head(self, head: SealedHead) -> None:
        if self._last < head.count:
            gone = f"{self._last + 1} to {head.count}"
            self.tally.find("tail_missing", head.stream, f"Entries {gone} of {head.stream} are missing.")
        elif self._last > head.count:
            more = f"{head.count + 1} to {self._last}"
            self.tally.find(
                "beyond_head",
                head.stream,
                f"Entries {more} of {head.stream} stand beyond its head: inserted.",
            )
        elif self._reached != head.hash:
            self.tally.find(
                "head_differs", head.stream, f"The head of {head.stream} is not the hash of its last entry."
            )
        if not self._is_sealed(head.stream, head.count, head.hash, head.seal):
            self.tally.find(
                "forged_head", head.stream, f"The head of {head.stream} was not written by this application."
            )

    def _pass_over(self, stream: str | None) -> None:
        """Heads and leaves of streams that have no entry at all."""
        for head in self._heads.before(stream):
            self.tally.find(
                "stream_missing", head.stream, f"All {head.count} entries of {head.stream} are missing."
            )
        for leaf in self._leaves.before(stream):
            self._contradict(leaf, f"all {leaf.count} entries of {leaf.stream} are missing")

    def _contradict(self, leaf: Leaf, what: str) -> None:
        number = bisect_right(self._sizes, leaf.position) + 1
        self.tally.find("contradicts_checkpoint", leaf.stream, f"Checkpoint {number} contradicts: {what}.")


class _Pushed:
    """An iterator over things sorted by stream, from which those of one stream can be taken."""

    def __init__(self, items: Iterable[Any]) -> None:
        self._items = iter(items)
        self._next = next(self._items, None)

    def of(self, stream: str) -> Iterator[Any]:
        """The next things, as long as they are of this stream."""
        while self._next is not None and self._next.stream == stream:
            item, self._next = self._next, next(self._items, None)
            yield item

    def before(self, stream: str | None) -> Iterator[Any]:
        """The next things, up to this stream; None: all that are left."""
        while self._next is not None and (stream is None or self._next.stream < stream):
            item, self._next = self._next, next(self._items, None)
            yield item


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
        tree.append(leaf.leaf())
