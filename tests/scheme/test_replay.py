"""What is stored with a decision comes to the same again: every field of the question is kept and counts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.scheme import BadInput, answer, explained, load_path, record, replay
from app.scheme.law import Law

from .cases import DATA, OLD_AGE, examples

CASES = examples()
NAMES = [case["name"] for case in CASES]
CREDITED: dict[str, Any] = {
    **OLD_AGE,
    "earnings": [{"from": "2008-07", "to": "2026-06", "monthly": "240000"}],
    "credited": [{"from": "2006-01", "to": "2008-06", "kind": "maternity"}],
}
CONTRIBUTIONS: dict[str, Any] = {
    "scheme": "demo",
    "benefit": "contributions",
    "month": "2026-05",
    "wages": {"E1": "400000", "E2": "500000"},
    "risk_class": {"E1": "A", "E2": "C"},
}
PENALTY: dict[str, Any] = {
    "scheme": "demo",
    "benefit": "late_penalty",
    "amount": "100000",
    "wages_month": "2022-12",
    "paid_on": "2026-06-01",
}
COUPLE: dict[str, Any] = {
    "scheme": "lagoon",
    "benefit": "basic_pension",
    "on": "2025-03-01",
    "person": {"birth_date": "1960-02-10", "married": True, "married_on": "2022-06-01"},
    "earnings": [{"year": 2022, "annual": "60000"}, {"year": 2023, "annual": "60000"}],
    "spouse": {"pension": "45000", "earnings": [{"year": 2023, "annual": "20000"}]},
}
RICH = [OLD_AGE, CREDITED, CONTRIBUTIONS, PENALTY, COUPLE]
FIELDS = [(question, field) for question in RICH for field in question if field not in ("scheme", "benefit")]


def law_of(question: dict[str, Any]) -> Law | None:
    """The law of a question, where it does not come with the application."""
    return load_path(DATA / "lagoon.yaml") if question["scheme"] == "lagoon" else None


def stored_of(question: dict[str, Any]) -> dict[str, Any]:
    """The record of an answer, as it comes back from a store."""
    stored: dict[str, Any] = json.loads(json.dumps(record(question, answer(question, law_of(question)))))
    return stored


def again(stored: dict[str, Any]) -> dict[str, Any]:
    """What a record comes to now."""
    law = law_of(stored)
    return replay(stored, law.text if law else None).as_dict()


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_every_example_is_kept_whole_and_replayed(case: dict[str, Any]) -> None:
    stored = stored_of(case["input"])
    assert stored["input"] == case["input"]
    assert again(stored) == stored["result"]


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("question", RICH, ids=lambda each: str(each["benefit"]))
def test_a_replay_is_explained_as_the_original_was(question: dict[str, Any], lang: str) -> None:
    law = law_of(question)
    replayed = replay(stored_of(question), law.text if law else None)
    assert explained(replayed, lang) == explained(answer(question, law), lang)


@pytest.mark.parametrize(
    ("question", "field"), FIELDS, ids=[f"{each['benefit']}-{field}" for each, field in FIELDS]
)
def test_a_record_that_lost_a_field_is_told_apart(question: dict[str, Any], field: str) -> None:
    stored = stored_of(question)
    assert again(stored) == stored["result"]
    del stored["input"][field]
    assert outcome(stored) not in ("", str(stored["result"]))


def outcome(stored: dict[str, Any]) -> str:
    """What a record comes to: the result, or the field it is refused for."""
    try:
        return str(again(stored))
    except BadInput as refused:
        return refused.field
