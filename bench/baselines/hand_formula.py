"""The old-age formula of the demonstration scheme, written by hand: what a competent program would do.

No conditions in words, no steps, no parameters by date, no checks: figures in, amount out.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
ONE = Decimal(1)
CEILING = Decimal(750000)
BASE_RATE = Decimal("0.30")
STEP = Decimal("0.01")
HIGHEST = Decimal("0.80")
EARLY = Decimal("0.004")
HALF_MINIMUM_WAGE = Decimal(41875) / 2


def pension(wages: list[Decimal], months: int, months_early: int) -> Decimal:
    """The monthly pension from the last 60 wages, the count of months and the months early."""
    capped = [wage if wage < CEILING else CEILING for wage in wages[-60:]]
    last = capped[-36:]
    average = max(sum(last, ZERO) / len(last), sum(capped, ZERO) / len(capped))
    average = average.quantize(ONE, ROUND_HALF_UP)
    rate = min(BASE_RATE + STEP * (max(0, months - 180) // 12), HIGHEST)
    amount = average * rate * (1 - EARLY * months_early)
    return max(amount, HALF_MINIMUM_WAGE).quantize(ONE, ROUND_HALF_UP)


def insured(wages: list[Decimal], floors: list[Decimal]) -> tuple[int, int]:
    """The months of insurance in all and in the last 120, from each month's wage and minimum wage."""
    flags = [wage >= floor for wage, floor in zip(wages, floors, strict=True)]
    return sum(flags), sum(flags[-120:])
