"""Who of the staff opened what of a person's, and why; the person reads it, supervisors look at the reasons.

Without an open case of the person's in the officer's own service, a reason is typed first and reviewed later.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_appbuilder.security.sqla.models import Role
from flask_babel import lazy_gettext as _l
from sqlalchemy import Exists, Select, exists, or_, select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.access_kinds import Opened
from app.delays import OWN_WORK_OPENS, REASON_HOLDS
from app.extensions import db
from app.models import (
    AccessEntry,
    AccessReview,
    Account,
    Case,
    CaseEvent,
    DeclaredInterest,
    Document,
    InsuredPerson,
    PersonMerge,
    SupportTask,
)
from app.permissions import AUDITOR, HELPERS, OFFICERS, STAFF, SUPERVISOR, staff_role
from app.services import agencies, audit, eyes
from app.services.base import NotAllowed, RuleBroken
from app.workflow import ENDED, Status

MOST_SHOWN = 200
LONGEST_REASON = 1000


@dataclass(frozen=True)
class Subject:
    """Whose it is: an account, an insured person, or both; and the case or document it is about."""

    account_id: int | None
    person_id: int | None = None
    case_id: int | None = None
    document: str | None = None

    @classmethod
    def of_case(cls, case: Case) -> "Subject":
        """The owner of a case."""
        return cls(case.owner_id, None, case.id)

    @classmethod
    def of_person(cls, person: InsuredPerson) -> "Subject":
        """An insured person, linked or not."""
        return cls(person.account_id, person.id)


def needs_reason(officer: Account, subject: Subject, is_open: bool = False) -> bool:
    """Whether a reason must be typed first; `is_open`: what is opened is itself a case still open.

    A colleague's things and a declared relative's always need one. Auditors are asked for none: looking is
    their work, and each look is recorded.
    """
    if officer.has_role(AUDITOR):
        return False
    looks = _gave_a_reason(officer, subject), _is_of_staff(subject), _has_interest(officer, subject)
    gave_one, is_of_staff, has_interest = db.session.execute(select(*looks)).one()
    if gave_one or is_of_staff or has_interest:
        return not gave_one
    return not (is_open or _has_open_work(officer, subject) or _worked_lately(officer, subject))


def opened_lately(officer: Account, subject: Subject) -> bool:
    """Whether the officer had it open a moment ago, so that a form sent from there comes back to them."""
    return _is_there(_opened(officer, subject))


def record(officer: Account, opened: Opened, name: str, subject: Subject, reason: str | None = None) -> None:
    """Note that something was opened, in a row nothing changes.

    A letter that was read, and a reason that was typed, enter the audit chain too; a document's reading is
    recorded by `document_review`.

    Raises `RuleBroken` when a reason is too long.
    """
    if reason is not None and not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise RuleBroken(_l("The reason must be at most 1,000 characters long."))
    entry = AccessEntry(
        account_id=officer.id,
        role=staff_role(officer),
        agency_id=officer.agency_id,
        opened=opened,
        name=name[:250],
        subject_id=subject.account_id,
        person_id=subject.person_id,
        case_id=subject.case_id,
        document=subject.document,
        reason=reason.strip() if reason else None,
        opened_at=clock.now(),
    )
    db.session.add(entry)
    db.session.flush()
    if opened is Opened.letter and subject.case_id:
        said = {"name": entry.name} if subject.account_id else None
        read = {"entry": entry.id, "case": subject.case_id}
        audit.record(f"case:{subject.case_id}", "read_letter", officer.id, read, said, subject.account_id)
    if reason:
        facts = {"entry": entry.id, "opened": opened, "case": subject.case_id, "person": subject.person_id}
        stream = f"person:{subject.account_id}" if subject.account_id else f"day:{clock.today()}"
        audit.record(stream, "open_with_reason", officer.id, facts)


def seen_by(account: Account) -> list[AccessEntry]:
    """Who opened what of this person's, the latest first."""
    return list(db.session.scalars(_about(account).order_by(AccessEntry.id.desc()).limit(MOST_SHOWN)))


def of_document(document: Document) -> list[AccessEntry]:
    """Who of the staff opened a document, the latest first; several times in a minute are one line."""
    found = select(AccessEntry).where(AccessEntry.document == document.public_id)
    seen: dict[tuple[int, str], AccessEntry] = {}
    for entry in db.session.scalars(found.order_by(AccessEntry.id.desc()).limit(MOST_SHOWN)):
        seen.setdefault((entry.account_id, entry.opened_at.strftime("%Y%m%d%H%M")), entry)
    return list(seen.values())


def review(entry: AccessEntry, is_justified: bool, note: str, by: Account) -> AccessReview:
    """Note a second look at a reason; nobody reviews an opening of their own."""
    if not by.has_role(SUPERVISOR):
        raise NotAllowed(_l("Your role does not allow this step."))
    if entry.account_id == by.id:
        raise NotAllowed(_l("Somebody else must review what you opened."))
    if not is_justified and not note.strip():
        raise RuleBroken(_l("Say what was wrong."))
    found = AccessReview(
        entry_id=entry.id,
        account_id=by.id,
        is_justified=is_justified,
        note=note.strip()[:LONGEST_REASON] or None,
        reviewed_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(found)
    except IntegrityError:
        raise RuleBroken(_l("A colleague reviewed this before you.")) from None
    facts = {"entry": entry.id, "officer": entry.account_id, "justified": is_justified}
    audit.record(f"person:{entry.account_id}", "review_opening", by.id, facts)
    return found


def record_found(found: Sequence[InsuredPerson], officer: Account) -> Sequence[InsuredPerson]:
    """Those a search found, each noted as found by this officer: whoever is found reads it."""
    for person in found:
        record(officer, Opened.search, person.ssn, Subject.of_person(person))
    return found


def noted_lately(officer: Account, opened: Opened, name: str, owner_id: int) -> bool:
    """Whether the officer noted this opening of that person's a short time ago: they go on with it."""
    return _is_there(
        exists().where(
            AccessEntry.account_id == officer.id,
            AccessEntry.opened == opened,
            AccessEntry.name == name,
            AccessEntry.subject_id == owner_id,
            AccessEntry.opened_at > clock.now() - OWN_WORK_OPENS,
        )
    )


def _about(account: Account) -> Select[tuple[AccessEntry]]:
    """What was opened of theirs, and of what was merged into theirs."""
    mine = select(InsuredPerson.id).where(InsuredPerson.account_id == account.id)
    merged = select(InsuredPerson.id).where(InsuredPerson.merged_into_id.in_(mine))
    held = select(PersonMerge.merged_account_id).where(
        PersonMerge.survivor_account_id == account.id, PersonMerge.undone_at.is_(None)
    )
    whose = or_(
        AccessEntry.subject_id == account.id,
        AccessEntry.subject_id.in_(held),
        AccessEntry.person_id.in_(mine),
        AccessEntry.person_id.in_(merged),
    )
    return select(AccessEntry).where(whose)


def _gave_a_reason(officer: Account, subject: Subject) -> Exists:
    """A reason given a moment ago opens the same person's things again."""
    return _opened(officer, subject).where(AccessEntry.reason.is_not(None))


def _opened(officer: Account, subject: Subject) -> Exists:
    """Whether the officer opened the person's things a moment ago."""
    whose = (
        AccessEntry.subject_id == subject.account_id
        if subject.account_id
        else AccessEntry.person_id == subject.person_id
    )
    return exists().where(
        AccessEntry.account_id == officer.id, AccessEntry.opened_at > clock.now() - REASON_HOLDS, whose
    )


def _is_of_staff(subject: Subject) -> Exists:
    """Whether it is a colleague's: their own files are the ones most looked at out of curiosity."""
    of_staff = Account.roles.any(Role.name.in_(STAFF))
    return exists().where(Account.id == subject.account_id, of_staff)


def _has_interest(officer: Account, subject: Subject) -> Exists:
    declared = eyes.are_relative(subject.account_id, subject.person_id)
    return exists().where(DeclaredInterest.account_id == officer.id, declared)


def _has_open_work(officer: Account, subject: Subject) -> bool:
    """An open case of the person's that this officer may work, or a support task."""
    services = [slug for slug, roles in OFFICERS.items() if officer.has_role(*roles)]
    case = exists().where(
        Case.owner_id == subject.account_id,
        Case.service.in_(services),
        Case.status.not_in(ENDED | {Status.draft}),
        agencies.scope(officer),
    )
    task = exists().where(SupportTask.account_id == subject.account_id, SupportTask.closed_at.is_(None))
    return _is_there(case) or (officer.has_role(*HELPERS) and _is_there(task))


def _worked_lately(officer: Account, subject: Subject) -> bool:
    """A step of their own in a case of this person's, a short time ago: they may read what came of it."""
    return _is_there(
        exists().where(
            CaseEvent.account_id == officer.id,
            CaseEvent.case_id == Case.id,
            Case.owner_id == subject.account_id,
            CaseEvent.happened_at > clock.now() - OWN_WORK_OPENS,
        )
    )


def _is_there(condition: object) -> bool:
    return bool(db.session.scalar(select(condition)))  # type: ignore[call-overload]
