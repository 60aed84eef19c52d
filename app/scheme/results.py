"""A result: the figures of an evaluation, given out as the contract's JSON in French or English."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from .claims import Claim
from .law import Node, Outcome, Slots, Snapshot
from .parameters import Parameter, shown_value
from .running import fetch
from .values import decimal_text, month_text
from .wording import typeset

Form = Callable[[Any], Any]
Show = Callable[..., tuple[Any, Any]]
Get = Callable[[Any], Any]
HIDDEN = ("insured", "career", "spouse.career")
AMOUNTS = ("monthly", "lump_sum", "daily")
OWED = (*AMOUNTS, "days", "payable_from")


class Rows(NamedTuple):
    """What explains a result, as data."""

    conditions: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    parameters: list[dict[str, Any]]


@dataclass(slots=True)
class Result:
    """What an evaluation found. Texts are only made when asked for."""

    claim: Claim
    snapshot: Snapshot
    values: Slots
    outcome: Outcome
    chosen: bool
    due: bool
    seen: View | None = None
    plains: dict[int, Any] = field(default_factory=dict)
    pairs: list[tuple[Any, Any]] | None = None

    def value(self, name: str) -> Any:
        """The value of a step or condition by name."""
        return self.values[self.claim.benefit.nodes[name].slot]

    def plain_of(self, slot: int) -> Any:
        """A slot as JSON, written once."""
        if slot not in self.plains:
            value = self.values[slot]
            self.plains[slot] = _FORMS[type(value)](value)
        return self.plains[slot]

    def plains_of(self, slots: Iterable[int]) -> dict[int, Any]:
        """Several slots as JSON, at once."""
        values, plains = self.values, self.plains
        for slot in slots:
            value = values[slot]
            plains[slot] = _FORMS[value.__class__](value)
        return plains

    def as_dict(self, lang: str = "en", rows: Rows | None = None) -> dict[str, Any]:
        """The contract's output; `rows` is all but its head, where it is at hand already."""
        claim, values = self.claim, self.values
        rows = rows or Rows(self.conditions(lang), self.steps(lang), self.parameters(lang))
        if claim.benefit.on != "on":
            return self._calculation(rows)
        blank, owed = self._head()
        head = blank.copy()
        head["on"] = claim.on.isoformat()
        head["conditions"], head["steps"], head["parameters"] = rows
        head["figures"] = {
            name: self.plain_of(slot) if form is plain else form(values[slot])
            for name, slot, form in self._figures()
        }
        for key, slot in owed:
            head[key] = self.plain_of(slot)
        return head

    def _head(self) -> tuple[dict[str, Any], list[tuple[str, int]]]:
        """The output with each key in its place and what is the same for all, and where what is owed lies."""
        kept, law = self.view().kept, self.claim.law
        found: tuple[dict[str, Any], list[tuple[str, int]]] | None = kept.get(("head", self.due))
        if found is None:
            nodes, results = self.claim.benefit.nodes, self.outcome.results if self.due else {}
            blank: dict[str, Any] = {
                "scheme": law.name,
                "version": law.version,
                "benefit": self.claim.benefit.name,
            }
            blank |= {"variant": self.outcome.variant if self.due else None, "on": None, "eligible": self.due}
            blank |= dict.fromkeys(("conditions", "figures", "steps", *AMOUNTS, "days"))
            blank |= {"currency": law.currency.code, "payable_from": None, "parameters": None}
            owed = [(key, nodes[results[key]].slot) for key in OWED if key in results]
            found = kept["head", self.due] = (blank, owed)
        return found

    def _figures(self) -> list[tuple[str, int, Form]]:
        """The named figures of the benefit, each with how it is written."""
        kept = self.claim.benefit.rendered
        found: list[tuple[str, int, Form]] | None = kept.get("figures")
        if found is None:
            found = [(node.name, node.slot, form_of(node)) for node in self.claim.benefit.figures]
            kept["figures"] = found
        return found

    def _calculation(self, rows: Rows) -> dict[str, Any]:
        nodes = self.claim.benefit.nodes
        outputs = {key: shown(nodes[name], self.value(name)) for key, name in self.outcome.results.items()}
        law = self.claim.law
        return {
            "scheme": law.name,
            "version": law.version,
            "benefit": self.claim.benefit.name,
            **outputs,
            "conditions": rows.conditions,
            "steps": rows.steps,
            "currency": law.currency.code,
            "parameters": rows.parameters,
        }

    def view(self) -> View:
        """What of the outcome applies to this person; kept, since few patterns occur."""
        if self.seen is None:
            self.seen = self._view()
        return self.seen

    def _view(self) -> View:
        values, outcome = self.values, self.outcome
        key = (id(outcome), self.chosen, *[values[slot] is None for slot in outcome.may_lack])
        found: View | None = self.claim.benefit.rendered.get(key)
        if found is None:
            found = self._make_view()
            self.claim.benefit.rendered[key] = found
        return found

    def _make_view(self) -> View:
        """Follow the outcome's results back through what has a value: the rest explains nothing here."""
        values, nodes, outcome = self.values, self.claim.benefit.nodes, self.outcome
        reached: dict[str, Node] = {}

        def visit(node: Node) -> None:
            if node.name not in reached and values[node.slot] is not None:
                for name in node.needs:
                    visit(nodes[name])
                reached[node.name] = node

        for root in outcome.roots:
            visit(root)
        steps = tuple(node for node in reached.values() if not node.is_condition)
        conditions = tuple(node for node in outcome.conditions if values[node.slot] is not None)
        used = {figure.name for node in reached.values() for figure in node.rests_on}
        parameters = tuple(each for each in outcome.parameters if each.name in used)
        return View(conditions, steps, parameters, {})

    def conditions(self, lang: str) -> list[dict[str, Any]]:
        """Each condition that applies: met or not, required, actual."""
        values = self.values
        rows = []
        for (slot, fixed), (required, actual) in zip(
            self.view().condition_rows(lang), self.required_and_actual(), strict=True
        ):
            row = fixed.copy()
            row["met"] = values[slot]
            row["required"], row["actual"] = plain(required), plain(actual)
            rows.append(row)
        return rows

    def required_and_actual(self) -> list[tuple[Any, Any]]:
        """What each condition asks and what was found."""
        if self.pairs is None:
            values = self.values
            self.pairs = [show(*get(values)) for show, get in self.view().asking()]
        return self.pairs

    def steps(self, lang: str) -> list[dict[str, Any]]:
        """Each step that led to the result, in order; the last is the result itself."""
        values, plain_of = self.values, self.plain_of
        rows = []
        for slot, fixed, form in self.view().step_rows(lang):
            row = fixed.copy()
            row["value"] = plain_of(slot) if form is plain else form(values[slot])
            rows.append(row)
        return rows

    def parameters(self, lang: str) -> list[dict[str, Any]]:
        """The figures of the law in force, each with its source and the day it holds from."""
        view = self.view()
        key = ("parameters", lang, id(self.snapshot))
        found: list[dict[str, Any]] | None = view.kept.get(key)
        if found is None:
            dated, on = self.claim.benefit.dated, self.claim.on
            found = [parameter_row(each, on, lang, each.name in dated) for each in view.parameters]
            view.kept[key] = found
        return [row.copy() for row in found]


@dataclass(frozen=True, slots=True)
class View:
    """The conditions, steps and figures that explain a result, and their unchanging parts by language."""

    conditions: tuple[Node, ...]
    steps: tuple[Node, ...]
    parameters: tuple[Parameter, ...]
    kept: dict[Any, Any]

    def condition_rows(self, lang: str) -> list[tuple[int, dict[str, Any]]]:
        """Each condition with what of its row does not depend on the person."""
        found: list[tuple[int, dict[str, Any]]] | None = self.kept.get(("conditions", lang))
        if found is None:
            found = self.kept["conditions", lang] = [
                (node.slot, fixed_row(node, lang)) for node in self.conditions
            ]
        return found

    def asking(self) -> list[tuple[Show, Get]]:
        """How to find what each condition asks, and what was found."""
        found: list[tuple[Show, Get]] | None = self.kept.get("asking")
        if found is None:
            shows = ((node.operation.shown or _always, fetch(node.positions)) for node in self.conditions)
            found = self.kept["asking"] = list(shows)
        return found

    def step_rows(self, lang: str) -> list[tuple[int, dict[str, Any], Form]]:
        """Each step with what of its row does not depend on the person, and how its value is written."""
        found: list[tuple[int, dict[str, Any], Form]] | None = self.kept.get(("steps", lang))
        if found is None:
            found = [(node.slot, fixed_row(node, lang), form_of(node)) for node in self.steps]
            self.kept["steps", lang] = found
        return found


def _always(*_: Any) -> tuple[Any, Any]:
    return True, None


def fixed_row(node: Node, lang: str) -> dict[str, Any]:
    """A row of the explanation without its values."""
    row: dict[str, Any] = {"id": node.name, "label": typeset(node.label[lang], lang), "source": node.source}
    row["rule"] = node.operation.name
    named = [ref for group in node.args.values() for ref in group if ref.kind not in ("literal", "unknown")]
    row["from"] = list(dict.fromkeys(ref.name for ref in named if ref.name not in HIDDEN))
    return row


def parameter_row(parameter: Parameter, on: Any, lang: str, with_history: bool) -> dict[str, Any]:
    """A figure of the law as in force on a day; one used month by month is given with its history."""
    period = parameter.period_at(on)
    row: dict[str, Any] = {
        "id": parameter.name,
        "label": typeset(parameter.label[lang], lang),
        "source": parameter.source,
        "unit": parameter.unit,
        "value": None,
        "since": None,
    }
    if period is not None:
        since = period.since.isoformat()
        row["value"] = shown_value(period.value)
        row["since"] = None if since == "0001-01-01" else since
    if with_history:
        row["values"] = [
            {"since": each.since.isoformat(), "value": shown_value(each.value)}
            for each in parameter.periods
            if each.since <= on
        ] or [{"since": None, "value": row["value"]}]
    return row


def shown(node: Node, value: Any) -> Any:
    """A value as it stands in JSON: amounts and rates as text, counts as integers."""
    return form_of(node)(value)


def form_of(node: Node) -> Form:
    """How a node's values are written in JSON."""
    return _count if node.type == "count" else plain


def _count(value: Any) -> int | None:
    return None if value is None else int(value)


def plain(value: Any) -> Any:
    """Any value of the engine as JSON."""
    return _FORMS[type(value)](value)


def _same(value: Any) -> Any:
    return value


def _years(value: dict[int, Decimal]) -> dict[str, str]:
    return {str(year): decimal_text(amount) for year, amount in value.items()}


def _period(value: tuple[int, int]) -> str:
    return f"{month_text(value[0])}/{month_text(value[1] - 1)}"


_FORMS: dict[type, Form] = {
    Decimal: decimal_text,
    int: _same,
    bool: _same,
    str: _same,
    type(None): _same,
    date: date.isoformat,
    dict: _years,
    tuple: _period,
}
