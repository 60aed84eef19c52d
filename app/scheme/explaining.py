"""Puts a computation into words once for each law and language; a person's values are put in later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from operator import itemgetter
from typing import Any

from .law import Law, Node, Ref, Slots
from .nodes import ALWAYS_KNOWN
from .operations.operation import Arg
from .parameters import Parameter, Table
from .phrases import Phrase, Ready, Texts, filled, listed, together
from .results import Get, Result, getter, parameter_row, plain
from .values import month_of
from .wording import Sentence, Wording, typeset, wording

FIGURES = ("node", "parameter", "literal")
WORDS = ("rounding", "child_flag", "credit_kind")
OF_THE_LAW = ("literal", "parameter", "dated", "table")
LONGEST_TABLE = 12
RESULT_KEYS = ("monthly", "lump_sum", "daily", "days")
DAY = Phrase((0,))
"""The day of a title: the only text it is given."""


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step in words: its rule, its value, both in one line, and what lies behind the value."""

    rule: Ready
    value: int
    line: Ready
    arguments: dict[str, list[Any]]
    fetched: tuple[tuple[str, tuple[int, ...]], ...]
    get: Get
    detail: Callable[..., Any] | None

    def said(self, texts: Texts) -> tuple[str, str, str]:
        """The rule, the value, and both with label and source in one line."""
        rule, value = self.rule(texts), texts[self.value]
        return rule, value, self.line((rule, value))

    def behind(self, result: Result) -> dict[str, Any]:
        """What lies behind the value: the arguments by name, the windows of an average."""
        arguments, plain_of = self.arguments.copy(), result.plain_of
        for key, slots in self.fetched:
            arguments[key] = [plain_of(slot) for slot in slots]
        if self.detail is None:
            return {"arguments": arguments}
        return {"arguments": arguments, "detail": self.detail(*self.get(result.values))}


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """A condition in words: what it asks, what was found, whether it is met."""

    slot: int
    required: Ready
    actual: Callable[[Any], str]
    outcomes: tuple[str, str]
    line: Ready

    def said(self, met_or_not: Any, found: Any, texts: Texts) -> tuple[str, str, str, str]:
        """What is asked, what was found, whether it is met, and all of it in one line."""
        required, met, actual = self.required(texts), self.outcomes[bool(met_or_not)], self.actual(found)
        return required, actual, met, self.line((required, actual, met))


@dataclass(frozen=True, slots=True)
class Lines:
    """An explanation in one language, ready for the values of anybody it applies to.

    `heads` stand above conditions and steps; the last is that of the figures with all of them below it.
    """

    title: Ready
    conditions: tuple[ConditionLine, ...]
    steps: tuple[StepLine, ...]
    parameters: tuple[dict[str, Any], ...]
    heads: tuple[str, str, str]
    due: Ready
    not_due: str
    written: tuple[tuple[int, Callable[[Any], Any]], ...]

    def texts(self, values: Slots) -> list[Any]:
        """Each figure that the explanation mentions, written once."""
        return [write(values[slot]) for slot, write in self.written]


def lines_of(result: Result, lang: str) -> Lines:
    """The explanation of a result; kept, since it is the same for all until the law changes."""
    view = result.view()
    key = ("lines", lang, id(result.snapshot))
    found: Lines | None = view.kept.get(key)
    if found is None:
        found = view.kept[key] = Explainer(result, lang).lines()
    return found


class Explainer:
    """Puts the law behind one result into words of one language; only the values are left open.

    Nothing it makes keeps the result itself: the lines outlive the person they were first made for.
    """

    def __init__(self, result: Result, lang: str) -> None:
        self.result = result
        self.on = result.claim.on
        self.law = result.claim.law
        self.benefit = result.claim.benefit
        self.words: Wording = wording(lang)
        self.lang = lang
        self.written: list[tuple[int, Callable[[Any], Any]]] = []
        self.places: dict[tuple[Any, ...], int] = {}

    def lines(self) -> Lines:
        """Every line of the explanation."""
        view, frames = self.result.view(), self.words.frames
        figures = tuple(self.figure(each) for each in view.parameters)
        conditions, steps, law = (frames[key].fill({}) for key in ("conditions", "steps", "parameters"))
        law = "\n".join([law, *(f"  {each['sentence']}" for each in figures)])
        return Lines(
            self.title(),
            tuple(self.condition(node) for node in view.conditions),
            tuple(self.step(node) for node in view.steps),
            figures,
            (conditions, steps, law),
            self.due(),
            frames["not_due"].fill({}),
            tuple(self.written),
        )

    def title(self) -> Ready:
        """What was computed, under which law; from the day asked, in words."""
        frame = self.words.frames["header" if self.benefit.on == "on" else "calculation"]
        said = {
            "benefit": typeset(self.benefit.label[self.lang], self.lang),
            "scheme": typeset(self.law.label[self.lang], self.lang),
            "version": self.law.version,
        }
        return filled(frame, {**{key: Phrase((text,)) for key, text in said.items()}, "on": DAY}).ready()

    def value(self, type_: str, counts: str | None) -> Callable[[Any], str]:
        """How a value of this type is written."""
        return self.words.writer(type_, counts, self.law.currency)

    def place(self, slot: int, write: Callable[[Any], Any], *key: Any) -> int:
        """Where the text of a slot stands among the texts; a figure written the same way is written once."""
        if (slot, *key) not in self.places:
            self.places[slot, *key] = len(self.written)
            self.written.append((slot, write))
        return self.places[slot, *key]

    def label(self, ref: Ref) -> str | None:
        """The label of what an argument names; None for a plain figure."""
        if ref.kind == "node":
            return typeset(self.benefit.nodes[ref.name].label[self.lang], self.lang)
        if ref.kind in ("parameter", "dated"):
            return typeset(self.law.parameters[ref.name].label[self.lang], self.lang)
        if ref.kind == "table":
            return typeset(self.law.tables[ref.name].label[self.lang], self.lang)
        return self.input_label(ref.name) if ref.kind == "input" else None

    def input_label(self, name: str) -> str | None:
        """The label of a fact."""
        prefix, _, key = name.partition(".")
        if prefix == "facts":
            return typeset(self.law.fact_label(key)[self.lang], self.lang)
        if prefix == "input":
            return typeset(self.benefit.fact_labels[key][self.lang], self.lang)
        return self.words.inputs.get(name)

    def word(self, ref: Ref) -> str | None:
        """What a rounding, a credited kind or a child's state is called; None when it has no label."""
        head, credited = self.law.data["scheme"], self.law.data.get("insurance", {}).get("credited", {})
        if ref.type == "child_flag":
            label = head["child_flags"][ref.name]
        elif ref.type == "credit_kind":
            label = credited[ref.name]["label"]
        else:
            label = self.law.data["roundings"][ref.name].get("label")
        return typeset(label[self.lang], self.lang) if label else None

    def argument(self, arg: Arg, ref: Ref, labelled: bool, stated: bool = False) -> Phrase | None:
        """One argument in words, with its label where it has one; `stated`: said only when it has a value."""
        if ref.type in WORDS:
            word = self.word(ref) if self.result.values[ref.slot] is not None else None
            return Phrase((word,)) if word is not None else None
        label = self.label(ref)
        if ref.kind == "table":
            return Phrase((str(label),))
        counts = (arg.counts or "year") if ref.kind == "literal" and ref.type == "count" else ref.counts
        silent = not labelled or (ref.kind != "dated" and (stated or arg.optional or ref.kind == "literal"))
        part = self.of_slot(ref, self.value(ref.type, counts), silent, ref.type, counts)
        if part is None or not labelled or label is None:
            return part
        return together(filled(self.words.frames["labelled"], {"label": Phrase((label,)), "value": part}))

    def of_slot(self, ref: Ref, write: Callable[[Any], Any], silent: bool, *key: Any) -> Phrase | None:
        """What is written of a slot: at once where the law itself fills it; `silent`: nothing of nothing."""
        value = self.result.values[ref.slot]
        if ref.kind in OF_THE_LAW and isinstance(value, Parameter):
            value = value.at(self.on)
        known = ref.kind in OF_THE_LAW or ref.kind == "node"
        if known and value is None:
            return None if silent else Phrase((write(None),))
        if ref.kind in OF_THE_LAW:
            return Phrase((write(value),))
        if known or not silent or ref.name in ALWAYS_KNOWN:
            return Phrase((self.place(ref.slot, write, *key),))
        return Phrase((itemgetter(self.place(ref.slot, _unless_none(write), "silent", *key)),))

    def form(self, node: Node, sentence: Sentence, name: str) -> Phrase | None:
        """One argument as a sentence asks for it: `name` labelled, `name#` alone, `name@` as a month."""
        key = name.rstrip("#@")
        arg, refs = node.operation.args[key], node.args[key]
        if arg.kind == "rows":
            return self.rows(arg, refs, sentence)
        if name.endswith("@"):
            return self.of_slot(refs[0], partial(_month, self.words), True, "month")
        if name.endswith("#"):
            return self.argument(arg, refs[0], False)
        labelled = not sentence.plain
        return listed([self.argument(arg, ref, labelled, arg.many) for ref in refs], sentence.join)

    def rows(self, arg: Arg, refs: list[Ref], sentence: Sentence) -> Phrase | None:
        """A list of small mappings (brackets, age rules), each by the row's own template."""
        width = len(arg.fields)
        rows: list[Phrase | None] = []
        for start in range(0, len(refs), width):
            row: dict[str, Phrase | None] = {}
            for (name, field), ref in zip(arg.fields, refs[start : start + width], strict=True):
                row[name], row[f"{name}#"] = (self.argument(field, ref, each) for each in (True, False))
            rows.append(filled(sentence.row, row) if sentence.row else None)
        return listed(rows, sentence.join)

    def sentence(self, node: Node) -> Ready:
        """What a step or condition does, in one sentence without its value."""
        template = self.words.operations[node.operation.name]
        return filled(template, {name: self.form(node, template, name) for name in template.wanted}).ready()

    def step(self, node: Node) -> StepLine:
        """A step of the computation."""
        value = self.place(node.slot, self.value(node.type, node.counts), node.type, node.counts)
        line = self.frame("step", node, "value")
        get, detail = getter(node.positions), node.operation.detail
        return StepLine(self.sentence(node), value, line, *self.arguments(node), get, detail)

    def condition(self, node: Node) -> ConditionLine:
        """A condition of the benefit."""
        first = next(iter(node.args.get("actual", [])), None)
        return ConditionLine(
            node.slot,
            self.sentence(node),
            self.value(first.type, first.counts) if first else self.value("number", None),
            (self.words.words["unmet"], self.words.words["met"]),
            self.frame("condition", node, "actual", "met"),
        )

    def frame(self, name: str, node: Node, *others: str) -> Ready:
        """A whole line, made from what its line says: the rule first, then the others."""
        label = typeset(node.label[self.lang], self.lang)
        phrases = {"label": Phrase((label,)), "source": Phrase((node.source,))}
        phrases |= {key: Phrase((place,)) for place, key in enumerate(("sentence", *others))}
        return filled(self.words.frames[name], phrases).ready()

    def arguments(self, node: Node) -> tuple[dict[str, list[Any]], tuple[tuple[str, tuple[int, ...]], ...]]:
        """The arguments of a step by name, and where those lie that the law itself does not fill."""
        found, fetched = {}, []
        for key, group in node.args.items():
            refs = [ref for ref in group if ref.kind in FIGURES and ref.type not in WORDS]
            if refs:
                found[key] = [plain(self.result.values[ref.slot]) for ref in refs if ref.kind in OF_THE_LAW]
            if len(found.get(key, refs)) < len(refs):
                fetched.append((key, tuple(ref.slot for ref in refs)))
        return found, tuple(fetched)

    def due(self) -> Ready:
        """What is due, in one sentence."""
        frames, owed, label = self.words.frames, dict[str, Phrase](), self.result.outcome.label
        for key, name in self.result.outcome.results.items():
            node = self.benefit.nodes[name]
            if self.result.values[node.slot] is not None:
                counts = node.counts or key
                owed[key] = Phrase((self.place(node.slot, self.value(node.type, counts), node.type, counts),))
        amounts = [filled(frames[key], {"value": owed[key]}) for key in RESULT_KEYS if key in owed]
        said = {"results": listed(amounts, ", "), "payable_from": owed.get("payable_from")}
        variant = Phrase((typeset(label[self.lang], self.lang),)) if label else None
        return filled(frames["due"], {"variant": variant, **said}).ready()

    def figure(self, parameter: Parameter) -> dict[str, Any]:
        """A figure of the law: its row, with its sentence and its words."""
        history = parameter.name in self.benefit.dated
        row = parameter_row(parameter, self.on, self.lang, history)
        return row | figure_said(self.law, parameter, row, self.on, self.lang)


def _month(words: Wording, value: Any) -> str | None:
    """The month of an argument that is a date."""
    return words.month(month_of(value)) if isinstance(value, date) else None


def _unless_none(write: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same, saying nothing of what has no value."""
    return lambda value: None if value is None else write(value)


def figure_said(
    law: Law, parameter: Parameter, row: Mapping[str, Any], on: date, lang: str
) -> dict[str, Any]:
    """What is added to the row of a figure of the law: its sentence and its words."""
    words = wording(lang)
    since = words.date(date.fromisoformat(row["since"])) if row["since"] else None
    said = words.frames["parameter"].fill(
        {
            "label": row["label"],
            "value": figure_text(law, parameter, parameter.at(on), words),
            "since": None if isinstance(row["value"], Mapping) else since,
            "source": parameter.source,
        }
    )
    return {"sentence": said, "words": figure_words(law, parameter, row, lang)}


def figure_words(law: Law, parameter: Parameter, row: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """A figure of the law as a row of an explanation shows it: value and day, or its values by date."""
    words = wording(lang)
    since = [each["since"] for each in row.get("values") or [row]]
    days = [date.fromisoformat(day) if day else None for day in since]
    history = [
        {
            "since": words.date(day) if day else None,
            "value": figure_text(law, parameter, parameter.at(day or date.min), words),
        }
        for day in days
    ]
    return {"values": history}


def figure_text(law: Law, parameter: Parameter, value: Any, words: Wording) -> str:
    """A figure in words; a short table row by row, a long one by its name alone."""
    if isinstance(value, Table):
        rows = [
            f"{key}{words.words['row']}{figure_text(law, parameter, row, words)}"
            for key, row in value.rows.items()
        ]
        return words.words["rows"].join(rows) if len(rows) <= LONGEST_TABLE else words.words["table"]
    return words.value(value, parameter.unit, parameter.counts, law.currency)
