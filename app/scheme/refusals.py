"""A question that cannot be answered: at which field, and why, in a sentence of each language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from .wording import Wording, typeset, wording


class BadInput(ValueError):
    """An evaluation was asked with a field nobody can make sense of.

    `kind` names the sentence, under `refusals` in `sentences/`; `values` are what it mentions.
    """

    def __init__(self, field: str, kind: str, **values: Any) -> None:
        super().__init__(field, kind)
        self.field = field
        self.kind = kind
        self.values = values

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"

    @property
    def message(self) -> str:
        """Why, in English."""
        return self.sentence("en")

    def sentence(self, lang: str) -> str:
        """Why, as a whole sentence that may stand beside the field."""
        words = wording(lang)
        return words.refusals[self.kind].fill(
            {key: _said(value, words) for key, value in self.values.items()}
        )

    def as_dict(self, lang: str = "en") -> dict[str, dict[str, str]]:
        """The shape the command line answers with."""
        return {"error": {"field": self.field, "message": self.sentence(lang)}}


def lacking(field: str, kind: str, figure: Any, **values: Any) -> BadInput:
    """The refusal where the law itself has no value: named by the figure's label and key."""
    return BadInput(field, kind, figure=figure.label, key=figure.name, **values)


def _said(value: Any, words: Wording) -> str | None:
    """A value as a sentence mentions it."""
    if isinstance(value, Mapping):
        return typeset(str(value[words.lang]), words.lang)
    if isinstance(value, date):
        return words.date(value)
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return None if value is None else str(value)
