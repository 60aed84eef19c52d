"""Why a result is what it is: conditions, steps and figures of the law in words, as data and as text."""

from __future__ import annotations

from decimal import getcontext, setcontext
from typing import Any

from .explaining import Lines, lines_of
from .phrases import Texts
from .results import Result, Rows
from .values import EXACT, exactly
from .wording import wording

FORMAT = "guichet-explanation/1"


def conclusion(result: Result, lines: Lines, texts: Texts) -> str:
    """What is due, in one sentence."""
    return lines.due(texts) if result.due else lines.not_due


def header(result: Result, lines: Lines, lang: str) -> str:
    """What was computed, under which law."""
    return lines.title((wording(lang).date(result.claim.on),))


def explain_text(result: Result, lang: str = "en") -> str:
    """The whole explanation as lines of text."""
    with exactly():
        lines, values = lines_of(result, lang), result.values
        texts, (conditions, steps, law) = lines.texts(values, result.plains_of(lines.plain)), lines.heads
        text = [header(result, lines, lang), ""]
        if lines.conditions:
            text.append(conditions)
            text += [
                f"  {'✓' if values[each.slot] else '✗'} {each.sentence(values[each.slot], found, texts)}"
                for each, (_, found) in zip(lines.conditions, result.required_and_actual(), strict=True)
            ]
            text.append("")
        text += [steps, lines.steps.sentences(texts), "", law]
        if result.claim.benefit.on == "on":
            text += ["", conclusion(result, lines, texts)]
        return "\n".join(text)


def explain_data(result: Result, lang: str = "en") -> dict[str, Any]:
    """The contract's output with, for each condition, step and figure, its sentence; `format` versions it.

    What is said of others in the same words is shared with them, such as the law's own figures: read it, or
    change a copy.
    """
    before = getcontext()
    setcontext(EXACT)
    try:
        lines, values = lines_of(result, lang), result.values
        plains = result.plains_of(lines.plain)
        texts = lines.texts(values, plains)
        asked = zip(lines.conditions, result.required_and_actual(), strict=True)
        rows = Rows(
            [line.row(values[line.slot], *pair, texts) for line, pair in asked],
            lines.steps.rows(values, texts, plains),
            [*lines.parameters],
        )
        data = {"format": FORMAT, "lang": lang, **result.as_dict(lang, rows)}
        data["title"] = header(result, lines, lang)
        if result.claim.benefit.on == "on":
            data["conclusion"] = conclusion(result, lines, texts)
        return data
    finally:
        setcontext(before)
