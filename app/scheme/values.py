"""Exact numbers, months as integers and civil dates: the arithmetic that all rules share.

Numbers are decimals carried to 60 digits. A quotient that does not end is therefore held with an error
below 1e-50, and `round_to` first brings a value to 30 places: a sum that is exactly a half in the law is
a half here too, whatever was divided on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import MAXYEAR, date, timedelta
from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    InvalidOperation,
    Overflow,
    getcontext,
    setcontext,
)
from functools import lru_cache

Number = Decimal | int

EXACT = Context(
    prec=60, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow, FloatOperation]
)
ZERO = Decimal(0)
ONE = Decimal(1)
GRAIN = Decimal("1e-30")
SHOWN = Decimal("1e-10")
DIRECTIONS = {
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "up": ROUND_CEILING,
    "down": ROUND_FLOOR,
}

MOST_COUNTED = 1_000_000
MOST_DIGITS = 30
_PERCENT = re.compile(r"(-?\d{1,15}(?:\.\d{1,15})?)\s*%", re.ASCII)
_FRACTION = re.compile(r"(-?\d{1,15})\s*/\s*([1-9]\d{0,14})", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,15}(?:\.\d{1,10})?", re.ASCII)
_LAW_DECIMAL = re.compile(rf"-?\d{{1,{MOST_DIGITS + 1}}}(?:\.\d{{1,{2 * MOST_DIGITS}}})?", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@contextmanager
def exactly() -> Iterator[None]:
    """Compute in the exact context, and leave the caller's decimal context as it was."""
    before = getcontext()
    setcontext(EXACT)
    try:
        yield
    finally:
        setcontext(before)


def law_number(written: object) -> Number | None:
    """A number as law is written (`750000`, `0.042`, `4.2 %`, `2/3`), or None when it is not one."""
    if isinstance(written, bool):
        return None
    if isinstance(written, int | Decimal):
        return written
    if not isinstance(written, str):
        return None
    if match := _PERCENT.fullmatch(written.strip()):
        return EXACT.divide(Decimal(match[1]), Decimal(100))
    if match := _FRACTION.fullmatch(written.strip()):
        return EXACT.divide(Decimal(match[1]), Decimal(match[2]))
    return Decimal(written) if _LAW_DECIMAL.fullmatch(written.strip()) else None


def plain_decimal(written: str) -> Decimal | None:
    """A decimal written in plain digits (no exponent, no NaN, bounded size), or None."""
    return Decimal(written) if _DECIMAL.fullmatch(written) else None


def round_to(value: Number, unit: Decimal, direction: str) -> Decimal:
    """The multiple of `unit` that the named direction chooses."""
    exact = (Decimal(value) / unit).quantize(GRAIN)
    return exact.quantize(ONE, DIRECTIONS[direction]) * unit


def decimal_text(value: Number) -> str:
    """Plain digits without exponent or trailing zeros; endless quotients are shown to ten places."""
    text = str(value)
    if "E" in text:
        return _long_text(value, text)
    if "." not in text:
        return text
    if len(text) > 29:
        return _long_text(value, text)
    text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _long_text(value: Number, text: str) -> str:
    if len(text) > 30:
        value = EXACT.quantize(Decimal(value), SHOWN)
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def month_of(day: date) -> int:
    """The calendar month of a day as one integer, so that months subtract."""
    return day.year * 12 + day.month - 1


def month_year(month: int) -> int:
    """The calendar year of a month given as an integer."""
    return month // 12


def month_start(month: int) -> date:
    """The first day of a month given as an integer."""
    return date(month // 12, month % 12 + 1, 1)


@lru_cache(maxsize=8192)
def month_text(month: int) -> str:
    """A month as people and JSON write it: 2026-07."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def parse_date(text: str) -> date | None:
    """The day written 2026-07-01, or None."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def parse_month(text: str) -> int | None:
    """The month written 2026-07, or None."""
    match = _MONTH.fullmatch(text)
    if not match or not 1 <= int(match[2]) <= 12:
        return None
    return int(match[1]) * 12 + int(match[2]) - 1


def last_day(month: int) -> int:
    """How many days a month has."""
    if month // 12 >= MAXYEAR:
        return 31
    return (month_start(month + 1) - timedelta(days=1)).day


def first_of_month_from(day: date) -> date:
    """The date itself when it is the first of a month, else the first of the next."""
    return day if day.day == 1 else month_start(month_of(day) + 1)


def add_months(day: date, months: int) -> date:
    """The same day of the target month, or its last day when it has none."""
    month = day.year * 12 + day.month - 1 + months
    if day.day <= 28:
        return date(month // 12, month % 12 + 1, day.day)
    return date(month // 12, month % 12 + 1, min(day.day, last_day(month)))


def months_to_reach(start: date, end: date) -> int:
    """The smallest number of months which, added to `start`, reaches `end`; never negative."""
    months = month_of(end) - month_of(start)
    if months < 0:
        return 0
    return months + (add_months(start, months) < end)


def months_elapsed(start: date, end: date) -> int:
    """The full months between two days; negative when `end` comes first."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if start.day <= end.day else months - (add_months(start, months) > end)


@lru_cache(maxsize=8192)
def span_text(months: int) -> str:
    """Months as an age or duration: 60y0m."""
    sign = "-" if months < 0 else ""
    return f"{sign}{abs(months) // 12}y{abs(months) % 12}m"
