"""Rules on figures: sums and products, limits, rates by period, brackets, scales, tables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from ..parameters import Table
from ..refusals import lacking
from ..values import ONE, ZERO, Number, round_to
from .operation import (
    ANY,
    COUNT,
    DATE,
    DATED,
    FLAG,
    KEY,
    MONTH_COUNT,
    NUMBER,
    ORDERED,
    ROUNDING,
    TABLE,
    operation,
    rows_of,
)


@operation("multiply", "=factors", "arithmetic", {"factors": NUMBER.several()})
def multiply(*factors: Number) -> Number:
    """The product of all factors."""
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    return product


@operation("divide", "=amount", "arithmetic", {"amount": NUMBER, "by": NUMBER})
def divide(amount: Number, by: Number) -> Decimal:
    """A quotient; nothing divided among none is 0."""
    return Decimal(amount) / by if by else ZERO


@operation("sum", "=of", "arithmetic", {"of": NUMBER.several()}, skips_nulls=True)
def add(*of: Number | None) -> Number | None:
    """The sum of those that apply; null when none does."""
    known = [value for value in of if value is not None]
    return sum(known[1:], known[0]) if known else None


@operation("subtract", "=amount", "arithmetic", {"amount": NUMBER, "less": NUMBER})
def subtract(amount: Number, less: Number) -> Number:
    """What remains; it may be negative."""
    return amount - less


@operation(
    "clamp",
    "=amount",
    "arithmetic",
    {"amount": NUMBER, "floor": NUMBER.or_none(), "ceiling": NUMBER.or_none()},
)
def clamp(amount: Number, floor: Number | None, ceiling: Number | None) -> Number:
    """Not above the ceiling, and then not below the floor."""
    if ceiling is not None and amount > ceiling:
        amount = ceiling
    return floor if floor is not None and amount < floor else amount


@operation("highest", "=of", "arithmetic", {"of": ORDERED.several()}, skips_nulls=True)
def highest(*of: Any) -> Any:
    """The highest figure, or the latest date, of those that apply."""
    return max((value for value in of if value is not None), default=None)


@operation("lowest", "=of", "arithmetic", {"of": ORDERED.several()}, skips_nulls=True)
def lowest(*of: Any) -> Any:
    """The lowest figure, or the earliest date, of those that apply."""
    return min((value for value in of if value is not None), default=None)


@operation("first_given", "=of", "arithmetic", {"of": ANY.several()}, skips_nulls=True)
def first_given(*of: Any) -> Any:
    """The first of several that is known."""
    return next((value for value in of if value is not None), None)


@operation("is_given", "flag", "arithmetic", {"of": ANY}, skips_nulls=True)
def is_given(of: Any) -> bool:
    """Whether a fact was stated."""
    return of is not None


@operation("choose", "=then", "arithmetic", {"if": FLAG, "then": ANY, "else": ANY}, skips_nulls=True)
def choose(chosen: bool | None, then: Any, other: Any) -> Any:
    """One figure when a fact holds, else another."""
    return then if chosen else other


@operation(
    "increment",
    "=base",
    "arithmetic",
    {"base": NUMBER, "step": NUMBER, "per": COUNT, "of": COUNT, "beyond": COUNT, "maximum": NUMBER.or_none()},
)
def increment(base: Any, step: Any, per: Any, of: Any, beyond: Any, maximum: Any) -> Any:
    """A base, plus a step for each full group of periods beyond a threshold, up to a maximum."""
    rate = base + step * ((of - beyond) // per) if of > beyond else base
    return maximum if maximum is not None and rate > maximum else rate


@operation(
    "reduce_per_month",
    "=amount",
    "arithmetic",
    {
        "amount": NUMBER,
        "rate": NUMBER,
        "months": MONTH_COUNT,
        "first": MONTH_COUNT.or_none(),
        "rate_beyond": NUMBER.or_none(),
    },
)
def reduce_per_month(amount: Any, rate: Any, months: Any, first: Any, beyond: Any) -> Any:
    """Less a rate for each month; a second rate may hold beyond the first so many months."""
    return amount * (ONE - _share(rate, months, first, beyond))


@operation(
    "increase_per_month",
    "=amount",
    "arithmetic",
    {
        "amount": NUMBER,
        "rate": NUMBER,
        "months": MONTH_COUNT,
        "first": MONTH_COUNT.or_none(),
        "rate_beyond": NUMBER.or_none(),
    },
)
def increase_per_month(amount: Any, rate: Any, months: Any, first: Any, beyond: Any) -> Any:
    """More by a rate for each month; a second rate may hold beyond the first so many months."""
    return amount * (ONE + _share(rate, months, first, beyond))


def _share(rate: Number, months: int, first: int | None, beyond: Number | None) -> Number:
    if first is None or beyond is None or months <= first:
        return rate * months
    return rate * first + beyond * (months - first)


@operation(
    "bracket_sum",
    "=of",
    "arithmetic",
    {"of": NUMBER, "brackets": rows_of(up_to=NUMBER.or_none(), rate=NUMBER)},
)
def bracket_sum(of: Number, *brackets: Number | None) -> Number:
    """Each part of an amount at the rate of its bracket; the last bracket may be open."""
    total, lower = ZERO, ZERO
    for upper, rate in zip(brackets[::2], brackets[1::2], strict=True):
        top = of if upper is None or of < upper else upper
        if top > lower:
            total += (top - lower) * (rate or 0)
            lower = Decimal(top)
    return total


@operation("full_groups", "count", "arithmetic", {"of": COUNT, "per": COUNT})
def full_groups(of: int, per: int) -> int:
    """How many full groups of periods there are (full twelve-month periods)."""
    return of // per if per else 0


@operation("round", "=amount", "arithmetic", {"amount": NUMBER, "to": ROUNDING})
def round_amount(amount: Number, to: tuple[Decimal, str]) -> Decimal:
    """An amount brought to the unit of a named rounding."""
    return round_to(amount, *to)


@operation("scale", "=amount", "arithmetic", {"amount": NUMBER, "periods": NUMBER, "full": NUMBER})
def scale(amount: Number, periods: Number, full: Number) -> Number:
    """In proportion to the periods of a full career, at most the whole (scales for incomplete careers)."""
    return amount if periods >= full else amount * periods / Decimal(full)


@operation("capped_share", "=amount", "arithmetic", {"amount": NUMBER, "share": NUMBER, "total": NUMBER})
def capped_share(amount: Number, share: Number, total: Number) -> Number:
    """A share of an amount, reduced in proportion when all shares together exceed the whole."""
    return amount * share if total <= 1 else amount * share / Decimal(total)


@operation("couple_cap", "=amount", "arithmetic", {"amount": NUMBER, "other": NUMBER, "ceiling": NUMBER})
def couple_cap(amount: Number, other: Number, ceiling: Number) -> Number:
    """One spouse's amount, reduced in proportion when both together exceed a ceiling."""
    both = amount + other
    return amount if both <= ceiling else amount * ceiling / Decimal(both)


@operation("lookup", "=table", "arithmetic", {"table": TABLE, "at": KEY})
def lookup(table: Table, at: Any) -> Number:
    """The row of a table for a key: a year, a class, a number of children."""
    value = table.get(at)
    if value is None:
        raise lacking("on", "lacks_for", table, row=at)
    return value


@operation("value_on", "=parameter", "arithmetic", {"parameter": DATED, "on": DATE})
def value_on(parameter: Any, on: date) -> Number:
    """A parameter as it stood on another day than the one the benefit is asked from."""
    value: Number | None = parameter.at(on)
    if value is None:
        raise lacking("on", "lacks_on", parameter, day=on)
    return value


@operation("sum_by_rank", "=table", "arithmetic", {"table": TABLE, "count": COUNT})
def sum_by_rank(table: Table, count: int) -> Number:
    """For each person in turn the amount of their rank: first child, second child, and so on."""
    return sum((lookup(table, rank) for rank in range(1, count + 1)), ZERO)


@operation("revalue", "=amount", "arithmetic", {"amount": NUMBER, "table": TABLE, "from": COUNT, "to": COUNT})
def revalue(amount: Number, table: Table, base: int, to: int) -> Decimal:
    """An amount of one year's level brought to another's by a series."""
    return Decimal(amount) * lookup(table, to) / lookup(table, base)


@operation("mean_of_table", "=table", "arithmetic", {"table": TABLE, "last": COUNT, "up_to": COUNT})
def mean_of_table(table: Table, last: int, up_to: int) -> Decimal:
    """The mean of a series over its last years up to one."""
    rows = [lookup(table, year) for year in range(up_to - last + 1, up_to + 1)]
    return Decimal(sum(rows)) / last if last else ZERO
