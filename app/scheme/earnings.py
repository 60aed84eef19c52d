"""From stated earnings and credited periods to a career; overlaps of one employer are refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .career import Career, Spell
from .currency import Currency
from .inputs import MOST_ENTRIES, as_amount, as_count, as_month, as_text, known_keys, need
from .refusals import BadInput
from .values import ZERO, last_day

FIELDS = ("from", "to", "month", "monthly", "employer", "days", "year", "annual")


@dataclass(frozen=True, slots=True)
class Wage:
    """One entry of earnings over a span of months: [start, end)."""

    start: int
    end: int
    monthly: Decimal
    days: int | None
    employer: str
    place: int


@dataclass(frozen=True, slots=True)
class Terms:
    """How a career is stated: in which currency, on which grounds, by year or month, from which month on."""

    currency: Currency
    kinds: tuple[str, ...]
    by_year: bool
    born: int | None


def parse_career(stated: Mapping[str, Any], terms: Terms, prefix: str = "") -> Career:
    """The career stated in `earnings` and `credited`; nothing in it may begin before the month of birth."""
    career = Career()
    wages = _read_earnings(career, _entries(stated.get("earnings"), f"{prefix}earnings"), terms, prefix)
    for index, item in enumerate(_entries(stated.get("credited"), f"{prefix}credited")):
        kind, spell = _credit(item, f"{prefix}credited[{index}]", terms)
        career.credits.setdefault(kind, []).append(spell)
    _lay_out(career, wages, whole=terms.currency.decimals == 0)
    return career


def _entries(data: Any, field: str) -> list[Any]:
    if data is None:
        return []
    if not isinstance(data, list):
        raise BadInput(field, "list")
    if len(data) > MOST_ENTRIES:
        raise BadInput(field, "too_many", most=MOST_ENTRIES)
    return data


def _read_earnings(career: Career, entries: list[Any], terms: Terms, prefix: str) -> list[Wage]:
    wages: list[Wage] = []
    seen_years: dict[tuple[str, int], int] = {}
    for index, item in enumerate(entries):
        field = f"{prefix}earnings[{index}]"
        stated = known_keys(item, FIELDS, field)
        named = stated.get("employer") is not None
        employer = as_text(stated["employer"], f"{field}.employer") if named else ""
        if "year" in stated or "annual" in stated:
            _add_year(career, stated, field, terms, employer, seen_years)
        else:
            wages.append(_wage(stated, field, terms, employer, index))
    _refuse_overlaps(wages, prefix)
    if terms.by_year and career.years and wages:
        _refuse_mixture(career, wages, prefix)
    return wages


def _add_year(
    career: Career,
    stated: Mapping[str, Any],
    field: str,
    terms: Terms,
    employer: str,
    seen: dict[tuple[str, int], int],
) -> None:
    for key in ("from", "to", "month", "monthly", "days"):
        if key in stated:
            raise BadInput(f"{field}.{key}", "not_with_year")
    year = as_count(need(stated, "year", field), f"{field}.year")
    as_month(f"{year:04d}-01", f"{field}.year")
    if terms.born is not None and year < terms.born // 12:
        raise BadInput(f"{field}.year", "before_birth")
    if not terms.by_year:
        raise BadInput(f"{field}.year", "by_month")
    if (employer, year) in seen:
        raise BadInput(f"{field}.year", "year_repeated")
    seen[employer, year] = 1
    amount = as_amount(need(stated, "annual", field), f"{field}.annual", terms.currency)
    career.years[year] = career.years.get(year, ZERO) + amount


def _wage(stated: Mapping[str, Any], field: str, terms: Terms, employer: str, index: int) -> Wage:
    start, end = _span(stated, field, terms.born)
    monthly = as_amount(need(stated, "monthly", field), f"{field}.monthly", terms.currency)
    days = None
    if stated.get("days") is not None:
        days = as_count(stated["days"], f"{field}.days")
        most = last_day(start) if end == start + 1 else 31
        if days > most:
            raise BadInput(f"{field}.days", "at_most", most=most)
    return Wage(start, end, monthly, days, employer, index)


def _span(stated: Mapping[str, Any], field: str, born: int | None) -> Spell:
    """The months an entry speaks of: [start, end)."""
    if stated.get("month") is not None:
        for key in ("from", "to"):
            if key in stated:
                raise BadInput(f"{field}.{key}", "not_with_month")
        start = _since_birth(as_month(stated["month"], f"{field}.month"), f"{field}.month", born)
        return start, start + 1
    start = _since_birth(as_month(need(stated, "from", field), f"{field}.from"), f"{field}.from", born)
    end = as_month(need(stated, "to", field), f"{field}.to")
    if end < start:
        raise BadInput(f"{field}.to", "ends_early")
    return start, end + 1


def _since_birth(month: int, field: str, born: int | None) -> int:
    if born is not None and month < born:
        raise BadInput(field, "before_birth")
    return month


def _refuse_overlaps(wages: list[Wage], prefix: str) -> None:
    """One employer pays one wage a month: two entries for the same month are a mistake."""
    latest: dict[str, Wage] = {}
    for wage in sorted(wages, key=_by_start):
        other = latest.get(wage.employer)
        if other is not None and wage.start < other.end:
            later, earlier = max(wage.place, other.place), min(wage.place, other.place)
            raise BadInput(f"{prefix}earnings[{later}]", "overlap", other=earlier + 1)
        latest[wage.employer] = wage


def _by_start(wage: Wage) -> tuple[int, int]:
    return wage.start, wage.place


def _refuse_mixture(career: Career, wages: list[Wage], prefix: str) -> None:
    for wage in wages:
        for year in range(wage.start // 12, (wage.end - 1) // 12 + 1):
            if year in career.years:
                raise BadInput(f"{prefix}earnings[{wage.place}]", "year_mixture", year=year)


def _credit(item: Any, field: str, terms: Terms) -> tuple[str, Spell]:
    stated = known_keys(item, ("from", "to", "month", "kind"), field)
    kind = as_text(need(stated, "kind", field), f"{field}.kind")
    if kind not in terms.kinds:
        known = "one_of" if terms.kinds else "credits_nothing"
        raise BadInput(f"{field}.kind", known, choices=terms.kinds)
    return kind, _span(stated, field, terms.born)


def _lay_out(career: Career, wages: list[Wage], whole: bool) -> None:
    """Put entries on one line of months, wages of several employers added; whole numbers where all are."""
    spans = [(wage.start, wage.end) for wage in wages]
    spans += [spell for spells in career.credits.values() for spell in spells]
    if not spans:
        return
    first = career.first = min(start for start, _ in spans)
    size = max(end for _, end in spans) - first
    line = [ZERO] * size
    days = [0] * size
    for wage in wages:
        low, high = wage.start - first, wage.end - first
        if high == low + 1:
            line[low] += wage.monthly
        else:
            line[low:high] = [paid + wage.monthly for paid in line[low:high]]
        if wage.days is not None:
            days[low:high] = [worked + wage.days for worked in days[low:high]]
    career.wages = [*map(int, line)] if whole else line
    career.days = days if any(days) else None
