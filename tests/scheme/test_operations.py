"""Each operation on small figures that anyone can check by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.scheme import BadInput
from app.scheme.career import Career, Insurance, means
from app.scheme.operations import OPERATIONS
from app.scheme.parameters import Table
from app.scheme.values import exactly

D = Decimal
LABEL = {"fr": "barème", "en": "scale"}
RANKS = Table("amount_by_rank", LABEL, {1: D(100), 2: D(80), 3: D(60)}, True, True)
INDEX = Table("index", LABEL, {2000: D(100), 2001: D(110), 2002: D(121)}, True, False)
RISES = Table("rises", LABEL, {2001: D("0.10"), 2002: D("0.05")}, True, False)
YEARS = {2000: D(1000), 2001: D(3000), 2002: D(2000)}
CENT = (D("0.01"), "half_up")
CAREER = Insurance(None, None, {"study": None}).of(
    Career(
        first=2020 * 12, wages=[D(100)] * 12, days=[20] * 12, credits={"study": [(2020 * 12, 2020 * 12 + 3)]}
    )
)
FRANC = (D(1), "half_up")
RISING = Insurance(None, None, {}).of(Career(first=2001 * 12 + 11, wages=[D(1100), D(1000), D(1000)]))

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("multiply", (D(3), D("0.5"), 4), D(6)),
    ("divide", (D(7), 2), D("3.5")),
    ("divide", (D(7), 0), D(0)),
    ("sum", (D(1), None, D(2)), D(3)),
    ("sum", (None,), None),
    ("subtract", (D(5), D(7)), D(-2)),
    ("clamp", (D(5), D(6), None), D(6)),
    ("clamp", (D(5), None, D(4)), D(4)),
    ("clamp", (D(5), D(0), D(-3)), D(0)),
    ("highest", (D(1), None, D(3)), D(3)),
    ("lowest", (date(2020, 1, 1), date(2019, 1, 1)), date(2019, 1, 1)),
    ("first_given", (None, D(4), D(5)), D(4)),
    ("is_given", (None,), False),
    ("choose", (True, D(1), D(2)), D(1)),
    ("choose", (None, D(1), D(2)), D(2)),
    ("increment", (D("0.3"), D("0.01"), 12, 265, 180, D("0.8")), D("0.37")),
    ("increment", (D("0.3"), D("0.01"), 12, 179, 180, None), D("0.3")),
    ("increment", (D("0.3"), D("0.1"), 12, 600, 180, D("0.8")), D("0.8")),
    ("reduce_per_month", (D(100), D("0.004"), 24, None, None), D("90.4")),
    ("reduce_per_month", (D(100), D("0.01"), 40, 36, D("0.005")), D(62)),
    ("increase_per_month", (D(100), D("0.005"), 10, None, None), D(105)),
    ("bracket_sum", (D(250), D(100), D("0.9"), D(200), D("0.3"), None, D("0.1")), D(125)),
    ("bracket_sum", (D(50), D(100), D("0.9"), None, D("0.1")), D(45)),
    ("full_groups", (179, 12), 14),
    ("round", (D("2.345"), CENT), D("2.35")),
    ("scale", (D(440), 22, 44), D(220)),
    ("scale", (D(440), 50, 44), D(440)),
    ("capped_share", (D(110), D("0.5"), D("1.1")), D(50)),
    ("couple_cap", (D(200), D(200), D(300)), D(150)),
    ("couple_cap", (D(100), D(200), D(300)), D(100)),
    ("lookup", (RANKS, 7), D(60)),
    ("sum_by_rank", (RANKS, 4), D(300)),
    ("revalue", (D(50), INDEX, 2000, 2002), D("60.5")),
    ("mean_of_table", (INDEX, 2, 2002), D("115.5")),
    ("add_time", (date(2020, 2, 29), 1, None, None), date(2021, 2, 28)),
    ("add_time", (date(2020, 1, 31), None, 1, 2), date(2020, 3, 2)),
    ("days_before", (date(2026, 3, 1), 28), date(2026, 2, 1)),
    ("first_of_month", (date(2026, 12, 15), 1), date(2027, 1, 1)),
    ("first_of_month_from", (date(2026, 7, 1),), date(2026, 7, 1)),
    ("first_of_month_from", (date(2026, 7, 2),), date(2026, 8, 1)),
    ("day_of_month", (date(2026, 1, 9), 1, 31), date(2026, 2, 28)),
    ("latest_day", (10, 1, date(2026, 9, 30)), date(2025, 10, 1)),
    ("year_of", (date(2026, 7, 1),), 2026),
    ("months_until", (date(2026, 7, 15), date(2027, 7, 16)), 13),
    ("months_until", (date(2027, 7, 15), date(2026, 7, 16)), 0),
    ("months_begun", (date(2026, 2, 15), date(2026, 4, 16), None), 3),
    ("months_begun", (date(2023, 1, 15), date(2026, 6, 1), 36), 36),
    ("full_years", (date(1966, 6, 15), date(2026, 6, 14)), 59),
    ("full_months", (date(2026, 1, 31), date(2026, 2, 28)), 1),
    ("days_between", (date(2026, 3, 10), date(2026, 3, 31), 3, None), 19),
    ("days_between", (date(2026, 3, 10), date(2026, 3, 31), None, -5), 0),
    ("months_in", ((10, 22),), 12),
    ("period", (date(2026, 1, 31), date(2026, 3, 1)), (2026 * 12, 2026 * 12 + 2)),
    ("period", (date(2026, 3, 31), date(2026, 1, 1)), (2026 * 12 + 2, 2026 * 12 + 2)),
    ("insured_months", (CAREER, date(2020, 7, 1), 3, None, None, None, None), 3),
    ("insured_months", (CAREER, date(2020, 7, 1), None, None, None, True, 4), 4),
    ("wages_of_last_months", (CAREER, date(2020, 3, 1), 6, None), D(200)),
    ("average_of_last_months", (RISING, date(2002, 3, 1), None, 1, 2), D(1000)),
    ("average_of_last_indexed_months", (RISING, date(2002, 3, 1), None, INDEX, 2002, None, 2, 3), D(1070)),
    ("average_of_last_indexed_months", (RISING, date(2002, 3, 1), None, INDEX, 2002, None, 1), D(1000)),
    ("average_of_last_indexed_months", (RISING, date(2002, 3, 1), None, INDEX, 2001, None, 2), D(1000)),
    ("average_of_last_indexed_months", (RISING, date(2002, 3, 1), None, INDEX, 2002, FRANC, 99), D(1070)),
    ("average_of_last_indexed_months", (RISING, date(2001, 12, 1), None, INDEX, 2002, None, 3), D(0)),
    ("credited_months", (CAREER, "study", date(2020, 3, 1)), 2),
    ("days_worked", (CAREER, date(2020, 4, 1), 2), 40),
    ("index_years", (YEARS, INDEX, 2001, CENT), {2000: D("1100.00"), 2001: D(3000), 2002: D(2000)}),
    ("revalue_years", ({2001: D(220)}, INDEX, D(55)), {2001: D(110)}),
    ("weight_years", (YEARS, RISES), {2000: D(0), 2001: D(300), 2002: D(100)}),
    ("points_of_years", (YEARS, INDEX, D(20), CENT), {2000: D(10), 2001: D(20), 2002: D("16.53")}),
    ("sum_of_years", (YEARS,), D(6000)),
    ("sum_of_best_years", (YEARS, 2), D(5000)),
    ("count_years", (YEARS, D(1500)), 2),
    (
        "quarters_of_years",
        (YEARS, Table("q", LABEL, {2000: D(400), 2001: D(400), 2002: D(400)}, True, False), 4),
        10,
    ),
    ("average_without_lowest", ({2000: D(120), 2001: D(240)}, (2000 * 12, 2002 * 12), 12), D(20)),
    ("average_without_lowest", ({}, (2000 * 12 + 3, 2000 * 12 + 3), 0), D(0)),
    ("compound", (D(100), RISES, 2001, 2002, None), D("115.5")),
    ("compound", (D(100), RISES, 2003, 2002, None), D(100)),
    ("age_reached", (date(1964, 2, 29), date(2023, 2, 28), 59, None), True),
    ("age_not_reached", (date(1964, 2, 28), date(2023, 2, 27), 59, None), True),
    ("elapsed_at_least", (date(2001, 1, 10), date(2021, 1, 9), 20, None), False),
    ("at_least", (60, 60), True),
    ("at_most", (61, 60), False),
    ("more_than", (60, 60), False),
    ("not_after", (date(2026, 7, 1), date(2026, 7, 1)), True),
    ("before", (date(2026, 7, 1), date(2026, 7, 1)), False),
    ("not_before", (date(2026, 7, 1), date(2026, 7, 1)), True),
    ("holds", (None,), False),
    ("known", (date(2026, 7, 1),), True),
    ("any_of", (None, False, True), True),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_operation(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    with exactly():
        assert OPERATIONS[name].run(*arguments) == expected


def test_a_row_the_table_lacks_is_an_answerable_fault() -> None:
    with pytest.raises(BadInput, match=r"\(index\) for 1999"):
        OPERATIONS["lookup"].run(INDEX, 1999)


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        ((2, 3), [(2, 2, Decimal("4.5")), (3, 3, Decimal(4))]),
        ((9, 2), [(2, 2, Decimal("4.5")), (9, 4, Decimal("3.5"))]),
        ((0, 2), [(0, 0, Decimal(0)), (2, 2, Decimal("4.5"))]),
        ((2, 2), [(2, 2, Decimal("4.5")), (2, 2, Decimal("4.5"))]),
    ],
)
def test_each_window_has_the_mean_of_its_own_wages(windows: tuple[int, ...], expected: list[Any]) -> None:
    assert means([2, 3, 4, 5], windows) == expected
    assert means([Decimal(wage) for wage in (2, 3, 4, 5)], windows) == expected
    assert means([], windows) == [(window, 0, 0) for window, _, _ in expected]
