"""An append-only Merkle tree as in RFC 6962 and 9162: roots, and proofs of inclusion and consistency."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


@dataclass
class Frontier:
    """A tree that only grows: the roots of its perfect subtrees, largest first, are all it must remember."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        self.peaks.append(leaf)
        self.size += 1
        complete = self.size
        while complete % 2 == 0:
            right = self.peaks.pop()
            self.peaks[-1] = node_hash(self.peaks[-1], right)
            complete //= 2

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def inclusion(leaves: Sequence[bytes], position: int) -> list[bytes]:
    """The path from the leaf at `position` to the root over `leaves`."""
    path: list[bytes] = []
    low, high = 0, len(leaves)
    while high - low > 1:
        middle = low + _split(high - low)
        if position < middle:
            path.append(root_of(leaves[middle:high]))
            high = middle
        else:
            path.append(root_of(leaves[low:middle]))
            low = middle
    return path[::-1]


def included(leaf: bytes, position: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path leads from this leaf, at this position, to the root of a tree of this size."""
    if not 0 <= position < size:
        return False
    steps = iter(path)
    try:
        reached = _climb(leaf, position, size, steps)
    except StopIteration:
        return False
    return reached == root and next(steps, None) is None


def consistency(leaves: Sequence[bytes], earlier: int) -> list[bytes]:
    """The proof that the tree over the first `earlier` leaves was only added to."""
    if not 0 < earlier <= len(leaves):
        raise ValueError("A consistency proof begins at a tree that is not empty and not larger.")
    path: list[bytes] = []
    low, high, is_whole = 0, len(leaves), True
    while earlier != high:
        middle = low + _split(high - low)
        if earlier <= middle:
            path.append(root_of(leaves[middle:high]))
            high = middle
        else:
            path.append(root_of(leaves[low:middle]))
            low, is_whole = middle, False
    if not is_whole:
        path.append(root_of(leaves[low:high]))
    return path[::-1]


def consistent(earlier: int, size: int, path: Sequence[bytes], old_root: bytes, root: bytes) -> bool:
    """Whether the proof shows that the tree of `size` only added to the tree of `earlier`."""
    if not 0 < earlier <= size:
        return False
    steps = iter(path)
    try:
        reached = _both_roots(earlier, size, old_root, steps)
    except StopIteration:
        return False
    return reached == (old_root, root) and next(steps, None) is None


def _climb(leaf: bytes, position: int, size: int, steps: Iterator[bytes]) -> bytes:
    """The root reached from a leaf, taking the other half of each subtree from the path."""
    if size == 1:
        return leaf
    middle = _split(size)
    if position < middle:
        return node_hash(_climb(leaf, position, middle, steps), next(steps))
    right = _climb(leaf, position - middle, size - middle, steps)
    return node_hash(next(steps), right)


def _both_roots(earlier: int, size: int, whole: bytes | None, steps: Iterator[bytes]) -> tuple[bytes, bytes]:
    """The old and the new root of a subtree; `whole` is the old root while the subtree begins the tree."""
    if earlier == size:
        node = whole if whole is not None else next(steps)
        return node, node
    middle = _split(size)
    if earlier <= middle:
        old, new = _both_roots(earlier, middle, whole, steps)
        return old, node_hash(new, next(steps))
    old, new = _both_roots(earlier - middle, size - middle, None, steps)
    left = next(steps)
    return node_hash(left, old), node_hash(left, new)


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1
