"""Why a result is what it is: conditions, steps and figures of the law in words, as data and as text."""

from __future__ import annotations

from typing import Any

from .explaining import lines_of
from .results import Result
from .values import exactly
from .wording import typeset, wording

FORMAT = "guichet-explanation/1"
RESULT_KEYS = ("monthly", "lump_sum", "daily", "days")


def conclusion(result: Result, lang: str) -> str:
    """What is due, in one sentence."""
    frames = wording(lang).frames
    if not result.due:
        return frames["not_due"].fill({})
    lines, values, label = lines_of(result, lang), result.values, result.outcome.label
    owed = {key: text for key in RESULT_KEYS if (text := lines.owed(key, values)) is not None}
    amounts = [frames[key].fill({"value": text}) for key, text in owed.items()]
    return frames["due"].fill(
        {
            "variant": typeset(label[lang], lang) if label else None,
            "results": ", ".join(amounts),
            "payable_from": lines.owed("payable_from", values),
        }
    )


def header(result: Result, lang: str) -> str:
    """What was computed, under which law."""
    benefit, law, words = result.claim.benefit, result.claim.law, wording(lang)
    frame = "header" if benefit.on == "on" else "calculation"
    return words.frames[frame].fill(
        {
            "benefit": typeset(benefit.label[lang], lang),
            "on": words.date(result.claim.on),
            "scheme": typeset(law.label[lang], lang),
            "version": law.version,
        }
    )


def explain_text(result: Result, lang: str = "en") -> str:
    """The whole explanation as lines of text."""
    with exactly():
        frames, values = wording(lang).frames, result.values
        lines = lines_of(result, lang)
        text = [header(result, lang), ""]
        if lines.conditions:
            text += [frames["conditions"].fill({})]
            text += [
                f"  {'✓' if values[each.slot] else '✗'} {each.said(values)[-1]}" for each in lines.conditions
            ]
            text.append("")
        text += [frames["steps"].fill({})]
        text += [f"  {number}. {each.said(values)[-1]}" for number, each in enumerate(lines.steps, 1)]
        text += ["", frames["parameters"].fill({})]
        text += [f"  {each['sentence']}" for each in lines.parameters]
        if result.claim.benefit.on == "on":
            text += ["", conclusion(result, lang)]
        return "\n".join(text)


def explain_data(result: Result, lang: str = "en") -> dict[str, Any]:
    """The contract's output with, for each condition, step and figure, its sentence; `format` versions it.

    What the law alone says in it is shared by all results of that law: read it, or change a copy.
    """
    data = {"format": FORMAT, "lang": lang, **result.as_dict(lang)}
    with exactly():
        lines, values = lines_of(result, lang), result.values
        data["title"] = header(result, lang)
        for row, asked in zip(data["conditions"], lines.conditions, strict=True):
            required, actual, met, row["sentence"] = asked.said(values)
            row["words"] = {"required": required, "actual": actual, "met": met}
        for row, step in zip(data["steps"], lines.steps, strict=True):
            rule, value, row["sentence"] = step.said(values)
            row["words"] = {"rule": rule, "value": value}
            row.update(step.behind(values))
        for row, said in zip(data["parameters"], lines.parameters, strict=True):
            row.update(said)
        if result.claim.benefit.on == "on":
            data["conclusion"] = conclusion(result, lang)
    return data
