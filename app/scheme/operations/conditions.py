"""Conditions: each is met or not, and says what was required and what was found."""

from __future__ import annotations

from datetime import date
from typing import Any

from ..values import Number, add_months, months_elapsed, span_text
from .operation import ANY, DATE, FLAG, MONTH_COUNT, NUMBER, YEAR_COUNT, condition

Shown = tuple[str, str | None]


def _age_shown(birth: date | None, at: date | None, years: int, months: int | None) -> Shown:
    actual = None if birth is None or at is None else span_text(months_elapsed(birth, at))
    return span_text(years * 12 + (months or 0)), actual


@condition(
    "age_reached",
    _age_shown,
    {"birth": DATE, "at": DATE, "years": YEAR_COUNT, "months": MONTH_COUNT.or_none()},
)
def age_reached(birth: date, at: date, years: int, months: int | None) -> bool:
    """An age in years (and months) is reached on a day, or was before."""
    return add_months(birth, years * 12 + (months or 0)) <= at


def _below_shown(birth: date | None, at: date | None, years: int, months: int | None) -> Shown:
    required, actual = _age_shown(birth, at, years, months)
    return f"< {required}", actual


@condition(
    "age_not_reached",
    _below_shown,
    {"birth": DATE, "at": DATE, "years": YEAR_COUNT, "months": MONTH_COUNT.or_none()},
)
def age_not_reached(birth: date, at: date, years: int, months: int | None) -> bool:
    """An age in years (and months) is not yet reached on a day."""
    return not age_reached(birth, at, years, months)


@condition(
    "elapsed_at_least",
    _age_shown,
    {"from": DATE, "to": DATE, "years": YEAR_COUNT, "months": MONTH_COUNT.or_none()},
)
def elapsed_at_least(start: date, to: date, years: int, months: int | None) -> bool:
    """So many years (and months) have passed since a date; not met when the date is unknown."""
    return add_months(start, years * 12 + (months or 0)) <= to


def _required_actual(actual: Any, required: Any) -> tuple[Any, Any]:
    return required, actual


@condition("at_least", _required_actual, {"actual": NUMBER, "required": NUMBER})
def at_least(actual: Number, required: Number) -> bool:
    """A figure reaches a threshold."""
    return actual >= required


@condition("at_most", _required_actual, {"actual": NUMBER, "required": NUMBER})
def at_most(actual: Number, required: Number) -> bool:
    """A figure does not exceed a limit."""
    return actual <= required


@condition("more_than", _required_actual, {"actual": NUMBER, "required": NUMBER})
def more_than(actual: Number, required: Number) -> bool:
    """A figure is above a limit."""
    return actual > required


@condition("not_after", _required_actual, {"actual": DATE, "required": DATE})
def not_after(actual: date, required: date) -> bool:
    """A date is known and not after another."""
    return actual <= required


@condition("before", _required_actual, {"actual": DATE, "required": DATE})
def before(actual: date, required: date) -> bool:
    """A date is known and before another."""
    return actual < required


@condition("not_before", _required_actual, {"actual": DATE, "required": DATE})
def not_before(actual: date, required: date) -> bool:
    """A date is known and not before another."""
    return actual >= required


def _given_shown(actual: Any) -> tuple[bool, Any]:
    return True, actual


@condition("holds", lambda actual: (True, bool(actual)), {"actual": FLAG}, skips_nulls=True)
def holds(actual: bool | None) -> bool:
    """A fact holds."""
    return bool(actual)


@condition("known", _given_shown, {"actual": ANY}, skips_nulls=True)
def known(actual: Any) -> bool:
    """A fact was stated."""
    return actual is not None


@condition("any_of", lambda *of: (True, any(of)), {"of": FLAG.several()}, skips_nulls=True)
def any_of(*of: bool | None) -> bool:
    """At least one of several conditions or facts holds."""
    return any(of)
