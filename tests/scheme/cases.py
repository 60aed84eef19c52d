"""Worked examples and a few questions that the tests of the scheme engine share."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


def examples() -> list[dict[str, Any]]:
    """All worked examples: input and the part of the output that must be equal."""
    return [
        {**case, "name": f"{case['input']['scheme']}: {case['name']}"}
        for file in sorted(DATA.glob("*.json"))
        for case in json.loads(file.read_text(encoding="utf-8"))
    ]


def different(expected: dict[str, Any], found: Any, path: str = "") -> list[str]:
    """Where a result differs from what an example expects."""
    faults = []
    for key, value in expected.items():
        place = f"{path}.{key}" if path else key
        actual = found.get(key, "(absent)") if isinstance(found, dict) else "(absent)"
        if isinstance(value, dict):
            faults += different(value, actual, place)
        elif actual != value or type(actual) is not type(value):
            faults.append(f"{place}: expected {value!r}, found {actual!r}")
    return faults


OLD_AGE: dict[str, Any] = {
    "scheme": "demo",
    "benefit": "old_age",
    "on": "2026-07-01",
    "person": {"birth_date": "1966-06-15", "sex": "F", "registered_on": "2001-01-10"},
    "earnings": [{"from": "2006-07", "to": "2026-06", "monthly": "240000"}],
    "facts": {"stopped_work_on": "2026-06-30"},
}


def changed(question: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The same question with one value replaced (`person.birth_date`, `earnings.0.monthly`)."""
    result = copy.deepcopy(question)
    place: Any = result
    *parents, last = path.split(".")
    for key in parents:
        place = place[int(key)] if isinstance(place, list) else place[key]
    if isinstance(place, list):
        place[int(last)] = value
    else:
        place[last] = value
    return result
