"""Figures of the law that change by date: single values, and tables by year or by class."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from .refusals import lacking
from .values import Number, decimal_text, month_start

FIRST_MONTH = 1850 * 12
LAST_MONTH = 2200 * 12


@dataclass(frozen=True, slots=True)
class Period:
    """One value, from a day on, until a last day or until the next value."""

    since: date
    until: date | None
    value: Any


class Parameter:
    """A named figure with its source, its unit and its values by date."""

    __slots__ = (
        "_gaps",
        "_months",
        "_whole_months",
        "counts",
        "dates",
        "extends_back",
        "key",
        "label",
        "name",
        "periods",
        "source",
        "unit",
    )

    def __init__(self, name: str, written: dict[str, Any], periods: list[Period], extends_back: bool) -> None:
        self.name = name
        self.label: dict[str, str] = written["label"]
        self.source: str = written["source"]
        self.unit: str = written["unit"]
        self.counts: str | None = written.get("counts")
        self.key: str | None = written.get("key")
        self.periods = periods
        self.dates = [period.since for period in periods]
        self.extends_back = extends_back
        self._months: list[Any] | None = None
        self._whole_months: list[Any] = []
        self._gaps = False

    def period_at(self, day: date) -> Period | None:
        """The period in force on a day, or None where the law has no value."""
        index = bisect_right(self.dates, day) - 1
        if index < 0:
            return self.periods[0] if self.extends_back else None
        period = self.periods[index]
        return None if period.until is not None and day > period.until else period

    def at(self, day: date) -> Any:
        """The value in force on a day, or None."""
        period = self.period_at(day)
        return period.value if period else None

    def months(self, first: int, count: int, whole: bool = False) -> list[Any]:
        """The values in force on the first day of `count` months running from `first`.

        `whole` gives those that are whole as `int`: they compare faster with whole wages.
        """
        if self._months is None:
            months = [self.at(month_start(month)) for month in range(FIRST_MONTH, LAST_MONTH)]
            self._whole_months = [_whole(value) for value in months]
            self._gaps = None in months
            self._months = months
        start = first - FIRST_MONTH
        values = (self._whole_months if whole else self._months)[start : start + count]
        if self._gaps and None in values:
            month = month_start(first + values.index(None))
            raise lacking("earnings", "lacks_on", self, day=month)
        return values

    def changes(self) -> Iterator[date]:
        """The days on which the value may change."""
        for period in self.periods:
            yield period.since
            if period.until is not None:
                yield period.until + timedelta(days=1)


def _whole(value: Any) -> Any:
    """The same number, as `int` where it is whole."""
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value


class Table:
    """Values by key: by year (`holds` when a year without a row takes the one before), or by class."""

    __slots__ = ("by_year", "holds", "label", "name", "rows", "years")

    def __init__(
        self, name: str, label: Mapping[str, str], rows: dict[Any, Number], by_year: bool, holds: bool
    ) -> None:
        self.name = name
        self.label = label
        self.rows = rows
        self.by_year = by_year
        self.holds = holds
        self.years: list[Any] = sorted(rows) if by_year else []

    def get(self, key: Any) -> Number | None:
        """The value of a row, or None when the table has none for that key."""
        value = self.rows.get(key)
        if value is not None or not self.holds:
            return value
        index = bisect_right(self.years, key) - 1
        return self.rows[self.years[index]] if index >= 0 else None

    def as_dict(self) -> dict[str, str]:
        """The rows as text, for explanations and comparisons."""
        return {str(key): decimal_text(value) for key, value in self.rows.items()}


def shown_value(value: Any) -> Any:
    """A parameter's value as it stands in results."""
    if isinstance(value, Table):
        return value.as_dict()
    return None if value is None else decimal_text(value)
