"""What a checked law is in memory: its figures, its benefits, and for each the plan of its computation."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from .career import Insurance
from .currency import Currency
from .inputs import Fact
from .operations import Operation
from .parameters import Parameter, Table
from .refusals import BadInput
from .values import first_of_month_from
from .wording import wording

Slots = list[Any]
Run = Callable[[Slots], Any]
Label = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ref:
    """An argument as compiled: what it names, where its value lies, and of which type it is."""

    kind: str
    name: str
    slot: int
    type: str
    counts: str | None = None


@dataclass(slots=True)
class Node:
    """A named step or condition of the law, ready to run."""

    name: str
    slot: int
    operation: Operation
    args: dict[str, list[Ref]]
    label: Label
    source: str
    type: str
    counts: str | None
    run: Run
    needs: tuple[str, ...]
    positions: tuple[int, ...]
    guards: Mapping[str, int]
    rests_on: tuple[Parameter, ...]
    figure: bool = False

    def applies(self, values: Slots) -> bool:
        """Whether its `when` and `unless` let it run."""
        when, unless = self.guards.get("when"), self.guards.get("unless")
        return (when is None or bool(values[when])) and (unless is None or not values[unless])

    @property
    def is_condition(self) -> bool:
        """Whether it says required and actual rather than a value."""
        return self.operation.is_condition


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way a benefit may be due: which conditions must be met, and what is then owed."""

    variant: str | None
    label: Label | None
    main: bool
    all: tuple[str, ...]
    lacking: tuple[str, ...]
    results: Mapping[str, str]
    plan: tuple[Node, ...]
    shown: tuple[Node, ...]
    conditions: tuple[Node, ...]
    roots: tuple[Node, ...]
    may_lack: tuple[int, ...]
    parameters: tuple[Parameter, ...]
    met: Callable[[Slots], tuple[bool | None, ...]]
    unmet: Callable[[Slots], tuple[bool | None, ...]] | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The slots of a benefit with the law of one interval of time already in place."""

    slots: Slots
    missing: Mapping[str, int]
    since: date | None


@dataclass(slots=True)
class Benefit:
    """A benefit (or another computation) of the law."""

    name: str
    label: Label
    source: str
    nodes: dict[str, Node]
    common: tuple[Node, ...]
    outcomes: tuple[Outcome, ...]
    figures: tuple[Node, ...]
    inputs: tuple[tuple[int, str], ...]
    requires: tuple[str, ...]
    parameters: dict[int, Parameter]
    dated: frozenset[str]
    constants: Slots
    questions: tuple[str, ...] = ()
    documents: tuple[Mapping[str, Any], ...] = ()
    insured: int | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    fact_labels: Mapping[str, Label] = field(default_factory=dict)
    on: str = "on"
    whole_months: bool = False
    cuts: list[date] = field(default_factory=list)
    snapshots: dict[int, Snapshot] = field(default_factory=dict)
    rendered: dict[Any, Any] = field(default_factory=dict)

    def input_label(self, name: str) -> Label:
        """What an input of a calculation is called."""
        return self.fact_labels[name.removeprefix("input.")]

    def first_day(self, on: date) -> date:
        """The day a claim is computed from: the first of a month where the benefit is due by whole months."""
        return first_of_month_from(on) if self.whole_months else on

    def snapshot(self, on: date) -> Snapshot:
        """The slots with every parameter as in force on a day; kept, since the law rarely changes."""
        index = bisect_right(self.cuts, on)
        found = self.snapshots.get(index)
        if found is None:
            slots = self.constants.copy()
            missing = {}
            for slot, parameter in self.parameters.items():
                slots[slot] = parameter.at(on)
                if slots[slot] is None:
                    missing[parameter.name] = slot
            found = Snapshot(slots, missing, self.cuts[index - 1] if index else None)
            self.snapshots[index] = found
        return found


@dataclass(frozen=True, slots=True)
class Branch:
    """A contribution: on which base, and at which rate for each payer."""

    name: str
    label: Label
    source: str
    base: str
    rates: Mapping[str, Parameter | tuple[Parameter, str] | None]


@dataclass(frozen=True, slots=True)
class Base:
    """What contributions are reckoned on: a wage between a floor and a ceiling, less an exemption."""

    name: str
    source: str
    floor: Parameter | None
    ceiling: Parameter | None
    exemption: Parameter | None
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class Contributions:
    """The contributions of a scheme."""

    label: Label
    source: str
    period: str
    rounding: tuple[Decimal, str]
    posting: str
    refundable: str | None
    bases: Mapping[str, Base]
    branches: Mapping[str, Branch]

    def classes(self) -> dict[str, list[Parameter]]:
        """The classes an employer must be in, each with the tables that list them."""
        found: dict[str, list[Parameter]] = {}
        for branch in self.branches.values():
            for rate in branch.rates.values():
                if isinstance(rate, tuple) and rate[0] not in found.setdefault(rate[1], []):
                    found[rate[1]].append(rate[0])
        return found


@dataclass(slots=True)
class Law:
    """A scheme, checked and compiled."""

    data: Mapping[str, Any]
    text: str
    version: str
    currency: Currency
    parameters: Mapping[str, Parameter]
    tables: Mapping[str, Parameter]
    facts: Mapping[str, Fact]
    insurance: Insurance
    benefits: Mapping[str, Benefit]
    calculations: Mapping[str, Benefit]
    contributions: Contributions | None
    name: str = ""
    by_year: bool = False
    child_flags: tuple[str, ...] = ()
    assumed: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """What is asked of every claim, at hand."""
        head = self.data["scheme"]
        self.name = head["name"]
        self.by_year = head["counts_by"] == "year"
        self.child_flags = tuple(head.get("child_flags", ()))
        self.assumed = {f"facts.{name}": fact.default for name, fact in self.facts.items()}
        self.assumed = {"person.married": False, **self.assumed}

    @property
    def label(self) -> Label:
        """The scheme's title in each language."""
        label: Label = self.data["scheme"]["label"]
        return label

    @property
    def source(self) -> str:
        """The law the scheme encodes."""
        return str(self.data["scheme"]["source"])

    def fact_label(self, name: str) -> Label:
        """What a fact is called."""
        label: Label = self.data["facts"][name]["label"]
        return label

    def stated_label(self, name: str) -> Label:
        """What something a claim states is called: a fact, or something of the person."""
        prefix, _, key = name.partition(".")
        if prefix == "facts":
            return self.fact_label(key)
        return {lang: wording(lang).inputs[name] for lang in self.label}

    def group(self, name: str) -> str | None:
        """The group of process facts a figure belongs to, if any."""
        group: str | None = self.data["parameters"].get(name, {}).get("group")
        return group

    def section(self, name: str) -> Mapping[str, Any]:
        """A section that the engine only hands on: `calendar`, `person_number`."""
        section: Mapping[str, Any] = self.data.get(name, {})
        return section

    def benefit(self, name: Any) -> Benefit:
        """A benefit or calculation by name."""
        found = self.benefits.get(name) or self.calculations.get(name) if isinstance(name, str) else None
        if found is None:
            known = [*self.benefits, *self.calculations]
            if self.contributions:
                known.append("contributions")
            raise BadInput("benefit", "one_of", choices=known)
        return found

    def value(self, name: str, on: date) -> Any:
        """A parameter or table as in force on a day (process facts included)."""
        parameter = self.parameters.get(name) or self.tables.get(name)
        if parameter is None:
            raise KeyError(name)
        value = parameter.at(on)
        return dict(value.rows) if isinstance(value, Table) else value
