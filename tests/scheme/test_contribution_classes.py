"""Two branches may go by the same class of employer; posting is handed on; a class has a name of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.scheme import BadInput, BadLaw, Law, evaluate, load, load_text

QUESTION: dict[str, Any] = {
    "scheme": "demo",
    "benefit": "contributions",
    "month": "2026-05",
    "wages": {"E1": "400000", "E2": "500000"},
    "risk_class": {"E1": "A", "E2": "C"},
}
LEVY = {"A": "0.5 %", "B": "1 %", "C": "2 %"}


def law_with(levy: dict[str, Any], by: str = "risk_class", **more: Any) -> Law:
    """The demonstration's law with a second branch by class, of a table of its own."""
    data = json.loads(load("demo").text)
    table = {**data["tables"]["work_injury_rates"], "source": "Art. 4b", "values": levy}
    data["tables"]["levy_rates"] = table
    branch = {**data["contributions"]["branches"]["work_injury"], "source": "Art. 4b"}
    branch["employer"] = {"table": "levy_rates", "by": by}
    data["contributions"]["branches"]["levy"] = branch
    data["contributions"] |= more
    return load_text(json.dumps(data))


def of_branch(result: dict[str, Any], branch: str) -> list[str]:
    """The employer's part of a branch, employer by employer."""
    return [each["amounts"][branch]["employer"] for each in result["employers"].values()]


def test_each_branch_takes_the_rate_of_the_class_from_its_own_table() -> None:
    result = evaluate(QUESTION, law=law_with(LEVY))
    assert of_branch(result, "work_injury") == ["7000", "25000"]
    assert of_branch(result, "levy") == ["2000", "10000"]


def test_the_figures_of_both_tables_are_told() -> None:
    rows = [row["id"] for row in evaluate(QUESTION, law=law_with(LEVY))["parameters"]]
    assert rows.count("work_injury_rates") == rows.count("levy_rates") == 1


def test_a_branch_at_no_rate_is_left_out_of_what_comes_back() -> None:
    data = json.loads(load("demo").text)
    data["parameters"]["pensions_employee"]["values"] = {"2000-01-01": 0}
    result = evaluate(QUESTION, law=load_text(json.dumps(data)))
    assert set(result["refundable"]["employee"]) == {"sickness_maternity"}
    assert result["employers"]["E1"]["amounts"]["pensions"]["employee"] == "0"


@pytest.mark.parametrize("by", ["size", "sector"])
def test_two_classes_of_different_names_are_both_asked(by: str) -> None:
    law = law_with({"small": "1 %", "large": "2 %"}, by)
    with pytest.raises(BadInput) as refused:
        evaluate(QUESTION, law=law)
    assert refused.value.field == f"{by}.E1"
    result = evaluate({**QUESTION, by: {"E1": "small", "E2": "large"}}, law=law)
    assert of_branch(result, "levy") == ["4000", "10000"]
    assert of_branch(result, "work_injury") == ["7000", "25000"]


@pytest.mark.parametrize(
    "levy",
    [
        {"A": "1 %", "B": "1 %"},
        {**LEVY, "D": "3 %"},
        {"2000-01-01": LEVY, "2020-01-01": {**LEVY, "D": "3 %"}},
    ],
)
def test_a_class_that_one_of_two_tables_lacks_is_refused_on_load(levy: dict[str, Any]) -> None:
    with pytest.raises(BadLaw) as refused:
        law_with(levy)
    assert [problem.key for problem in refused.value.problems] == [
        "contributions.branches.levy.employer.table"
    ]


@pytest.mark.parametrize("by", ["wages", "month", "scheme"])
def test_a_class_may_not_go_by_the_name_of_another_field(by: str) -> None:
    with pytest.raises(BadLaw) as refused:
        law_with(LEVY, by)
    assert [problem.key for problem in refused.value.problems] == ["contributions.branches.levy.employer.by"]


@pytest.mark.parametrize("posting", ["filing", "payment"])
def test_when_months_are_posted_is_handed_on(posting: str) -> None:
    law = law_with(LEVY, posting=posting)
    assert law.contributions is not None
    assert law.contributions.posting == posting
    assert evaluate(QUESTION, law=law)["posting"] == posting


def test_posting_is_on_filing_where_the_law_says_nothing() -> None:
    data = json.loads(load("demo").text)
    del data["contributions"]["posting"]
    assert evaluate(QUESTION, law=load_text(json.dumps(data)))["posting"] == "filing"
