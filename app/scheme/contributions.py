"""Contributions of one person for one period: each employer's bases and amounts, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from .inputs import as_amount, as_count, as_month, as_text, known_keys, need
from .law import Base, Branch, Contributions, Law
from .parameters import Parameter
from .refusals import BadInput, lacking
from .results import parameter_row
from .values import ZERO, decimal_text, exactly, month_start, month_text, round_to
from .wording import typeset

PAYERS = ("employee", "employer")


@dataclass(frozen=True, slots=True)
class Line:
    """One figure found, with what it came from."""

    employer: str | None
    payer: str
    rule: str
    branch: Branch
    base: Decimal
    rate: Decimal
    value: Decimal
    sources: tuple[str, ...]

    @property
    def id(self) -> str:
        """The line's name in an explanation."""
        head = ("refund",) if self.rule == "refund" else ()
        return ".".join((*head, *([self.employer] if self.employer else []), self.branch.name, self.payer))


@dataclass(slots=True)
class Assessment:
    """What contributions are due for a period, and what is refundable."""

    law: Law
    rules: Contributions
    day: date
    period: str
    bases: dict[str, dict[str, Decimal]]
    amounts: dict[str, list[Line]]
    excess: Decimal
    refunds: list[Line]

    def as_dict(self, lang: str = "en") -> dict[str, Any]:
        """The contract's output."""
        employers = {
            name: {**_texts(self.bases[name]), "amounts": self._amounts(self.amounts[name])}
            for name in self.bases
        }
        lines = [line for rows in self.amounts.values() for line in rows] + self.refunds
        return {
            "scheme": self.law.name,
            "version": self.law.version,
            "benefit": "contributions",
            self.rules.period: self.period,
            "employers": employers,
            "refundable": self._refundable(),
            "steps": [self._step(line, lang) for line in lines],
            "currency": self.law.currency.code,
            "parameters": self._parameters(lang),
        }

    @staticmethod
    def _amounts(lines: list[Line]) -> dict[str, dict[str, str]]:
        result: dict[str, dict[str, str]] = {}
        for line in lines:
            payers = result.setdefault(line.branch.name, dict.fromkeys(PAYERS, "0"))
            payers[line.payer] = decimal_text(line.value)
        return result

    def _refundable(self) -> dict[str, Any] | None:
        if not self.excess:
            return None
        result: dict[str, Any] = {"excess_base": decimal_text(self.excess), "employee": {}, "employers": {}}
        for line in self.refunds:
            who = line.employer
            place = result["employee"] if who is None else result["employers"].setdefault(who, {})
            place[line.branch.name] = decimal_text(line.value)
        return result

    def _step(self, line: Line, lang: str) -> dict[str, Any]:
        return {
            "id": line.id,
            "label": typeset(line.branch.label[lang], lang),
            "source": line.branch.source,
            "rule": line.rule,
            "from": list(line.sources),
            "base": decimal_text(line.base),
            "rate": decimal_text(line.rate),
            "value": decimal_text(line.value),
        }

    def _parameters(self, lang: str) -> list[dict[str, Any]]:
        return [parameter_row(each, self.day, lang, False) for each in parameters_of(self.rules)]


def _texts(figures: Mapping[str, Decimal]) -> dict[str, str]:
    return {name: decimal_text(value) for name, value in figures.items()}


def parameters_of(rules: Contributions) -> list[Parameter]:
    """The figures of the law that contributions use."""
    found: dict[str, Parameter] = {}
    for base in rules.bases.values():
        for each in (base.floor, base.ceiling, base.exemption):
            if each is not None:
                found[each.name] = each
    for branch in rules.branches.values():
        for rate in branch.rates.values():
            parameter = rate[0] if isinstance(rate, tuple) else rate
            if parameter is not None:
                found[parameter.name] = parameter
    return list(found.values())


def assess(law: Law, data: Mapping[str, Any]) -> Assessment:
    """Contributions from the contract's input; `BadInput` names the first field at fault."""
    rules = law.contributions
    if rules is None:
        raise BadInput("benefit", "no_contributions")
    classes = dict(rules.classes())
    known_keys(data, ("scheme", "benefit", rules.period, "wages", *classes), "")
    day, period = _period(rules, data)
    wages = _wages(law, data)
    stated = {by: _classes(data, by, table, day, wages) for by, table in classes.items()}
    with exactly():
        return _assess(law, rules, day, period, wages, stated)


def _period(rules: Contributions, data: Mapping[str, Any]) -> tuple[date, str]:
    if rules.period == "year":
        year = as_count(need(data, "year", ""), "year")
        as_month(f"{year:04d}-01", "year")
        return date(year, 1, 1), str(year)
    month = as_month(need(data, "month", ""), "month")
    return month_start(month), month_text(month)


def _wages(law: Law, data: Mapping[str, Any]) -> dict[str, Decimal]:
    stated = need(data, "wages", "")
    if not isinstance(stated, Mapping) or len(stated) > 100:
        raise BadInput("wages", "wages")
    wages = {
        as_text(name, "wages"): as_amount(amount, f"wages.{name}", law.currency)
        for name, amount in stated.items()
    }
    return {name: amount for name, amount in wages.items() if amount > 0}


def _classes(
    data: Mapping[str, Any], by: str, table: Parameter, day: date, wages: Mapping[str, Decimal]
) -> dict[str, str]:
    stated = data.get(by, {})
    if not isinstance(stated, Mapping):
        raise BadInput(by, "classes")
    known = sorted(map(str, table.at(day).rows))
    for name, value in stated.items():
        if value not in known:
            raise BadInput(f"{by}.{name}", "one_of", choices=known)
        if name not in data["wages"]:
            raise BadInput(f"{by}.{name}", "no_employer")
    for name in wages:
        if name not in stated:
            raise BadInput(f"{by}.{name}", "required")
    return dict(stated)


def _value(parameter: Parameter, day: date) -> Decimal:
    value = parameter.at(day)
    if value is None:
        raise lacking("month", "lacks_on", parameter, day=day)
    return Decimal(value)


def _base(base: Base, wage: Decimal, day: date) -> Decimal:
    """A wage within the base's limits: at most the ceiling, at least the floor, less the exemption."""
    if base.ceiling is not None:
        wage = min(wage, _value(base.ceiling, day))
    if base.floor is not None:
        wage = max(wage, _value(base.floor, day))
    return wage if base.exemption is None else max(ZERO, wage - _value(base.exemption, day))


def _rate(
    branch: Branch, payer: str, employer: str | None, classes: Mapping[str, Mapping[str, str]], day: date
) -> tuple[Decimal, str] | None:
    rate = branch.rates[payer]
    if rate is None or (employer is None and isinstance(rate, tuple)):
        return None
    if isinstance(rate, tuple) and employer is not None:
        table, by = rate
        return Decimal(table.at(day).rows[classes[by][employer]]), table.name
    return (_value(rate, day), rate.name) if isinstance(rate, Parameter) else None


def _assess(
    law: Law,
    rules: Contributions,
    day: date,
    period: str,
    wages: Mapping[str, Decimal],
    classes: Mapping[str, Mapping[str, str]],
) -> Assessment:
    bases: dict[str, dict[str, Decimal]] = {}
    amounts: dict[str, list[Line]] = {}
    for employer, wage in wages.items():
        bases[employer] = {name: _base(base, wage, day) for name, base in rules.bases.items()}
        amounts[employer] = []
        for branch in rules.branches.values():
            for payer in PAYERS:
                found = _rate(branch, payer, employer, classes, day)
                if found is not None:
                    amounts[employer].append(_line(rules, branch, payer, employer, bases[employer], found))
    excess, refunds = _refunds(rules, day, bases, classes)
    return Assessment(law, rules, day, period, bases, amounts, excess, refunds)


def _line(
    rules: Contributions,
    branch: Branch,
    payer: str,
    employer: str,
    bases: Mapping[str, Decimal],
    rate: tuple[Decimal, str],
) -> Line:
    base = bases[branch.base]
    value = round_to(base * rate[0], *rules.rounding)
    return Line(employer, payer, "contribution", branch, base, rate[0], value, (branch.base, rate[1]))


Bases = Mapping[str, Mapping[str, Decimal]]
Classes = Mapping[str, Mapping[str, str]]


def _refunds(rules: Contributions, day: date, bases: Bases, classes: Classes) -> tuple[Decimal, list[Line]]:
    """Above the ceiling over all employers: the employee's share whole, each employer's by its base."""
    name = rules.refundable
    ceiling = rules.bases[name].ceiling if name else None
    if name is None or ceiling is None:
        return ZERO, []
    total = sum((own[name] for own in bases.values()), ZERO)
    excess = total - _value(ceiling, day)
    if excess <= 0:
        return ZERO, []
    shares: list[tuple[str, str | None, Decimal]] = [("employee", None, excess)]
    shares += [("employer", employer, excess * own[name] / total) for employer, own in bases.items()]
    lines = []
    for branch in (each for each in rules.branches.values() if each.base == name):
        for payer, employer, share in shares:
            rate = _rate(branch, payer, employer, classes, day)
            if rate is not None and rate[0]:
                value = round_to(share * rate[0], *rules.rounding)
                origin = (name, rate[1], ceiling.name)
                lines.append(Line(employer, payer, "refund", branch, share, rate[0], value, origin))
    return excess, lines
