"""The columns of the files a migration brings in, and what is looked at line by line. No database."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


class Fault(StrEnum):
    """Why a line is refused."""

    missing = "missing"
    too_long = "too_long"
    bad_date = "bad_date"
    bad_number = "bad_number"
    bad_email = "bad_email"
    bad_amount = "bad_amount"
    not_reserved = "not_reserved"
    twice = "twice"
    there_already = "there_already"
    unknown_person = "unknown_person"
    unknown_employer = "unknown_employer"
    in_disorder = "in_disorder"

    @property
    def label(self) -> LazyString:
        """The reason in the reader's language."""
        return _FAULTS[self]


_FAULTS = {
    Fault.missing: _l("is empty"),
    Fault.too_long: _l("is too long"),
    Fault.bad_date: _l("is no date such as 2026-11-23"),
    Fault.bad_number: _l("is no social security number: a sign is wrong"),
    Fault.bad_email: _l("is no e-mail address"),
    Fault.bad_amount: _l("is no amount such as 206250.00"),
    Fault.not_reserved: _l("will be issued one day: reserve its range first"),
    Fault.twice: _l("stands on an earlier line of this file"),
    Fault.there_already: _l("is known already"),
    Fault.unknown_person: _l("is nobody’s number"),
    Fault.unknown_employer: _l("is no employer’s registration number"),
    Fault.in_disorder: _l("is before the date it should follow"),
}

_EMAIL = re.compile(r"^[^@\s]{1,64}@[^@\s]+\.[^@\s.]+$")


@dataclass(frozen=True)
class Field:
    """A column: its name, how long it may be, and what else must hold of what is written there."""

    name: str
    longest: int
    is_required: bool = False
    fault: Fault | None = None
    is_right: Callable[[str], bool] | None = None


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2026-11-23")


def _is_amount(text: str) -> bool:
    try:
        return 0 <= Decimal(text) < 10**12
    except InvalidOperation:
        return False


def _text(name: str, longest: int, is_required: bool = False) -> Field:
    return Field(name, longest, is_required)


def _date(name: str, is_required: bool = False) -> Field:
    return Field(name, 10, is_required, Fault.bad_date, _is_date)


_ADDRESS = Field("email", 320, False, Fault.bad_email, lambda text: bool(_EMAIL.match(text)))
PERSONS = (
    _text("number", 32, True),
    _text("family_name", 120, True),
    _text("given_names", 120, True),
    _date("birth_date", True),
    _date("registered_on", True),
    _ADDRESS,
    _text("name_at_birth", 120),
    _text("birth_place", 120),
    _text("birth_country", 2),
    _text("nationality", 2),
    _text("phone", 32),
)
EMPLOYERS = (
    _text("registration_number", 32, True),
    _text("name", 200, True),
    _text("address", 300),
    _text("contact_name", 120),
    _ADDRESS,
    _text("phone", 32),
)
EMPLOYMENTS = (
    _text("number", 32, True),
    _text("registration_number", 32, True),
    _date("started_on", True),
    _date("ended_on"),
    _text("occupation", 120),
    Field("monthly_wage", 16, False, Fault.bad_amount, _is_amount),
)


def faults_of(fields: tuple[Field, ...], line: Mapping[str, str]) -> list[tuple[str, Fault]]:
    """What is wrong with a line by itself: each column once."""
    found = [(field.name, _fault(field, line.get(field.name, ""))) for field in fields]
    return [(name, fault) for name, fault in found if fault is not None]


def _fault(field: Field, text: str) -> Fault | None:
    if not text:
        return Fault.missing if field.is_required else None
    if len(text) > field.longest:
        return Fault.too_long
    if field.is_right is not None and not field.is_right(text):
        return field.fault
    return None
