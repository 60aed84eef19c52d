"""An invented country of another kind is written in YAML only; its figures are reckoned by hand here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.scheme import BadInput, BadLaw, Law, answer, evaluate, explained, explained_text, load_path

from .cases import DATA


@pytest.fixture(scope="module")
def lagoon() -> Law:
    return load_path(DATA / "lagoon.yaml")


POINTS = {
    "scheme": "lagoon",
    "benefit": "points_pension",
    "on": "2025-03-01",
    "person": {"birth_date": "1960-02-10"},
    "earnings": [
        {"year": 2022, "annual": "42053"},
        {"year": 2023, "annual": "21571"},
        {"year": 2024, "annual": "200000"},
    ],
    "credited": [{"from": "1980-01", "to": "1980-06", "kind": "service"}],
}
BASIC = {
    "scheme": "lagoon",
    "benefit": "basic_pension",
    "on": "2025-03-01",
    "person": {"birth_date": "1960-02-10"},
    "earnings": [{"year": 2022, "annual": "60000"}, {"year": 2023, "annual": "60000"}],
}


def test_points_are_summed_capped_and_weighed_by_the_access_factor(lagoon: Law) -> None:
    result = evaluate(POINTS, law=lagoon)
    # 1 + 0.5 + 2 (capped) + 6/12 of a point = 4; at 65 the factor is 0.964; 37.60 × 4 × 0.964 = 144.9856
    assert result["figures"] == {"points": "4", "factor": "0.964"}
    assert result["monthly"] == "144.99"


def test_the_point_value_of_the_day_is_used(lagoon: Law) -> None:
    # at 66 from February 2026: 39.32 × 4 × 1 = 157.28
    later = evaluate({**POINTS, "on": "2026-03-01"}, law=lagoon)
    assert later["monthly"] == "157.28"


def test_before_the_first_value_the_law_has_none(lagoon: Law) -> None:
    with pytest.raises(BadInput) as refused:
        evaluate({**POINTS, "on": "2024-06-30", "person": {"birth_date": "1960-02-10"}}, law=lagoon)
    assert refused.value.field == "on"
    assert "point_value" in refused.value.message


def test_two_pieces_bounds_and_scale(lagoon: Law) -> None:
    # 11188.80 + 45360 × 0.26 + 14640 × 2/15 = 24934.40; × 2/44 = 1133.3818…; ÷ 12 = 94.4484…
    result = evaluate(BASIC, law=lagoon)
    assert result["figures"] == {"years_insured": 2, "average": "60000"}
    assert result["monthly"] == "94"


@pytest.mark.parametrize(("annual", "monthly"), [("1000", "1260"), ("500000", "2520")])
def test_full_career_is_bounded(lagoon: Law, annual: str, monthly: str) -> None:
    earnings = [{"year": year, "annual": annual} for year in range(1981, 2025)]
    assert evaluate({**BASIC, "earnings": earnings}, law=lagoon)["monthly"] == monthly


def test_earnings_of_the_marriage_are_shared(lagoon: Law) -> None:
    question: dict[str, Any] = {
        **BASIC,
        "person": {"birth_date": "1960-02-10", "married": True, "married_on": "2022-06-01"},
        "spouse": {"earnings": [{"year": 2022, "annual": "10000"}, {"year": 2023, "annual": "20000"}]},
    }
    # only 2023 lies wholly in the marriage: (60000 + 20000) ÷ 2; mean with 2022's 60000 is 50000
    assert evaluate(question, law=lagoon)["figures"]["average"] == "50000"


def test_a_couple_together_is_capped(lagoon: Law) -> None:
    earnings = [{"year": year, "annual": "500000"} for year in range(1981, 2025)]
    question = {**BASIC, "earnings": earnings, "spouse": {"pension": "30240"}}
    # each 30240, together 60480, ceiling 45360: 22680 a year
    assert evaluate(question, law=lagoon)["monthly"] == "1890"


def test_it_explains_itself_in_both_languages(lagoon: Law) -> None:
    from app.scheme import answer

    text = explained_text(answer(POINTS, lagoon), "fr")
    assert "facteur d’accès" in text
    assert "144,99\u00a0LGD" in text
    assert "LGD\u00a0144.99" in explained_text(answer(POINTS, lagoon), "en")


def test_points_are_explained_as_points_and_money_as_money(lagoon: Law) -> None:
    rows = {row["id"]: row["words"]["value"] for row in explained(answer(POINTS, lagoon))["steps"]}
    assert rows["earnings"] == "3\u00a0years with earnings, LGD\u00a0263,624 in all"
    assert rows["yearly_points"] == "3\u00a0years with earnings, 3.5\u00a0points in all"
    assert rows["earned_points"] == "3.5\u00a0points"
    assert rows["credited_points"] == "0.5\u00a0points"
    assert rows["points"] == "4\u00a0points"
    assert rows["factor"] == "0.964"
    french = explained_text(answer(POINTS, lagoon), "fr")
    assert "points acquis" in french
    assert "3,5\u00a0points" in french
    assert "0,5\u00a0point " in french


def test_a_sum_of_points_is_no_amount_of_money(lagoon: Law, tmp_path: Path) -> None:
    text = (DATA / "lagoon.yaml").read_text(encoding="utf-8")
    wrong = text.replace(
        "- all: [age]\n        monthly: monthly", "- all: [age]\n        monthly: earned_points"
    )
    (tmp_path / "law.yaml").write_text(wrong, encoding="utf-8")
    with pytest.raises(BadLaw, match="`earned_points` is a number, a amount is wanted"):
        load_path(tmp_path / "law.yaml")
