"""Amounts brought to the level of another year by a series: what rules by year and rules by month share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from ..parameters import Table
from ..values import Number, round_to
from .arithmetic import lookup

Years = dict[int, Decimal]
Rounding = tuple[Decimal, str]


def brought_to(
    amounts: Mapping[int, Number],
    table: Table,
    to: int,
    rounding: Rounding | None,
    year_of: Callable[[int], int],
) -> Years:
    """Amounts by year or month, those of a year before `to` brought to its level."""
    level = lookup(table, to)
    result = {}
    for key, amount in amounts.items():
        year, value = year_of(key), Decimal(amount)
        if year < to:
            value = value * level / lookup(table, year)
        result[key] = round_to(value, *rounding) if rounding else value
    return result
