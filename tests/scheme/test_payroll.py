"""A whole file of wages is assessed line by line as each person's month is by itself, and faults stay alone."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from app.scheme import BadInput, Law, assess, assess_payroll, load, load_text

from .cases import examples
from .test_contribution_classes import LEVY, law_with

CLASSES = {"risk_class": {"E1": "A", "E2": "C", "E3": "B"}}
LINE = {"person": "P1", "month": "2026-05", "employer": "E1", "wages": "400000"}
MONTHS = ["2000-01", "2016-01", "2016-02", "2023-03", "2023-04", "2026-05"]
WAGES = ["0", "1", "20000", "41875", "299999", "300000", "300001", "749999", "750000", "750001", "3000000"]


def alone(law: Law, month: str, wages: dict[str, str], period: str = "month") -> dict[str, Any]:
    """The contract's answer for one person's period."""
    classes = {by: {name: each[name] for name in wages if name in each} for by, each in CLASSES.items()}
    asked = {by: classes[by] for by in (law.contributions.classes() if law.contributions else ())}
    head = {"scheme": law.name, "benefit": "contributions", period: month}
    return assess(law, {**head, "wages": wages, **asked}).as_dict()


def file_of(people: dict[tuple[str, str], dict[str, str]], period: str = "month") -> list[dict[str, str]]:
    """The lines of several persons' periods, in no order."""
    lines = [
        {"person": person, period: month, "employer": employer, "wages": wage}
        for (person, month), wages in people.items()
        for employer, wage in wages.items()
    ]
    random.Random(8).shuffle(lines)
    return lines


def many_people() -> dict[tuple[str, str], dict[str, str]]:
    """Persons of one, two and three employers, in months before and after the law changed."""
    chance = random.Random(8)
    people = {(f"alone {wage}", month): {"E1": wage} for wage in WAGES for month in MONTHS}
    for number in range(150):
        employers = chance.sample(["E1", "E2", "E3"], chance.randint(1, 3))
        people[f"P{number}", chance.choice(MONTHS)] = {name: chance.choice(WAGES) for name in employers}
    return people


def same_as_alone(law: Law, people: dict[tuple[str, str], dict[str, str]], period: str = "month") -> None:
    """Each line, each refund and each total is what the persons' own assessments say."""
    lines = file_of(people, period)
    found = assess_payroll(law, lines, CLASSES).as_dict()
    assert found["refused"] == {}
    assert list(found["lines"]) == [str(place) for place in range(len(lines))]
    back = {(each.pop("person"), each.pop("period")): each for each in found["refundable"]}
    sums: dict[tuple[str, str, str], int] = {}
    for (person, month), wages in people.items():
        answer = alone(law, month, wages, period)
        mine = {
            row["employer"]: {
                key: value for key, value in row.items() if key not in ("person", "period", "employer")
            }
            for row in found["lines"].values()
            if (row["person"], row["period"]) == (person, month)
        }
        paid = {name: each for name, each in mine.items() if wages[name] != "0"}
        assert paid == answer["employers"]
        assert all(mine[name] == {"amounts": {}} for name in mine if name not in paid)
        assert back.pop((person, month), None) == answer["refundable"]
        for name, each in answer["employers"].items():
            for branch, payers in each["amounts"].items():
                for payer, amount in payers.items():
                    key = (name, branch, payer)
                    sums[key] = sums.get(key, 0) + int(amount)
    assert not back
    told = {
        (name, branch, payer): int(amount)
        for name, branches in found["totals"].items()
        for branch, payers in branches.items()
        for payer, amount in payers.items()
    }
    assert told == sums


def test_every_line_is_what_the_single_form_says() -> None:
    people = many_people()
    same_as_alone(load("demo"), people)
    assert any(len(wages) > 1 for wages in people.values())


def test_so_it_is_where_two_branches_go_by_class() -> None:
    same_as_alone(law_with(LEVY), many_people())


def test_so_it_is_with_an_exemption_and_where_nothing_comes_back() -> None:
    data = json.loads(load("demo").text)
    del data["contributions"]["refundable"]
    data["contributions"]["bases"]["base"]["exemption"] = "minimum_wage"
    same_as_alone(load_text(json.dumps(data)), many_people())


def test_so_it_is_where_a_floor_above_the_ceiling_leaves_one_employer_an_excess() -> None:
    data = json.loads(load("demo").text)
    data["parameters"]["minimum_wage"]["values"] = {"2000-01-01": 900000}
    same_as_alone(load_text(json.dumps(data)), many_people())


def test_so_it_is_by_year() -> None:
    data = json.loads(load("demo").text)
    data["contributions"]["period"] = "year"
    people = {(person, month[:4]): wages for (person, month), wages in many_people().items()}
    same_as_alone(load_text(json.dumps(data)), people, "year")


CONTRIBUTIONS = [case for case in examples() if case["input"]["benefit"] == "contributions"]


@pytest.mark.parametrize("case", CONTRIBUTIONS, ids=lambda case: case["name"])
def test_the_examples_come_out_of_a_file_too(case: dict[str, Any]) -> None:
    asked, law = case["input"], load(case["input"]["scheme"])
    period = law.contributions.period if law.contributions else ""
    when = str(asked[period])
    lines = [
        {"person": "P", period: when, "employer": name, "wages": wage}
        for name, wage in asked["wages"].items()
    ]
    classes = {by: asked[by] for by in ("risk_class",) if by in asked}
    found = assess_payroll(law, lines, classes).as_dict()
    for row in found["lines"].values():
        expected = case["expected"]["employers"].get(row["employer"], {"amounts": {}})
        assert {**row, **expected} == row
    back = case["expected"].get("refundable")
    assert found["refundable"] == ([{"person": "P", "period": when, **back}] if back else [])


FAULTS = [
    ({"wages": "-1"}, "lines[1].wages", "This must not be negative."),
    ({"wages": "1.5"}, "lines[1].wages", "An amount in XAF has no decimals."),
    ({"wages": 1.0}, "lines[1].wages", 'This must be a number written as text, such as "250000".'),
    ({"wages": None}, "lines[1].wages", "This is required."),
    ({"month": "2026-13"}, "lines[1].month", "This must be a month, written as 2026-07."),
    ({"employer": "E9"}, "risk_class.E9", "This is required."),
    ({"employer": "E8"}, "risk_class.E8", "This must be one of: A, B, C."),
    ({"employer": "E8", "wages": "0"}, "risk_class.E8", "This must be one of: A, B, C."),
    ({"employer": ""}, "lines[1].employer", "This must be a text of at most 100 characters."),
    ({"person": 7}, "lines[1].person", "This must be a text of at most 100 characters."),
    ({"pay": "7"}, "lines[1].pay", "This field is not known here."),
    ({"person": "P1"}, "lines[1].employer", "This is stated twice."),
]


@pytest.mark.parametrize(("fault", "field", "message"), FAULTS)
def test_a_line_at_fault_is_refused_and_no_other(fault: dict[str, Any], field: str, message: str) -> None:
    lines = [LINE, {**LINE, "person": "P2", **fault}, {**LINE, "person": "P3"}]
    classes = {"risk_class": {**CLASSES["risk_class"], "E8": "Z"}}
    found = assess_payroll(load("demo"), lines, classes)
    error = found.refused.pop(1).as_dict()["error"]
    assert (error["field"], error["message"]) == (field, message)
    assert found.refused == {}
    good = assess_payroll(load("demo"), [lines[0], lines[2]], CLASSES)
    assert list(found.due) == [0, 2]
    assert [*found.due.values()] == [*good.due.values()]
    assert found.totals() == good.totals()


def test_a_month_the_law_says_nothing_of_is_refused_at_its_line() -> None:
    data = json.loads(load("demo").text)
    data["scheme"]["before_first"] = "refuse"
    found = assess_payroll(load_text(json.dumps(data)), [LINE, {**LINE, "month": "1999-12"}], CLASSES)
    assert list(found.due) == [0]
    assert found.refused[1].field == "lines[1].month"
    assert "no value of" in found.refused[1].message
    assert "1 December 1999" in found.refused[1].message.replace("\u00a0", " ")


@pytest.mark.parametrize("line", [None, 7, "P1", [], ["P1"]])
def test_what_is_no_line_is_refused_by_itself(line: Any) -> None:
    found = assess_payroll(load("demo"), [line, LINE], CLASSES)
    assert list(found.refused) == [0]
    assert list(found.due) == [1]


def test_a_reason_is_said_in_both_languages() -> None:
    found = assess_payroll(load("demo"), [{**LINE, "wages": "-1"}], CLASSES)
    assert found.as_dict("fr")["refused"]["0"]["message"] == "Ce nombre ne peut pas être négatif."


def test_more_employers_than_one_person_may_have_are_refused_one_by_one() -> None:
    names = [f"E{number}" for number in range(101)]
    lines = [{**LINE, "employer": name} for name in names]
    found = assess_payroll(load("demo"), lines, {"risk_class": dict.fromkeys(names, "A")})
    assert {place: error.field for place, error in found.refused.items()} == {100: "lines[100].employer"}
    assert len(found.due) == 100


@pytest.mark.parametrize(
    ("scheme", "classes", "field"),
    [
        ("us-oasi", {}, "benefit"),
        ("demo", {"size": {"E1": "A"}}, "size"),
        ("demo", {"risk_class": ["A"]}, "risk_class"),
        ("demo", ["A"], "(input)"),
    ],
)
def test_what_is_wrong_with_the_whole_file_is_raised(scheme: str, classes: Any, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        assess_payroll(load(scheme), [LINE], classes)
    assert refused.value.field == field


def test_no_line_gives_nothing() -> None:
    found = assess_payroll(load("demo"), [], CLASSES).as_dict()
    assert (found["lines"], found["totals"], found["refused"], found["refundable"]) == ({}, {}, {}, [])
