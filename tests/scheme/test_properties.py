"""What must hold for every career: no effect the law does not have, and the same answer again."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.scheme import BadInput, answer, evaluate, load, load_path, record, replay, scheme_names
from app.scheme.law import Law
from app.scheme.loading import load_text
from app.scheme.values import add_months, month_start, month_text, months_elapsed, months_to_reach, round_to

from .cases import DATA, OLD_AGE

LAGOON = (DATA / "lagoon.yaml").read_text(encoding="utf-8")

BOUNDED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
JULY_2026 = 2026 * 12 + 6
WAGES = st.integers(min_value=42_000, max_value=900_000)
LENGTHS = st.integers(min_value=1, max_value=420)


def question(months: int, wage: int, **changes: Any) -> dict[str, Any]:
    """A record of constant wage that ends the month before `on`."""
    span = {"from": month_text(JULY_2026 - months), "to": "2026-06", "monthly": str(wage)}
    return {**OLD_AGE, "earnings": [span], **changes}


def amount(result: dict[str, Any]) -> Decimal:
    """What is due, pension or lump sum."""
    return Decimal(result["monthly"] or result["lump_sum"] or 0)


@BOUNDED
@given(months=st.integers(min_value=180, max_value=420), wage=WAGES)
def test_one_more_month_never_lowers_a_pension(months: int, wage: int) -> None:
    assert amount(evaluate(question(months + 1, wage))) >= amount(evaluate(question(months, wage)))


@BOUNDED
@given(months=LENGTHS, wage=WAGES, more=st.integers(min_value=1, max_value=200_000))
def test_a_higher_wage_never_lowers_an_amount(months: int, wage: int, more: int) -> None:
    lower, higher = evaluate(question(months, wage)), evaluate(question(months, wage + more))
    assert lower["variant"] == higher["variant"]
    assert amount(higher) >= amount(lower)


@BOUNDED
@given(months=LENGTHS, wage=WAGES, later=st.integers(min_value=0, max_value=24))
def test_an_average_lies_between_the_lowest_and_the_highest_wage(months: int, wage: int, later: int) -> None:
    spans = question(months, wage)["earnings"]
    spans.append({"from": "2026-07", "to": month_text(JULY_2026 + later), "monthly": str(wage + 50_000)})
    on = month_start(JULY_2026 + later + 1).isoformat()
    figures = evaluate({**OLD_AGE, "earnings": spans, "on": on})["figures"]
    average = Decimal(figures["average_monthly_wage"] or min(wage, 300_000))
    assert min(wage, 300_000) <= average <= min(wage + 50_000, 750_000)


@BOUNDED
@given(wage=WAGES, early=st.integers(min_value=1, max_value=60), late=st.integers(min_value=1, max_value=60))
def test_early_is_below_standard_and_standard_below_late(wage: int, early: int, late: int) -> None:
    by_birth = {}
    for name, shift in (("early", early), ("standard", 0), ("late", -late - 1)):
        born = add_months(month_start(JULY_2026 - 720), shift).isoformat()
        person = {"birth_date": born, "registered_on": "1996-01-01"}
        result = evaluate(question(300, wage, person=person))
        assert result["variant"] == name
        by_birth[name] = amount(result)
    assert by_birth["early"] <= by_birth["standard"] <= by_birth["late"]


@BOUNDED
@given(months=st.integers(min_value=6, max_value=300), wage=WAGES, more=st.integers(1, 100_000))
def test_a_disability_pension_never_falls_with_a_month_or_a_wage(months: int, wage: int, more: int) -> None:
    person = {"birth_date": "1980-01-10", "registered_on": "2000-01-10"}
    facts = {"onset": "2026-07-01", "loss_percent": 80}
    asked = [
        {**question(*record, person=person, facts=facts), "benefit": "disability"}
        for record in ((months, wage), (months + 1, wage), (months, wage + more))
    ]
    first, longer, higher = (evaluate(each) for each in asked)
    assert first["eligible"]
    assert amount(longer) >= amount(first)
    assert amount(higher) >= amount(first)


@BOUNDED
@given(
    yearly=st.lists(st.integers(min_value=1000, max_value=90_000), min_size=12, max_size=40),
    place=st.integers(min_value=0, max_value=39),
    more=st.integers(min_value=1, max_value=50_000),
    scheme=st.sampled_from(["us-oasi", "ca-cpp", "ca-qpp"]),
)
def test_earning_more_in_a_year_never_lowers_a_pension(
    yearly: list[int], place: int, more: int, scheme: str
) -> None:
    asked: dict[str, Any] = {
        "scheme": scheme,
        "benefit": "old_age",
        "on": "2025-02-01",
        "person": {"birth_date": "1959-12-15"},
        "earnings": [{"year": 1984 + index, "annual": str(paid)} for index, paid in enumerate(yearly)],
    }
    richer = json.loads(json.dumps(asked))
    row = richer["earnings"][place % len(yearly)]
    row["annual"] = str(int(row["annual"]) + more)
    assert amount(evaluate(richer)) >= amount(evaluate(asked))


@BOUNDED
@given(wages=st.lists(st.integers(min_value=0, max_value=900_000), min_size=1, max_size=90))
def test_spans_and_months_say_the_same(wages: list[int]) -> None:
    first = JULY_2026 - len(wages)
    months = [{"month": month_text(first + index), "monthly": str(wage)} for index, wage in enumerate(wages)]
    halves = [
        {
            "month": row["month"],
            "monthly": str(int(row["monthly"]) - int(row["monthly"]) // 2),
            "employer": "A",
        }
        for row in months
    ] + [{"month": row["month"], "monthly": str(int(row["monthly"]) // 2), "employer": "B"} for row in months]
    whole = evaluate({**OLD_AGE, "earnings": months})
    assert evaluate({**OLD_AGE, "earnings": halves}) == whole
    assert evaluate({**OLD_AGE, "earnings": list(reversed(months))}) == whole


@BOUNDED
@given(months=LENGTHS, wage=WAGES, attendance=st.booleans())
def test_a_replay_equals_the_original(months: int, wage: int, attendance: bool) -> None:
    facts = {"stopped_work_on": "2026-06-30", "attendance": attendance}
    asked = question(months, wage, facts=facts)
    stored = json.loads(json.dumps(record(asked, answer(asked))))
    assert replay(stored).as_dict() == stored["result"]


def law_with(figure: str, value: Any) -> Law:
    """The default law with another value of one figure."""
    data = json.loads(load("demo").text)
    data["parameters"][figure]["values"] = {"2000-01-01": value}
    return load_text(json.dumps(data))


def test_a_replay_under_the_stored_text_is_that_of_the_law_then_not_of_todays() -> None:
    then = law_with("base_rate", "0.31")
    stored = json.loads(json.dumps(record(OLD_AGE, answer(OLD_AGE, then))))
    replayed = replay(stored, then.text).as_dict()
    assert replayed == stored["result"]
    # 240 months: 5 full years beyond 180; 240,000 × (31 % + 5 %), and today × (30 % + 5 %)
    assert (replayed["monthly"], evaluate(OLD_AGE)["monthly"]) == ("86400", "84000")


def test_a_replay_without_the_text_of_a_law_that_has_changed_is_refused() -> None:
    stored = record(OLD_AGE, answer(OLD_AGE, law_with("base_rate", "0.31")))
    with pytest.raises(BadInput) as refused:
        replay(stored)
    assert refused.value.field == "version"


@pytest.mark.parametrize("name", scheme_names())
def test_the_text_kept_of_a_law_is_the_law(name: str) -> None:
    law = load(name)
    again = load_text(law.text)
    assert (again.version, again.text) == (law.version, law.text)


@pytest.mark.parametrize(
    "figure", ["0.005123456789", "0.0000001", "0.0000000000000000000000000001", "123456789012345678.25"]
)
def test_the_text_kept_of_a_law_holds_figures_of_any_length(tmp_path: Path, figure: str) -> None:
    written = LAGOON.replace("2025-07-01: 39.32", f"2025-07-01: {figure}")
    assert written != LAGOON
    file = tmp_path / "law.yaml"
    file.write_text(written, encoding="utf-8")
    law = load_path(file)
    again = load_text(law.text)
    assert again.version == law.version
    assert again.value("point_value", date(2026, 1, 1)) == Decimal(figure)


@BOUNDED
@given(
    wages=st.lists(st.integers(min_value=0, max_value=900_000), min_size=1, max_size=4),
    classes=st.lists(st.sampled_from("ABC"), min_size=4, max_size=4),
)
def test_refunds_share_the_excess_and_never_exceed_what_was_paid(
    wages: list[int], classes: list[str]
) -> None:
    names = [f"E{index}" for index in range(len(wages))]
    result = evaluate(
        {
            "scheme": "demo",
            "benefit": "contributions",
            "month": "2026-05",
            "wages": {name: str(wage) for name, wage in zip(names, wages, strict=True)},
            "risk_class": dict(zip(names, classes, strict=False)),
        }
    )
    total = sum(Decimal(row["base"]) for row in result["employers"].values())
    assert (result["refundable"] is not None) == (total > 750_000)
    for name, branches in (result["refundable"] or {"employers": {}})["employers"].items():
        for branch, refund in branches.items():
            paid = Decimal(result["employers"][name]["amounts"][branch]["employer"])
            assert 0 <= Decimal(refund) <= paid


DAYS = st.dates(min_value=month_start(1900 * 12), max_value=month_start(2100 * 12))


@given(start=DAYS, months=st.integers(min_value=0, max_value=1200))
def test_months_to_reach_is_the_smallest_that_does(start: Any, months: int) -> None:
    end = add_months(start, months)
    found = months_to_reach(start, end)
    assert add_months(start, found) >= end
    assert found == 0 or add_months(start, found - 1) < end
    assert months_elapsed(start, end) >= months - 1


@given(numerator=st.integers(min_value=0, max_value=10**9), divisor=st.integers(min_value=1, max_value=5000))
def test_rounding_half_up_is_that_of_exact_fractions(numerator: int, divisor: int) -> None:
    from app.scheme.values import exactly

    with exactly():
        value = Decimal(numerator) / divisor * 3 / 5
        assert round_to(value, Decimal(1), "half_up") == (numerator * 6 + divisor * 5) // (divisor * 10)
