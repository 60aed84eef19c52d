"""From the written figures of a law (parameters, tables, facts, roundings) to typed ones."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from .inputs import Fact
from .parameters import Parameter, Period, Table
from .reading import Source
from .values import MOST_COUNTED, Number, law_number, parse_date

Path = tuple[str, ...]
EARLIEST = date(1800, 1, 1)
LAST = date(2199, 12, 31)
STATED_DAYS = {"on", "person.birth_date", "person.registered_on"}
_RANK = re.compile(r"\d{1,6}", re.ASCII)


class Figures:
    """Reads the figures of one law; faults go to the source's list of problems."""

    def __init__(self, source: Source) -> None:
        self.source = source
        head = source.data["scheme"]
        self.extends_back = head.get("before_first", "refuse") == "hold"

    def parameters(self) -> dict[str, Parameter]:
        """All single figures."""
        result = {}
        for name, written in self.source.data.get("parameters", {}).items():
            path = ("parameters", name, "values")
            unit = written["unit"]
            values = {key: self.number(value, unit, (*path, key)) for key, value in written["values"].items()}
            result[name] = Parameter(name, written, self.periods(values, path), self.extends_back)
        return result

    def tables(self) -> dict[str, Parameter]:
        """All tables; a table whose keys are dates holds one table for each date."""
        result = {}
        for name, written in self.source.data.get("tables", {}).items():
            path = ("tables", name, "values")
            rows = written["values"]
            if any(isinstance(value, dict) for value in rows.values()):
                values = {key: self.table(name, written, value, (*path, key)) for key, value in rows.items()}
                periods = self.periods(values, path)
            else:
                periods = [Period(date.min, None, self.table(name, written, rows, path))]
            result[name] = Parameter(name, written, periods, self.extends_back)
        return result

    def table(self, name: str, written: dict[str, Any], rows: Any, path: Path) -> Table | None:
        """One table, keyed by year, by rank or by class."""
        if not isinstance(rows, dict):
            self.source.problem(path, "must be a mapping of rows, since the table's keys are dates")
            return None
        values: dict[Any, Number] = {}
        for key, value in rows.items():
            number = self.number(value, written["unit"], (*path, str(key)))
            row: Any = key
            if written["key"] != "class":
                if not _RANK.fullmatch(str(key)):
                    self.source.problem((*path, str(key)), f"must be a {written['key']}, a whole number")
                    continue
                row = int(key)
            values[row] = number
        return Table(name, written["label"], values, written["key"] != "class", bool(written.get("holds")))

    def number(self, written: Any, unit: str, path: Path) -> Number:
        """One figure of the law; a count must be whole."""
        number = law_number(written)
        if number is None:
            self.source.problem(
                path, f"`{str(written)[:60]}` is not a number, a percentage (4.2 %) or a fraction (2/3)"
            )
            return Decimal(0)
        if unit in ("amount", "count") and Decimal(number).is_signed():
            self.source.problem(path, f"`{written}` must not be negative")
        if unit == "count":
            return self.count(number, path)
        return Decimal(number)

    def count(self, number: Number, path: Path) -> int:
        """A whole number of years, months, days or people."""
        if number != int(number):
            self.source.problem(path, f"`{number}` is not a whole number")
        elif number > MOST_COUNTED:
            self.source.problem(path, f"must be at most {MOST_COUNTED}")
        return int(number)

    def periods(self, values: dict[str, Any], path: Path) -> list[Period]:
        """Values by date, in order, none overlapping another."""
        result: list[Period] = []
        for key, value in values.items():
            since, until = _bounds(key)
            if since is None or (until is not None and until < since):
                self.source.problem(
                    (*path, key), "is not a date (2026-01-01) or a period (2026-01-01/2026-12-31)"
                )
                continue
            if not EARLIEST <= since <= (until or since) <= LAST:
                reason = f"is not between {EARLIEST} and {LAST}; a value that still holds has no last day"
                self.source.problem((*path, key), reason)
                continue
            if result:
                self.check_order(result[-1], since, (*path, key))
            result.append(Period(since, until, value))
        return result or [Period(date.min, None, None)]

    def check_order(self, before: Period, since: date, path: Path) -> None:
        """A value begins after the one before it began, and after that one's last day if it has one."""
        if since <= before.since:
            self.source.problem(path, f"overlaps: it does not begin after {before.since.isoformat()}")
        elif before.until is not None and since <= before.until:
            self.source.problem(path, f"overlaps the value that holds until {before.until.isoformat()}")

    def facts(self, written: dict[str, Any], path: Path) -> dict[str, Fact]:
        """The facts a person may be asked."""
        result = {}
        for name, fact in written.items():
            place = (*path, name)
            result[name] = Fact(
                name,
                fact["type"],
                self.default(fact, (*place, "default")),
                minimum=self.limit(fact, "minimum", place),
                maximum=self.limit(fact, "maximum", place),
                choices=tuple(fact.get("choices", ())),
                counts=fact.get("counts"),
                not_before=self.bound(written, name, "not_before", path),
                not_after=self.bound(written, name, "not_after", path),
            )
        return result

    def limit(self, fact: dict[str, Any], key: str, path: Path) -> Decimal | None:
        """A limit of a figure."""
        return Decimal(self.number(fact[key], "number", (*path, key))) if key in fact else None

    def bound(self, written: dict[str, Any], name: str, key: str, path: Path) -> date | str | None:
        """A limit of a date: a day, or something else that is stated as a day."""
        bound = written[name].get(key)
        if bound is None:
            return None
        days = {f"{'facts' if path == ('facts',) else 'input'}.{each}" for each in written if each != name}
        days = {each for each in days if written[each.partition(".")[2]]["type"] in ("date", "month")}
        known = sorted(days | (STATED_DAYS if path == ("facts",) else set()))
        if written[name]["type"] not in ("date", "month"):
            self.source.problem((*path, name, key), f"does not suit a fact of type {written[name]['type']}")
        elif parse_date(bound) is None and bound not in known:
            reason = f"must be a day (2026-01-01) or one of {', '.join(known)}"
            self.source.problem((*path, name, key), reason)
        return parse_date(bound) or str(bound)

    def default(self, fact: dict[str, Any], path: Path) -> Any:
        """What is assumed of a fact nobody stated."""
        default = fact.get("default")
        if default is None:
            return None
        if fact["type"] == "flag" or fact["type"] == "text":
            wanted = bool if fact["type"] == "flag" else str
            if not isinstance(default, wanted):
                self.source.problem(path, f"does not suit a fact of type {fact['type']}")
            return default
        return self.number(default, fact["type"], path)

    def roundings(self) -> dict[str, tuple[Decimal, str]]:
        """The named roundings."""
        result = {}
        for name, written in self.source.data.get("roundings", {}).items():
            unit = Decimal(self.number(written["to"], "number", ("roundings", name, "to")))
            if unit <= 0:
                self.source.problem(("roundings", name, "to"), "must be above 0")
                unit = Decimal(1)
            result[name] = (unit, written["direction"])
        return result


def _bounds(key: str) -> tuple[date | None, date | None]:
    start, slash, end = key.partition("/")
    since = parse_date(start.strip())
    until = parse_date(end.strip()) if slash else None
    return (None, None) if slash and until is None else (since, until)


def cuts(parameters: list[Parameter]) -> list[date]:
    """The days on which the law of these parameters changes."""
    days = {day for parameter in parameters for day in parameter.changes()}
    days |= {parameter.periods[0].since for parameter in parameters}
    return sorted(day for day in days if day > date.min + timedelta(days=1))
