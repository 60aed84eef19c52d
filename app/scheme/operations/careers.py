"""Rules on a career counted by month: months of insurance, reference wages, credited months."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from ..career import Insured, Mean, means
from ..parameters import Parameter, Table
from ..values import ZERO, Number, decimal_text, month_of, month_text, month_year
from .operation import (
    COUNT,
    COUNTED,
    CREDIT_KIND,
    DATE,
    DATED,
    FLAG,
    INSURED,
    MONTH_COUNT,
    ROUNDING,
    TABLE,
    operation,
)
from .series import Rounding, brought_to


@operation(
    "insured_months",
    "count",
    "careers",
    {
        "career": COUNTED,
        "before": DATE,
        "last": MONTH_COUNT.or_none(),
        "after": DATE.or_none(),
        "until": DATE.or_none(),
        "with_wages": FLAG.or_none(),
        "maximum": MONTH_COUNT.or_none(),
    },
    counts="months",
)
def insured_months(
    career: Insured,
    before: date,
    last: int | None,
    after: date | None,
    until: date | None,
    with_wages: bool | None,
    maximum: int | None,
) -> int:
    """Months of insurance before a date's month: all, in the last so many, or within bounds."""
    end = month_of(before)
    start = end - last if last is not None else career.first
    if after is not None:
        start = max(start, month_of(after) + 1)
    if until is not None:
        end = min(end, month_of(until) + 1)
    months = career.count(start, end, bool(with_wages))
    return months if maximum is None or months < maximum else maximum


def _windows_used(career: Insured, before: date, ceiling: Parameter | None, *windows: int) -> Any:
    end = month_of(before)
    found = career.last_paid(end, max(windows), ceiling)[0]
    return _used(found, career.means_of_last_paid(end, windows, ceiling), windows)


def _used(found: Sequence[int], each: list[Mean], windows: tuple[int, ...]) -> list[dict[str, Any]]:
    """Each window with the last of the months it found, and the mean of their wages."""
    rows: dict[int, dict[str, Any]] = {}
    for window, months, mean in each:
        row: dict[str, Any] = {"window": window, "months": months}
        if months:
            row |= {"from": month_text(found[-months]), "to": month_text(found[-1])}
        rows[window] = row | {"mean": decimal_text(mean)}
    return [rows[window] for window in windows]


@operation(
    "average_of_last_months",
    "amount",
    "careers",
    {"career": COUNTED, "before": DATE, "ceiling": DATED.or_none(), "windows": MONTH_COUNT.several()},
    detail=_windows_used,
)
def average_of_last_months(
    career: Insured, before: date, ceiling: Parameter | None, *windows: int
) -> Decimal:
    """The mean wage of the last insured months with wages; of several windows, the highest."""
    return _highest(career.means_of_last_paid(month_of(before), windows, ceiling))


def _highest(each: list[Mean]) -> Decimal:
    """The highest mean, and 0 where there are no wages."""
    return max((mean for _, _, mean in each), default=ZERO)


def _indexed(
    career: Insured,
    before: date,
    ceiling: Parameter | None,
    table: Table,
    to: int,
    rounding: Rounding | None,
    window: int,
) -> tuple[Sequence[int], list[Number]]:
    """The last insured months with wages, and those wages brought to the level of a year."""
    months, wages = career.last_paid(month_of(before), window, ceiling)
    by_month = dict(zip(months, wages, strict=True))
    return months, list(brought_to(by_month, table, to, rounding, month_year).values())


def _indexed_windows_used(
    career: Insured,
    before: date,
    ceiling: Parameter | None,
    table: Table,
    to: int,
    rounding: Rounding | None,
    *windows: int,
) -> Any:
    months, wages = _indexed(career, before, ceiling, table, to, rounding, max(windows))
    return _used(months, means(wages, windows), windows)


@operation(
    "average_of_last_indexed_months",
    "amount",
    "careers",
    {
        "career": COUNTED,
        "before": DATE,
        "ceiling": DATED.or_none(),
        "table": TABLE,
        "to": COUNT,
        "rounding": ROUNDING.or_none(),
        "windows": MONTH_COUNT.several(),
    },
    detail=_indexed_windows_used,
)
def average_of_last_indexed_months(
    career: Insured,
    before: date,
    ceiling: Parameter | None,
    table: Table,
    to: int,
    rounding: Rounding | None,
    *windows: int,
) -> Decimal:
    """The same, each wage first brought to the level of a year by a series; later ones stay as they are."""
    _, wages = _indexed(career, before, ceiling, table, to, rounding, max(windows))
    return _highest(means(wages, windows))


@operation(
    "wages_of_last_months",
    "amount",
    "careers",
    {"career": INSURED, "before": DATE, "last": MONTH_COUNT, "ceiling": DATED.or_none()},
)
def wages_of_last_months(career: Insured, before: date, last: int, ceiling: Parameter | None) -> Decimal:
    """The wages of the calendar months just before a date's month, each up to the ceiling; none counts 0."""
    end = month_of(before)
    return Decimal(sum(career.wages_between(end - last, end, ceiling)))


@operation(
    "credited_months",
    "count",
    "careers",
    {"career": INSURED, "kind": CREDIT_KIND, "before": DATE},
    counts="months",
)
def credited_months(career: Insured, kind: str, before: date) -> int:
    """The months credited on one ground before a date's month."""
    return career.credited(kind, month_of(before))


@operation(
    "days_worked", "count", "careers", {"career": INSURED, "before": DATE, "last": MONTH_COUNT}, counts="days"
)
def days_worked(career: Insured, before: date, last: int) -> int:
    """The days worked, over all employers, in the calendar months just before a date's month."""
    end = month_of(before)
    return career.days_between(end - last, end)
