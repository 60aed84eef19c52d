"""The worked examples of every scheme, exactly."""

from __future__ import annotations

from typing import Any

import pytest

from app.scheme import evaluate, scheme_names

from .cases import different, examples


@pytest.mark.parametrize("case", examples(), ids=lambda case: case["name"])
def test_example_is_exactly_equal(case: dict[str, Any]) -> None:
    assert different(case["expected"], evaluate(case["input"])) == []


def test_every_scheme_has_examples() -> None:
    assert {case["input"]["scheme"] for case in examples()} == set(scheme_names())
