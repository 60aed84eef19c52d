"""Corners of the real schemes that their published examples do not reach, reckoned by hand."""

from __future__ import annotations

from typing import Any

import pytest

from app.scheme import BadInput, evaluate, load

MOST = [{"year": year, "annual": "200000"} for year in range(1966, 2026)]


def retire(scheme: str, born: str, on: str, **changes: Any) -> dict[str, Any]:
    """A person who always earned more than the ceiling."""
    question = {"scheme": scheme, "benefit": "old_age", "on": on, "person": {"birth_date": born}}
    return evaluate({**question, "earnings": MOST, **changes})


@pytest.mark.parametrize("scheme", ["ca-cpp", "ca-qpp"])
@pytest.mark.parametrize(
    ("born", "variant", "months", "monthly"),
    [
        # 1,441.25 + 56.43 + 9.97 = 1,507.65, then − 60 × 0.6 %, ± 0, + 60 × 0.7 %
        ("1965-12-15", "early", 60, "964.9"),
        ("1960-12-15", "standard", 0, "1507.65"),
        ("1955-12-15", "late", 60, "2140.86"),
    ],
)
def test_canada_early_standard_late(scheme: str, born: str, variant: str, months: int, monthly: str) -> None:
    result = retire(scheme, born, "2026-01-01")
    assert (result["variant"], result["monthly"]) == (variant, monthly)
    assert (result["figures"]["months_early"] or result["figures"]["months_late"]) == months


def test_quebec_lets_a_small_pension_lose_less() -> None:
    small = [{"year": year, "annual": "10000"} for year in range(1984, 2026)]
    result = retire("ca-qpp", "1965-12-15", "2026-01-01", earnings=small)
    steps = {row["id"]: row["value"] for row in result["steps"]}
    assert steps["early_month_rate"].startswith("0.0052")
    assert result["variant"] == "early"


@pytest.mark.parametrize(("scheme", "months"), [("ca-cpp", 60), ("ca-qpp", 84)])
def test_canada_increase_stops_at_70_and_quebec_at_72(scheme: str, months: int) -> None:
    assert retire(scheme, "1950-12-15", "2026-01-01")["figures"]["months_late"] == months


def test_canada_age_counts_from_the_month_after_the_birthday() -> None:
    assert retire("ca-cpp", "1966-01-01", "2026-01-01")["eligible"] is False
    assert retire("ca-cpp", "1965-12-31", "2026-01-01")["eligible"] is True


def test_the_two_plans_share_series_but_for_1973() -> None:
    cpp, qpp = (load(name).data["tables"]["ympe"]["values"] for name in ("ca-cpp", "ca-qpp"))
    assert {year for year in qpp if qpp[year] != cpp[year]} == {"1973"}
    assert (cpp["1973"], qpp["1973"]) == (5600, 5900)


def test_at_least_120_months_are_kept() -> None:
    figures = retire("ca-cpp", "1911-12-15", "1977-01-01")["figures"]
    # 132 months since 1966; 15 % would be 20, but only 12 lie beyond the 120 kept
    assert (figures["months"], figures["excluded_months"]) == (132, 12)


def test_a_figure_the_law_did_not_have_yet_is_missed_only_where_it_is_needed() -> None:
    assert retire("ca-cpp", "1911-12-15", "1977-01-01")["variant"] == "standard"
    with pytest.raises(BadInput, match=r"\(early_rate\) on 1\sJanuary\s1977"):
        retire("ca-cpp", "1912-12-15", "1977-01-01")


@pytest.mark.parametrize("scheme", ["ca-cpp", "ca-qpp", "us-oasi"])
@pytest.mark.parametrize("born", ["1965-11-20", "1961-12-15", "1955-12-15"])
@pytest.mark.parametrize(("asked", "first"), [("2026-01-02", "2026-02-01"), ("2025-12-31", "2026-01-01")])
def test_a_pension_asked_within_a_month_is_that_of_the_next(
    scheme: str, born: str, asked: str, first: str
) -> None:
    result = retire(scheme, born, asked)
    assert result == retire(scheme, born, first)
    assert result["payable_from"] in (first, None)


def test_a_pension_asked_within_december_is_under_the_law_of_january() -> None:
    """CPP, 60 months early: 0.58 % a month in 2015, 0.6 % from 2016."""
    early = {"born": "1955-12-15", "earnings": [{"year": 1990, "annual": "20000"}]}
    rates = {row["id"]: row["value"] for row in retire("ca-cpp", on="2015-12-15", **early)["parameters"]}
    assert rates["early_rate"] == "0.006"


def us(born: str, on: str, **changes: Any) -> dict[str, Any]:
    """A career at the base in the United States."""
    return retire("us-oasi", born, on, **changes)


def test_one_born_on_the_first_is_of_the_month_before() -> None:
    assert us("1960-07-01", "2022-06-01")["figures"]["months_early"] is not None
    assert us("1960-07-01", "2022-07-01")["eligible"] is True
    assert us("1960-07-02", "2022-06-01")["eligible"] is False


def test_one_born_on_new_years_day_is_of_the_year_before() -> None:
    steps = {row["id"]: row["value"] for row in us("1960-01-01", "2026-06-01")["steps"]}
    assert steps["birth_year"] == 1959
    assert steps["full_age_months"] == 66 * 12 + 10


def test_decembers_benefit_has_that_decembers_increase() -> None:
    november, december = us("1957-01-02", "2022-11-01"), us("1957-01-02", "2022-12-01")
    steps = [{row["id"]: row["value"] for row in each["steps"]} for each in (november, december)]
    assert [row["last_increase_year"] for row in steps] == [2021, 2022]


def test_forty_quarters_are_needed() -> None:
    few = [{"year": year, "annual": "200000"} for year in range(2010, 2019)]
    result = us("1960-01-02", "2025-01-01", earnings=few)
    assert result["eligible"] is False
    assert result["figures"]["quarters"] == 36


def test_claiming_at_full_age_neither_reduces_nor_raises() -> None:
    result = us("1956-01-02", "2022-05-01")
    assert result["variant"] == "standard"
    assert (result["figures"]["months_early"], result["figures"]["months_late"]) == (0, 0)
