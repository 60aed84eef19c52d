"""Sentences made ready: what the law of a day says stands as text, and only a person's values are put in later."""

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
    parts = _merged(phrase for phrase in known if phrase is not None)
    if all(isinstance(part, str) for part in parts):
        return "".join(parts)  # type: ignore[arg-type]

    def said(values: Any) -> str:
        return "".join([part if part.__class__ is str else part(values) or "" for part in parts])  # type: ignore[operator]

    return said


def listed(phrases: Iterable[Phrase], join: str) -> Phrase:
    """Phrases one after the other, those that say nothing left out; None when none says anything."""
    known = [phrase for phrase in phrases if phrase is not None]
    if all(isinstance(phrase, str) for phrase in known):
        return join.join(known) if known else None  # type: ignore[arg-type]

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
    if None in parts:
        return None
    if all(isinstance(part, str) for part in parts):
        return "".join(parts)  # type: ignore[arg-type]

    def said(values: Any) -> str | None:
        texts = [speak(part, values) for part in parts]
        return None if None in texts else "".join(texts)  # type: ignore[arg-type]

    return said


def _merged(parts: Iterable[str | Said]) -> list[str | Said]:
    """The same with neighbouring texts made one."""
    merged: list[str | Said] = []
    for part in parts:
        if merged and isinstance(part, str) and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return merged
