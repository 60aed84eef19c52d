"""Puts a computation into words once for each law and language; a person's values are put in later."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from operator import itemgetter
from typing import Any

from .figure_words import figure_said
from .law import Node, Ref, Slots
from .nodes import ALWAYS_KNOWN
from .operations.operation import Arg
from .parameters import Parameter
from .phrases import Phrase, Ready, Sheet, Texts, filled, listed, together, unless_none
from .results import Form, Get, Result, fixed_row, form_of, parameter_row, plain
from .running import fetch
from .values import month_of
from .wording import Sentence, Wording, typeset, wording

FIGURES = ("node", "parameter", "literal")
AN_AMOUNT = ("amount", None)
COUNTED = ("count", "number", "years")
"""The types of value whose text says what is counted."""
WORDS = ("rounding", "child_flag", "credit_kind")
OF_THE_LAW = ("literal", "parameter", "dated", "table")
FEW = (str, int, bool, date, type(None))
"""What conditions find is one of few values, unless it is an amount."""
MOST_KNOWN = 1024
"""So many different rows of one condition are kept at most."""
RESULT_KEYS = ("monthly", "lump_sum", "daily", "days")
DAY = Phrase((0,))
"""The day of a title: the only text it is given."""


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step in words: its rule, both rule and value in one line, and what lies behind the value.

    `blank` is its row as data, each key in its place, with what the law alone says of it.
    """

    slot: int
    rule: Phrase
    value: int
    line: Phrase
    blank: dict[str, Any]
    form: Form | None
    fetched: tuple[tuple[str, Get], ...]
    get: Get
    detail: Callable[..., Any] | None


class StepLines:
    """All steps in words, written at once."""

    __slots__ = ("behind", "blanks", "data", "details", "forms", "slots", "text", "values")

    def __init__(self, lines: Sequence[StepLine], texts: int) -> None:
        """`texts` is how many texts there are."""
        self.text = Sheet([each.line for each in lines], texts)
        self.data = Sheet([each.rule for each in lines] + [each.line for each in lines], texts)
        self.blanks = [each.blank for each in lines]
        self.slots = [each.slot for each in lines]
        self.values = [each.value for each in lines]
        self.forms = [(place, each.slot, each.form) for place, each in enumerate(lines) if each.form]
        self.behind = [(place, each.fetched) for place, each in enumerate(lines) if each.fetched]
        self.details = [
            (place, each.detail, each.get) for place, each in enumerate(lines) if each.detail is not None
        ]

    def sentences(self, texts: list[Any]) -> str:
        """Each step in one line: its number, its label, its rule, its value, its source."""
        return "\n".join([f"  {number}. {said}" for number, said in enumerate(self.text.said(texts), 1)])

    def rows(self, values: Slots, texts: list[Any], plains: dict[int, Any]) -> list[dict[str, Any]]:
        """The steps as data: value, sentence, the arguments by name, the windows of an average."""
        said, rows = self.data.said(texts), [*map(dict.copy, self.blanks)]
        sentences = said[len(rows) :]
        for row, slot, rule, sentence, value in zip(
            rows, self.slots, said, sentences, self.values, strict=False
        ):
            row["value"] = plains[slot]
            row["sentence"] = sentence
            row["words"] = {"rule": rule, "value": texts[value]}
        for place, slot, form in self.forms:
            rows[place]["value"] = form(values[slot])
        for place, fetched in self.behind:
            arguments = rows[place]["arguments"] = rows[place]["arguments"].copy()
            for key, get in fetched:
                arguments[key] = [*get(plains)]
        for place, detail, get in self.details:
            rows[place]["detail"] = detail(*get(values))
        return rows


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """A condition in words: what it asks, what was found, whether it is met; `blank` as of a step."""

    slot: int
    required: Ready
    actual: Callable[[Any], str]
    outcomes: tuple[str, str]
    line: Ready
    blank: dict[str, Any]
    known: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)

    def sentence(self, met: Any, found: Any, texts: Texts) -> str:
        """What is asked, what was found and whether it is met in one line."""
        return self.line((self.required(texts), self.actual(found), self.outcomes[bool(met)]))

    def row(self, met: Any, asked: Any, found: Any, texts: Texts) -> dict[str, Any]:
        """The condition as data, with its sentence. Ages and counts of months are few: rows are kept."""
        required, type_ = self.required(texts), found.__class__
        if type_ not in FEW:
            return self._row(met, asked, found, required)
        key = (met, asked, found, type_, required)
        row = self.known.get(key)
        if row is None:
            row = self._row(met, asked, found, required)
            if len(self.known) < MOST_KNOWN:
                self.known[key] = row
        return row.copy()

    def _row(self, met: Any, asked: Any, found: Any, required: str) -> dict[str, Any]:
        actual, outcome = self.actual(found), self.outcomes[bool(met)]
        row = {**self.blank, "met": met, "required": plain(asked), "actual": plain(found)}
        row["sentence"] = self.line((required, actual, outcome))
        row["words"] = {"required": required, "actual": actual, "met": outcome}
        return row


@dataclass(frozen=True, slots=True)
class Lines:
    """An explanation in one language, ready for the values of anybody it applies to.

    `heads` stand above conditions and steps; the last is that of the figures with all of them below it.
    """

    title: Ready
    conditions: tuple[ConditionLine, ...]
    steps: StepLines
    parameters: tuple[dict[str, Any], ...]
    heads: tuple[str, str, str]
    due: Ready
    not_due: str
    written: tuple[tuple[int, Callable[[Any], Any], bool], ...]
    plain: tuple[int, ...]

    def texts(self, values: Slots, plains: Mapping[int, Any]) -> list[Any]:
        """Each figure that the explanation mentions, written once; amounts from their digits."""
        return [
            write(plains[slot] if from_digits else values[slot]) for slot, write, from_digits in self.written
        ]


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
        self.written: list[tuple[int, Callable[[Any], Any], bool]] = []
        self.places: dict[tuple[Any, ...], int] = {}
        self.plain: dict[int, None] = {}

    def lines(self) -> Lines:
        """Every line of the explanation."""
        view, frames = self.result.view(), self.words.frames
        figures = tuple(self.figure(each) for each in view.parameters)
        heads = (frames[key].fill({}) for key in ("conditions", "steps", "parameters"))
        head_of_conditions, head_of_steps, law = heads
        law = "\n".join([law, *(f"  {each['sentence']}" for each in figures)])
        conditions = tuple(self.condition(node) for node in view.conditions)
        steps, due = [self.step(node) for node in view.steps], self.due()
        return Lines(
            self.title(),
            conditions,
            StepLines(steps, len(self.written)),
            figures,
            (head_of_conditions, head_of_steps, law),
            due,
            frames["not_due"].fill({}),
            tuple(self.written),
            tuple(self.plain),
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

    def as_written(self, type_: str, counts: str | None) -> tuple[Callable[[Any], str], str, str | None]:
        """How a value is written, and what tells that way from another: the unit, of what is counted."""
        return self.value(type_, counts), type_, counts if type_ in COUNTED else None

    def place(self, slot: int, write: Callable[[Any], Any], *key: Any) -> int:
        """Where the text of a slot stands among the texts; a figure written the same way is written once."""
        asked = (slot, *(each for each in key if each is not None))
        if asked not in self.places:
            self.places[asked] = len(self.written)
            from_digits = key == AN_AMOUNT
            if from_digits:
                write = self.words.amounts(self.law.currency)
                self.plain[slot] = None
            self.written.append((slot, write, from_digits))
        return self.places[asked]

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
        write, *key = self.as_written(ref.type, counts)
        part = self.of_slot(ref, write, silent, *key)
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
        return Phrase((itemgetter(self.place(ref.slot, unless_none(write), "silent", *key)),))

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
            for (name, inner), ref in zip(arg.fields, refs[start : start + width], strict=True):
                row[name], row[f"{name}#"] = (self.argument(inner, ref, each) for each in (True, False))
            rows.append(filled(sentence.row, row) if sentence.row else None)
        return listed(rows, sentence.join)

    def sentence(self, node: Node) -> Phrase:
        """What a step or condition does, in one sentence without its value."""
        template = self.words.operations[node.operation.name]
        return filled(
            template, {name: self.form(node, template, name) for name in template.wanted}
        ).stripped()

    def step(self, node: Node) -> StepLine:
        """A step of the computation."""
        value = self.place(node.slot, *self.as_written(node.type, node.counts))
        rule, detail, form = self.sentence(node), node.operation.detail, form_of(node)
        line = self.frame("step", node, sentence=rule, value=Phrase((value,))).stripped()
        arguments, fetched = self.arguments(node)
        blank = {**fixed_row(node, self.lang), "value": None, "sentence": None, "words": None}
        blank |= {"arguments": arguments, **({"detail": None} if detail else {})}
        self.plain[node.slot] = None
        own = None if form is plain else form
        get = fetch(node.positions)
        return StepLine(node.slot, rule, value, line, blank, own, fetched, get, detail)

    def condition(self, node: Node) -> ConditionLine:
        """A condition of the benefit."""
        first = next(iter(node.args.get("actual", [])), None)
        said = {key: Phrase((place,)) for place, key in enumerate(("sentence", "actual", "met"))}
        blank = dict.fromkeys(("met", "required", "actual", "sentence", "words"))
        return ConditionLine(
            node.slot,
            self.sentence(node).ready(),
            self.value(first.type, first.counts) if first else self.value("number", None),
            (self.words.words["unmet"], self.words.words["met"]),
            self.frame("condition", node, **said).ready(),
            {**fixed_row(node, self.lang), **blank},
        )

    def frame(self, name: str, node: Node, **said: Phrase) -> Phrase:
        """A whole line: label and source, and what else it says."""
        label = typeset(node.label[self.lang], self.lang)
        phrases = {"label": Phrase((label,)), "source": Phrase((node.source,)), **said}
        return filled(self.words.frames[name], phrases)

    def arguments(self, node: Node) -> tuple[dict[str, Any], tuple[tuple[str, Get], ...]]:
        """The arguments of a step by name, and what finds those that the law itself does not fill."""
        found: dict[str, Any] = {}
        fetched = []
        for key, group in node.args.items():
            refs = [ref for ref in group if ref.kind in FIGURES and ref.type not in WORDS]
            if refs:
                found[key] = [plain(self.result.values[ref.slot]) for ref in refs if ref.kind in OF_THE_LAW]
            if len(found.get(key, refs)) < len(refs):
                slots = tuple(ref.slot for ref in refs)
                self.plain.update(dict.fromkeys(slots))
                fetched.append((key, fetch(slots)))
        return found, tuple(fetched)

    def due(self) -> Ready:
        """What is due, in one sentence."""
        frames, owed, label = self.words.frames, dict[str, Phrase](), self.result.outcome.label
        for key, name in self.result.outcome.results.items():
            node = self.benefit.nodes[name]
            if self.result.values[node.slot] is not None:
                written = self.as_written(node.type, node.counts or key)
                owed[key] = Phrase((self.place(node.slot, *written),))
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
