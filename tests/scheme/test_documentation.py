"""The guide for authors is true: its list is complete, its country works, its answer is the engine's."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.scheme import Law, answer, evaluate, explained_text, load_path
from app.scheme.reference import operations_table

GUIDE = (Path(__file__).parents[2] / "docs" / "writing-a-scheme.md").read_text(encoding="utf-8")


def block(kind: str) -> str:
    """The one example of a kind in the guide."""
    found: list[str] = re.findall(rf"```{kind}\n(.*?)```", GUIDE, re.DOTALL)
    assert len(found) == 1
    return found[0]


@pytest.fixture(scope="module")
def isla(tmp_path_factory: pytest.TempPathFactory) -> Law:
    file = tmp_path_factory.mktemp("law") / "isla.yaml"
    file.write_text(block("yaml"), encoding="utf-8")
    return load_path(file)


def test_every_operation_is_listed() -> None:
    assert operations_table() in GUIDE


def test_the_worked_example_has_the_answer_it_says(isla: Law) -> None:
    result = evaluate(json.loads(block("json")), law=isla)
    assert result["figures"] == {
        "months": 183,
        "average": "1200.5",
        "pension_rate": "0.275",
        "months_early": 19,
    }
    assert result["monthly"] == "298.77"
    assert "rounded to 298.77" in GUIDE


def test_the_worked_example_is_explained_as_shown(isla: Law) -> None:
    text = explained_text(answer(json.loads(block("json")), isla)).replace(isla.version, "…")
    assert text.replace("\u00a0", " ").strip() == block("text").strip()


def test_contributions_of_the_worked_example(isla: Law) -> None:
    question = {"scheme": "isla", "benefit": "contributions", "month": "2026-05", "wages": {"E1": "2500.50"}}
    employer = evaluate(question, law=isla)["employers"]["E1"]
    assert employer["base"] == "2000"
    assert employer["amounts"]["pensions"] == {"employee": "100", "employer": "100"}
