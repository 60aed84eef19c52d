"""How figures, dates and sentences are written in French and in English."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from .currency import Currency
from .reading import read_law
from .values import EXACT, ZERO, Number, decimal_text, month_start

THIN = "\u202f"
NO_BREAK = "\u00a0"
CLOSE = Decimal("1e-25")
FIGURES = (Decimal, int)
FEW = ("count", "date", "flag")
"""The types of value of which a nation has few."""
SHORT = [Decimal(1).scaleb(-decimals - 2) for decimals in range(5)]
"""For each number of decimals of a currency, the grain to which an amount that does not end is shown."""
_PART = re.compile(r"\[([^\]]*)\]|\{([^}]*)\}|([^\[{]+)")
_SPAN = re.compile(r"(< )?(-?)(\d+)y(\d+)m")


few: Any = lru_cache(maxsize=8192)
"""Keeps what was made of a rate, a count or an age: a whole nation has few of them."""


@lru_cache(maxsize=8192)
def typeset(text: str, lang: str) -> str:
    """French no-break spaces where its typography wants them; English is left as it is."""
    if lang != "fr":
        return text
    text = re.sub(r" ([;!?»])", rf"{THIN}\1", text).replace("« ", f"«{THIN}")
    return re.sub(r" ([:%])", rf"{NO_BREAK}\1", text)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One template: pieces of text, arguments, and parts left out when an argument is missing."""

    pieces: tuple[Any, ...]
    wanted: tuple[str, ...]
    join: str = ", "
    row: Sentence | None = None
    plain: bool = False

    def fill(self, values: dict[str, str | None]) -> str:
        """The sentence with its arguments; parts whose argument is None are left out."""
        return "".join([_piece(piece, values) or "" for piece in self.pieces])


def names_in(pieces: tuple[Any, ...]) -> tuple[str, ...]:
    """The arguments a template names."""
    found: list[str] = []
    for kind, content in pieces:
        found += names_in(content) if kind == "optional" else [content] if kind == "argument" else []
    return tuple(dict.fromkeys(found))


def _piece(piece: Any, values: dict[str, str | None]) -> str | None:
    kind, content = piece
    if kind == "text":
        return str(content)
    if kind == "argument":
        return values.get(content)
    parts = [_piece(part, values) for part in content]
    return None if None in parts else "".join(part or "" for part in parts)


def parse_sentence(text: str) -> tuple[Any, ...]:
    """A template cut into its pieces."""
    pieces: list[Any] = []
    for optional, argument, literal in _PART.findall(text):
        if optional:
            pieces.append(("optional", parse_sentence(optional)))
        elif argument:
            pieces.append(("argument", argument))
        else:
            pieces.append(("text", literal))
    return tuple(pieces)


class Wording:
    """One language: its sentences, words, months and units."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.mark, self.group = (",", THIN) if lang == "fr" else (".", ",")
        data = read_law(Path(__file__).parent / "sentences" / f"{lang}.yaml").data
        self.words: dict[str, str] = {key: typeset(text, lang) for key, text in data["words"].items()}
        self.frames = {key: self.sentence(text) for key, text in data["frames"].items()}
        self.refusals = {key: self.sentence(text) for key, text in data["refusals"].items()}
        self.operations = {key: self.sentence(text) for key, text in data["operations"].items()}
        self.units: dict[str, list[str]] = data["units"]
        self.months: list[str] = data["months"]
        self.inputs: dict[str, str] = data["inputs"]

    def sentence(self, written: Any) -> Sentence:
        """A template with how its lists are joined."""
        if isinstance(written, str):
            only = parse_sentence(typeset(written, self.lang))
            return Sentence(only, names_in(only))
        row = self.sentence(written["row"]) if "row" in written else None
        pieces = parse_sentence(typeset(written["text"], self.lang))
        join = typeset(written.get("join", ", "), self.lang)
        return Sentence(pieces, names_in(pieces), join, row, bool(written.get("plain")))

    def number(self, value: Number) -> str:
        """Digits in threes; a comma for decimals in French."""
        whole, _, decimals = decimal_text(value).partition(".")
        return self._whole(whole) + (f"{self.mark}{decimals}" if decimals else "")

    def _whole(self, text: str) -> str:
        """A whole number's digits in threes."""
        if len(text) < 4:
            return text.replace("-", "−")
        if len(text) < 7 and text[0] != "-":
            return f"{text[:-3]}{self.group}{text[-3:]}"
        return f"{int(text):,}".replace(",", self.group).replace("-", "−")

    def amount(self, value: Number, currency: Currency) -> str:
        """An amount of money; what does not end is shown to two decimals beyond the currency's."""
        return self._amount(decimal_text(value), currency)

    def _amount(self, digits: str, currency: Currency) -> str:
        whole, _, decimals = digits.partition(".")
        if len(decimals) > currency.decimals + 2:
            short = EXACT.quantize(Decimal(digits), SHORT[currency.decimals])
            whole, _, decimals = decimal_text(short).partition(".")
        number, symbol = self._whole(whole), currency.symbol[self.lang]
        if decimals:
            number += self.mark + decimals.ljust(currency.decimals, "0")
        return f"{number}{NO_BREAK}{symbol}" if self.lang == "fr" else f"{symbol}{NO_BREAK}{number}"

    def amounts(self, currency: Currency) -> Callable[[Any], str]:
        """How amounts of a currency are written whose digits (`decimal_text`) are at hand.

        One explanation mentions the same amount several times, and the law's own amounts each time.
        """

        @lru_cache(maxsize=64)
        def write(digits: Any) -> str:
            return self.words["unknown"] if digits is None else self._amount(str(digits), currency)

        return write

    @few
    def rate(self, value: Number) -> str:
        """A rate as a percentage, or as a simple fraction when that alone is exact."""
        if len(decimal_text(value * 100)) > 12:
            fraction = Fraction(value).limit_denominator(12)
            if abs(Decimal(fraction.numerator) / fraction.denominator - value) < CLOSE:
                return f"{fraction.numerator}/{fraction.denominator}"
        percent = EXACT.quantize(Decimal(value) * 100, Decimal("1e-6"))
        return self.number(percent) + (f"{NO_BREAK}%" if self.lang == "fr" else "%")

    def count(self, value: int, counts: str | None) -> str:
        """A count with what it counts."""
        if counts == "year":
            return str(value)
        return self.counted(value, counts)

    @few
    def counted(self, value: Number, counts: str | None) -> str:
        """A figure, whole or not, with what it counts."""
        names = self.units.get(counts or "")
        if names is None:
            return self.number(value)
        size = abs(Decimal(value))
        singular = size < 2 if self.lang == "fr" else size == 1
        return f"{self.number(value)}{NO_BREAK}{names[0] if singular else names[1]}"

    @few
    def date(self, day: date) -> str:
        """A day in full."""
        number = "1er" if self.lang == "fr" and day.day == 1 else str(day.day)
        return f"{number}{NO_BREAK}{self.months[day.month - 1]}{NO_BREAK}{day.year}"

    def month(self, month: int) -> str:
        """A month in full."""
        day = month_start(month)
        return f"{self.months[day.month - 1]}{NO_BREAK}{day.year}"

    @few
    def span(self, text: str) -> str:
        """An age or duration such as 58y3m, in words."""
        match = _SPAN.fullmatch(text)
        if match is None:
            return text
        years, months = int(match[3]), int(match[4])
        parts = [self.count(years, "years")] if years or not months else []
        if months:
            parts.append(self.count(months, "months"))
        words = ("−" if match[2] else "") + self.words["and"].join(parts)
        return self.words["below"].replace("{value}", words) if match[1] else words

    def writer(self, type_: str, counts: str | None, currency: Currency) -> Callable[[Any], str]:
        """How every value of a type is written: figures, by far the most, at once."""
        figure = self._figures(counts, currency).get(type_, self.number)
        often: dict[type, Callable[[Any], str]] = {**dict.fromkeys(FIGURES, figure), date: self.date}
        often[str] = self.span

        def write(value: Any) -> str:
            as_written = often.get(value.__class__)
            return as_written(value) if as_written else self._other(value, counts, currency)

        return lru_cache(maxsize=256)(write) if type_ in FEW else write

    def value(self, value: Any, type_: str, counts: str | None, currency: Currency) -> str:
        """Any value of the engine."""
        return self.writer(type_, counts, currency)(value)

    def _figures(self, counts: str | None, currency: Currency) -> dict[str, Callable[[Number], str]]:
        """How a figure of each type is written; the others are plain numbers."""
        return {
            "amount": lambda value: self.amount(value, currency),
            "rate": self.rate,
            "count": lambda value: self.count(int(value), counts),
            "number": lambda value: self.counted(value, counts),
        }

    def _other(self, value: Any, counts: str | None, currency: Currency) -> str:
        """A value that is no figure."""
        if value is None:
            return self.words["unknown"]
        if isinstance(value, bool):
            return self.words[str(value).lower()]
        if isinstance(value, tuple):
            words = self.words["period"].replace("{start}", self.month(value[0]))
            return words.replace("{end}", self.month(value[1] - 1))
        return self._years(value, counts, currency)

    def _years(self, value: dict[int, Decimal], counts: str | None, currency: Currency) -> str:
        in_all = sum(value.values(), ZERO)
        total = self.counted(in_all, counts) if counts else self.amount(in_all, currency)
        years = self.count(sum(1 for amount in value.values() if amount), "calendar_years")
        return self.words["years"].replace("{count}", years).replace("{total}", total)


@cache
def wording(lang: str) -> Wording:
    """The wording of a language, read once."""
    return Wording(lang)
