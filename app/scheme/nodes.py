"""Compiles the steps and conditions of one benefit: names to slots, types checked, closures made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from .career import Insurance
from .inputs import Fact
from .law import Node, Ref, Run
from .operations import OPERATIONS, Arg, Operation
from .operations.operation import ACCEPTS, NUMERIC
from .parameters import Parameter
from .reading import Source
from .running import base_run, guarded
from .units import CLOSED_ON_COUNTS, mixtures, result_type
from .values import law_number, parse_date

Path = tuple[str, ...]
LONGEST_CHAIN = 60
KEEP_UNIT = CLOSED_ON_COUNTS - {"multiply", "lookup"}
PERSON = {
    "on": "date",
    "person.birth_date": "date",
    "person.sex": "text",
    "person.registered_on": "date",
    "person.married": "flag",
    "person.married_on": "date",
    "person.divorced_on": "date",
    "spouse.birth_date": "date",
    "spouse.pension": "amount",
}
ALWAYS_KNOWN = frozenset({"on", "person.birth_date", "person.married"})
FACT_TYPE = {"month": "date"}
PLAIN = frozenset({0, 1, 12, 100})
"""The only figures a step may hold itself: none, one, the months of a year, a hundred for percentages."""
GUARDS: tuple[str, ...] = ("when", "unless")


@dataclass(frozen=True, slots=True)
class Names:
    """Everything a step may refer to, outside its own benefit."""

    source: Source
    parameters: Mapping[str, Parameter]
    tables: Mapping[str, Parameter]
    facts: Mapping[str, Fact]
    roundings: Mapping[str, tuple[Decimal, str]]
    child_flags: tuple[str, ...]
    insurance: Insurance


class NodeCompiler:
    """Compiles the nodes of one benefit. `inputs` are facts of a calculation's own, under `input.`."""

    def __init__(
        self,
        names: Names,
        path: Path,
        written: Mapping[str, Any],
        inputs: Mapping[str, Fact],
        required: tuple[str, ...],
    ) -> None:
        self.names = names
        self.path = path
        self.written: dict[str, tuple[str, dict[str, Any]]] = {}
        self.inputs = inputs
        self.requires = required
        self.nodes: dict[str, Node] = {}
        self.constants: list[Any] = []
        self.slots: dict[tuple[str, Any], int] = {}
        self.parameter_slots: dict[int, Parameter] = {}
        self.input_slots: dict[str, int] = {}
        self.dated: set[str] = set()
        self.nullable: set[int] = set()
        self.busy: list[str] = []
        self.gather(written)

    def gather(self, written: Mapping[str, Any]) -> None:
        """All steps and conditions by name; one name may not stand for two things."""
        for part in ("conditions", "steps"):
            for name, step in written.get(part, {}).items():
                if name in self.written or name in self.names.parameters or name in self.names.tables:
                    self.problem((part, name), "is the name of two things")
                self.written[name] = (part, step)

    def problem(self, place: Path, reason: str) -> None:
        """Note a fault below this benefit."""
        self.names.source.problem((*self.path, *place), reason)

    def compile_all(self) -> dict[str, Node]:
        """All nodes, each after those it needs."""
        for name in self.written:
            self.node(name)
        return self.nodes

    def node(self, name: str) -> Node | None:
        """One node; a chain of names that comes back to itself is a fault."""
        if name in self.nodes:
            return self.nodes[name]
        part, step = self.written[name]
        if name in self.busy:
            chain = " → ".join([*self.busy[self.busy.index(name) :], name])
            self.problem((part, name), f"cyclic reference: {chain}")
            return None
        if len(self.busy) >= LONGEST_CHAIN:
            self.problem((part, name), f"stands at the end of more than {LONGEST_CHAIN} steps in a chain")
            return None
        self.busy.append(name)
        node = self.build(name, part, step)
        self.busy.pop()
        self.nodes[name] = node
        return node

    def build(self, name: str, part: str, step: dict[str, Any]) -> Node:
        """Compile one step from what is written."""
        operation, place = OPERATIONS[step["rule"]], (part, name)
        args = {key: self.argument(arg, step.get(key), (*place, key)) for key, arg in operation.args.items()}
        refs = [ref for group in args.values() for ref in group]
        for fault in mixtures(operation, args, self.names.tables):
            self.problem(place, fault)
        guards = self.guards(step, place)
        rounding = self.rounding(step.get("round"), (*place, "round"))
        own = result_type(operation, args, rounding is not None)
        self.check_units(own, step, place)
        type_ = str(step.get("unit", own))
        return Node(
            name=name,
            slot=self.slot(("node", name)),
            operation=operation,
            args=args,
            label=step["label"],
            source=step["source"],
            type=type_,
            counts=self.counts(operation, step, args, type_),
            run=self.closure(name, operation, args, guards, rounding, type_),
            needs=tuple(ref.name for ref in [*refs, *guards.values()] if ref.kind == "node"),
            positions=tuple(ref.slot for ref in refs),
            guards={key: ref.slot for key, ref in guards.items()},
            rests_on=self.rests_on(operation, args),
            figure=bool(step.get("figure")),
        )

    def check_units(self, type_: str, step: dict[str, Any], place: Path) -> None:
        """Only a number has a unit or is rounded: a date that claims to be an amount is a fault."""
        if type_ in NUMERIC or type_ == "unknown":
            return
        for key, fault in (("unit", "has no unit"), ("round", "cannot be rounded")):
            if key in step:
                self.problem((*place, key), f"wrong type: a {type_} {fault}")

    def rests_on(self, operation: Operation, args: dict[str, list[Ref]]) -> tuple[Parameter, ...]:
        """The figures of the law a rule takes, and those that say which of the months it looks at count."""
        found = []
        for key, group in args.items():
            for ref in group:
                if ref.kind in ("parameter", "dated"):
                    found.append(self.names.parameters[ref.name])
                elif ref.kind == "table":
                    found.append(self.names.tables[ref.name])
                else:
                    found += self.month_figures(operation.args[key].kind, ref)
        return tuple(found)

    def month_figures(self, kind: str, ref: Ref) -> list[Parameter]:
        """The figures behind a month that counts: each has the value of the month itself, not of the day."""
        insurance, figures = self.names.insurance, list[Parameter]()
        if kind == "insurance":
            figures += insurance.figures()
        elif ref.type == "credit_kind" and (limit := insurance.credited.get(ref.name)) is not None:
            figures.append(limit)
        self.dated.update(figure.name for figure in figures)
        return figures

    def guards(self, step: dict[str, Any], place: Path) -> dict[str, Ref]:
        """The facts or conditions under which a step applies at all."""
        return {key: self.reference(step[key], "flag", (*place, key)) for key in GUARDS if key in step}

    def closure(
        self,
        name: str,
        operation: Operation,
        args: dict[str, list[Ref]],
        guards: dict[str, Ref],
        rounding: tuple[Decimal, str] | None,
        type_: str,
    ) -> Run:
        """What runs a step; notes whether its value may be null."""
        refs = [ref for group in args.values() for ref in group]
        checked = self.null_checks(operation, args)
        if guards or (checked and not operation.is_condition) or self.may_skip(operation, refs):
            self.nullable.add(self.slot(("node", name)))
        positions = tuple(ref.slot for ref in refs)
        whole = type_ == "count" and rounding is not None
        return guarded(base_run(operation, positions, checked, rounding, whole), guards)

    def may_skip(self, operation: Operation, refs: list[Ref]) -> bool:
        """Whether a rule that looks after nulls itself may still give one."""
        if not operation.skips_nulls or operation.result == "flag":
            return False
        return all(ref.slot in self.nullable for ref in refs) or operation.name == "choose"

    def null_checks(self, operation: Operation, args: dict[str, list[Ref]]) -> tuple[int, ...]:
        """The slots whose null stops a rule from running."""
        if operation.skips_nulls:
            return ()
        return tuple(
            ref.slot
            for key, arg in operation.args.items()
            if not arg.optional and arg.kind != "rows"
            for ref in args[key]
            if ref.slot in self.nullable
        )

    def counts(
        self, operation: Operation, step: dict[str, Any], args: dict[str, list[Ref]], type_: str
    ) -> str | None:
        """What a count counts (months, days, children): as written, as the rule says, or its arguments."""
        if "counts" in step or operation.counts:
            return str(step.get("counts") or operation.counts)
        refs = [ref for group in args.values() for ref in group if ref.counts]
        if type_ in ("years", "number"):
            kept = type_ == "years" or operation.name in KEEP_UNIT or operation.args.keys() >= {"years"}
            refs = [ref for ref in refs if kept and ref.type in ("years", "number")]
        elif type_ != "count":
            return None
        return refs[0].counts if refs else None

    def rounding(self, name: str | None, place: Path) -> tuple[Decimal, str] | None:
        """A named rounding."""
        if name is None:
            return None
        found = self.names.roundings.get(name)
        if found is None:
            self.problem(place, f"`{name}` is not one of the roundings of this scheme")
        return found

    def argument(self, arg: Arg, written: Any, place: Path) -> list[Ref]:
        """The references of one argument."""
        if arg.given is not None:
            self.check_reach(arg.given, place[:-1])
            return [self.input(arg.given, "hidden")]
        if written is None:
            return [self.constant(None, "none")]
        if arg.kind == "rows":
            return [
                ref
                for index, row in enumerate(written)
                for key, field in arg.fields
                for ref in self.argument(field, row.get(key), (*place, str(index), key))
            ]
        items = written if arg.many else [written]
        return [self.one(arg.kind, item, place) for item in items]

    def one(self, kind: str, item: Any, place: Path) -> Ref:
        """One reference of a given kind."""
        if kind in ("table", "dated"):
            return self.figure(kind, item, place)
        if kind == "rounding":
            return replace(self.constant(self.rounding(item, place), "rounding"), name=str(item))
        if kind in ("child_flag", "credit_kind"):
            known = self.names.child_flags if kind == "child_flag" else tuple(self.names.insurance.credited)
            if item not in known:
                self.problem(place, f"`{item}` is not one of {', '.join(known) or '(none declared)'}")
            return replace(self.constant(item, kind), name=str(item))
        return self.reference(item, kind, place)

    def figure(self, kind: str, name: Any, place: Path) -> Ref:
        """A table, or a parameter taken with all its dates."""
        known = self.names.tables if kind == "table" else self.names.parameters
        parameter = known.get(name)
        if parameter is None:
            word = "table" if kind == "table" else "parameter"
            self.problem(place, f"missing {word} `{name}`")
            return self.constant(None, "none")
        if kind == "dated":
            self.dated.add(name)
            slot = self.slot(("dated", name))
            self.constants[slot] = parameter
            return Ref("dated", name, slot, parameter.unit, parameter.counts)
        return self.parameter(parameter, "table")

    def reference(self, item: Any, kind: str, place: Path) -> Ref:
        """A literal, or the name of a step, parameter or input; its type must suit."""
        ref = self.resolve(item, place)
        if ref.type not in ACCEPTS[kind] and ref.type != "unknown":
            self.problem(place, f"wrong type: `{item}` is a {ref.type}, a {kind} is wanted")
        return ref

    def resolve(self, item: Any, place: Path) -> Ref:
        """What a name stands for."""
        if isinstance(item, bool):
            return self.constant(item, "flag")
        number = law_number(item)
        if number is not None:
            if number not in PLAIN:
                self.problem(place, f"a figure without source: put `{item}` among the parameters")
            return self.constant(number, "count" if isinstance(number, int) else "number")
        day = parse_date(item) if isinstance(item, str) else None
        if day is not None:
            return self.constant(day, "date")
        if item in self.written:
            node = self.node(item)
            slot = self.slot(("node", item))
            return Ref("node", item, slot, node.type if node else "unknown", node.counts if node else None)
        if item in self.names.parameters:
            return self.parameter(self.names.parameters[item], "parameter")
        return self.named_input(str(item), place)

    def named_input(self, name: str, place: Path) -> Ref:
        """Something the question states: `on`, `person.…`, `facts.…`, `spouse.…`, `input.…`."""
        if name in PERSON:
            self.check_reach(name, place)
            return self.input(name, PERSON[name])
        prefix, _, key = name.partition(".")
        known = {"input": self.inputs, "facts": {} if self.is_calculation else self.names.facts}.get(
            prefix, {}
        )
        if key in known:
            fact = known[key]
            ref = self.input(name, FACT_TYPE.get(fact.type, fact.type))
            if fact.default is not None or key in self.requires:
                self.nullable.discard(ref.slot)
            return replace(ref, counts=fact.counts)
        if name in self.names.tables:
            self.problem(place, f"`{name}` is a table: take a row of it with `lookup`")
        else:
            self.problem(place, f"missing parameter, step or fact `{name}`")
        return Ref("unknown", name, self.constant(None, "none").slot, "unknown")

    @property
    def is_calculation(self) -> bool:
        """Whether only inputs of its own are known."""
        return self.path[0] == "calculations"

    def check_reach(self, name: str, place: Path) -> None:
        """A calculation knows no person."""
        if self.is_calculation and name != "on":
            self.problem(place, f"`{name}` is not known to a calculation: it has inputs only")

    def slot(self, key: tuple[str, Any]) -> int:
        """The place of a value, made on first use."""
        if key not in self.slots:
            self.slots[key] = len(self.constants)
            self.constants.append(None)
        return self.slots[key]

    def constant(self, value: Any, type_: str) -> Ref:
        """A value that never changes."""
        slot = self.slot(("literal", (type_, value)))
        self.constants[slot] = value
        if value is None:
            self.nullable.add(slot)
        return Ref("literal", str(value), slot, type_)

    def parameter(self, parameter: Parameter, kind: str) -> Ref:
        """A figure of the law as in force on the day asked."""
        slot = self.slot((kind, parameter.name))
        self.parameter_slots[slot] = parameter
        type_ = parameter.unit
        return Ref(kind, parameter.name, slot, type_, parameter.counts)

    def input(self, name: str, type_: str) -> Ref:
        """A value the question states."""
        slot = self.slot(("input", name))
        if name not in self.input_slots:
            self.input_slots[name] = slot
            if type_ != "hidden" and name not in ALWAYS_KNOWN:
                self.nullable.add(slot)
        return Ref("input", name, slot, type_)
