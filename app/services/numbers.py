"""Social security numbers: issued from ranges, in a format the settings say; reserved, temporary, converted.

A range's row stays locked until the transaction ends: no number is given twice and none is left out.
"""

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.exc import IntegrityError

from app import clock, numbering
from app.extensions import db
from app.models import Account, FormerNumber, InsuredPerson, NumberRange, NumberReservation
from app.permissions import ADMINISTRATOR, COUNTER
from app.services import audit, eyes, notifications
from app.services.base import NotAllowed, RuleBroken
from config import BadSetting, Settings

TEMPORARY = "T"
"""The range temporary numbers come from."""


def check(settings: Settings) -> None:
    """Refuse to start on a format that cannot be used, or on two whose numbers could be mistaken."""
    try:
        formats = [numbering.parse(one) for one in (settings.SSN_FORMAT, settings.TEMPORARY_SSN_FORMAT)]
    except numbering.BadFormat as error:
        raise BadSetting(f"SSN_FORMAT or TEMPORARY_SSN_FORMAT: {error}") from error
    lasting, temporary = formats
    sample = temporary.write(TEMPORARY, 1)
    if lasting.read(sample) is not None:
        raise BadSetting(
            "TEMPORARY_SSN_FORMAT: its numbers would be taken for lasting ones; begin with a letter."
        )


def lasting_format() -> numbering.NumberFormat:
    """How numbers are written."""
    return numbering.parse(current_app.config["SETTINGS"].SSN_FORMAT)


def temporary_format() -> numbering.NumberFormat:
    """How temporary numbers are written."""
    return numbering.parse(current_app.config["SETTINGS"].TEMPORARY_SSN_FORMAT)


def region() -> str:
    """The region whose range numbers are taken from, until agencies name theirs."""
    return str(current_app.config["SETTINGS"].SSN_REGION)


def issue(is_temporary: bool = False) -> str:
    """The next number, past what is reserved. Raises `RuleBroken` when the range is used up."""
    name = TEMPORARY if is_temporary else region()
    number_format = temporary_format() if is_temporary else lasting_format()
    row = db.session.get_one(NumberRange, name, with_for_update=True, populate_existing=True)
    place = _first_free(name, row.next_number)
    if place >= number_format.capacity:
        raise RuleBroken(_l("No number is left in this range: an administrator must open another."))
    row.next_number = place + 1
    return number_format.write(name, place)


def as_number(typed: str) -> str:
    """A number as it is stored, from what somebody typed with or without separators."""
    return lasting_format().read(typed) or temporary_format().read(typed) or typed.strip()


def whose(typed: str) -> InsuredPerson | None:
    """The person a number leads to: theirs, one of before, or that of a record merged into theirs."""
    number = as_number(typed)
    former = select(FormerNumber.person_id).where(FormerNumber.number == number)
    found = select(InsuredPerson).where(or_(InsuredPerson.ssn == number, InsuredPerson.id.in_(former)))
    person = db.session.scalars(found).one_or_none()
    return survivor_of(person) if person else None


def survivor_of(person: InsuredPerson) -> InsuredPerson:
    """The record this one was merged into, and that one in its turn; itself when it was not."""
    while person.merged_into_id is not None:
        person = db.session.get_one(InsuredPerson, person.merged_into_id)
    return person


def convert(person: InsuredPerson, reason: str, by: Account | None) -> str:
    """Give a lasting number in place of the temporary one, which goes on leading to the person.

    `by` is None when the machinery does it, as the last document of a case is accepted. Raises `RuleBroken`
    when the number is not a temporary one.
    """
    if by is not None:
        _check(person, by)
    db.session.refresh(person, with_for_update={"of": InsuredPerson})
    if not person.has_temporary_number:
        raise RuleBroken(_l("This number is not a temporary one."))
    before, person.ssn, person.has_temporary_number = person.ssn, issue(), False
    db.session.add(
        FormerNumber(person_id=person.id, number=before, was_temporary=True, replaced_on=clock.today())
    )
    db.session.flush()
    stream = f"person:{person.account_id}" if person.account_id else f"day:{clock.today()}"
    said = {"before": before, "after": person.ssn, "reason": reason} if person.account_id else None
    facts = {"person": person.id}
    audit.record(stream, "convert_number", by.id if by else None, facts, said, person.account_id)
    if person.account_id:
        notifications.tell_account("number_converted", person.account_id, page="my-file/")
    return person.ssn


def reserve(name: str, first: int, last: int, reason: str, by: Account) -> NumberReservation:
    """Keep places of a range from being issued. Raises `RuleBroken` when one was, or is reserved already."""
    if not by.has_role(ADMINISTRATOR):
        raise NotAllowed(_l("Your role does not allow this step."))
    row = db.session.get(NumberRange, name, with_for_update=True, populate_existing=True)
    if row is None:
        raise RuleBroken(_l("There is no such range."))
    if not 0 < first <= last < _capacity(name):
        raise RuleBroken(_l("Give the first and the last place of the range, in this order."))
    if first < row.next_number:
        raise RuleBroken(_l("Places before %(place)s may have been issued already.", place=row.next_number))
    found = NumberReservation(
        region=name, first=first, last=last, reason=reason, reserved_by=by, reserved_at=clock.now()
    )
    try:
        with db.session.begin_nested():
            db.session.add(found)
    except IntegrityError:
        raise RuleBroken(_l("Some of these places are reserved already.")) from None
    facts = {"reservation": found.id, "range": name, "first": first, "last": last}
    audit.record(f"day:{clock.today()}", "reserve_numbers", by.id, facts)
    return found


def _check(person: InsuredPerson, by: Account) -> None:
    if not by.has_role(*COUNTER):
        raise NotAllowed(_l("Your role does not allow this step."))
    eyes.check_not_relative(person, by)


def _capacity(name: str) -> int:
    return (temporary_format() if name == TEMPORARY else lasting_format()).capacity


def _first_free(name: str, place: int) -> int:
    """The first place from here on that nobody reserved."""
    while (last := db.session.scalar(select(NumberReservation.last).where(_covers(name, place)))) is not None:
        place = last + 1
    return place


def _covers(name: str, place: int) -> ColumnElement[bool]:
    return and_(
        NumberReservation.region == name, NumberReservation.first <= place, NumberReservation.last >= place
    )
