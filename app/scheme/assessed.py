"""Contributions in words: each base and amount with how it was found, as data and as lines of text."""

from __future__ import annotations

from typing import Any

from .contributions import AnyLine, Assessment, BaseLine, parameters_of
from .explanation import FORMAT
from .figure_words import figure_said
from .values import exactly
from .wording import Wording, typeset, wording


def assessment_data(found: Assessment, lang: str) -> dict[str, Any]:
    """The contract's output with, for each line and figure, its sentence; `format` versions it."""
    data = {"format": FORMAT, "lang": lang, **found.as_dict(lang), "title": _title(found, lang)}
    words = wording(lang)
    with exactly():
        for row, line in zip(data["steps"], found.lines(), strict=True):
            row.update(_said(found, line, words))
        for row, parameter in zip(data["parameters"], parameters_of(found.rules), strict=True):
            row.update(figure_said(found.law, parameter, row, found.day, lang))
    return data


def assessment_text(found: Assessment, lang: str) -> str:
    """The whole explanation as lines of text."""
    words, data = wording(lang), assessment_data(found, lang)
    lines, sentences = [data["title"], ""], iter([row["sentence"] for row in data["steps"]])
    for employer in found.amounts:
        lines += [employer, *[f"  {next(sentences)}" for _ in found.of_employer(employer)]]
    if found.refunds:
        lines += [words.words["refundable"]]
    for line in found.to_refund():
        head = f"{line.employer} " if line.employer else ""
        lines += [f"  {head}{next(sentences)}"]
    lines += ["", words.frames["parameters"].fill({})]
    return "\n".join([*lines, *[f"  {row['sentence']}" for row in data["parameters"]]])


def _title(found: Assessment, lang: str) -> str:
    """What was computed, under which law."""
    title = typeset(found.rules.label[lang], lang)
    head: dict[str, str | None] = {
        "benefit": f"{title} {found.period}",
        "scheme": typeset(found.law.label[lang], lang),
        "version": found.law.version,
    }
    return wording(lang).frames["calculation"].fill(head)


def _payer(line: AnyLine, words: Wording) -> list[str]:
    """Whose share a line is; of what is refunded, that it lies above the ceiling."""
    if isinstance(line, BaseLine):
        return [words.words["excess"]] if line.employer is None else []
    return [words.words[line.payer]]


def _rule(found: Assessment, line: AnyLine, words: Wording) -> str:
    """How a line is found."""
    currency = found.law.currency
    if not isinstance(line, BaseLine):
        figures = {"base#": words.amount(line.base, currency), "rate#": words.rate(line.rate)}
        return words.operations[line.rule].fill({**figures})
    template = words.operations[line.rule]
    said: dict[str, list[str]] = {}
    for part in line.parts:
        label = typeset(part.label[words.lang], words.lang) if part.label else words.words[part.role]
        labelled = {"label": label, "value": words.amount(part.value, currency)}
        said.setdefault(part.role, []).append(words.frames["labelled"].fill({**labelled}))
    return template.fill({role: template.join.join(texts) for role, texts in said.items()})


def _said(found: Assessment, line: AnyLine, words: Wording) -> dict[str, Any]:
    """A line in words: how it is found, how much, whose it is, and all of it with label and article."""
    rule, value = _rule(found, line, words), words.amount(line.value, found.law.currency)
    payer = _payer(line, words)
    label = ", ".join([line.label(words.lang), *payer])
    frame = {"label": label, "sentence": rule, "value": value, "source": line.source}
    who = ", ".join([*([line.employer] if line.employer else []), *payer])
    words_of_line = {"rule": rule, "value": value, "payer": who}
    return {"sentence": words.frames["step"].fill({**frame}), "words": words_of_line}
