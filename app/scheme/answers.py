"""The one door: a question as JSON in, an answer out; as JSON, explained in words, or to be replayed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .claims import parse_claim
from .contributions import Assessment, Line, assess, parameters_of
from .evaluation import run_claim
from .explaining import figure_words
from .explanation import FORMAT, explain_data, explain_text
from .inputs import as_text, need
from .law import Law
from .loading import load, load_text
from .refusals import BadInput
from .results import Result
from .values import exactly
from .wording import Wording, typeset, wording

RECORD = "guichet-evaluation/1"
LANGUAGES = ("fr", "en")
Answer = Result | Assessment


def answer(data: Any, law: Law | None = None) -> Answer:
    """Answer a question in the contract's form; raises only `BadInput`, which names the field."""
    if not isinstance(data, Mapping):
        raise BadInput("(input)", "object")
    name = as_text(need(data, "scheme", ""), "scheme")
    law = law or load(name)
    if law.name != name:
        raise BadInput("scheme", "other_scheme", known=law.name)
    if data.get("benefit") == "contributions":
        return assess(law, data)
    return run_claim(parse_claim(law, data))


def evaluate(data: Any, lang: str = "en", law: Law | None = None) -> dict[str, Any]:
    """The contract's output for the contract's input."""
    return answer(data, law).as_dict(lang)


def explained(found: Answer, lang: str = "en") -> dict[str, Any]:
    """The output with every sentence, as versioned JSON."""
    if isinstance(found, Result):
        return explain_data(found, lang)
    data = {"format": FORMAT, "lang": lang, **found.as_dict(lang), "title": _title(found, lang)}
    lines = [line for rows in found.amounts.values() for line in rows] + found.refunds
    with exactly():
        for row, line in zip(data["steps"], lines, strict=True):
            row["sentence"] = _line_text(found, line, wording(lang))
            row["words"] = _line_words(found, line, wording(lang))
        for row, parameter in zip(data["parameters"], parameters_of(found.rules), strict=True):
            row["words"] = figure_words(found.law, parameter, row, lang)
    return data


def explained_text(found: Answer, lang: str = "en") -> str:
    """The explanation as lines of text."""
    if isinstance(found, Result):
        return explain_text(found, lang)
    words = wording(lang)
    lines = [_title(found, lang), ""]
    with exactly():
        for employer, rows in found.amounts.items():
            lines += [employer, *[f"  {_line_text(found, line, words)}" for line in rows]]
        if found.refunds:
            lines += [words.words["refundable"]]
        for line in found.refunds:
            lines += [f"  {line.employer or ''} {_line_text(found, line, words)}"]
    return "\n".join(lines)


def _title(found: Assessment, lang: str) -> str:
    """What was computed, under which law."""
    title = typeset(found.rules.label[lang], lang)
    head: dict[str, str | None] = {
        "benefit": f"{title} {found.period}",
        "scheme": typeset(found.law.label[lang], lang),
        "version": found.law.version,
    }
    return wording(lang).frames["calculation"].fill(head)


def _line_words(found: Assessment, line: Line, words: Wording) -> dict[str, str | None]:
    """A line of contributions in words: whose share, how it is found, how much."""
    currency = found.law.currency
    figures: dict[str, str | None] = {
        "base#": words.amount(line.base, currency),
        "rate#": words.rate(line.rate),
    }
    rule = words.operations[line.rule].fill(figures)
    who = [line.employer] if line.employer else []
    payer = ", ".join([*who, words.words[line.payer]])
    return {"rule": rule, "value": words.amount(line.value, currency), "payer": payer}


def _line_text(found: Assessment, line: Line, words: Wording) -> str:
    said = _line_words(found, line, words)
    return words.frames["step"].fill(
        {
            "label": f"{typeset(line.branch.label[words.lang], words.lang)}, {words.words[line.payer]}",
            "sentence": said["rule"],
            "value": said["value"],
            "source": line.branch.source,
        }
    )


def record(data: Mapping[str, Any], found: Answer) -> dict[str, Any]:
    """What to store with a decision, so that it can be shown and replayed to the unit later."""
    law = found.law if isinstance(found, Assessment) else found.claim.law
    return {
        "format": RECORD,
        "scheme": law.name,
        "version": law.version,
        "input": dict(data),
        "result": found.as_dict("en"),
    }


def replay(stored: Mapping[str, Any], law_text: str | None = None) -> Answer:
    """Answer a stored question again under the law it was answered under.

    `law_text` is the law's exact text (`Law.text`), needed once the law in this application has moved on.
    """
    version = as_text(need(stored, "version", ""), "version")
    law = load_text(law_text) if law_text is not None else load(as_text(need(stored, "scheme", ""), "scheme"))
    if law.version != version:
        raise BadInput("version", "other_version", stated=version, known=law.version)
    return answer(need(stored, "input", ""), law)
