"""What a person sees of their own record, today and before, and what they change there at once."""

from collections.abc import Callable, Iterator
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.formats import day, isoday
from app.forms.civil import country_name
from app.models import (
    Account,
    Dependant,
    FormerFact,
    IdentityPaper,
    InsuredPerson,
    PersonAddress,
    PersonName,
    Spouse,
)
from app.record_kinds import MaritalStatus, PersonFact, Sex
from app.services import audit, employments, encrypted, locks, records

Row = tuple[LazyString | str, str]
SERVICE = "record_changes"
_LABELS: dict[PersonFact, LazyString] = {
    PersonFact.name_at_birth: _l("Name at birth"),
    PersonFact.sex: _l("Sex"),
    PersonFact.birth_date: _l("Date of birth"),
    PersonFact.birth_place: _l("Place of birth"),
    PersonFact.birth_country: _l("Country of birth"),
    PersonFact.nationality: _l("Nationality"),
    PersonFact.marital_status: _l("Marital status"),
    PersonFact.mother_name: _l("Mother"),
    PersonFact.father_name: _l("Father"),
    PersonFact.occupation: _l("Occupation"),
}
_COUNTRIES = {PersonFact.birth_country, PersonFact.nationality}


def today(person: InsuredPerson) -> list[Row]:
    """What holds today, as pairs of label and value."""
    facts = ((label, _shown(fact, getattr(person, fact))) for fact, label in _LABELS.items())
    return [
        (_l("Social security number"), person.ssn),
        (_l("Name"), str(person)),
        *facts,
        *_of(PersonAddress, person, _l("Address"), _address),
        *_of(IdentityPaper, person, _l("Identity document"), _paper),
        *_of(Spouse, person, _l("Spouse"), _name),
        *_of(Dependant, person, _l("Dependant"), _dependant),
        *_employed(person),
        (_l("Registered on"), day(person.registered_on)),
    ]


def before(person: InsuredPerson) -> list[Row]:
    """What held before, each with its days, the latest first of each kind."""
    found = []
    for kind, label, words in (
        (PersonName, _l("Name"), _name),
        (PersonAddress, _l("Address"), _address),
        (IdentityPaper, _l("Identity document"), _paper),
        (Spouse, _l("Spouse"), _name),
        (Dependant, _l("Dependant"), _dependant),
    ):
        over = (it for it in records.history(kind, person) if it.valid_to is not None)
        found += [(label, f"{words(it)}, {_days(it)}") for it in over]
    for it in records.history(FormerFact, person):
        found.append((_LABELS[it.fact], f"{_shown(it.fact, it.value)}, {_days(it)}"))
    return found


def put(account: Account, person: InsuredPerson, line: str, occupation: str | None) -> bool:
    """Write what takes effect at once: the address line and the occupation; whether anything changed.

    Raises `FileLocked` in a locked file.
    """
    locks.check(account, SERVICE)
    changed = []
    there = records.in_force(PersonAddress, person)
    if there is not None and line and line != there.line:
        records.put_address(person, line, there.town, there.country, None)
        changed.append("address_line")
    if (occupation or None) != person.occupation:
        records.put_facts(person, {"occupation": occupation}, None)
        changed.append("occupation")
    if changed:
        audit.record(f"person:{account.id}", "change_record", account.id, {"changed": changed})
    return bool(changed)


def _of(kind: Any, person: InsuredPerson, label: LazyString, words: Callable[[Any], str]) -> Iterator[Row]:
    for it in records.history(kind, person):
        if it.valid_to is None:
            yield label, words(it)


def _employed(person: InsuredPerson) -> Iterator[Row]:
    for it in employments.of_person(person):
        until = _("to %(day)s", day=day(it.ended_on)) if it.ended_on else ""
        since = _("since %(start)s", start=day(it.started_on))
        said = (str(it.employer or it.proposed_employer), it.occupation, since, until, str(it.state.label))
        yield _l("Employment"), ", ".join(part for part in said if part)


def _shown(fact: PersonFact, value: Any) -> str:
    """A fact as it is read, from the person's row or from its former value in words."""
    if value is None:
        return ""
    if fact is PersonFact.birth_date:
        return isoday(str(value))
    if fact in _COUNTRIES:
        return country_name(str(value))
    if fact is PersonFact.sex:
        return str(Sex(value).label)
    return str(MaritalStatus(value).label) if fact is PersonFact.marital_status else str(value)


def _address(it: PersonAddress) -> str:
    return ", ".join((it.line, it.town, country_name(it.country)))


def _name(it: PersonName | Spouse | Dependant) -> str:
    return f"{it.given_names} {it.family_name}"


def _dependant(it: Dependant) -> str:
    return f"{_name(it)}, {day(it.birth_date)}, {it.kinship.label}"


def _paper(it: IdentityPaper) -> str:
    number = encrypted.read(it, IdentityPaper.number) or ""
    return _("%(kind)s ending in %(end)s", kind=it.kind.label, end=number[-4:])


def _days(it: Any) -> str:
    return _("from %(start)s to %(end)s", start=day(it.valid_from), end=day(it.valid_to))
