"""What an officer corrects in a person's record beside any request: asked with a reason, traced, told.

What a right may hang on (names, dates, sex, nationality, wages) is written once a second officer approved it;
an occupation or a parent's name at once. A former value is kept with its days, as after a request.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.extensions import db
from app.forms.answers import shown
from app.forms.base import PortalForm
from app.forms.records import EmploymentFactsForm, PersonFactsForm
from app.models import Account, Employment, InsuredPerson, RecordCorrection
from app.permissions import CORRECTORS
from app.services import audit, cases, certificates, eyes, notifications, records
from app.services.base import NotAllowed, RuleBroken

NAMES = ("given_names", "family_name")
OF_PERSON = (
    *NAMES,
    *("name_at_birth", "sex", "birth_date", "birth_place", "birth_country", "nationality"),
    *("mother_name", "father_name", "occupation"),
)
"""What else changes (marital status, address, papers, dependants) comes with its evidence, by a request."""

OF_EMPLOYMENT = ("started_on", "ended_on", "occupation", "monthly_wage")
AT_ONCE = frozenset({"occupation", "mother_name", "father_name"})
_READ: Mapping[str, Any] = {
    "birth_date": date.fromisoformat,
    "started_on": date.fromisoformat,
    "ended_on": date.fromisoformat,
    "monthly_wage": Decimal,
}
_CERTIFIED = {*NAMES, "birth_date"}
"""What a certificate says: another is issued."""


def ask(
    person: InsuredPerson, employment: Employment | None, field: str, value: Any, reason: str, by: Account
) -> RecordCorrection:
    """Correct a fact of a person, or of their employment: at once, or once a second officer approves it.

    The value has passed its form. Raises `NotAllowed`, `RuleBroken` when nothing changes, the record was
    merged, or a correction of this fact waits already.
    """
    _check(person, employment, by)
    if field not in (OF_EMPLOYMENT if employment else OF_PERSON):
        raise NotAllowed(_l("This fact cannot be corrected here."))
    _hold(person, employment)
    before, after = _as_text(getattr(employment or person, field)), _as_text(value)
    if before == after:
        raise RuleBroken(_l("The record says this already."))
    correction = RecordCorrection(
        person=person,
        employment=employment,
        field=field,
        before=before,
        after=after,
        reason=cases.check_reason(reason, is_needed=True) or "",
        is_for_two=field not in AT_ONCE,
        asked_by=by,
        asked_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(correction)
    except IntegrityError:
        raise RuleBroken(_l("A correction of this fact waits for a second officer already.")) from None
    _record(correction, "ask_correction", by)
    if not correction.is_for_two:
        _write(correction, by)
    return correction


def approve(correction: RecordCorrection, by: Account) -> None:
    """Write it, as a second officer. Raises `RuleBroken` when the record says something else by now."""
    _take(correction, by)
    if correction.asked_by_id == by.id:
        raise NotAllowed(_l("You proposed this: another officer must approve it."))
    of = correction.employment or correction.person
    if _as_text(getattr(of, correction.field)) != correction.before:
        raise RuleBroken(_l("The record says something else by now: refuse this, and correct it anew."))
    _write(correction, by)


def refuse(correction: RecordCorrection, by: Account) -> None:
    """Leave the record as it is: also whoever asked may."""
    _take(correction, by)
    correction.is_refused = True
    _decide(correction, by)
    _record(correction, "refuse_correction", by)


def of_person(person: InsuredPerson, employment: Employment | None = None) -> list[RecordCorrection]:
    """The corrections of a person's record, or of one employment, the latest first."""
    wanted = select(RecordCorrection).where(RecordCorrection.person_id == person.id)
    if employment is not None:
        wanted = wanted.where(RecordCorrection.employment_id == employment.id)
    return list(db.session.scalars(wanted.order_by(RecordCorrection.id.desc()).limit(100)).unique())


def form_of(is_employment: bool) -> type[PortalForm]:
    """The questions by which the facts are corrected."""
    return EmploymentFactsForm if is_employment else PersonFactsForm


def label_of(field: str, is_employment: bool) -> str:
    """What a fact is called, in the reader's language: a lazy one would be drawn letter by letter."""
    return str(getattr(form_of(is_employment), field).args[0])


def in_words(correction: RecordCorrection, text: str | None) -> str:
    """A value as people read it; empty for none."""
    return words(form_of(correction.employment_id is not None), {correction.field: _value(correction, text)})[
        correction.field
    ]


def words(kind: type[PortalForm], values: Mapping[str, Any]) -> dict[str, str]:
    """The facts of a record as people read them, by name; empty for what is not held."""
    form = kind(formdata=None, data=values, meta={"csrf": False})
    found = {name: shown(form[name]) if values[name] is not None else "" for name in values}
    return {name: it if isinstance(it, str) else ", ".join(it) for name, it in found.items()}


def _write(correction: RecordCorrection, by: Account) -> None:
    person, field, value = correction.person, correction.field, _value(correction, correction.after)
    try:
        with db.session.begin_nested():
            if correction.employment is not None:
                setattr(correction.employment, field, value)
            elif field in NAMES:
                names = {name: getattr(person, name) for name in NAMES} | {field: value}
                records.put_name(person, names["given_names"], names["family_name"], None)
            else:
                records.put_facts(person, {field: value}, None)
            _decide(correction, by)
    except IntegrityError:
        raise RuleBroken(_l("The last day must not be before the first.")) from None
    _record(correction, "correct_record", by)
    if person.account is None:
        return
    if correction.employment is None and field in _CERTIFIED and not person.has_temporary_number:
        certificates.issue(person, None, person.account.language)
    notifications.tell_account("record_corrected", person.account.id, page="my-record/")


def _decide(correction: RecordCorrection, by: Account) -> None:
    correction.decided_by, correction.decided_at = by, clock.now()
    db.session.flush()


def _take(correction: RecordCorrection, by: Account) -> None:
    """The correction and its record, for this officer; two at once wait for each other."""
    db.session.refresh(correction, with_for_update={"of": RecordCorrection})
    _check(correction.person, correction.employment, by)
    if correction.decided_at is not None:
        raise RuleBroken(_l("A colleague decided on this before you."))
    _hold(correction.person, correction.employment)


def _hold(person: InsuredPerson, employment: Employment | None) -> None:
    db.session.refresh(person, with_for_update={"of": InsuredPerson})
    if employment is not None:
        db.session.refresh(employment, with_for_update={"of": Employment})
    if person.merged_into_id is not None:
        raise RuleBroken(_l("This record was merged: correct the one that stays."))


def _check(person: InsuredPerson, employment: Employment | None, by: Account) -> None:
    if not by.has_role(*CORRECTORS):
        raise NotAllowed(_l("Your role does not allow this step."))
    eyes.check_not_relative(person, by)
    if employment is not None and employment.employer_id is not None:
        eyes.check_not_of_employer(employment.employer_id, by)


def _record(correction: RecordCorrection, action: str, by: Account) -> None:
    """In the stream of the person's account, else of the day; the values are encrypted as the person's."""
    account_id = correction.person.account_id
    facts = {
        "correction": correction.id,
        "person": correction.person_id,
        "employment": correction.employment_id,
        "field": correction.field,
    }
    said = {"before": correction.before, "after": correction.after, "reason": correction.reason}
    stream = f"person:{account_id}" if account_id else f"day:{clock.today()}"
    audit.record(stream, action, by.id, facts, said if account_id else None, account_id)


def _value(correction: RecordCorrection, text: str | None) -> Any:
    return None if text is None else _READ.get(correction.field, str)(text)


def _as_text(value: Any) -> str | None:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return None if value in (None, "") else str(value)
