"""Contributions of many persons and periods at once: an employer's monthly file, a career, a nation.

The same figures as `contributions.assess`, which explains one person's period; here nothing is put into
words. Amounts are `Decimal`s in the scheme's currency, rounded as its law rounds them. A line that cannot be
taken is refused by itself, with its field and reason, and the others are assessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from .contributions import (
    MOST_EMPLOYERS,
    Assessment,
    PeriodRules,
    assess_typed,
    checked_class,
    known_classes,
    period_of,
)
from .inputs import as_amount, as_text, known_keys, need
from .law import Contributions, Law
from .payers import PAYERS, amounts_as_text
from .refusals import BadInput
from .values import ZERO, decimal_text, exactly, round_to

Column = tuple[str, str]
"""A branch and who pays: `("pensions", "employee")`."""


@dataclass(frozen=True, slots=True)
class Due:
    """What is due for one line: the bases its wage gives, an amount for each branch and payer at a rate."""

    person: str
    period: str
    employer: str
    wages: Decimal
    bases: Mapping[str, Decimal]
    amounts: Mapping[Column, Decimal]


@dataclass(slots=True)
class Payroll:
    """What a file comes to.

    `due` and `refused` go by a line's place in the file, from 0; each line is in one of them. `refunds` has,
    by person and period, the assessment of those who paid above the ceiling over several employers.
    """

    law: Law
    due: dict[int, Due] = field(default_factory=dict)
    refused: dict[int, BadInput] = field(default_factory=dict)
    refunds: dict[tuple[str, str], Assessment] = field(default_factory=dict)

    def totals(self) -> dict[str, dict[Column, Decimal]]:
        """For each employer, the sum of each branch and payer over all its lines."""
        found: dict[str, dict[Column, Decimal]] = {}
        with exactly():
            for due in self.due.values():
                sums = found.setdefault(due.employer, {})
                for column, amount in due.amounts.items():
                    sums[column] = sums.get(column, ZERO) + amount
        return found

    def as_dict(self, lang: str = "en") -> dict[str, Any]:
        """The same as JSON: lines in their order, amounts as text, what is refused with its reason."""
        law = self.law
        return {
            "scheme": law.name,
            "version": law.version,
            "currency": law.currency.code,
            "lines": {str(place): self._line(due) for place, due in self.due.items()},
            "totals": {employer: amounts_as_text(sums) for employer, sums in self.totals().items()},
            "refundable": [
                {"person": person, "period": period, **(found.refundable() or {})}
                for (person, period), found in self.refunds.items()
            ],
            "refused": {str(place): error.as_dict(lang)["error"] for place, error in self.refused.items()},
        }

    @staticmethod
    def _line(due: Due) -> dict[str, Any]:
        bases = {name: decimal_text(value) for name, value in due.bases.items()}
        head = {"person": due.person, "period": due.period, "employer": due.employer}
        return {**head, **bases, "amounts": amounts_as_text(due.amounts)}


def assess_payroll(
    law: Law, lines: Iterable[Any], classes: Mapping[str, Mapping[str, str]] | None = None
) -> Payroll:
    """Contributions of each line: `{"person": …, "month": "2026-05", "employer": "E1", "wages": "400000"}`.

    A law that assesses by year asks for `year` in place of `month`. Wages are text, in the scheme's currency;
    0 is a wage from which nothing is due. `classes` gives, for each class the law asks of an employer, the
    employers' own: `{"risk_class": {"E1": "A"}}`. One person's lines of one period belong together, wherever
    they stand. `BadInput` is raised only when the law states no contributions or `classes` is not of that
    form; a line at fault is in `Payroll.refused`.
    """
    rules = law.contributions
    if rules is None:
        raise BadInput("benefit", "no_contributions")
    found, reader = Payroll(law), _Reader(law, rules, _stated_classes(rules, classes or {}))
    with exactly():
        for place, line in enumerate(lines):
            try:
                reader.take(place, line)
            except BadInput as error:
                found.refused[place] = error
        for together in reader.periods.values():
            _assess(found, reader, together)
    found.due = dict(sorted(found.due.items()))
    found.refused = dict(sorted(found.refused.items()))
    return found


@dataclass(frozen=True, slots=True)
class _Line:
    place: int
    person: str
    period: str
    day: date
    employer: str
    wages: Decimal


@dataclass(slots=True)
class _Reader:
    """Reads lines one by one, and keeps what the law says of an employer on a day."""

    law: Law
    rules: Contributions
    classes: Mapping[str, Mapping[str, str]]
    periods: dict[tuple[str, date], dict[str, _Line]] = field(default_factory=dict)
    scales: dict[tuple[date, str], _Scale] = field(default_factory=dict)

    def take(self, place: int, stated: Any) -> None:
        """Check a line and lay it beside the others of its person and period; raises `BadInput`."""
        head, rules = f"lines[{place}]", self.rules
        line = known_keys(stated, ("person", rules.period, "employer", "wages"), head)
        person = as_text(need(line, "person", head), f"{head}.person")
        employer = as_text(need(line, "employer", head), f"{head}.employer")
        day, period = period_of(rules, line, head)
        wages = as_amount(need(line, "wages", head), f"{head}.wages", self.law.currency)
        together = self.periods.setdefault((person, day), {})
        if employer in together:
            raise BadInput(f"{head}.employer", "twice")
        if len(together) == MOST_EMPLOYERS:
            raise BadInput(f"{head}.employer", "too_many", most=MOST_EMPLOYERS)
        try:
            self.scale(day, employer, required=wages > 0)
        except BadInput as error:
            at = f"{head}.{error.field}" if error.field == rules.period else error.field
            raise BadInput(at, error.kind, **error.values) from error
        together[employer] = _Line(place, person, period, day, employer, wages)

    def scale(self, day: date, employer: str, required: bool = True) -> _Scale | None:
        """What the law says of an employer's wages on a day; raises `BadInput` where it says nothing.

        Where it is not `required` (no wage), a class that is stated is checked, and no more.
        """
        found = self.scales.get((day, employer))
        if found is None:
            for by, tables in self.rules.classes().items():
                known = known_classes(tables, day, self.rules)
                checked_class(self.classes.get(by, {}), by, employer, known, required)
            if not required:
                return None
            found = self.scales[day, employer] = _Scale.of(
                PeriodRules(self.rules, day, self.classes), employer
            )
        return found


@dataclass(frozen=True, slots=True)
class _Scale:
    """The limits of each base and the rate of each branch and payer, for one employer on one day."""

    bases: tuple[tuple[str, Decimal | None, Decimal | None, Decimal | None], ...]
    columns: tuple[tuple[Column, str, Decimal], ...]
    most: tuple[str, Decimal] | None

    @classmethod
    def of(cls, asked: PeriodRules, employer: str) -> _Scale:
        """Look everything up once."""
        rules = asked.rules
        columns = []
        for branch in rules.branches.values():
            for payer in PAYERS:
                rate = asked.rate(branch, payer, employer)
                if rate is not None:
                    columns.append(((branch.name, payer), branch.base, rate[0]))
        bases = tuple((name, *asked.limits(base)) for name, base in rules.bases.items())
        most = next(
            ((name, ceiling) for name, ceiling, _, _ in bases if name == rules.refundable and ceiling), None
        )
        return cls(bases, tuple(columns), most)

    def due(self, line: _Line, rounding: tuple[Decimal, str]) -> Due | None:
        """What one wage gives; None where the law's own limits leave something above its ceiling."""
        wages = line.wages
        bases: dict[str, Decimal] = {}
        for name, ceiling, floor, exemption in self.bases:
            value = wages if ceiling is None or wages <= ceiling else ceiling
            value = value if floor is None or value >= floor else floor
            bases[name] = value if exemption is None else max(ZERO, value - exemption)
        if self.most is not None and bases[self.most[0]] > self.most[1]:
            return None
        amounts = {
            column: round_to(bases[base] * rate, *rounding) if rate else ZERO
            for column, base, rate in self.columns
        }
        return Due(line.person, line.period, line.employer, wages, bases, amounts)


def _stated_classes(rules: Contributions, classes: Any) -> dict[str, Mapping[str, str]]:
    stated = known_keys(classes, tuple(rules.classes()), "")
    for by, each in stated.items():
        if not isinstance(each, Mapping):
            raise BadInput(by, "classes")
    return dict(stated)


def _assess(found: Payroll, reader: _Reader, together: Mapping[str, _Line]) -> None:
    """One person's period: alone with one employer by its scale, else as `assess` does it."""
    lines = [line for line in together.values() if line.wages]
    for line in together.values():
        if not line.wages:
            found.due[line.place] = Due(line.person, line.period, line.employer, ZERO, {}, {})
    if len(lines) == 1:
        only = lines[0]
        scale = reader.scale(only.day, only.employer)
        due = scale.due(only, reader.rules.rounding) if scale else None
        if due is not None:
            found.due[only.place] = due
            return
    if lines:
        _assess_several(found, reader, lines)


def _assess_several(found: Payroll, reader: _Reader, lines: list[_Line]) -> None:
    wages = {line.employer: line.wages for line in lines}
    head = lines[0]
    assessed = assess_typed(found.law, reader.rules, head.day, head.period, wages, reader.classes)
    for line in lines:
        bases = {name: base.value for name, base in assessed.bases[line.employer].items()}
        amounts = {(each.branch.name, each.payer): each.value for each in assessed.amounts[line.employer]}
        found.due[line.place] = Due(line.person, line.period, line.employer, line.wages, bases, amounts)
    if assessed.excess:
        found.refunds[head.person, head.period] = assessed
