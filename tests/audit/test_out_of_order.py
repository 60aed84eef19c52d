"""Entries lie on the disk in any order: what is found of a stream is the same in each of them."""

from itertools import permutations

import pytest

from app.audit import chain
from app.audit.verification import Head, Leaf, StreamCheck

STREAM, LENGTH = "case:1", 4
ORDERS = list(permutations(range(LENGTH)))
ANOTHER = b"another hash, of thirty-two byte"


def stream(broken=None):
    """The rows of a stream; the stored hash of the broken one does not follow, what comes after follows it."""
    rows, reached = [], chain.genesis(STREAM)
    for seq in range(1, LENGTH + 1):
        content = b'{"number": %d}' % seq
        reached = ANOTHER if seq == broken else chain.link(reached, chain.digest(content))
        rows.append((STREAM, seq, content, reached))
    return rows


def found(rows, order, leaves=()):
    """What is found when the rows come in this order, each in a batch of its own or all in one."""
    heads = [Head(STREAM, LENGTH, rows[-1][3], b"")]
    told = []
    for batches in ([[rows[place] for place in order]], [[rows[place]] for place in order]):
        check = StreamCheck(leaves, lambda *_head: True, [1])
        tally = check.run(batches, heads)
        assert (tally.entries, tally.streams) == (LENGTH, 1)
        told.append([(finding.kind, finding.place) for finding in tally.findings])
    assert told[0] == told[1]
    return told[0]


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_what_is_sound_is_sound_in_any_order(order):
    rows = stream()
    leaves = [Leaf(STREAM, length, rows[length - 1][3], 0) for length in range(1, LENGTH + 1)]
    assert found(rows, order, leaves) == []


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_a_broken_link_is_named_in_any_order(order):
    for broken in range(1, LENGTH + 1):
        assert found(stream(broken), order) == [("broken", f"{STREAM}/{broken}")]


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_what_contradicts_a_checkpoint_is_named_in_any_order(order):
    for length in range(1, LENGTH + 1):
        leaves = [Leaf(STREAM, length, ANOTHER, 0)]
        assert found(stream(), order, leaves) == [("contradicts_checkpoint", STREAM)]
    rows = stream()
    both = [Leaf(STREAM, 2, ANOTHER, 0), Leaf(STREAM, 3, rows[2][3], 0)]
    assert found(rows, order, both) == [("contradicts_checkpoint", STREAM)]
