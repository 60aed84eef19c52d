"""A figure of the law in words: its sentence, its value or its values by date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from .law import Law
from .parameters import Parameter, Table
from .wording import Wording, wording

LONGEST_TABLE = 12


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
