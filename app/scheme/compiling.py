"""From a law's checked text to a `Law` ready to evaluate: benefits, outcomes, contributions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from .career import Insurance
from .currency import Currency
from .figures import Figures, cuts
from .law import Base, Benefit, Branch, Contributions, Node, Outcome
from .nodes import Names, NodeCompiler, Path
from .parameters import Parameter
from .reading import Source
from .running import fetch
from .schema import RESULTS
from .values import parse_date

ASKED = ("scheme", "benefit", "wages")
ROOTS = ("payable_from", "days", "lump_sum", "daily", "monthly")


class Compiler:
    """Compiles one scheme; faults are noted on its source."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.data = source.data
        head = self.data["scheme"]
        figures = Figures(source)
        self.parameters = figures.parameters()
        self.tables = figures.tables()
        self.figures = figures
        self.facts = figures.facts(self.data.get("facts", {}), ("facts",))
        self.roundings = figures.roundings()
        self.child_flags = tuple(head.get("child_flags", ()))
        self.insurance = self.read_insurance()
        self.names = Names(
            source, self.parameters, self.tables, self.facts, self.roundings, self.child_flags, self.insurance
        )
        self.check_calendar()
        self.check_names()

    def check_names(self) -> None:
        """One name, one thing: among figures, and among what may be asked for."""
        for name in self.parameters:
            if name in self.tables:
                self.source.problem(("tables", name), "is also the name of a parameter")
        for name in self.data.get("calculations", {}):
            if name in self.data.get("benefits", {}):
                self.source.problem(("calculations", name), "is also the name of a benefit")
        for section in ("benefits", "calculations"):
            if "contributions" in self.data.get(section, {}):
                self.source.problem((section, "contributions"), "is the name of the contributions themselves")

    def check_calendar(self) -> None:
        """Each holiday is a day of every year, or so many days after Easter."""
        for index, holiday in enumerate(self.data.get("calendar", {}).get("holidays", ())):
            fixed = f"2023-{holiday.get('month', 0):02d}-{holiday.get('day', 0):02d}"
            if ("after_easter" in holiday) == (parse_date(fixed) is not None):
                path = ("calendar", "holidays", str(index))
                self.source.problem(path, "must have a `month` and a `day`, or else `after_easter`")

    def currency(self) -> Currency:
        """The currency of the scheme."""
        written = self.data["scheme"]["currency"]
        symbol = written.get("symbol") or {"fr": written["code"], "en": written["code"]}
        return Currency(written["code"], written["decimals"], symbol)

    def parameter(self, name: str | None, unit: str, path: Path) -> Parameter | None:
        """A parameter by name; a name that is none, or a figure of another unit, is a fault."""
        if name is None:
            return None
        found = self.parameters.get(name)
        if found is None:
            self.source.problem(path, f"missing parameter `{name}`")
            return None
        self.check_unit(found, unit, path)
        return found

    def check_unit(self, found: Parameter, unit: str, path: Path) -> None:
        """A rate where an amount belongs would be applied without a word, and give an absurd figure."""
        if found.unit != unit:
            self.source.problem(path, f"wrong type: `{found.name}` is a {found.unit}, a {unit} is wanted")

    def read_insurance(self) -> Insurance:
        """What makes a month of insurance."""
        written = self.data.get("insurance", {})
        credited = {
            kind: self.parameter(
                rule.get("first_months"), "count", ("insurance", "credited", kind, "first_months")
            )
            for kind, rule in written.get("credited", {}).items()
        }
        floor = self.parameter(written.get("wages_at_least"), "amount", ("insurance", "wages_at_least"))
        if floor is not None and any(not (p.value or 0) > 0 for p in floor.periods):
            self.source.problem(("insurance", "wages_at_least"), "must be above 0 at every date")
        days = self.parameter(written.get("days_at_least"), "count", ("insurance", "days_at_least"))
        return Insurance(floor, days, credited)

    def benefits(self) -> dict[str, Benefit]:
        """All benefits."""
        return {name: self.benefit(name, written) for name, written in self.data.get("benefits", {}).items()}

    def benefit(self, name: str, written: Mapping[str, Any]) -> Benefit:
        """One benefit with its outcomes."""
        path = ("benefits", name)
        requires = tuple(written.get("requires", ()))
        asked = [(key, fact) for key in ("requires", "questions") for fact in written.get(key, ())]
        asked += [("documents", each["when"]) for each in written.get("documents", ()) if "when" in each]
        for key, fact in asked:
            if fact not in self.facts:
                self.source.problem((*path, key), f"missing fact `{fact}`")
        nodes = NodeCompiler(self.names, path, written, {}, requires)
        nodes.compile_all()
        outcomes = []
        for index, outcome in enumerate(written["outcomes"]):
            outcomes.append(self.outcome(outcome, nodes, (*path, "outcomes", str(index))))
        return assemble(nodes, written, outcomes)

    def outcome(self, written: Mapping[str, Any], nodes: NodeCompiler, path: Path) -> dict[str, Any]:
        """Check the names an outcome refers to."""
        for key in ("all", "lacking"):
            for name in written.get(key, ()):
                self.check_type(nodes, name, "flag", (*path, key))
        for name in written.get("also", ()):
            if name not in nodes.nodes:
                self.source.problem((*path, "also"), f"missing step `{name}`")
        for key in RESULTS:
            if key in written:
                kind = {"payable_from": "date", "days": "count"}.get(key, "amount")
                self.check_type(nodes, written[key], kind, (*path, key))
        return dict(written)

    def check_type(self, nodes: NodeCompiler, name: str, kind: str, path: Path) -> None:
        """A name must be a step (or condition) of this benefit that gives a value of this type."""
        node = nodes.nodes.get(name)
        if node is None:
            self.source.problem(path, f"missing step or condition `{name}`")
        elif node.type != kind:
            self.source.problem(path, f"wrong type: `{name}` is a {node.type}, a {kind} is wanted")

    def calculations(self) -> dict[str, Benefit]:
        """Other computations the law defines, with inputs of their own."""
        result = {}
        for name, written in self.data.get("calculations", {}).items():
            path = ("calculations", name)
            inputs = self.figures.facts(written["inputs"], (*path, "inputs"))
            required = tuple(key for key, fact in written["inputs"].items() if fact.get("required"))
            nodes = NodeCompiler(self.names, path, written, inputs, required)
            compiled = nodes.compile_all()
            for key, step in written["outputs"].items():
                if step not in compiled:
                    self.source.problem((*path, "outputs", key), f"missing step `{step}`")
            on = str(written["on"]).removeprefix("input.")
            if on not in required or inputs[on].type not in ("date", "month"):
                self.source.problem((*path, "on"), "must be a required input of type date or month")
            shown = list(written.get("conditions", {}))
            outcome = {"all": [], "conditions": shown, "outputs": written["outputs"]}
            result[name] = assemble(nodes, written, [outcome])
            result[name].facts, result[name].on = inputs, on
            result[name].fact_labels = {key: fact["label"] for key, fact in written["inputs"].items()}
        return result

    def contributions(self) -> Contributions | None:
        """The contributions, when the scheme states them."""
        written = self.data.get("contributions")
        if written is None:
            return None
        path = ("contributions",)
        bases = {key: self.base(key, base, (*path, "bases", key)) for key, base in written["bases"].items()}
        branches = {
            key: self.branch(key, branch, bases, (*path, "branches", key))
            for key, branch in written["branches"].items()
        }
        refundable = written.get("refundable")
        if refundable is not None and (refundable not in bases or bases[refundable].ceiling is None):
            self.source.problem((*path, "refundable"), f"`{refundable}` is not a base with a ceiling")
        rounding = self.roundings.get(written["rounding"])
        if rounding is None:
            self.source.problem((*path, "rounding"), f"missing rounding `{written['rounding']}`")
            rounding = (Decimal(1), "half_up")
        self.check_classes(written)
        return Contributions(
            written["label"],
            written["source"],
            written["period"],
            rounding,
            written.get("posting", "filing"),
            refundable,
            bases,
            branches,
        )

    def check_classes(self, written: Mapping[str, Any]) -> None:
        """A class is asked for under a name of its own; each table that goes by it lists the same ones."""
        first: dict[str, str] = {}
        for name, branch in written["branches"].items():
            for payer in ("employee", "employer"):
                rate = branch.get(payer)
                if isinstance(rate, dict):
                    path = ("contributions", "branches", name, payer)
                    if rate["by"] in (*ASKED, written["period"]):
                        self.source.problem((*path, "by"), f"`{rate['by']}` is asked for already")
                    self.check_same_classes(first.setdefault(rate["by"], rate["table"]), rate, path)

    def check_same_classes(self, first: str, rate: Mapping[str, str], path: Path) -> None:
        """On no day may one table have a class that another by the same name lacks."""
        one, other = self.tables.get(first), self.tables.get(rate["table"])
        if one is None or other is None or one is other:
            return
        for day in sorted({*one.changes(), *other.changes()}):
            rows = [set(table.rows) for each in (one, other) if (table := each.at(day)) is not None]
            if any(each != rows[0] for each in rows):
                reason = f"`{rate['table']}` lists other classes than `{first}`, which goes by the same name"
                self.source.problem((*path, "table"), reason)
                return

    def base(self, name: str, written: Mapping[str, Any], path: Path) -> Base:
        """One base of contributions."""
        found = {
            key: self.parameter(written.get(key), "amount", (*path, key))
            for key in ("floor", "ceiling", "exemption")
        }
        return Base(name, written["source"], **found, label=written.get("label"))

    def branch(self, name: str, written: Mapping[str, Any], bases: Mapping[str, Base], path: Path) -> Branch:
        """One branch of contributions."""
        if written["base"] not in bases:
            self.source.problem((*path, "base"), f"missing base `{written['base']}`")
        rates: dict[str, Any] = {}
        for payer in ("employee", "employer"):
            rate = written.get(payer)
            if isinstance(rate, dict):
                rates[payer] = (self.rates_by_class(rate["table"], (*path, payer, "table")), rate["by"])
            else:
                rates[payer] = self.parameter(rate, "rate", (*path, payer))
        return Branch(name, written["label"], written["source"], written["base"], rates)

    def rates_by_class(self, name: str, path: Path) -> Parameter | None:
        """A table of rates with a row for each class of employer."""
        table = self.tables.get(name)
        if table is None:
            self.source.problem(path, f"missing table `{name}`")
            return None
        self.check_unit(table, "rate", path)
        if table.key != "class":
            self.source.problem(path, f"`{name}` has a row for each {table.key}, a class is wanted")
        return table


def assemble(nodes: NodeCompiler, written: Mapping[str, Any], outcomes: list[dict[str, Any]]) -> Benefit:
    """Put a benefit together: what is always computed, and what each outcome adds."""
    compiled = nodes.nodes
    check_use(nodes, outcomes)
    conditions = [compiled[key] for each in outcomes for key in conditions_of(each) if key in compiled]
    common = closure(conditions, compiled)
    known = [*nodes.parameter_slots.values(), *(nodes.names.parameters[key] for key in nodes.dated)]
    return Benefit(
        name=nodes.path[-1],
        label=written["label"],
        source=written["source"],
        nodes=compiled,
        common=common,
        outcomes=tuple(build_outcome(each, compiled, common, nodes) for each in outcomes),
        figures=tuple(node for node in compiled.values() if node.figure),
        inputs=tuple((slot, key) for key, slot in nodes.input_slots.items() if key != "insured"),
        insured=nodes.input_slots.get("insured"),
        requires=nodes.requires,
        parameters=nodes.parameter_slots,
        dated=frozenset(nodes.dated),
        constants=nodes.constants,
        questions=tuple(written.get("questions", ())),
        documents=tuple(written.get("documents", ())),
        cuts=cuts(known),
        whole_months="starts" in written,
    )


def check_use(nodes: NodeCompiler, outcomes: list[dict[str, Any]]) -> None:
    """Each step and condition must lead to an outcome, or dead law would be left standing."""
    compiled = nodes.nodes
    named = [name for each in outcomes for name in (*conditions_of(each), *each.get("also", ()))]
    named += [name for each in outcomes for name in results_of(each).values()]
    roots = [compiled[name] for name in named if name in compiled]
    used = {node.name for node in closure(roots, compiled)}
    for name, (part, _) in nodes.written.items():
        if name not in used:
            nodes.problem((part, name), "is used by no outcome, and by no step or condition that is")


def results_of(written: Mapping[str, Any]) -> dict[str, str]:
    """What an outcome owes (or a calculation gives), and the steps that say how much."""
    return written.get("outputs") or {key: written[key] for key in ROOTS if key in written}


def build_outcome(
    written: dict[str, Any], compiled: dict[str, Node], common: tuple[Node, ...], nodes: NodeCompiler
) -> Outcome:
    """One outcome: its own steps beyond the common ones, and all that its explanation shows."""
    results = results_of(written)
    lacking = tuple(written.get("lacking", ()))
    conditions = [compiled[key] for key in conditions_of(written) if key in compiled]
    roots = [compiled[key] for key in (*written.get("also", ()), *results.values()) if key in compiled]
    shown = closure([*conditions, *roots], compiled)
    plan = tuple(node for node in shown if node not in common)
    return Outcome(
        written.get("variant"),
        written.get("label"),
        bool(written.get("main")),
        tuple(written["all"]),
        lacking,
        results,
        plan,
        shown,
        tuple(conditions),
        (*conditions, *roots),
        tuple(node.slot for node in shown if node.slot in nodes.nullable),
        parameters_of(shown),
        fetch([compiled[key].slot for key in written["all"] if key in compiled]),
        fetch([compiled[key].slot for key in lacking if key in compiled]) if lacking else None,
    )


def conditions_of(written: dict[str, Any]) -> tuple[str, ...]:
    """The conditions an outcome shows: those it depends on, or those a calculation only reports."""
    return (*written["all"], *written.get("lacking", ()), *written.get("conditions", ()))


def parameters_of(shown: Iterable[Node]) -> tuple[Parameter, ...]:
    """The figures of the law that a computation rests on, in the order it meets them."""
    return tuple({figure.name: figure for node in shown for figure in node.rests_on}.values())


def closure(roots: Iterable[Node], compiled: dict[str, Node]) -> tuple[Node, ...]:
    """Roots with all they need, each after its needs."""
    result: dict[str, Node] = {}
    seen: set[str] = set()

    def visit(node: Node) -> None:
        if node.name in seen:
            return
        seen.add(node.name)
        for name in node.needs:
            if name in compiled:
                visit(compiled[name])
        result[node.name] = node

    for root in roots:
        visit(root)
    return tuple(result.values())
