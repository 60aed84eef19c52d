"""Puts a computation into words once for each law and language; a person's values are put in later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from operator import itemgetter
from typing import Any

from .law import Law, Node, Ref, Slots
from .operations.operation import Arg
from .parameters import Parameter, Table
from .phrases import Phrase, Said, filled, listed, speak
from .results import Get, Result, Show, getter, parameter_row, plain
from .values import month_of
from .wording import Sentence, Wording, typeset, wording

FIGURES = ("node", "parameter", "literal")
WORDS = ("rounding", "child_flag", "credit_kind")
OF_THE_LAW = ("literal", "parameter", "dated", "table")
LONGEST_TABLE = 12
RULE, VALUE, MET = itemgetter(0), itemgetter(1), itemgetter(2)


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step in words: its rule, its value, both in one line, and what lies behind the value."""

    slot: int
    rule: Phrase
    value: Callable[[Any], str]
    line: Phrase
    arguments: dict[str, list[Any]]
    fetched: tuple[tuple[str, Get], ...]
    get: Get
    detail: Callable[..., Any] | None

    def said(self, values: Slots) -> tuple[str | None, str, str | None]:
        """The rule, the value, and both with label and source in one line."""
        rule, value = speak(self.rule, values), self.value(values[self.slot])
        return rule, value, speak(self.line, (rule, value))

    def behind(self, values: Slots) -> dict[str, Any]:
        """What lies behind the value: the arguments by name, the windows of an average."""
        arguments = self.arguments.copy()
        for key, get in self.fetched:
            arguments[key] = [*map(plain, get(values))]
        found: dict[str, Any] = {"arguments": arguments}
        if self.detail is not None:
            found["detail"] = self.detail(*self.get(values))
        return found


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """A condition in words: what it asks, what was found, whether it is met."""

    slot: int
    required: Phrase
    show: Show | None
    get: Get
    actual: Callable[[Any], str]
    outcomes: tuple[str, str]
    line: Phrase

    def said(self, values: Slots) -> tuple[str | None, str, str, str | None]:
        """What is asked, what was found, whether it is met, and all of it in one line."""
        required, met = speak(self.required, values), self.outcomes[bool(values[self.slot])]
        actual = self.actual(self.show(*self.get(values))[1] if self.show else None)
        return required, actual, met, speak(self.line, (required, actual, met))


@dataclass(frozen=True, slots=True)
class Lines:
    """An explanation in one language, ready for the values of anybody it applies to."""

    conditions: tuple[ConditionLine, ...]
    steps: tuple[StepLine, ...]
    parameters: tuple[dict[str, Any], ...]
    results: Mapping[str, tuple[int, Callable[[Any], str]]]

    def owed(self, key: str, values: Slots) -> str | None:
        """One thing that is due, in words, or None."""
        slot, write = self.results.get(key, (0, None))
        return None if write is None or values[slot] is None else write(values[slot])


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

    def lines(self) -> Lines:
        """Every line of the explanation."""
        view = self.result.view()
        return Lines(
            tuple(self.condition(node) for node in view.conditions),
            tuple(self.step(node) for node in view.steps),
            tuple(self.figure(each) for each in view.parameters),
            self.results(),
        )

    def value(self, type_: str, counts: str | None) -> Callable[[Any], str]:
        """How a value of this type is written."""
        return self.words.writer(type_, counts, self.law.currency)

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

    def argument(self, arg: Arg, ref: Ref, labelled: bool, stated: bool = False) -> Phrase:
        """One argument in words, with its label where it has one; `stated`: said only when it has a value."""
        if ref.type in WORDS:
            return self.word(ref) if self.result.values[ref.slot] is not None else None
        label = self.label(ref)
        if ref.kind == "table":
            return label
        counts = (arg.counts or "year") if ref.kind == "literal" and ref.type == "count" else ref.counts
        write: Said = self.value(ref.type, counts)
        if labelled and label is not None:
            write = self.labelled(label, write)
        silent = not labelled or (ref.kind != "dated" and (stated or arg.optional or ref.kind == "literal"))
        return self.of_slot(ref, _unless_none(write) if silent else write)

    def labelled(self, label: str, write: Said) -> Said:
        """The same value after its label."""
        return partial(speak, filled(self.words.frames["labelled"], {"label": label, "value": write}))

    def of_slot(self, ref: Ref, write: Said) -> Phrase:
        """What is written of a slot: at once where the law itself fills it."""
        slot = ref.slot
        if ref.kind not in OF_THE_LAW:
            return lambda values: write(values[slot])
        value = self.result.values[slot]
        return write(value.at(self.on) if isinstance(value, Parameter) else value)

    def form(self, node: Node, sentence: Sentence, name: str) -> Phrase:
        """One argument as a sentence asks for it: `name` labelled, `name#` alone, `name@` as a month."""
        key = name.rstrip("#@")
        arg, refs = node.operation.args[key], node.args[key]
        if arg.kind == "rows":
            return self.rows(arg, refs, sentence)
        if name.endswith("@"):
            return self.of_slot(refs[0], partial(_month, self.words))
        if name.endswith("#"):
            return self.argument(arg, refs[0], False)
        labelled = not sentence.plain
        return listed([self.argument(arg, ref, labelled, arg.many) for ref in refs], sentence.join)

    def rows(self, arg: Arg, refs: list[Ref], sentence: Sentence) -> Phrase:
        """A list of small mappings (brackets, age rules), each by the row's own template."""
        width = len(arg.fields)
        rows: list[Phrase] = []
        for start in range(0, len(refs), width):
            row: dict[str, Phrase] = {}
            for (name, field), ref in zip(arg.fields, refs[start : start + width], strict=True):
                row[name], row[f"{name}#"] = (self.argument(field, ref, each) for each in (True, False))
            rows.append(filled(sentence.row, row) if sentence.row else "")
        return listed(rows, sentence.join)

    def sentence(self, node: Node) -> Phrase:
        """What a step or condition does, in one sentence without its value."""
        template = self.words.operations[node.operation.name]
        said = filled(template, {name: self.form(node, template, name) for name in template.wanted})
        if callable(said):
            return lambda values: said(values).strip()  # type: ignore[union-attr]
        return said.strip() if said else said

    def step(self, node: Node) -> StepLine:
        """A step of the computation."""
        rule, value = self.sentence(node), self.value(node.type, node.counts)
        line = self.frame("step", node, rule, {"value": VALUE})
        get, detail = getter(node.positions), node.operation.detail
        return StepLine(node.slot, rule, value, line, *self.arguments(node), get, detail)

    def condition(self, node: Node) -> ConditionLine:
        """A condition of the benefit."""
        required, first = self.sentence(node), next(iter(node.args.get("actual", [])), None)
        found: dict[str, Phrase] = {"actual": VALUE, "met": MET}
        return ConditionLine(
            node.slot,
            required,
            node.operation.shown,
            getter(node.positions),
            self.value(first.type, first.counts) if first else self.value("number", None),
            (self.words.words["unmet"], self.words.words["met"]),
            self.frame("condition", node, required, found),
        )

    def frame(self, name: str, node: Node, rule: Phrase, others: Mapping[str, Phrase]) -> Phrase:
        """A whole line, made from what its line says: the rule first."""
        label = typeset(node.label[self.lang], self.lang)
        rule = RULE if callable(rule) else rule
        phrases = {"label": label, "sentence": rule, "source": node.source, **others}
        return filled(self.words.frames[name], phrases)

    def arguments(self, node: Node) -> tuple[dict[str, list[Any]], tuple[tuple[str, Get], ...]]:
        """The arguments of a step by name, and how to fetch those that the law itself does not fill."""
        found, fetched = {}, []
        for key, group in node.args.items():
            refs = [ref for ref in group if ref.kind in FIGURES and ref.type not in WORDS]
            if refs:
                found[key] = [plain(self.result.values[ref.slot]) for ref in refs if ref.kind in OF_THE_LAW]
            if len(found.get(key, refs)) < len(refs):
                fetched.append((key, getter(tuple(ref.slot for ref in refs))))
        return found, tuple(fetched)

    def results(self) -> dict[str, tuple[int, Callable[[Any], str]]]:
        """What may be due, and how each is written."""
        found = {}
        for key, name in self.result.outcome.results.items():
            node = self.benefit.nodes[name]
            found[key] = (node.slot, self.value(node.type, node.counts or key))
        return found

    def figure(self, parameter: Parameter) -> dict[str, Any]:
        """A figure of the law: what is added to its row."""
        history = parameter.name in self.benefit.dated
        row = parameter_row(parameter, self.on, self.lang, history)
        return figure_said(self.law, parameter, row, self.on, self.lang)


def _month(words: Wording, value: Any) -> str | None:
    """The month of an argument that is a date."""
    return words.month(month_of(value)) if isinstance(value, date) else None


def _unless_none(write: Said) -> Said:
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
