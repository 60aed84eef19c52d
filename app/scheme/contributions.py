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
from .payers import PAYERS, amounts_as_text
from .refusals import BadInput, lacking
from .results import parameter_row
from .values import ZERO, Number, decimal_text, exactly, month_start, month_text, round_to
from .wording import typeset, wording

MOST_EMPLOYERS = 100
"""Of one person in one period."""


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
    def source(self) -> str:
        """The article of the law."""
        return self.branch.source

    def label(self, lang: str) -> str:
        """What the line is called."""
        return typeset(self.branch.label[lang], lang)

    @property
    def id(self) -> str:
        """The line's name in an explanation."""
        head = ("refund",) if self.rule == "refund" else ()
        return ".".join((*head, *([self.employer] if self.employer else []), self.branch.name, self.payer))


@dataclass(frozen=True, slots=True)
class Part:
    """One figure a base is found from: its role in the sentence, its name, its label in the law."""

    role: str
    name: str
    label: Mapping[str, str] | None
    value: Decimal


@dataclass(frozen=True, slots=True)
class BaseLine:
    """What contributions are reckoned on, for one employer (or what all exceed the ceiling by)."""

    employer: str | None
    rule: str
    base: Base
    parts: tuple[Part, ...]
    value: Decimal

    @property
    def source(self) -> str:
        """The article of the law."""
        return self.base.source

    def label(self, lang: str) -> str:
        """What the base is called; a law may leave it without a name of its own."""
        return typeset(self.base.label[lang], lang) if self.base.label else wording(lang).words["base"]

    @property
    def id(self) -> str:
        """The line's name in an explanation."""
        return f"{self.employer or 'refund'}.{self.base.name}"

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of what it was found from."""
        return tuple(part.name for part in self.parts)


Bases = Mapping[str, Mapping[str, BaseLine]]
AnyLine = Line | BaseLine


@dataclass(slots=True)
class Assessment:
    """What contributions are due for a period, and what is refundable."""

    law: Law
    rules: Contributions
    day: date
    period: str
    bases: Bases
    amounts: dict[str, list[Line]]
    excess: BaseLine | None
    refunds: list[Line]

    def of_employer(self, name: str) -> list[AnyLine]:
        """What is due from one employer: its bases, then each contribution."""
        return [*self.bases[name].values(), *self.amounts[name]]

    def to_refund(self) -> list[AnyLine]:
        """What comes back: the wages above the ceiling, then each share."""
        return [self.excess, *self.refunds] if self.excess else []

    def lines(self) -> list[AnyLine]:
        """Every line, in the order of an explanation."""
        return [line for name in self.amounts for line in self.of_employer(name)] + self.to_refund()

    def as_dict(self, lang: str = "en") -> dict[str, Any]:
        """The contract's output."""
        employers = {
            name: {**_texts(self.bases[name]), "amounts": self._amounts(self.amounts[name])}
            for name in self.bases
        }
        return {
            "scheme": self.law.name,
            "version": self.law.version,
            "benefit": "contributions",
            self.rules.period: self.period,
            "posting": self.rules.posting,
            "employers": employers,
            "refundable": self.refundable(),
            "steps": [self._step(line, lang) for line in self.lines()],
            "currency": self.law.currency.code,
            "parameters": self._parameters(lang),
        }

    @staticmethod
    def _amounts(lines: list[Line]) -> dict[str, dict[str, str]]:
        return amounts_as_text({(line.branch.name, line.payer): line.value for line in lines})

    def refundable(self) -> dict[str, Any] | None:
        """What comes back, as the contract says it; None when nothing does."""
        if not self.excess:
            return None
        result: dict[str, Any] = {
            "excess_base": decimal_text(self.excess.value),
            "employee": {},
            "employers": {},
        }
        for line in self.refunds:
            who = line.employer
            place = result["employee"] if who is None else result["employers"].setdefault(who, {})
            place[line.branch.name] = decimal_text(line.value)
        return result

    @staticmethod
    def _step(line: AnyLine, lang: str) -> dict[str, Any]:
        row: dict[str, Any] = {"id": line.id, "label": line.label(lang), "source": line.source}
        row |= {"rule": line.rule, "from": list(line.sources)}
        if isinstance(line, Line):
            row |= {"base": decimal_text(line.base), "rate": decimal_text(line.rate)}
        return row | {"value": decimal_text(line.value)}

    def _parameters(self, lang: str) -> list[dict[str, Any]]:
        return [parameter_row(each, self.day, lang, False) for each in parameters_of(self.rules)]


def _texts(bases: Mapping[str, BaseLine]) -> dict[str, str]:
    return {name: decimal_text(line.value) for name, line in bases.items()}


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
    classes = rules.classes()
    known_keys(data, ("scheme", "benefit", rules.period, "wages", *classes), "")
    day, period = period_of(rules, data)
    wages = _wages(law, data)
    stated = {
        by: _classes(data, by, known_classes(tables, day, rules), wages) for by, tables in classes.items()
    }
    with exactly():
        return assess_typed(law, rules, day, period, wages, stated)


def period_of(rules: Contributions, data: Mapping[str, Any], head: str = "") -> tuple[date, str]:
    """The first day of the stated month or year, and how it is written; `head` is where `data` stands."""
    field = f"{head}.{rules.period}" if head else rules.period
    stated = need(data, rules.period, head)
    if rules.period == "year":
        year = as_count(stated, field)
        as_month(f"{year:04d}-01", field)
        return date(year, 1, 1), str(year)
    month = as_month(stated, field)
    return month_start(month), month_text(month)


def _wages(law: Law, data: Mapping[str, Any]) -> dict[str, Decimal]:
    stated = need(data, "wages", "")
    if not isinstance(stated, Mapping) or len(stated) > MOST_EMPLOYERS:
        raise BadInput("wages", "wages")
    wages = {
        as_text(name, "wages"): as_amount(amount, f"wages.{name}", law.currency)
        for name, amount in stated.items()
    }
    return {name: amount for name, amount in wages.items() if amount > 0}


def _classes(
    data: Mapping[str, Any], by: str, known: list[str], wages: Mapping[str, Decimal]
) -> dict[str, str]:
    stated = data.get(by, {})
    if not isinstance(stated, Mapping):
        raise BadInput(by, "classes")
    for name in stated:
        checked_class(stated, by, name, known, False)
        if name not in data["wages"]:
            raise BadInput(f"{by}.{name}", "no_employer")
    for name in wages:
        checked_class(stated, by, name, known, True)
    return dict(stated)


def checked_class(
    stated: Mapping[str, Any], by: str, employer: str, known: list[str], required: bool
) -> None:
    """Refuse the class of an employer that is none, or is not stated where it is `required`."""
    if employer not in stated:
        if required:
            raise BadInput(f"{by}.{employer}", "required")
    elif stated[employer] not in known:
        raise BadInput(f"{by}.{employer}", "one_of", choices=known)


def _in_force(parameter: Parameter, day: date, rules: Contributions) -> Any:
    """What the law says on the period's day; the period asked about is at fault where it says nothing."""
    value = parameter.at(day)
    if value is None:
        raise lacking(rules.period, "lacks_on", parameter, day=day)
    return value


def _value(parameter: Parameter, day: date, rules: Contributions) -> Decimal:
    return Decimal(_in_force(parameter, day, rules))


def _rates(table: Parameter, day: date, rules: Contributions) -> Mapping[Any, Number]:
    """The rate of each class."""
    rows: Mapping[Any, Number] = _in_force(table, day, rules).rows
    return rows


def known_classes(tables: list[Parameter], day: date, rules: Contributions) -> list[str]:
    """The classes an employer may be in: those for which every branch has a rate that day."""
    rows = [set(map(str, _rates(table, day, rules))) for table in tables]
    return sorted(set.intersection(*rows))


def _base(rules: Contributions, base: Base, wage: Decimal, day: date, employer: str) -> BaseLine:
    """A wage within the base's limits: at most the ceiling, at least the floor, less the exemption."""
    value, parts = wage, [Part("wage", "wages", None, wage)]
    for role, limit, put in (
        ("ceiling", base.ceiling, min),
        ("floor", base.floor, max),
        ("exemption", base.exemption, _less),
    ):
        if limit is not None:
            figure = _value(limit, day, rules)
            value = put(value, figure)
            parts.append(Part(role, limit.name, limit.label, figure))
    return BaseLine(employer, "base", base, tuple(parts), value)


def _less(wage: Decimal, exemption: Decimal) -> Decimal:
    return max(ZERO, wage - exemption)


@dataclass(frozen=True, slots=True)
class PeriodRules:
    """What every line of one period is found with: the rules, the day and the employers' classes."""

    rules: Contributions
    day: date
    classes: Mapping[str, Mapping[str, str]]

    def limits(self, base: Base) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
        """The ceiling, the floor and the exemption of a base on the day, where it has them."""
        figures = (base.ceiling, base.floor, base.exemption)
        ceiling, floor, exemption = (
            None if figure is None else _value(figure, self.day, self.rules) for figure in figures
        )
        return ceiling, floor, exemption

    def rate(self, branch: Branch, payer: str, employer: str | None) -> tuple[Decimal, str] | None:
        """The rate and the figure it is; None where there is none, or where it goes by employer."""
        rate = branch.rates[payer]
        if rate is None or (employer is None and isinstance(rate, tuple)):
            return None
        if isinstance(rate, tuple) and employer is not None:
            table, by = rate
            rates = _rates(table, self.day, self.rules)
            return Decimal(rates[self.classes[by][employer]]), table.name
        return (_value(rate, self.day, self.rules), rate.name) if isinstance(rate, Parameter) else None

    def lines(self, employer: str, bases: Mapping[str, BaseLine]) -> list[Line]:
        """The contributions of one employer."""
        found = []
        for branch in self.rules.branches.values():
            for payer in PAYERS:
                rate = self.rate(branch, payer, employer)
                if rate is not None:
                    base = bases[branch.base]
                    value = round_to(base.value * rate[0], *self.rules.rounding)
                    origin = (base.id, rate[1])
                    found.append(
                        Line(employer, payer, "contribution", branch, base.value, rate[0], value, origin)
                    )
        return found

    def excess(self, bases: Bases) -> BaseLine | None:
        """What all employers together paid above the ceiling, where that comes back."""
        name = self.rules.refundable
        base = self.rules.bases[name] if name else None
        if name is None or base is None or base.ceiling is None:
            return None
        own = [lines[name] for lines in bases.values()]
        ceiling = _value(base.ceiling, self.day, self.rules)
        value = sum((line.value for line in own), ZERO) - ceiling
        parts = [
            Part("bases", line.id, dict.fromkeys(base.ceiling.label, str(line.employer)), line.value)
            for line in own
        ]
        parts.append(Part("ceiling", base.ceiling.name, base.ceiling.label, ceiling))
        return BaseLine(None, "excess", base, tuple(parts), value) if value > 0 else None

    def refunds(self, excess: BaseLine, bases: Bases) -> list[Line]:
        """The employee's share whole, each employer's by its base."""
        name = excess.base.name
        own = {employer: lines[name] for employer, lines in bases.items()}
        total = sum((line.value for line in own.values()), ZERO)
        shares: list[tuple[str, str | None, Decimal, tuple[str, ...]]]
        shares = [("employee", None, excess.value, (excess.id,))]
        shares += [
            ("employer", employer, excess.value * line.value / total, (excess.id, line.id))
            for employer, line in own.items()
        ]
        lines = []
        for branch in (each for each in self.rules.branches.values() if each.base == name):
            for payer, employer, share, origin in shares:
                rate = self.rate(branch, payer, employer)
                if rate is not None and rate[0]:
                    value = round_to(share * rate[0], *self.rules.rounding)
                    sources = (*origin, rate[1])
                    lines.append(Line(employer, payer, "refund", branch, share, rate[0], value, sources))
        return lines


def assess_typed(
    law: Law,
    rules: Contributions,
    day: date,
    period: str,
    wages: Mapping[str, Decimal],
    classes: Mapping[str, Mapping[str, str]],
) -> Assessment:
    """Contributions from values checked already: the first day of the period, wages above 0 by employer."""
    asked = PeriodRules(rules, day, classes)
    bases = {
        employer: {name: _base(rules, base, wage, day, employer) for name, base in rules.bases.items()}
        for employer, wage in wages.items()
    }
    amounts = {employer: asked.lines(employer, own) for employer, own in bases.items()}
    excess = asked.excess(bases)
    refunds = asked.refunds(excess, bases) if excess else []
    return Assessment(law, rules, day, period, bases, amounts, excess, refunds)
