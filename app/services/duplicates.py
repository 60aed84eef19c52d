"""Possible duplicates of who asks to be registered: found by the machine, judged by officers, never hinted.

The same number of an identity document, or a close name with a close date of birth, among persons registered
and among the open requests of others. A case goes no further until each was judged (`services/judging.py`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, false, func, literal_column, select, true, union_all
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.extensions import db
from app.likeness_kinds import Judgement, Likeness
from app.models import PLAIN_PERSON, Case, IdentityPaper, InsuredPerson, PersonName, PossibleDuplicate
from app.services import encrypted, likeness, linking
from app.services.base import RuleBroken, Service
from app.services.likeness import Alike, Identity
from app.workflow import WAITING, Outcome, Status, Step

MOST_COMPARED = 500
"""Persons with a close date of birth, the most similar names first, that are compared one by one."""

MOST_FOUND = 10
_CERTAIN = 100


@dataclass(frozen=True)
class Found:
    """Somebody alike: a person registered, or the author of another open case."""

    alike: Alike
    person_id: int | None = None
    case_id: int | None = None


def find(service: Service[Any], case: Case) -> int:
    """Look for duplicates of a case's author and keep those that are new; how many were."""
    identity = service.identity(case) if service.finds_duplicates else None
    if identity is None:
        return 0
    found = [*_persons(identity, case.owner_id), *_cases(service, case, identity)]
    best = sorted(found, key=lambda one: -one.alike.score)[:MOST_FOUND]
    kept = _keep(case, best) if best else 0
    db.session.expire(case, ["duplicates"])
    return kept


def of_person(person: InsuredPerson) -> list[tuple[InsuredPerson, Alike]]:
    """Whom a registered person is alike, the most alike first: on demand, kept nowhere."""
    names = ((person.given_names, person.family_name), *_former_names([person.id]).get(person.id, ()))
    found = [one for one in _persons(Identity(names, person.birth_date), None) if one.person_id != person.id]
    best = sorted(found, key=lambda one: -one.alike.score)[:MOST_FOUND]
    return [(db.session.get_one(InsuredPerson, one.person_id), one.alike) for one in best]


def check(service: Service[Any], case: Case, step: Step) -> None:
    """Nobody proposes to approve, or approves, while one waits for its comparison. Raises `RuleBroken`."""
    approves = step.target is Status.approved or (step.prepares and step.outcome is Outcome.approve)
    if not (service.finds_duplicates and approves):
        return
    if any(one.judgement is None for one in case.duplicates):
        raise RuleBroken(
            _l("Compare the possible duplicates first: each is set aside with a reason, or attached.")
        )


def were_judged(service: Service[Any], case: Case) -> bool:
    """Whether an officer set one aside, or attached the case to one: then two must decide."""
    return service.finds_duplicates and any(one.judgement for one in case.duplicates)


def attach(case: Case) -> InsuredPerson | None:
    """Link the case's author to the person an officer found to be the same; None when there is none.

    Raises `RuleBroken` when that person has an account by now.
    """
    same = select(PossibleDuplicate.person_id).where(
        PossibleDuplicate.case_id == case.id, PossibleDuplicate.judgement == Judgement.same
    )
    number = db.session.scalar(same)
    if number is None:
        return None
    person = db.session.get_one(InsuredPerson, number, with_for_update={"of": InsuredPerson})
    if case.decided_by is None or not linking.link(person, case.owner, case.decided_by):
        raise RuleBroken(_l("This person has an account by now: it is given back at the counter."))
    return person


def _keep(case: Case, found: list[Found]) -> int:
    rows = [
        {
            "case_id": case.id,
            "person_id": one.person_id,
            "other_case_id": one.case_id,
            "likeness": [kind.value for kind in one.alike.likeness],
            "score": one.alike.score,
            "found_at": clock.now(),
        }
        for one in found
    ]
    kept = insert(PossibleDuplicate).values(rows).on_conflict_do_nothing().returning(PossibleDuplicate.id)
    return len(db.session.scalars(kept).all())


def _persons(identity: Identity, owner_id: int | None) -> Iterator[Found]:
    """Persons registered that are alike, but for who asks."""
    rows = _candidates(identity)
    same_paper = {row.id for row in rows if row.is_same_paper}
    former = _former_names([row.id for row in rows]) if rows else {}
    for row in rows:
        if owner_id is not None and row.account_id == owner_id:
            continue
        names = [(row.given_names, row.family_name), *former.get(row.id, ())]
        if row.name_at_birth:
            names.append((row.given_names, row.name_at_birth))
        alike = _alike(identity, names, row.birth_date, row.id in same_paper)
        if alike:
            yield Found(alike, person_id=row.id)


def _candidates(identity: Identity) -> list[Any]:
    """Those with the same paper, then those born about then whose names have most in common."""
    table = InsuredPerson.__table__
    columns = [table.c[name] for name in ("id", "given_names", "family_name", "name_at_birth", "birth_date")]
    wanted = select(*columns, table.c.account_id).where(table.c.merged_into_id.is_(None))
    given, family = identity.names[0]
    alike = func.similarity(literal_column(PLAIN_PERSON), func.plain_text(f"{family} {given}"))
    born = table.c.birth_date.in_(likeness.close_dates(identity.birth_date))
    about_then = wanted.add_columns(false().label("is_same_paper")).where(born)
    about_then = about_then.order_by(alike.desc()).limit(MOST_COMPARED)
    holders = select(IdentityPaper.person_id).where(_paper(identity, IdentityPaper))
    same_paper = wanted.add_columns(true().label("is_same_paper")).where(table.c.id.in_(holders))
    both = union_all(same_paper, about_then.subquery().select())
    found: dict[int, Any] = {}
    for row in db.session.execute(both):
        found.setdefault(row.id, row)
    return list(found.values())


def _cases(service: Service[Any], case: Case, identity: Identity) -> Iterator[Found]:
    """Open requests of others that are alike."""
    model: Any = service.model
    born = model.birth_date.in_(likeness.close_dates(identity.birth_date))
    others = select(model).where(
        Case.status.in_(WAITING),
        Case.id != case.id,
        Case.owner_id != case.owner_id,
        born | _paper(identity, model),
    )
    for other in db.session.scalars(others.limit(MOST_COMPARED)).unique():
        theirs = service.identity(other)
        if theirs is None:
            continue
        is_same = identity.paper_number is not None and identity.paper_number == theirs.paper_number
        alike = _alike(identity, theirs.names, theirs.birth_date, is_same)
        if alike:
            yield Found(alike, case_id=other.id)


def _alike(
    identity: Identity, names: Iterable[likeness.Name], born: date, is_same_paper: bool
) -> Alike | None:
    alike = likeness.compare(identity, names, born)
    if not is_same_paper:
        return alike
    return Alike(_CERTAIN, (Likeness.identity_number, *(alike.likeness if alike else ())))


def _paper(identity: Identity, model: Any) -> ColumnElement[bool]:
    """The condition that a row holds the identity number, found by its keyed hash."""
    if identity.paper_number is None:
        return false()
    column = model.number_hash if model is IdentityPaper else model.paper_number_hash
    return encrypted.holds(column, identity.paper_number)


def _former_names(numbers: list[int]) -> dict[int, list[likeness.Name]]:
    """Every name on record of these persons."""
    found: dict[int, list[likeness.Name]] = {}
    for row in db.session.scalars(select(PersonName).where(PersonName.person_id.in_(numbers))):
        found.setdefault(row.person_id, []).append((row.given_names, row.family_name))
    return found
