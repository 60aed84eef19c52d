"""How a number of insured persons is written: a pattern with segments, separators and check signs. Pure.

`{region:2}-{digits:7}-{check:mod_97_10}` gives `10-0000345-76`. In braces: `region:n`, `digits:n` (the place,
in decimal), `signs:n` (the place, in letters and digits that nobody confuses), `check:ALGORITHM`. Letters and
digits outside braces stand in every number; any other sign outside separates, and may be left out in typing.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from stdnum import luhn
from stdnum.iso7064 import mod_11_2, mod_11_10, mod_37_36, mod_97_10

CHECKS: dict[str, tuple[int, Callable[[str], Any]]] = {
    "mod_97_10": (2, mod_97_10.calc_check_digits),
    "mod_37_36": (1, mod_37_36.calc_check_digit),
    "mod_11_10": (1, mod_11_10.calc_check_digit),
    "mod_11_2": (1, mod_11_2.calc_check_digit),
    "luhn": (1, luhn.calc_check_digit),
}
"""How many signs each adds, and what computes them over all signs before (ISO 7064, Luhn)."""

OF_DIGITS = ("mod_11_10", "mod_11_2", "luhn")
"""These read digits only."""

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters and digits without I, L, O and U (Crockford)."""

LONGEST = 32
_SEGMENT = re.compile(r"\{(region|digits|signs|check):(\w+)\}|([^{}])")


class BadFormat(ValueError):
    """A pattern that cannot be used; the message says why."""


@dataclass(frozen=True)
class Segment:
    """A part of the number: its kind (`text` for a sign that always stands there), and how long it is."""

    kind: str
    length: int
    given: str = ""


@dataclass(frozen=True)
class NumberFormat:
    """The parts of a number, in their order."""

    segments: tuple[Segment, ...]

    @property
    def length(self) -> int:
        """How many letters and digits a number has."""
        return sum(part.length for part in self._counted)

    @property
    def capacity(self) -> int:
        """How many numbers a region has."""
        serial = self._serial
        return (10 if serial.kind == "digits" else len(SIGNS)) ** serial.length

    def write(self, region: str, place: int) -> str:
        """The number at a place of a region. `ValueError` beyond the last one."""
        if not 0 < place < self.capacity:
            raise ValueError(f"{place} is no place of a range of {self.capacity}.")
        written, stem = "", ""
        for part in self.segments:
            said = _said(part, region, place, stem)
            written += said
            stem += said if part.kind != "separator" else ""
        return written

    def read(self, typed: str) -> str | None:
        """The number as stored, from what was typed with or without separators; None if it is none."""
        signs = "".join(sign for sign in typed.upper() if sign.isascii() and sign.isalnum())
        if len(signs) != self.length:
            return None
        cut = self._cut(signs)
        if any(part.kind == "text" and said != part.given for part, said in cut):
            return None
        written, rest = "", iter(said for _part, said in cut)
        for part in self.segments:
            written += part.given if part.kind == "separator" else next(rest)
        return written

    def place_of(self, typed: str) -> tuple[str, int] | None:
        """The region and the place of a number whose signs are right; None for any other."""
        number = self.read(typed)
        if number is None:
            return None
        cut = {part.kind: said for part, said in self._cut("".join(filter(str.isalnum, number)))}
        place = _place(self._serial, cut[self._serial.kind])
        region = cut.get("region", "")
        if not place or self.write(region, place) != number:
            return None
        return region, place

    def _cut(self, signs: str) -> list[tuple[Segment, str]]:
        """The signs by segment."""
        found, at = [], 0
        for part in self._counted:
            found.append((part, signs[at : at + part.length]))
            at += part.length
        return found

    @property
    def _counted(self) -> list[Segment]:
        return [part for part in self.segments if part.kind != "separator"]

    @property
    def _serial(self) -> Segment:
        return next(part for part in self.segments if part.kind in ("digits", "signs"))


@cache
def parse(pattern: str) -> NumberFormat:
    """The format a pattern says. Raises `BadFormat`."""
    found = [match.groups() for match in _SEGMENT.finditer(pattern)]
    said = "".join(f"{{{kind}:{of}}}" if kind else sign for kind, of, sign in found)
    if said != pattern:
        raise BadFormat(f"“{pattern}” has a segment that is not region, digits, signs or check.")
    segments = tuple(_segment(*each) for each in found)
    _check(pattern, segments)
    return NumberFormat(segments)


def _segment(kind: str | None, of: str | None, sign: str | None) -> Segment:
    if kind is None or of is None:
        sign = (sign or "").upper()
        return Segment("text" if sign.isascii() and sign.isalnum() else "separator", 1, sign)
    if kind == "check":
        if of not in CHECKS:
            raise BadFormat(f"“{of}” is none of {', '.join(CHECKS)}.")
        return Segment(kind, CHECKS[of][0], of)
    if not of.isdecimal() or not 0 < int(of) <= LONGEST:
        raise BadFormat(f"“{kind}:{of}” does not say how many signs.")
    return Segment(kind, int(of))


def _check(pattern: str, segments: tuple[Segment, ...]) -> None:
    kinds = [part.kind for part in segments]
    if kinds.count("digits") + kinds.count("signs") != 1 or kinds.count("check") != 1:
        raise BadFormat(f"“{pattern}” must have one segment of digits or signs, and one check.")
    if kinds.count("region") > 1 or kinds[-1] != "check":
        raise BadFormat(f"“{pattern}” must have at most one region, and end with its check.")
    if sum(part.length for part in segments) > LONGEST:
        raise BadFormat(f"“{pattern}” is longer than {LONGEST} signs.")
    letters = any(part.kind == "signs" or (part.kind == "text" and part.given.isalpha()) for part in segments)
    if letters and segments[-1].given in OF_DIGITS:
        raise BadFormat(f"“{segments[-1].given}” checks digits only: choose mod_97_10 or mod_37_36.")


def _said(part: Segment, region: str, place: int, stem: str) -> str:
    if part.kind == "check":
        return str(CHECKS[part.given][1](stem))
    if part.kind == "region":
        return region.rjust(part.length, "0")[-part.length :]
    if part.kind == "digits":
        return str(place).rjust(part.length, "0")
    return _in_signs(place, part.length) if part.kind == "signs" else part.given


def _in_signs(place: int, length: int) -> str:
    signs = ""
    for _sign in range(length):
        place, rest = divmod(place, len(SIGNS))
        signs = SIGNS[rest] + signs
    return signs


def _place(part: Segment, said: str) -> int:
    """The place a segment says; 0 when it says none."""
    alphabet = SIGNS[:10] if part.kind == "digits" else SIGNS
    if any(sign not in alphabet for sign in said):
        return 0
    return sum(alphabet.index(sign) * len(alphabet) ** power for power, sign in enumerate(reversed(said)))
