"""Figures by date: gaps, periods that end, tables that change, amendments, fractions; and context."""

from __future__ import annotations

import random
import threading
from datetime import date
from decimal import ROUND_DOWN, Context, Decimal, getcontext, localcontext
from pathlib import Path
from typing import Any

import pytest

from app.scheme import (
    BadInput,
    Law,
    answer,
    evaluate,
    explained_text,
    load,
    load_path,
    load_text,
    run_claim,
)
from app.scheme.career import Career
from app.scheme.claims import parse_claim, typed_claim
from app.scheme.comparing import differences, figures
from app.scheme.operations.arithmetic import divide
from app.scheme.values import exactly, round_to

from .cases import DATA, OLD_AGE

LAW = (DATA / "lagoon.yaml").read_text(encoding="utf-8")
POINTS: dict[str, Any] = {
    "scheme": "lagoon",
    "benefit": "points_pension",
    "on": "2025-03-01",
    "person": {"birth_date": "1960-02-10"},
    "earnings": [{"year": 2022, "annual": "42053"}],
}


def law_with(tmp_path: Path, old: str, new: str, more: str = "") -> Law:
    """The lagoon's law with one change, and perhaps a second file."""
    assert old in LAW
    (tmp_path / "scheme.yaml").write_text(LAW.replace(old, new, 1), encoding="utf-8")
    if more:
        (tmp_path / "second.yaml").write_text(more, encoding="utf-8")
    return load_path(tmp_path)


def test_a_value_that_ended_is_no_longer_law(tmp_path: Path) -> None:
    law = law_with(tmp_path, "2024-07-01: 37.60, 2025-07-01", "2024-07-01/2025-02-28: 37.60, 2025-07-01")
    assert evaluate({**POINTS, "on": "2025-02-28"}, law=law)["monthly"] == "36.25"
    with pytest.raises(BadInput, match=r"\(point_value\) on 1\sMarch\s2025"):
        evaluate(POINTS, law=law)
    assert evaluate({**POINTS, "on": "2025-07-01"}, law=law)["monthly"] == "37.9"


def test_a_table_may_change_by_date(tmp_path: Path) -> None:
    old = "values: {63: 0.892, 64: 0.928, 65: 0.964, 66: 1, 67: 1.06}"
    new = "values: {2020-01-01: {63: 0.9}, 2025-03-01: {63: 0.5}}"
    law = law_with(tmp_path, old, new)
    assert evaluate({**POINTS, "on": "2025-02-28"}, law=law)["figures"]["factor"] == "0.9"
    assert evaluate(POINTS, law=law)["figures"]["factor"] == "0.5"
    row = next(
        row for row in differences(law, date(2025, 1, 1), date(2026, 1, 1), "en") if row["kind"] == "table"
    )
    assert (row["before"], row["after"], row["changed_on"]) == ({"63": "0.9"}, {"63": "0.5"}, ["2025-03-01"])


def test_a_table_with_dates_needs_rows_under_each(tmp_path: Path) -> None:
    old = "values: {63: 0.892, 64: 0.928, 65: 0.964, 66: 1, 67: 1.06}"
    with pytest.raises(ValueError, match="must be a mapping of rows"):
        law_with(tmp_path, old, "values: {2020-01-01: {63: 0.9}, 2025-03-01: 0.5}")


def test_a_second_file_may_amend_a_table_of_the_first(tmp_path: Path) -> None:
    more = "tables:\n  access_factor: {amends: true, values: {65: 0.5}}\n"
    law = law_with(tmp_path, "edition", "edition", more)
    assert evaluate(POINTS, law=law)["figures"]["factor"] == "0.5"


def test_dead_law_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"steps.factor: is used by no outcome"):
        law_with(tmp_path, "[point_value, points, factor]", "[point_value, points]")


def test_every_figure_is_shown_with_its_history_and_source() -> None:
    rows = {row["id"]: row for row in figures(load("demo"), "fr")}
    assert [value["value"] for value in rows["minimum_wage"]["values"]] == [
        "23514",
        "28216",
        "36270",
        "41875",
    ]
    assert rows["work_injury_rates"]["values"][0]["value"] == {"A": "0.0175", "B": "0.025", "C": "0.05"}
    assert rows["standard_old_age"]["group"] == "service_standards"
    assert all(row["source"] for row in rows.values())


def test_a_month_before_the_first_minimum_wage_is_refused_where_the_law_does_not_reach(
    tmp_path: Path,
) -> None:
    demo = load("demo")
    text = demo.text.replace('"before_first":"hold"', '"before_first":"refuse"')
    earlier = {**OLD_AGE, "earnings": [{"from": "1999-12", "to": "2026-06", "monthly": "240000"}]}
    assert evaluate(earlier, law=demo)["eligible"]
    with pytest.raises(BadInput, match=r"\(minimum_wage\) on 1\sDecember\s1999"):
        evaluate(earlier, law=load_text(text))


def test_the_callers_decimal_context_neither_matters_nor_changes() -> None:
    odd = [{"from": "2006-07", "to": "2026-06", "monthly": "123457", "employer": name} for name in "AB"]
    question = {**OLD_AGE, "earnings": odd}
    expected = evaluate(question)
    assert expected["figures"]["average_monthly_wage"] == "246914"
    with localcontext(Context(prec=3, rounding=ROUND_DOWN)):
        before = repr(getcontext())
        assert evaluate(question) == expected
        assert repr(getcontext()) == before


@pytest.mark.parametrize(
    ("amount", "by", "times", "direction", "rounded"),
    [
        (65, 6, "0.6", "half_up", 7),
        (130, 12, "0.6", "half_up", 7),
        (65, 6, "0.6", "half_even", 6),
        (75, 6, "0.6", "half_even", 8),
        (65, 6, "6", "down", 65),
        (1, 3, "3", "down", 1),
        (2, 3, "3", "up", 2),
        (2, 3, "3.000000001", "up", 3),
    ],
)
def test_what_is_whole_or_a_half_in_the_law_is_so_after_a_quotient_without_end(
    amount: int, by: int, times: str, direction: str, rounded: int
) -> None:
    with exactly():
        assert round_to(divide(Decimal(amount), by) * Decimal(times), Decimal(1), direction) == rounded


def test_two_threads_have_the_same_answers() -> None:
    expected = evaluate(OLD_AGE)
    found: list[dict[str, Any]] = []
    threads = [threading.Thread(target=lambda: found.append(evaluate(OLD_AGE))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8


def test_a_claim_from_typed_values_equals_one_from_json() -> None:
    law = load("demo")
    career = Career(first=2006 * 12 + 6, wages=[Decimal(240000)] * 240)
    person = {"birth_date": date(1966, 6, 15), "registered_on": date(2001, 1, 10)}
    typed = typed_claim(
        law, "old_age", date(2026, 7, 1), career, person, {"stopped_work_on": date(2026, 6, 30)}
    )
    assert run_claim(typed).as_dict() == run_claim(parse_claim(law, OLD_AGE)).as_dict()


@pytest.mark.parametrize("seed", range(5))
def test_whole_wages_give_the_same_answer_as_decimals(seed: int) -> None:
    chance = random.Random(seed)
    wages = [
        chance.choice((0, 20_000, 41_875, 300_001, 900_000, chance.randint(0, 10**6))) for _ in range(240)
    ]
    person = {"birth_date": date(1966, 6, 15), "registered_on": date(2001, 1, 10)}
    facts = {"stopped_work_on": date(2026, 6, 30)}
    whole, decimals = (
        typed_claim(load("demo"), "old_age", date(2026, 7, 1), Career(2006 * 12 + 6, each), person, facts)
        for each in (wages, [*map(Decimal, wages)])
    )
    assert explained_text(run_claim(whole)) == explained_text(run_claim(decimals))
    assert run_claim(whole).as_dict() == run_claim(decimals).as_dict()


def test_amounts_too_large_to_compute_are_refused_by_name() -> None:
    huge = {**OLD_AGE, "benefit": "survivors", "facts": {"pension": "9" * 15}}
    person = {**OLD_AGE["person"], "married": True}
    assert evaluate({**huge, "person": person})["monthly"] == "5" + "0" * 14


def test_an_amount_that_does_not_apply_beside_one_that_does_is_null() -> None:
    text = load("demo").text
    part = '"daily":{"rule":"divide",'
    assert part in text
    law = load_text(text.replace(part, '"daily":{"rule":"divide","when":"facts.illness",'))
    question = {**OLD_AGE, "benefit": "maternity", "facts": {"expected_birth": "2026-07-01"}}
    found = answer(question, law)
    result = found.as_dict()
    assert (result["lump_sum"], result["daily"], result["eligible"]) == ("33600", None, True)
    assert explained_text(found).endswith("Due: XAF\u00a033,600 once, 98\u00a0days.")
