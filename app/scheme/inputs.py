"""From the JSON of an evaluation to typed facts. Every fault names its field; nothing else is raised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from .currency import Currency
from .refusals import BadInput
from .values import MOST_COUNTED, ZERO, decimal_text, month_of, parse_date, parse_month, plain_decimal

OLDEST = date(1880, 1, 1)
LATEST = date(2150, 12, 31)
MOST_ENTRIES = 5000
Labels = Callable[[str], Mapping[str, str]]
SEXES = ("F", "M", "X")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact the law asks about: its type, its limits, what is assumed when it is not stated.

    A date's limits are days, or the names of other things stated (`on`, `person.birth_date`, `facts.from`).
    """

    name: str
    type: str
    default: Any = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    choices: tuple[str, ...] = ()
    counts: str | None = None
    not_before: date | str | None = None
    not_after: date | str | None = None


def known_keys(data: Any, allowed: tuple[str, ...], field: str) -> Mapping[str, Any]:
    """The mapping itself, once it is one and has no field we do not know."""
    if not isinstance(data, Mapping):
        raise BadInput(field or "(input)", "object")
    for key in data:
        if key not in allowed:
            raise BadInput(f"{field}.{key}" if field else str(key), "unknown_field")
    return data


def need(data: Mapping[str, Any], key: str, field: str) -> Any:
    """A field that must be there."""
    if data.get(key) is None:
        raise BadInput(f"{field}.{key}" if field else key, "required")
    return data[key]


def as_date(value: Any, field: str) -> date:
    """A day of the calendar, within living memory."""
    day = parse_date(value) if isinstance(value, str) else None
    if day is None:
        raise BadInput(field, "day")
    if not OLDEST <= day <= LATEST:
        raise BadInput(field, "between_days", first=OLDEST, last=LATEST)
    return day


def as_month(value: Any, field: str) -> int:
    """A calendar month as an integer."""
    month = parse_month(value) if isinstance(value, str) else None
    if month is None:
        raise BadInput(field, "month")
    if not OLDEST.year <= month // 12 <= LATEST.year:
        raise BadInput(field, "between_years", first=OLDEST.year, last=LATEST.year)
    return month


def as_number(value: Any, field: str) -> Decimal:
    """A decimal given as text, or a whole JSON number; never a float."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise BadInput(field, "quoted_number")
    number = plain_decimal(value if isinstance(value, str) else format(value, "f"))
    if number is None:
        raise BadInput(field, "digits")
    return number


def as_amount(value: Any, field: str, currency: Currency) -> Decimal:
    """An amount of money: not negative, with no more decimals than the currency has."""
    number = as_number(value, field)
    if number.is_signed():
        raise BadInput(field, "negative")
    if number.as_tuple().exponent:
        decimals = len(decimal_text(number).partition(".")[2])
        if decimals > currency.decimals:
            kind = "decimals" if currency.decimals else "no_decimals"
            raise BadInput(field, kind, currency=currency.code, most=currency.decimals)
    return number


def as_count(value: Any, field: str) -> int:
    """A whole number that is not negative."""
    number = as_number(value, field)
    if number.is_signed() or number != number.to_integral_value():
        raise BadInput(field, "whole")
    if number > MOST_COUNTED:
        raise BadInput(field, "at_most", most=MOST_COUNTED)
    return int(number)


def as_flag(value: Any, field: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise BadInput(field, "flag")
    return value


def as_text(value: Any, field: str) -> str:
    """A short text."""
    if not isinstance(value, str) or not 0 < len(value) <= 100:
        raise BadInput(field, "text")
    return value


def parse_fact(fact: Fact, value: Any, field: str, currency: Currency) -> Any:
    """A fact as its declared type, within its declared limits."""
    if fact.type == "date":
        return as_date(value, field)
    if fact.type == "month":
        month = as_month(value, field)
        return date(month // 12, month % 12 + 1, 1)
    if fact.type == "flag":
        return as_flag(value, field)
    if fact.type == "text":
        return _one_of(as_text(value, field), fact.choices, field)
    return _number_fact(fact, value, field, currency)


def _one_of(text: str, choices: tuple[str, ...], field: str) -> str:
    if choices and text not in choices:
        raise BadInput(field, "one_of", choices=choices)
    return text


def _number_fact(fact: Fact, value: Any, field: str, currency: Currency) -> Any:
    if fact.type == "amount":
        number: Decimal | int = as_amount(value, field, currency)
    else:
        number = as_count(value, field) if fact.type == "count" else as_number(value, field) + ZERO
    if fact.minimum is not None and number < fact.minimum:
        raise BadInput(field, "at_least", least=decimal_text(fact.minimum))
    if fact.maximum is not None and number > fact.maximum:
        raise BadInput(field, "at_most", most=decimal_text(fact.maximum))
    return number


def parse_facts(declared: Mapping[str, Fact], data: Any, field: str, currency: Currency) -> dict[str, Any]:
    """All facts stated, checked; facts left out (or null) are absent."""
    stated = known_keys(data, tuple(declared), field)
    return {
        name: parse_fact(declared[name], value, f"{field}.{name}" if field else name, currency)
        for name, value in stated.items()
        if value is not None
    }


def check_order(declared: Mapping[str, Fact], prefix: str, values: Mapping[str, Any], label: Labels) -> None:
    """Each date stated lies within the days its law sets; where a bound was not stated, it sets none."""
    for name, fact in declared.items():
        day = values.get(f"{prefix}{name}")
        if day is None:
            continue
        for key, bound in (("not_before", fact.not_before), ("not_after", fact.not_after)):
            limit = values.get(bound) if isinstance(bound, str) else bound
            if limit is not None and _outside(key, day, limit, fact.type == "month"):
                field = name if prefix == "input." else f"{prefix}{name}"
                what = label(bound) if isinstance(bound, str) else None
                raise BadInput(field, key, what=what, day=limit)


def _outside(key: str, day: date, limit: date, by_month: bool) -> bool:
    """Whether a day breaks a limit; a month is compared by its month."""
    one, other = (month_of(day), month_of(limit)) if by_month else (day.toordinal(), limit.toordinal())
    return one < other if key == "not_before" else one > other


def parse_person(data: Any, field: str, child_flags: tuple[str, ...], on: date) -> dict[str, Any]:
    """A person's own facts and children."""
    allowed = ("birth_date", "sex", "registered_on", "married", "married_on", "divorced_on", "children")
    stated = known_keys(data, allowed, field)
    result: dict[str, Any] = {"married": False, "children": []}
    for key in ("birth_date", "registered_on", "married_on", "divorced_on"):
        if stated.get(key) is not None:
            result[key] = as_date(stated[key], f"{field}.{key}")
    if stated.get("sex") is not None:
        result["sex"] = _one_of(as_text(stated["sex"], f"{field}.sex"), SEXES, f"{field}.sex")
    if stated.get("married") is not None:
        result["married"] = as_flag(stated["married"], f"{field}.married")
    if stated.get("children") is not None:
        result["children"] = _children(stated["children"], f"{field}.children", child_flags)
    _check_dates(result, field, on)
    return result


def _children(data: Any, field: str, flags: tuple[str, ...]) -> list[dict[str, Any]]:
    if not isinstance(data, list) or len(data) > 50:
        raise BadInput(field, "children")
    children = []
    for index, item in enumerate(data):
        place = f"{field}[{index}]"
        stated = known_keys(item, ("birth_date", *flags), place)
        child: dict[str, Any] = {
            "birth_date": as_date(need(stated, "birth_date", place), f"{place}.birth_date")
        }
        for flag in flags:
            if stated.get(flag) is not None:
                child[flag] = as_flag(stated[flag], f"{place}.{flag}")
        children.append(child)
    return children


def _check_dates(person: Mapping[str, Any], field: str, on: date) -> None:
    born = person.get("birth_date")
    if born is None:
        return
    if born > on:
        raise BadInput(f"{field}.birth_date", "after_day", day=on)
    if on.year - born.year > 130:
        raise BadInput(f"{field}.birth_date", "too_old", day=on)
    for key in ("registered_on", "married_on", "divorced_on"):
        if person.get(key) is not None and person[key] < born:
            raise BadInput(f"{field}.{key}", "before_birth")
    for index, child in enumerate(person["children"]):
        if child["birth_date"] <= born:
            raise BadInput(f"{field}.children[{index}].birth_date", "before_parent")
