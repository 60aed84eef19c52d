"""Rules on a career counted by year: ceilings, indexing, drop-out, points, quarters, splitting."""

from __future__ import annotations

from decimal import Decimal
from math import floor
from typing import Any

from ..career import Career
from ..parameters import Table
from ..values import ZERO, Number, round_to
from .arithmetic import lookup
from .operation import (
    CAREER,
    COUNT,
    MONTH_COUNT,
    NUMBER,
    PERIOD,
    ROUNDING,
    SPOUSE_CAREER,
    TABLE,
    YEAR_COUNT,
    YEARS,
    operation,
)
from .series import Rounding, Years, brought_to


@operation(
    "yearly_earnings",
    "years",
    "years",
    {
        "career": CAREER,
        "period": PERIOD.or_none(),
        "before": COUNT.or_none(),
        "from": COUNT.or_none(),
        "ceiling": TABLE.or_none(),
        "above": TABLE.or_none(),
    },
)
def yearly_earnings(
    career: Career,
    period: tuple[int, int] | None,
    before: int | None,
    start: int | None,
    ceiling: Table | None,
    above: Table | None,
) -> Years:
    """Earnings by calendar year, up to a ceiling or only what lies above another.

    Within a period, a year of which only some months belong has its limits in proportion to those months.
    """
    result: Years = {}
    for year, earned in career.earnings_by_year().items():
        months = months_within(period, year) if period else 12
        inside = (before is None or year < before) and (start is None or year >= start)
        if months and inside:
            result[year] = _between(earned, year, months, ceiling, above)
    return result


def months_within(period: tuple[int, int], year: int) -> int:
    """How many months of a calendar year a period has."""
    return max(0, min(period[1], year * 12 + 12) - max(period[0], year * 12))


def _between(earned: Decimal, year: int, months: int, ceiling: Table | None, above: Table | None) -> Decimal:
    share = earned
    if ceiling is not None:
        row = ceiling.get(year) if above is not None else lookup(ceiling, year)
        if row is None:
            return ZERO
        share = min(earned, Decimal(row) * months / 12)
    if above is not None:
        share -= Decimal(lookup(above, year)) * months / 12
    return max(ZERO, share)


@operation(
    "index_years",
    "years",
    "years",
    {"years": YEARS, "table": TABLE, "to": COUNT, "rounding": ROUNDING.or_none()},
)
def index_years(years: Years, table: Table, to: int, rounding: Rounding | None) -> Years:
    """Each year brought to the level of another year by a series; later years stay as they are."""
    return brought_to(years, table, to, rounding, int)


@operation("revalue_years", "years", "years", {"years": YEARS, "table": TABLE, "to": NUMBER})
def revalue_years(years: Years, table: Table, to: Number) -> Years:
    """Each year's earnings multiplied by a level and divided by that year's row of a series."""
    return {year: amount * to / Decimal(lookup(table, year)) for year, amount in years.items()}


@operation("weight_years", "years", "years", {"years": YEARS, "table": TABLE})
def weight_years(years: Years, table: Table) -> Years:
    """Each year multiplied by its row of a table; years the table has no row for count nothing."""
    return {year: amount * (table.get(year) or ZERO) for year, amount in years.items()}


@operation(
    "points_of_years",
    "years",
    "years",
    {"years": YEARS, "table": TABLE, "maximum": NUMBER.or_none(), "rounding": ROUNDING.or_none()},
    counts="points",
)
def points_of_years(years: Years, table: Table, maximum: Number | None, rounding: Rounding | None) -> Years:
    """For each year its earnings divided by that year's average, up to a maximum of points."""
    result = {}
    for year, amount in years.items():
        points = amount / Decimal(lookup(table, year))
        if maximum is not None and points > maximum:
            points = Decimal(maximum)
        result[year] = round_to(points, *rounding) if rounding else points
    return result


@operation("split_years", "years", "years", {"years": YEARS, "other": SPOUSE_CAREER, "period": PERIOD})
def split_years(years: Years, other: Career, period: tuple[int, int]) -> Years:
    """In the whole calendar years of a period, half of both spouses' earnings together."""
    result = dict(years)
    theirs = other.earnings_by_year()
    for year in sorted(set(years) | set(theirs)):
        if months_within(period, year) == 12:
            result[year] = (years.get(year, ZERO) + theirs.get(year, ZERO)) / 2
    return result


@operation("sum_of_years", "amount", "years", {"years": YEARS})
def sum_of_years(years: Years) -> Decimal:
    """The sum over all years."""
    return sum(years.values(), ZERO)


@operation("sum_of_best_years", "amount", "years", {"years": YEARS, "best": YEAR_COUNT})
def sum_of_best_years(years: Years, best: int) -> Decimal:
    """The sum of the highest so many years; missing years count 0."""
    return sum(sorted(years.values(), reverse=True)[: max(0, best)], ZERO)


@operation(
    "count_years", "count", "years", {"years": YEARS, "minimum": NUMBER.or_none()}, counts="calendar_years"
)
def count_years(years: Years, minimum: Number | None) -> int:
    """The years with earnings, or with at least a minimum of them."""
    return sum(1 for amount in years.values() if amount > 0 and (minimum is None or amount >= minimum))


@operation(
    "quarters_of_years",
    "count",
    "years",
    {"years": YEARS, "table": TABLE, "per_year": COUNT},
    counts="quarters",
)
def quarters_of_years(years: Years, table: Table, per_year: int) -> int:
    """Insurance quarters bought by amount: one for each full row of the table, so many a year at most."""
    return sum(min(per_year, floor(amount / lookup(table, year))) for year, amount in years.items())


@operation(
    "average_without_lowest", "amount", "years", {"years": YEARS, "period": PERIOD, "excluded": MONTH_COUNT}
)
def average_without_lowest(years: Years, period: tuple[int, int], excluded: int) -> Decimal:
    """The monthly mean over a period, its lowest months left out; a year is spread evenly over its months."""
    months = []
    for year in range(period[0] // 12, (period[1] - 1) // 12 + 1):
        inside = months_within(period, year)
        if inside:
            months.append((years.get(year, ZERO) / inside, inside))
    months.sort(key=_rank)
    total, kept, left = ZERO, 0, excluded
    for amount, inside in months:
        dropped = min(inside, left)
        left -= dropped
        total += amount * (inside - dropped)
        kept += inside - dropped
    return total / kept if kept else ZERO


def _rank(row: tuple[Decimal, int]) -> Any:
    return row[0]


@operation(
    "compound",
    "=amount",
    "years",
    {"amount": NUMBER, "table": TABLE, "from": COUNT, "to": COUNT, "rounding": ROUNDING.or_none()},
)
def compound(amount: Number, table: Table, start: int, to: int, rounding: Rounding | None) -> Number:
    """An amount raised by the rate of each year in turn, rounded each time where the law says so."""
    for year in range(start, to + 1):
        raised = amount * (1 + lookup(table, year))
        amount = round_to(raised, *rounding) if rounding else raised
    return amount
