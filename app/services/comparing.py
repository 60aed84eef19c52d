"""Two persons, or a request and a person, side by side: the facts that tell whether they are one."""

from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.formats import day
from app.forms.civil import country_name
from app.record_kinds import MaritalStatus, Sex
from app.services.likeness import words_of

FACTS: tuple[tuple[str, LazyString], ...] = (
    ("family_name", _l("Family name")),
    ("given_names", _l("Given names")),
    ("name_at_birth", _l("Name at birth")),
    ("sex", _l("Sex")),
    ("birth_date", _l("Date of birth")),
    ("birth_place", _l("Place of birth")),
    ("birth_country", _l("Country of birth")),
    ("nationality", _l("Nationality")),
    ("mother_name", _l("Mother’s name")),
    ("father_name", _l("Father’s name")),
    ("marital_status", _l("Marital status")),
    ("occupation", _l("Occupation")),
    ("phone", _l("Phone")),
)
"""Columns that a person's record and a request to be registered both have."""

_COUNTRIES = ("birth_country", "nationality")
_CODES: dict[str, Any] = {"sex": Sex, "marital_status": MaritalStatus}


@dataclass(frozen=True)
class Line:
    """One fact of both, and whether it is the same but for case and accents; None when one lacks it."""

    label: LazyString
    one: str
    other: str
    is_same: bool | None


def side_by_side(one: Any, other: Any) -> list[Line]:
    """The facts of which at least one holds something."""
    found = []
    for name, label in FACTS:
        mine, theirs = _said(name, one), _said(name, other)
        if mine or theirs:
            found.append(
                Line(label, mine, theirs, words_of(mine) == words_of(theirs) if mine and theirs else None)
            )
    return found


def _said(name: str, of: Any) -> str:
    value = getattr(of, name, None)
    if value is None:
        return ""
    if name == "birth_date":
        return day(value)
    if name in _COUNTRIES:
        return country_name(value)
    return str(_CODES[name](value).label) if name in _CODES else str(value)
