"""How alike two persons are by name and date of birth: accents, order, spelling and sound. Pure.

A family name weighs more than given names, of which a person often writes only some; the two may be swapped.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from jellyfish import metaphone
from rapidfuzz import fuzz

from app.likeness_kinds import Likeness

CLOSE = 84
"""From which score on two names are close, where the dates of birth are the same."""

VERY_CLOSE = 92
"""The same where the dates are only close."""

_OF_FAMILY = 55
"""Of a hundred: what the family name weighs."""
_FRENCH = ((re.compile("ch(?=[lrt])"), "k"), (re.compile("tch"), "ch"), (re.compile("dj"), "j"))
"""Letters that Metaphone, made for English, hears otherwise than they are said here."""

_JOINED = re.compile(r"['’ʼ`]")
_BETWEEN = re.compile(r"[^a-z]+")
Name = tuple[str, str]
"""Given names, family name."""


@dataclass(frozen=True)
class Identity:
    """What is known of a person to compare: every name they bore, the date of birth, an identity number."""

    names: tuple[Name, ...]
    birth_date: date
    paper_number: str | None = None


@dataclass(frozen=True)
class Alike:
    """In what two are alike, and how much (0 to 100)."""

    score: int
    likeness: tuple[Likeness, ...]


def compare(one: Identity, names: Iterable[Name], birth_date: date) -> Alike | None:
    """How alike they are by name and date; None when that is not enough to look at."""
    dated = _of_dates(one.birth_date, birth_date)
    if dated is None:
        return None
    found = [_of_names(mine, theirs) for mine in one.names for theirs in names]
    score, named = max(found, key=lambda each: (each[0], each[1] is not None), default=(0, None))
    if named is None or (
        dated is Likeness.close_birth_date and named is Likeness.close_name and score < VERY_CLOSE
    ):
        return None
    return Alike(score if dated is Likeness.same_birth_date else score - 10, (named, dated))


def close_dates(day: date) -> set[date]:
    """The dates a slip of the pen makes of one: day and month swapped, a day, a month or a year beside it.

    Who knows only the year is often registered on its first or its last day.
    """
    found = {day, day + timedelta(days=1), day - timedelta(days=1)}
    found |= {_dated(day.year + years, day.month, day.day) for years in (-10, -1, 1, 10)}
    found |= {
        _dated(day.year, month, day.day) for month in (day.month - 1, day.month + 1) if 1 <= month <= 12
    }
    found.add(_dated(day.year, day.day, day.month) if day.day <= 12 else day)
    if (day.month, day.day) in ((1, 1), (12, 31)):
        found |= {date(day.year, 1, 1), date(day.year, 12, 31)}
    return found


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name without accents and case, in alphabetical order; N’Guessan is one."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    plain = _JOINED.sub("", "".join(sign for sign in letters if not unicodedata.combining(sign)))
    return tuple(sorted(word for word in _BETWEEN.split(plain) if word))


def _dated(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def _of_dates(one: date, other: date) -> Likeness | None:
    if one == other:
        return Likeness.same_birth_date
    return Likeness.close_birth_date if other in close_dates(one) else None


def _of_names(one: Name, other: Name) -> tuple[int, Likeness | None]:
    """How alike two names are, and in what; the fields may be swapped."""
    (given, family), (their_given, their_family) = map(words_of, one), map(words_of, other)
    if sorted(given + family) == sorted(their_given + their_family):
        return 100, Likeness.same_name
    score = max(
        _score(given, family, their_given, their_family), _score(given, family, their_family, their_given)
    )
    if score >= CLOSE:
        return score, Likeness.close_name
    sounds_alike = _sound(family) == _sound(their_family) and bool(
        set(_sound(given)) & set(_sound(their_given))
    )
    return (max(score, CLOSE), Likeness.same_sound) if sounds_alike else (score, None)


def _score(
    given: tuple[str, ...], family: tuple[str, ...], theirs: tuple[str, ...], other: tuple[str, ...]
) -> int:
    of_family = fuzz.ratio(" ".join(family), " ".join(other))
    of_given = fuzz.token_set_ratio(" ".join(given), " ".join(theirs))
    return round((_OF_FAMILY * of_family + (100 - _OF_FAMILY) * of_given) / 100)


def _sound(words: tuple[str, ...]) -> tuple[str, ...]:
    """How the words sound, by Metaphone."""
    found = []
    for word in words:
        for letters, said in _FRENCH:
            word = letters.sub(said, word)
        found.append(metaphone(word))
    return tuple(sorted(found))
