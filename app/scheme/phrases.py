"""Sentences made ready: what the law says stands as text; a person's values are put in later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .wording import Sentence

Said = Callable[[Any], str | None]
Phrase = str | Said | None
"""A fixed text, a text made from values, or nothing."""


def speak(phrase: Phrase, values: Any) -> str | None:
    """What a phrase says of these values."""
    return phrase(values) if callable(phrase) else phrase


def filled(sentence: Sentence, phrases: Mapping[str, Phrase]) -> Phrase:
    """A sentence with its arguments; parts whose argument is None are left out."""
    known = [_piece(piece, phrases) for piece in sentence.pieces]
    return _put_together([phrase for phrase in known if phrase is not None])


def listed(phrases: Iterable[Phrase], join: str) -> Phrase:
    """Phrases one after the other, those that say nothing left out; None when none says anything."""
    known = [phrase for phrase in phrases if phrase is not None]
    fixed = [phrase for phrase in known if isinstance(phrase, str)]
    if len(fixed) == len(known):
        return join.join(fixed) if fixed else None

    def said(values: Any) -> str | None:
        texts = [text for phrase in known if (text := speak(phrase, values)) is not None]
        return join.join(texts) if texts else None

    return said


def _piece(piece: Any, phrases: Mapping[str, Phrase]) -> Phrase:
    kind, content = piece
    if kind == "text":
        return str(content)
    if kind == "argument":
        return phrases.get(content)
    return _optional([_piece(part, phrases) for part in content])


def _optional(parts: list[Phrase]) -> Phrase:
    """Parts that are said together or not at all."""
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    if not any(callable(part) for part in known):
        return _put_together(known)

    def said(values: Any) -> str | None:
        texts = [text for part in known if (text := speak(part, values)) is not None]
        return "".join(texts) if len(texts) == len(known) else None

    return said


def _put_together(parts: list[str | Said]) -> Phrase:
    """Parts as one text: at once, or each time with what the values say in their places."""
    blank = [part if isinstance(part, str) else "" for part in parts]
    saying = [(place, part) for place, part in enumerate(parts) if callable(part)]
    if not saying:
        return "".join(blank)
    if len(saying) == 1:
        return _around(saying[0][1], "".join(blank[: saying[0][0]]), "".join(blank[saying[0][0] :]))

    def said(values: Any) -> str:
        texts = blank.copy()
        for place, part in saying:
            texts[place] = part(values) or ""
        return "".join(texts)

    return said


def _around(part: Said, before: str, after: str) -> Said:
    """What one part says between two texts."""
    return lambda values: f"{before}{part(values) or ''}{after}"
