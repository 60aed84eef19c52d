"""The holidays of the default scheme."""

from __future__ import annotations

from datetime import date

import pytest

from app.scheme import load
from app.scheme.holidays import easter, holidays


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [(1961, 4, 2), (2000, 4, 23), (2008, 3, 23), (2024, 3, 31), (2026, 4, 5), (2038, 4, 25)],
)
def test_easter(year: int, month: int, day: int) -> None:
    assert easter(year) == date(year, month, day)


def test_holidays_of_a_year() -> None:
    days = holidays(load("demo"), 2026)
    assert len(days) == 8
    assert days[date(2026, 4, 6)]["fr"] == "lundi de Pâques"
