"""Rules on dates and durations."""

from __future__ import annotations

from datetime import date, timedelta

from ..values import (
    add_months,
    first_of_month_from,
    last_day,
    month_of,
    month_start,
    months_elapsed,
    months_to_reach,
)
from .operation import COUNT, DATE, DAY_COUNT, MONTH_COUNT, PERIOD, YEAR_COUNT, operation


@operation(
    "add_time",
    "date",
    "dates",
    {"to": DATE, "years": YEAR_COUNT.or_none(), "months": MONTH_COUNT.or_none(), "days": DAY_COUNT.or_none()},
)
def add_time(to: date, years: int | None, months: int | None, days: int | None) -> date:
    """A date later (or earlier) by years, months and days; years are 12 months each."""
    whole = (years or 0) * 12 + (months or 0)
    moved = add_months(to, whole) if whole else to
    return moved + timedelta(days=days) if days else moved


@operation("days_before", "date", "dates", {"of": DATE, "days": DAY_COUNT})
def days_before(of: date, days: int) -> date:
    """A date earlier by a number of days."""
    return of - timedelta(days=days)


@operation("first_of_month", "date", "dates", {"of": DATE, "months": MONTH_COUNT.or_none()})
def first_of_month(of: date, months: int | None) -> date:
    """The first day of the month of a date, some months later where asked."""
    return month_start(month_of(of) + (months or 0))


operation("first_of_month_from", "date", "dates", {"of": DATE})(first_of_month_from)


@operation("day_of_month", "date", "dates", {"of": DATE, "months_after": MONTH_COUNT, "day": COUNT})
def day_of_month(of: date, months_after: int, day: int) -> date:
    """A fixed day of a month some months after a date's month (due dates)."""
    month = month_of(of) + months_after
    return month_start(month).replace(day=min(day, last_day(month)))


@operation("latest_day", "date", "dates", {"month": COUNT, "day": COUNT, "on_or_before": DATE})
def latest_day(month: int, day: int, on_or_before: date) -> date:
    """The last time a day of the year came round (start of a school year)."""
    this_year = date(on_or_before.year, month, day)
    return this_year if this_year <= on_or_before else date(on_or_before.year - 1, month, day)


@operation("year_of", "count", "dates", {"of": DATE}, counts="year")
def year_of(of: date) -> int:
    """The calendar year of a date."""
    return of.year


@operation("months_until", "count", "dates", {"from": DATE, "to": DATE}, counts="months")
def months_until(start: date, to: date) -> int:
    """The smallest number of months which, added to a date, reaches another; 0 when it is past."""
    return months_to_reach(start, to)


@operation(
    "months_begun",
    "count",
    "dates",
    {"from": DATE, "to": DATE, "maximum": MONTH_COUNT.or_none()},
    counts="months",
)
def months_begun(start: date, to: date, maximum: int | None) -> int:
    """The months begun after a date, up to another, at most a maximum."""
    months = months_to_reach(start, to)
    return months if maximum is None or months < maximum else maximum


@operation("full_years", "count", "dates", {"from": DATE, "to": DATE}, counts="years")
def full_years(start: date, to: date) -> int:
    """The full years between two dates; 0 when the second comes first."""
    return max(0, months_elapsed(start, to)) // 12


@operation("full_months", "count", "dates", {"from": DATE, "to": DATE}, counts="months")
def full_months(start: date, to: date) -> int:
    """The full months between two dates; 0 when the second comes first."""
    return max(0, months_elapsed(start, to))


@operation(
    "days_between",
    "count",
    "dates",
    {"from": DATE, "to": DATE, "waiting": DAY_COUNT.or_none(), "maximum": DAY_COUNT.or_none()},
    counts="days",
)
def days_between(start: date, to: date, waiting: int | None, maximum: int | None) -> int:
    """The days from one to another, both counted, after waiting days and up to a maximum."""
    days = max(0, (to - start).days + 1 - (waiting or 0))
    return days if maximum is None else max(0, min(days, maximum))


@operation("period", "period", "dates", {"from": DATE, "before": DATE})
def period(start: date, before: date) -> tuple[int, int]:
    """The calendar months from a date's month up to the month before another's."""
    first = month_of(start)
    return first, max(first, month_of(before))


@operation("months_in", "count", "dates", {"period": PERIOD}, counts="months")
def months_in(of: tuple[int, int]) -> int:
    """How many months a period has."""
    return of[1] - of[0]
