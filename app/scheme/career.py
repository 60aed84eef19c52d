"""A person's working life by month or by year, and which of its months the law counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import and_, ge
from typing import Any

from .parameters import Parameter
from .values import ZERO, Number, month_start

Spell = tuple[int, int]
Mean = tuple[int, int, Decimal]
"""A window of months, how many wages it holds, and their mean."""


@dataclass(slots=True)
class Career:
    """Earnings and credited periods as stated: monthly wages over all employers, or sums by year.

    Wages may be whole numbers (a batch's rows of a currency without decimals): the same result, sooner.
    """

    first: int = 0
    wages: Sequence[Number] = field(default_factory=list)
    days: list[int] | None = None
    credits: dict[str, list[Spell]] = field(default_factory=dict)
    years: dict[int, Decimal] = field(default_factory=dict)

    def earnings_by_year(self) -> dict[int, Decimal]:
        """Earnings of each calendar year, whether they were stated by month or by year."""
        result = dict(self.years)
        for index, wage in enumerate(self.wages):
            if wage:
                year = (self.first + index) // 12
                result[year] = result.get(year, ZERO) + wage
        return dict(sorted(result.items()))


@dataclass(frozen=True, slots=True)
class Insurance:
    """What makes a month of insurance: a wage, days worked, or a credited period with its limit."""

    wage_floor: Parameter | None = None
    days_floor: Parameter | None = None
    credited: Mapping[str, Parameter | None] = field(default_factory=dict)

    def of(self, career: Career) -> Insured:
        """The career as this law sees it."""
        first, size, wages = career.first, len(career.wages), career.wages
        whole = size > 0 and type(wages[0]) is int
        if self.wage_floor is None:
            by_wage = bytes(map(bool, wages))
        else:
            by_wage = bytes(map(ge, wages, self.wage_floor.months(first, size, whole)))
        if career.days is None and not career.credits:
            return Insured(first, wages, by_wage, by_wage, {})
        flags = bytearray(by_wage)
        if career.days is not None and self.days_floor is not None:
            for index, enough in enumerate(map(ge, career.days, self.days_floor.months(first, size))):
                flags[index] |= enough
        spells = self._counted_spells(career)
        for counted in spells.values():
            for start, end in counted:
                flags[start - first : end - first] = b"\x01" * (end - start)
        paid = bytes(map(and_, flags, map(bool, wages)))
        insured = Insured(first, wages, bytes(flags), paid, spells)
        insured.days = career.days
        return insured

    def figures(self) -> tuple[Parameter, ...]:
        """The figures of the law that say which months count."""
        found = (self.wage_floor, self.days_floor, *self.credited.values())
        return tuple(figure for figure in found if figure is not None)

    def _counted_spells(self, career: Career) -> dict[str, list[Spell]]:
        """Spells that touch or overlap are one; of each, the first months the law allows."""
        result = {}
        for kind, stated in career.credits.items():
            limit = self.credited[kind]
            counted = []
            for start, end in merged(stated):
                months = end - start if limit is None else min(end - start, limit.at(month_start(start)))
                counted.append((start, start + months))
            result[kind] = counted
        return result


def merged(spells: Sequence[Spell]) -> list[Spell]:
    """Spells in order, those that touch or overlap joined; each is (first month, month after the last)."""
    result: list[Spell] = []
    for start, end in sorted(spells):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def means(wages: Sequence[Number], windows: tuple[int, ...]) -> list[Mean]:
    """For each window, from the shortest: how many of the last wages it holds, and their mean (0 of none)."""
    found, total, used = [], ZERO, 0
    for window in sorted(windows):
        part = wages[-window : len(wages) - used] if used < min(window, len(wages)) else []
        total += sum(part)
        used += len(part)
        found.append((window, used, total / (used or 1)))
    return found


class Insured:
    """A career with each month marked as insured or not."""

    __slots__ = ("days", "first", "flags", "last", "means", "paid", "spells", "wages")

    def __init__(
        self, first: int, wages: Sequence[Number], flags: bytes, paid: bytes, spells: dict[str, list[Spell]]
    ) -> None:
        self.first = first
        self.wages = wages
        self.flags = flags
        self.paid = paid
        self.spells = spells
        self.days: list[int] | None = None
        self.last: tuple[Any, tuple[Sequence[int], Sequence[Number]]] | None = None
        self.means: tuple[Any, list[Mean]] | None = None

    def days_between(self, start: int, end: int) -> int:
        """Days worked from one month up to, not including, another."""
        low = max(0, start - self.first)
        return sum(self.days[low : max(low, end - self.first)]) if self.days else 0

    def count(self, start: int, end: int, with_wages: bool) -> int:
        """Months of insurance from one month up to, not including, another."""
        low, high = max(0, start - self.first), max(0, end - self.first)
        return (self.paid if with_wages else self.flags).count(1, low, high)

    def credited(self, kind: str, end: int) -> int:
        """Months credited on one ground before a month."""
        return sum(max(0, min(stop, end) - start) for start, stop in self.spells.get(kind, ()))

    def last_paid(
        self, end: int, count: int, ceiling: Parameter | None
    ) -> tuple[Sequence[int], Sequence[Number]]:
        """The last insured months with wages before a month, and those wages up to the ceiling.

        The last answer is kept: an explanation asks again what the computation asked.
        """
        asked = (end, count, ceiling)
        if self.last is None or self.last[0] != asked:
            self.last = (asked, self._last_paid(end, count, ceiling))
        return self.last[1]

    def _last_paid(
        self, end: int, count: int, ceiling: Parameter | None
    ) -> tuple[Sequence[int], Sequence[Number]]:
        high = max(0, min(end - self.first, len(self.wages)))
        low = high - count
        if low >= 0 and self.paid.count(1, low, high) == count:
            months: Sequence[int] = range(self.first + low, self.first + high)
            return months, self._capped(low, high, ceiling)
        places = [index for index in range(high) if self.paid[index]][-count:] if count else []
        wages = [self._capped(place, place + 1, ceiling)[0] for place in places]
        return [self.first + place for place in places], wages

    def means_of_last_paid(self, end: int, windows: tuple[int, ...], ceiling: Parameter | None) -> list[Mean]:
        """The mean of the wages of `last_paid` over each window; the last answer is kept too."""
        asked = (end, windows, ceiling)
        if self.means is None or self.means[0] != asked:
            wages = self.last_paid(end, max(windows), ceiling)[1]
            self.means = (asked, means(wages, windows))
        return self.means[1]

    def wages_between(self, start: int, end: int, ceiling: Parameter | None) -> Sequence[Number]:
        """All wages from one month up to another, insured or not, up to the ceiling."""
        low = max(0, start - self.first)
        high = max(low, min(end - self.first, len(self.wages)))
        return self._capped(low, high, ceiling)

    def _capped(self, low: int, high: int, ceiling: Parameter | None) -> Sequence[Number]:
        wages = self.wages[low:high]
        if ceiling is None:
            return wages
        whole = high > low and type(wages[0]) is int
        ceilings = ceiling.months(self.first + low, high - low, whole)
        return [wage if wage < most else most for wage, most in zip(wages, ceilings, strict=True)]
