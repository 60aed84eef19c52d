"""Everything held on an insured person, for the staff's page: each kind of fact, from when, until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.extensions import db
from app.formats import day
from app.models import (
    Dependant,
    Employment,
    FormerNumber,
    InsuredPerson,
    PersonAddress,
    PersonName,
    Spouse,
)

MOST_SHOWN = 100


@dataclass(frozen=True)
class Part:
    """A kind of fact: its title, the headings and the rows of its table."""

    title: LazyString
    headings: tuple[LazyString, ...]
    rows: list[tuple[str, ...]]
    employments: tuple[int, ...] = ()
    """The numbers of the rows, where each has a page of its own."""


_FROM, _UNTIL, _NAME = _l("From"), _l("Until"), _l("Name")


def of(person: InsuredPerson) -> list[Part]:
    """The parts that hold something; one query a kind, however many rows."""
    employed = _rows(Employment, person, Employment.started_on.desc())
    parts = [
        Part(
            _l("Employments"),
            (_l("Employer"), _l("Occupation"), _FROM, _UNTIL, _l("State")),
            [
                (
                    str(row.employer or row.proposed_employer),
                    row.occupation or "",
                    *_days(row.started_on, row.ended_on),
                )
                + (str(row.state.label),)
                for row in employed
            ],
            tuple(row.id for row in employed),
        ),
        Part(_l("Names"), (_NAME, _FROM, _UNTIL), [_named(row) for row in _rows(PersonName, person)]),
        Part(
            _l("Former numbers"),
            (_l("Number"), _l("Kind"), _l("Replaced on")),
            [
                (
                    row.number,
                    str(_l("Temporary") if row.was_temporary else _l("Lasting")),
                    day(row.replaced_on),
                )
                for row in _rows(FormerNumber, person)
            ],
        ),
        Part(
            _l("Addresses"),
            (_l("Address"), _FROM, _UNTIL),
            [
                (f"{row.line}, {row.town} ({row.country})", *_days(row.valid_from, row.valid_to))
                for row in _rows(PersonAddress, person)
            ],
        ),
        Part(_l("Spouses"), (_NAME, _FROM, _UNTIL), [_named(row) for row in _rows(Spouse, person)]),
        Part(
            _l("Dependants"),
            (_NAME, _l("Date of birth"), _l("Relationship")),
            [
                (f"{row.given_names} {row.family_name}", day(row.birth_date), str(row.kinship.label))
                for row in _rows(Dependant, person)
            ],
        ),
    ]
    return [part for part in parts if part.rows]


def _rows(model: Any, person: InsuredPerson, *order: Any) -> Sequence[Any]:
    wanted = select(model).where(model.person_id == person.id).order_by(*order, model.id.desc())
    return db.session.scalars(wanted.limit(MOST_SHOWN)).unique().all()


def _named(row: Any) -> tuple[str, ...]:
    return (f"{row.given_names} {row.family_name}", *_days(row.valid_from, row.valid_to))


def _days(first: Any, last: Any) -> tuple[str, str]:
    return day(first), day(last) if last else ""
