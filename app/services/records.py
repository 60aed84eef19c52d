"""The record of a person, written from what was approved; former values are kept with their dates."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from app import clock
from app.extensions import db
from app.models import (
    Case,
    CaseDependant,
    Dependant,
    FormerFact,
    IdentityPaper,
    InsuredPerson,
    PersonAddress,
    PersonName,
    Spouse,
)
from app.record_kinds import Kinship, MaritalStatus, PaperKind, PersonFact, Sex
from app.services import encrypted

_KINDS: dict[str, type] = {"sex": Sex, "marital_status": MaritalStatus}


def put_name(person: InsuredPerson, given_names: str, family_name: str, case: Case | None) -> None:
    """The name a person bears from today; the one before is kept."""
    before = in_force(PersonName, person)
    if before is not None and (before.given_names, before.family_name) == (given_names, family_name):
        return
    _end(before)
    person.given_names, person.family_name = given_names, family_name
    _add(PersonName(given_names=given_names, family_name=family_name), person, case)


def put_address(person: InsuredPerson, line: str, town: str, country: str, case: Case | None) -> None:
    """Where a person lives from today; the address before is kept."""
    before = in_force(PersonAddress, person)
    if before is not None and (before.line, before.town, before.country) == (line, town, country):
        return
    _end(before)
    _add(PersonAddress(line=line, town=town, country=country), person, case)


def put_facts(person: InsuredPerson, facts: Mapping[str, Any], case: Case | None) -> None:
    """Facts of the person's own row, by name; each former value is kept with the days it held."""
    for name, value in facts.items():
        fact, value = PersonFact(name), _typed(name, value)
        before = getattr(person, name)
        if before == value:
            continue
        if before is not None:
            since = _changed_before(person, fact) or person.registered_on
            _add(FormerFact(fact=fact, value=_as_text(before), valid_to=clock.today()), person, case, since)
        setattr(person, name, value)


def put_paper(person: InsuredPerson, kind: str, number: str, expires_on: date | None, case: Case) -> None:
    """The identity document a person showed; another of the same kind takes its place."""
    for before in _all_in_force(IdentityPaper, person):
        if before.kind == PaperKind(kind):
            _end(before)
    paper = IdentityPaper(kind=PaperKind(kind), expires_on=expires_on)
    _add(paper, person, case)
    db.session.flush()
    encrypted.put(paper, IdentityPaper.number, paper_number(number))


def put_spouse(person: InsuredPerson, facts: Mapping[str, Any], married_on: date, case: Case) -> None:
    """Whom a person is married to, since the marriage; a spouse before is kept."""
    for before in _all_in_force(Spouse, person):
        _end(before)
    _add(Spouse(**facts), person, case, married_on)


def end_marriage(person: InsuredPerson) -> None:
    """Nobody is the person's spouse from today."""
    for before in _all_in_force(Spouse, person):
        _end(before)


def add_dependants(person: InsuredPerson, rows: Iterable[CaseDependant], case: Case) -> None:
    """Those a person provides for, from today."""
    for row in rows:
        _add(
            Dependant(
                given_names=row.given_names,
                family_name=row.family_name,
                birth_date=row.birth_date,
                sex=Sex(row.sex),
                kinship=Kinship(row.kinship),
            ),
            person,
            case,
        )


def paper_number(typed: str) -> str:
    """A document's number as it is kept and compared: capitals and digits alone."""
    return "".join(sign for sign in typed.upper() if sign.isalnum())


def in_force(kind: Any, person: InsuredPerson) -> Any:
    """What is in force of a kind of facts that has one at a time, or None."""
    return next(iter(_all_in_force(kind, person)), None)


def history(kind: Any, person: InsuredPerson) -> list[Any]:
    """Every fact of a kind ever held on a person, the latest first."""
    mine = select(kind).where(kind.person_id == person.id)
    return list(db.session.scalars(mine.order_by(kind.valid_from.desc(), kind.id.desc())))


def _all_in_force(kind: Any, person: InsuredPerson) -> list[Any]:
    if person.id is None:
        return []
    mine = select(kind).where(kind.person_id == person.id, kind.valid_to.is_(None))
    return list(db.session.scalars(mine.order_by(kind.id)))


def _add(fact: Any, person: InsuredPerson, case: Case | None, since: date | None = None) -> None:
    db.session.flush()
    fact.person_id, fact.case_id = person.id, case.id if case else None
    fact.valid_from = since or clock.today()
    db.session.add(fact)


def _end(fact: Any) -> None:
    """It held until yesterday; one that began today, or later, until the day it began."""
    if fact is not None:
        fact.valid_to = max(clock.today() - timedelta(days=1), fact.valid_from)


def _changed_before(person: InsuredPerson, fact: PersonFact) -> date | None:
    """The day a fact was last changed, or None."""
    return db.session.scalar(
        select(func.max(FormerFact.valid_to)).where(
            FormerFact.person_id == person.id, FormerFact.fact == fact
        )
    )


def _typed(name: str, value: Any) -> Any:
    kind = _KINDS.get(name)
    return kind(value) if kind and value else value or None


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
