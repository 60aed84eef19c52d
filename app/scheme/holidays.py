"""The holidays of a scheme's calendar: fixed days, and those that follow Easter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from .law import Label, Law


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876)."""
    golden, century, rest = year % 19, year // 100, year % 100
    correction = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - century // 4 - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def holidays(law: Law, year: int) -> dict[date, Label]:
    """The holidays of a year with their names."""
    result: dict[date, Label] = {}
    for written in law.section("calendar").get("holidays", ()):
        result[_day_of(written, year)] = written["label"]
    return dict(sorted(result.items()))


def _day_of(written: Mapping[str, Any], year: int) -> date:
    if "after_easter" in written:
        return easter(year) + timedelta(days=int(written["after_easter"]))
    return date(year, written["month"], written["day"])
