"""One box over references, numbers and names: accents and case ignored, two letters swapped tolerated.

Each word of what is typed is the beginning of a word of the name, in any order, its letters in any order: an
index over sorted letters finds it at once (`name_keys`, migration 0016). Only when that finds nothing are
names that merely look alike sought, by their trigrams. Every query is bounded.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, bindparam, cast, func, literal_column, select, text

from app.extensions import db
from app.models import (
    PLAIN_ACCOUNT,
    PLAIN_EMPLOYER,
    PLAIN_NAME,
    PLAIN_PERSON,
    Account,
    Case,
    Employer,
    InsuredPerson,
    PersonName,
)
from app.services import access, agencies, numbers
from app.workflow import Status

MOST_SHOWN = 20
MOST_CANDIDATES = 200
"""Names that fit the keys, of which the best are shown."""

LONGEST = 100
SHORTEST_KEY, LONGEST_KEY = 3, 8
"""Letters of a word the index keeps (migration 0016)."""

ALIKE = "0.5"
"""How much of what was typed must be found again, in trigrams, for a name to look alike."""

_WORD = re.compile(r"[^a-z0-9]+")
_REFERENCE = re.compile(r"^[A-Z]{2}[- ]?\d{0,4}")


@dataclass(frozen=True)
class Found:
    """What a search found, by kind; None for what this account may not see."""

    cases: Sequence[Case] | None
    persons: Sequence[InsuredPerson] | None
    employers: Sequence[Employer] | None

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.cases or self.persons or self.employers)


def search(typed: str, account: Account, services: list[str], persons: bool, employers: bool) -> Found:
    """Everything of that name, number or reference that the account may see.

    `services` are those whose cases it may list; `persons` and `employers` whether it may see those.
    """
    typed = " ".join(typed[:LONGEST].split())
    if len(typed) < 2:
        return Found(*([] if may else None for may in (bool(services), persons, employers)))
    return Found(
        cases=cases_of(typed, account, services) if services else None,
        persons=access.record_found(persons_of(typed), account) if persons else None,
        employers=employers_of(typed) if employers else None,
    )


def persons_of(typed: str) -> Sequence[InsuredPerson]:
    """Insured persons by number, of now or of before, else by any name; merged ones as who stays."""
    if any(sign.isdigit() for sign in typed):
        found = numbers.whose(typed)
        return [found] if found else []
    called = [*_by_name(InsuredPerson, PLAIN_PERSON, typed), *_once_called(typed)]
    return list(dict.fromkeys(map(numbers.survivor_of, called)))[:MOST_SHOWN]


def _once_called(typed: str) -> Sequence[InsuredPerson]:
    """Those whose name of before begins so."""
    names = _by_keys(PersonName, PLAIN_NAME, words(typed))
    return _in_order(InsuredPerson, list(dict.fromkeys(name.person_id for name in names)))


def employers_of(typed: str) -> Sequence[Employer]:
    """Employers by registration number, else by name."""
    found = _scalars(select(Employer).where(Employer.registration_number == typed.upper()).limit(MOST_SHOWN))
    return found or _by_name(Employer, PLAIN_EMPLOYER, typed)


def cases_of(typed: str, account: Account, services: list[str]) -> Sequence[Case]:
    """Cases within reach by the beginning of their reference, else by the name of the person who asks."""
    condition: ColumnElement[bool]
    if _REFERENCE.match(typed.upper()) and any(sign.isdigit() for sign in typed):
        condition = Case.reference.like(typed.upper().replace(" ", "-").replace("%", "") + "%")
    else:
        owners = [owner.id for owner in _by_name(Account, PLAIN_ACCOUNT, typed)]
        if not owners:
            return []
        condition = Case.owner_id.in_(owners)
    wanted = (
        select(Case)
        .where(condition, Case.service.in_(services), Case.status != Status.draft, agencies.scope(account))
        .order_by(Case.id.desc())
        .limit(MOST_SHOWN)
    )
    return _scalars(wanted)


def _scalars(wanted: Any) -> Sequence[Any]:
    return db.session.scalars(wanted).unique().all()


def _by_name(model: Any, plain: str, typed: str) -> Sequence[Any]:
    """Those whose words begin with the letters of what was typed; else those that look alike."""
    found = words(typed)
    if not found:
        return []
    return _by_keys(model, plain, found) or _alike(model, plain, " ".join(found))


def words(typed: str) -> list[str]:
    """The words of what was typed, as the indexes hold them."""
    return [word for word in _WORD.split(_plain(typed)) if word]


def _plain(typed: str) -> str:
    """What was typed, without case and accents, as the database does it."""
    return db.session.scalar(select(func.plain_text(typed))) or ""


def _by_keys(model: Any, plain: str, typed: list[str]) -> Sequence[Any]:
    """By sorted letters; names that hold the words as typed come first."""
    keys = ["".join(sorted(word[:LONGEST_KEY])) for word in typed if len(word) >= SHORTEST_KEY]
    if not keys:
        return []
    names: ColumnElement[str] = literal_column(plain)
    wanted = (
        select(model.id, names.label("plain"))
        .where(text(f"name_keys({plain}) @> :keys").bindparams(bindparam("keys", keys, unique=True)))
        .limit(MOST_CANDIDATES)
        .subquery()
    )
    as_typed = [(" " + wanted.c.plain).like(f"%{word}%") for word in typed]
    shorts = [(" " + wanted.c.plain).like(f"% {word}%") for word in typed if len(word) < SHORTEST_KEY]
    rank: ColumnElement[int] = sum((cast(one, Integer) for one in as_typed), literal_column("0"))
    order = select(wanted.c.id).where(*shorts).order_by(rank.desc(), wanted.c.plain).limit(MOST_SHOWN)
    return _in_order(model, db.session.scalars(order).all())


def _alike(model: Any, plain: str, typed: str) -> Sequence[Any]:
    """By trigrams: what was typed is nearly a part of the name."""
    db.session.execute(
        text("SELECT set_config('pg_trgm.word_similarity_threshold', :alike, true)"), {"alike": ALIKE}
    )
    names: ColumnElement[str] = literal_column(plain)
    wanted = (
        select(model.id)
        .where(text(f":typed <% {plain}").bindparams(bindparam("typed", typed, unique=True)))
        .order_by(func.word_similarity(typed, names).desc(), names)
        .limit(MOST_SHOWN)
    )
    return _in_order(model, db.session.scalars(wanted).all())


def _in_order(model: Any, numbers: Sequence[int]) -> Sequence[Any]:
    """The rows of these numbers, in their order."""
    rows = {row.id: row for row in _scalars(select(model).where(model.id.in_(numbers)))} if numbers else {}
    return [rows[number] for number in numbers]
