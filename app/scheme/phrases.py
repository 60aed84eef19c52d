"""Sentences made ready: what the law says stands as text; a person's figures, written once, are put in later.

A part that varies is the place of its text among all the texts of an explanation, or what finds it there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from .running import fetch
from .wording import Sentence

Texts = Sequence[Any]
Said = Callable[[Texts], str | None]
Ready = Callable[[Texts], str]
Part = str | int | Said
SEAM = "\x1e"
"""What parts the phrases of a sheet: no text is written with it."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Pieces of text, places of texts that are always there, and parts that may say nothing."""

    parts: tuple[Part, ...]

    @property
    def varies(self) -> bool:
        """Whether a part of it may say nothing of one person and something of another."""
        return any(callable(part) for part in self.parts)

    def as_part(self) -> tuple[Part, ...]:
        """The same inside another phrase: only what is one part may say nothing there."""
        return (self.said,) if self.varies and len(self.parts) > 1 else self.parts

    def said(self, texts: Texts) -> str:
        """The text of a phrase; parts that say nothing are left out."""
        return "".join(_text(part, texts) or "" for part in self.parts)

    def ready(self) -> Ready:
        """The same, as quickly as may be."""
        if self.varies:
            return lambda texts: self.said(texts).strip()
        between, places = self.cut()
        return _READY.get(len(places), _with_several)(between, places)

    def cut(self) -> tuple[list[str], list[int]]:
        """The text between the places, without spaces at either end, and the places."""
        places = [part for part in self.parts if isinstance(part, int)]
        between = [""]
        for part in self.parts:
            if isinstance(part, int):
                between.append("")
            else:
                between[-1] += str(part)
        between[0], between[-1] = between[0].lstrip(), between[-1].rstrip()
        return between, places

    def stripped(self) -> Phrase:
        """The same without spaces at either end, one part where it varies."""
        if self.varies:
            return Phrase((self.ready(),))
        between, places = self.cut()
        parts: list[Part] = [between[0]]
        for place, text in zip(places, between[1:], strict=True):
            parts += [place, text]
        return Phrase(tuple(parts))


def _with_none(between: list[str], places: list[int]) -> Ready:
    whole = between[0].strip()
    return lambda texts: whole


def _with_one(between: list[str], places: list[int]) -> Ready:
    (one,), (before, after) = places, between
    return lambda texts: before + texts[one] + after


def _with_two(between: list[str], places: list[int]) -> Ready:
    (one, two), (before, middle, after) = places, between
    return lambda texts: f"{before}{texts[one]}{middle}{texts[two]}{after}"


def _with_several(between: list[str], places: list[int]) -> Ready:
    blank, chosen = _blank(between), itemgetter(*places)
    return lambda texts: blank % chosen(texts)


def _blank(between: list[str]) -> str:
    return "%s".join(piece.replace("%", "%%") for piece in between)


_READY: dict[int, Callable[[list[str], list[int]], Ready]] = {0: _with_none, 1: _with_one, 2: _with_two}


class Sheet:
    """Several phrases filled all at once and then cut apart: much sooner done than one by one."""

    __slots__ = ("blank", "chosen", "ready", "varying")

    def __init__(self, phrases: Sequence[Phrase], many: int) -> None:
        """`many` is how many texts it will be given; what varies is put after them."""
        self.ready = [phrase.ready() for phrase in phrases]
        self.varying = [phrase.ready() for phrase in phrases if phrase.varies]
        after = iter(range(many, many + len(self.varying)))
        cut = [(["", ""], [next(after)]) if phrase.varies else phrase.cut() for phrase in phrases]
        self.blank = SEAM.join(_blank(between) for between, _ in cut)
        places = [place for _, places in cut for place in places]
        self.chosen = fetch(places)

    def said(self, texts: list[Any]) -> list[str]:
        """Each phrase in its order; a text with a seam of its own is minded."""
        given = [*texts, *[ready(texts) for ready in self.varying]] if self.varying else texts
        found = (self.blank % self.chosen(given)).split(SEAM)
        if not self.ready:
            return []
        return found if len(found) == len(self.ready) else [ready(texts) for ready in self.ready]


def filled(sentence: Sentence, phrases: Mapping[str, Phrase | None]) -> Phrase:
    """A sentence with its arguments; parts whose argument is None are left out."""
    return Phrase(tuple(part for piece in sentence.pieces for part in _pieces(piece, phrases) or ()))


def listed(phrases: Iterable[Phrase | None], join: str) -> Phrase | None:
    """Phrases one after the other, those that say nothing left out; None when none says anything."""
    known = [phrase.as_part() for phrase in phrases if phrase is not None]
    parts = tuple(part for each in known for part in (join, *each))[1:]
    if not Phrase(parts).varies:
        return Phrase(parts) if known else None

    def said(texts: Texts) -> str | None:
        found = [text for each in known if (text := _together(each, texts)) is not None]
        return join.join(found) if found else None

    return Phrase((said,))


def together(phrase: Phrase) -> Phrase:
    """A phrase that says nothing where a part of it says nothing."""
    return Phrase((lambda texts: _together(phrase.parts, texts),)) if phrase.varies else phrase


def _text(part: Part, texts: Texts) -> str | None:
    if isinstance(part, str):
        return part
    found: str | None = texts[part] if isinstance(part, int) else part(texts)
    return found


def _together(parts: Iterable[Part], texts: Texts) -> str | None:
    found = [_text(part, texts) for part in parts]
    return None if None in found else "".join(text or "" for text in found)


def _pieces(piece: Any, phrases: Mapping[str, Phrase | None]) -> tuple[Part, ...] | None:
    """The parts of one piece of a template; None where its argument says nothing."""
    kind, content = piece
    if kind == "text":
        return (str(content),)
    if kind == "argument":
        phrase = phrases.get(content)
        return None if phrase is None else phrase.as_part()
    inner = [_pieces(each, phrases) for each in content]
    if None in inner:
        return None
    return together(Phrase(tuple(part for each in inner for part in each or ()))).parts


def unless_none(write: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same, saying nothing of what has no value."""
    return lambda value: None if value is None else write(value)
