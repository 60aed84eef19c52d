"""How far the long trials go: those that repeat, in search of what goes wrong once in a hundred times.

`make test` makes a few of each, always the same; `make test-long` makes them all. docs/testing.md lists them.
A test is marked `long` when it asks `trials` how often, or has many cases, of which `long(sample=3)` keeps three.
"""

import os
import random
from collections.abc import Sequence
from itertools import groupby

import pytest

SEED = 20261126
IS_FULL = os.environ.get("TRIALS") == "full"


def trials(short: int, full: int) -> int:
    """How often a long trial repeats in this run."""
    return full if IS_FULL else short


def chosen(
    items: Sequence[pytest.Item], is_full: bool = IS_FULL
) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """The tests to run, in their order, and those left to `make test-long`."""
    if is_full:
        return list(items), []
    kept: list[pytest.Item] = []
    for test, cases in groupby(items, key=lambda item: item.nodeid.partition("[")[0]):
        kept += _sample(test, list(cases))
    left = set(items) - set(kept)
    return kept, [item for item in items if item in left]


def _sample(test: str, cases: list[pytest.Item]) -> list[pytest.Item]:
    mark = cases[0].get_closest_marker("long")
    size = mark.kwargs.get("sample", len(cases)) if mark else len(cases)
    if size >= len(cases):
        return cases
    drawn = random.Random(f"{SEED} {test}").sample(range(len(cases)), size)
    return [cases[number] for number in sorted(drawn)]
