"""Finding an insured person: by the exact number, or by family name and date of birth together.

Whoever could leaf through the list would need no reason for anything. Each person found is a line they read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.extensions import db
from app.models import Account, InsuredPerson
from app.services import access, numbers, people
from app.services.base import RuleBroken

MOST_FOUND = 20
_SHOWN_SIGNS = 4


@dataclass(frozen=True)
class Sought:
    """What an officer knows of the person."""

    number: str | None
    family_name: str | None
    birth_date: date | None


def find(sought: Sought, by: Account) -> Sequence[InsuredPerson]:
    """Those it describes, each noted as found by this officer. `RuleBroken` when it describes a crowd."""
    return access.record_found(_by_number(sought.number) if sought.number else _by_name(sought), by)


def masked(number: str) -> str:
    """A number of which only the end can be read: enough to tell two namesakes apart."""
    hidden = "".join("•" if sign.isalnum() else sign for sign in number[:-_SHOWN_SIGNS])
    return hidden + number[-_SHOWN_SIGNS:]


def _by_number(typed: str) -> list[InsuredPerson]:
    found = numbers.whose(typed)
    return [found] if found else []


def _by_name(sought: Sought) -> list[InsuredPerson]:
    name = people.plain_name(sought.family_name or "")
    if not name or sought.birth_date is None:
        raise RuleBroken(_l("Enter a number, or a family name and a date of birth."))
    born_then = select(InsuredPerson.id, InsuredPerson.family_name).where(
        InsuredPerson.birth_date == sought.birth_date, InsuredPerson.merged_into_id.is_(None)
    )
    same = [number for number, family in db.session.execute(born_then) if people.plain_name(family) == name]
    found = select(InsuredPerson).where(InsuredPerson.id.in_(same))
    return list(
        db.session.scalars(found.order_by(InsuredPerson.given_names, InsuredPerson.id).limit(MOST_FOUND))
    )
