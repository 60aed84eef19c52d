"""Trees of every shape up to 40 leaves: each right proof holds, each wrong one does not."""

import pytest

from app.audit import merkle

LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(41)]
SIZES = range(1, 41)

PUBLISHED = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
"""The leaves of Certificate Transparency's own test tree; the roots below are theirs too."""


def test_roots_are_those_of_certificate_transparency():
    leaves = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in PUBLISHED]
    assert merkle.root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert (
        merkle.root_of(leaves[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert merkle.root_of(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@pytest.mark.parametrize("size", SIZES)
def test_inclusion_holds_for_that_leaf_at_that_place_only(size):
    root = merkle.root_of(LEAVES[:size])
    for position in range(size):
        path = merkle.inclusion(LEAVES[:size], position)
        holding = [
            (leaf, place)
            for leaf in (position, position + 1)
            for place in range(-1, size + 1)
            if merkle.included(LEAVES[leaf], place, size, path, root)
        ]
        assert holding == [(position, position)]
        assert not merkle.included(LEAVES[position], position, size, [*path, root], root)
        assert not merkle.included(LEAVES[position], position, size, path[:-1], root) or not path


@pytest.mark.parametrize("size", SIZES)
def test_consistency_holds_for_what_was_added_to_only(size):
    root = merkle.root_of(LEAVES[:size])
    for earlier in range(1, size + 1):
        path = merkle.consistency(LEAVES[:size], earlier)
        old = merkle.root_of(LEAVES[:earlier])
        other = merkle.root_of([LEAVES[40], *LEAVES[1:earlier]])
        assert merkle.consistent(earlier, size, path, old, root)
        assert not merkle.consistent(earlier, size, path, other, root)
        assert not merkle.consistent(earlier, size, path, old, LEAVES[40])
        assert not merkle.consistent(earlier, size, [*path, root], old, root)
        if path:
            assert not merkle.consistent(earlier, size, path[:-1], old, root)


@pytest.mark.parametrize("earlier", [0, 4])
def test_consistency_begins_at_a_tree_that_is_there(earlier):
    with pytest.raises(ValueError, match="consistency"):
        merkle.consistency(LEAVES[:3], earlier)
    assert not merkle.consistent(earlier, 3, [], LEAVES[0], LEAVES[0])
