"""Why a result is what it is: conditions, steps and figures of the law in words, as data and as text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from .law import Law, Node, Ref
from .operations.operation import Arg
from .parameters import Parameter, Table, shown_value
from .results import Result, plain
from .values import exactly, month_of
from .wording import Sentence, Wording, typeset, wording

FORMAT = "guichet-explanation/1"
FIGURES = ("node", "parameter", "literal")
WORDS = ("rounding", "child_flag", "credit_kind")
LONGEST_TABLE = 12
RESULT_KEYS = ("monthly", "lump_sum", "daily", "days")


class Explainer:
    """Puts one result into words of one language."""

    def __init__(self, result: Result, lang: str) -> None:
        self.result = result
        self.law = result.claim.law
        self.benefit = result.claim.benefit
        self.words: Wording = wording(lang)
        self.lang = lang

    def value(self, node_type: str, counts: str | None, value: Any) -> str:
        """A value in words."""
        return self.words.value(value, node_type, counts, self.law.currency)

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

    def argument(self, arg: Arg, ref: Ref, labelled: bool) -> str | None:
        """One argument in words, with its label where it has one."""
        value = self.result.values[ref.slot]
        if value is None and (ref.kind == "literal" or arg.optional):
            return None
        if ref.type in WORDS:
            return self.word(ref)
        label = self.label(ref)
        if isinstance(value, Table):
            return label
        if isinstance(value, Parameter):
            value = value.at(self.result.claim.on)
        counts = (arg.counts or "year") if ref.kind == "literal" and ref.type == "count" else ref.counts
        text = self.value(ref.type, counts, value)
        if not labelled or label is None:
            return text if value is not None or labelled else None
        return self.words.frames["labelled"].fill({"label": label, "value": text})

    def month(self, ref: Ref) -> str | None:
        """The month of an argument that is a date."""
        value = self.result.values[ref.slot]
        return self.words.month(month_of(value)) if isinstance(value, date) else None

    def arguments(self, node: Node, sentence: Sentence) -> dict[str, str | None]:
        """The arguments a sentence names: `name` with labels, `name#` without, `name@` as a month."""
        return {name: self.form(node, sentence, name) for name in sentence.wanted}

    def form(self, node: Node, sentence: Sentence, name: str) -> str | None:
        """One argument in the form a sentence asks for."""
        key = name.rstrip("#@")
        arg, refs = node.operation.args[key], node.args[key]
        if arg.kind == "rows":
            return self.rows(arg, refs, sentence)
        if name.endswith("@"):
            return self.month(refs[0])
        if name.endswith("#"):
            return self.argument(arg, refs[0], False)
        stated = [ref for ref in refs if self.result.values[ref.slot] is not None] if arg.many else refs
        several = [self.argument(arg, ref, not sentence.plain) for ref in stated]
        known = [text for text in several if text is not None]
        return sentence.join.join(known) if known else None

    def rows(self, arg: Arg, refs: list[Ref], sentence: Sentence) -> str:
        """A list of small mappings (brackets, age rules), each by the row's own template."""
        width = len(arg.fields)
        rows = []
        for start in range(0, len(refs), width):
            row: dict[str, str | None] = {}
            for (name, field), ref in zip(arg.fields, refs[start : start + width], strict=True):
                row[name], row[f"{name}#"] = (self.argument(field, ref, each) for each in (True, False))
            rows.append(sentence.row.fill(row) if sentence.row else "")
        return sentence.join.join(rows)

    def sentence(self, node: Node) -> str:
        """What a step or condition does, in one sentence without its value."""
        template = self.words.operations[node.operation.name]
        return template.fill(self.arguments(node, template)).strip()

    def step(self, node: Node) -> str:
        """A step in one line."""
        value = self.value(node.type, node.counts, self.result.values[node.slot])
        return self.words.frames["step"].fill(self._common(node) | {"value": value})

    def condition(self, node: Node) -> str:
        """A condition in one line."""
        return self.words.frames["condition"].fill(self._common(node) | self.outcome_of(node))

    def outcome_of(self, node: Node) -> dict[str, str | None]:
        """What a condition found, and whether it is met, in words."""
        met = self.words.words["met" if self.result.values[node.slot] else "unmet"]
        actual = self.result.required_and_actual(node)[1]
        first = next((ref for ref in node.args.get("actual", [])), None)
        text = self.value(first.type, first.counts, actual) if first else self.value("number", None, actual)
        return {"actual": text, "met": met}

    def _common(self, node: Node) -> dict[str, str | None]:
        return {
            "label": typeset(node.label[self.lang], self.lang),
            "sentence": self.sentence(node),
            "source": node.source,
        }

    def applying(self, conditions: bool) -> list[Node]:
        """The nodes an explanation shows: those that applied."""
        view = self.result.view()
        return list(view.conditions if conditions else view.steps)

    def parameters(self) -> list[str]:
        """The figures of the law used, a line each; the same for all until the law changes."""
        view = self.result.view()
        key = ("sentences", self.lang, id(self.result.snapshot))
        found: list[str] | None = view.kept.get(key)
        if found is None:
            found = view.kept[key] = [self.parameter(each) for each in view.parameters]
        return found

    def parameter(self, parameter: Parameter) -> str:
        """A figure of the law in one line."""
        period = parameter.period_at(self.result.claim.on)
        value = period.value if period else None
        text = _figure(self.law, parameter, shown_value(value), self.words)
        since = None
        if period is not None and period.since > date.min and not isinstance(value, Table):
            since = self.words.date(period.since)
        label = typeset(parameter.label[self.lang], self.lang)
        return self.words.frames["parameter"].fill(
            {"label": label, "value": text, "since": since, "source": parameter.source}
        )

    def conclusion(self) -> str:
        """What is due, in one sentence."""
        if not self.result.due:
            return self.words.frames["not_due"].fill({})
        owed = {key: self.owed(key) for key in (*RESULT_KEYS, "payable_from")}
        amounts = [
            self.words.frames[key].fill({"value": owed[key]}) for key in RESULT_KEYS if owed[key] is not None
        ]
        label = self.result.outcome.label
        variant = typeset(label[self.lang], self.lang) if label else None
        return self.words.frames["due"].fill(
            {"variant": variant, "results": ", ".join(amounts), "payable_from": owed["payable_from"]}
        )

    def owed(self, key: str) -> str | None:
        """One thing due, in words, or None."""
        name = self.result.outcome.results.get(key)
        if name is None or self.result.value(name) is None:
            return None
        node = self.benefit.nodes[name]
        return self.value(node.type, node.counts or key, self.result.value(name))

    def header(self) -> str:
        """What was computed, under which law."""
        frame = "header" if self.benefit.on == "on" else "calculation"
        return self.words.frames[frame].fill(
            {
                "benefit": typeset(self.benefit.label[self.lang], self.lang),
                "on": self.words.date(self.result.claim.on),
                "scheme": typeset(self.law.label[self.lang], self.lang),
                "version": self.law.version,
            }
        )


def explain_text(result: Result, lang: str = "en") -> str:
    """The whole explanation as lines of text."""
    with exactly():
        words = Explainer(result, lang)
        lines = [words.header(), ""]
        conditions = words.applying(True)
        if conditions:
            lines += [words.words.frames["conditions"].fill({})]
            lines += [
                f"  {'✓' if result.values[node.slot] else '✗'} {words.condition(node)}" for node in conditions
            ]
            lines.append("")
        lines += [words.words.frames["steps"].fill({})]
        lines += [f"  {number}. {words.step(node)}" for number, node in enumerate(words.applying(False), 1)]
        lines += ["", words.words.frames["parameters"].fill({})]
        lines += [f"  {line}" for line in words.parameters()]
        if result.claim.benefit.on == "on":
            lines += ["", words.conclusion()]
        return "\n".join(lines)


def explain_data(result: Result, lang: str = "en") -> dict[str, Any]:
    """The contract's output with, for each condition, step and figure, its sentence; `format` versions it."""
    data = {"format": FORMAT, "lang": lang, **result.as_dict(lang)}
    with exactly():
        words = Explainer(result, lang)
        data["title"] = words.header()
        for row, node in zip(data["conditions"], words.applying(True), strict=True):
            row["sentence"] = words.condition(node)
            row["words"] = {"required": words.sentence(node), **words.outcome_of(node)}
        for row, node in zip(data["steps"], words.applying(False), strict=True):
            row["sentence"] = words.step(node)
            value = words.value(node.type, node.counts, result.values[node.slot])
            row["words"] = {"rule": words.sentence(node), "value": value}
            row.update(_detail(result, node))
        figures = zip(data["parameters"], words.parameters(), result.view().parameters, strict=True)
        for row, line, parameter in figures:
            row["sentence"] = line
            row["words"] = figure_words(result.claim.law, parameter, row, lang)
        if result.claim.benefit.on == "on":
            data["conclusion"] = words.conclusion()
    return data


def figure_words(law: Law, parameter: Parameter, row: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """A figure of the law as a row of an explanation shows it: value and day, or its values by date."""
    words = wording(lang)
    values = row.get("values") or [row]
    history = [
        {
            "since": words.date(date.fromisoformat(each["since"])) if each["since"] else None,
            "value": _figure(law, parameter, each["value"], words),
        }
        for each in values
    ]
    return {"values": history}


def _figure(law: Law, parameter: Parameter, shown: Any, words: Wording) -> str:
    """A figure in words; a short table row by row, a long one by its name alone."""
    if isinstance(shown, Mapping):
        rows = [
            f"{key}{words.words['row']}{_figure(law, parameter, row, words)}" for key, row in shown.items()
        ]
        return "; ".join(rows) if len(rows) <= LONGEST_TABLE else words.words["table"]
    number = None if shown is None else Decimal(shown)
    return words.value(number, parameter.unit, parameter.counts, law.currency)


def _detail(result: Result, node: Node) -> dict[str, Any]:
    """What lies behind a step's value: the windows of an average, the arguments by name."""
    arguments = {
        key: [plain(result.values[ref.slot]) for ref in refs if ref.kind in FIGURES and ref.type not in WORDS]
        for key, refs in node.args.items()
    }
    detail: dict[str, Any] = {"arguments": {key: values for key, values in arguments.items() if values}}
    if node.operation.detail is not None:
        detail["detail"] = node.operation.detail(*[result.values[position] for position in node.positions])
    return detail
