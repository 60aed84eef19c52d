"""What staff do on a case beside its steps: correct an answer, leave a note, hand it over."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app import clock, live
from app.extensions import db
from app.models import Account, Agency, Case, CaseCorrection, CaseNote
from app.permissions import roles_for
from app.services import audit, cases, duplicates, employer_answers, eyes
from app.services.base import NotAllowed, RuleBroken, Service
from app.workflow import DECIDED, ENDED, Actor

LONGEST_NOTE = 4000


def correct(
    service: Service[Any],
    case: Case,
    field: str,
    value: Any,
    reason: str | None,
    account: Account,
    version: int | None = None,
) -> CaseCorrection | None:
    """Complete or correct one answer before the decision; what the person wrote stays beside it.

    The value has passed the service's form. Raises `NotAllowed`, `StepImpossible` after a decision,
    `CaseChanged`, `ReasonMissing` without a reason. None when nothing changes. Whoever corrects is a first
    pair of eyes. Where it says whom the case is about, possible duplicates are looked for again.
    """
    if field not in service.correctable(case):
        raise NotAllowed(_l("This answer cannot be corrected."))
    begin(service, case, account)
    if case.status in DECIDED | ENDED:
        raise cases.StepImpossible(case)
    cases.check_version(case, version)
    explained = cases.check_reason(reason, is_needed=True)
    before = service.value_of(case, field)
    if before == value:
        return None
    was = service.identity(case)
    service.write(case, field, value)
    cases.note_pairs(service, case)
    correction = CaseCorrection(
        case_id=case.id,
        field=field,
        before=_as_text(before, field in service.secrets()),
        after=_as_text(value, field in service.secrets()),
        reason=explained,
        account=account,
        corrected_at=clock.now(),
    )
    case.corrections.append(correction)
    db.session.flush()
    said = {"before": correction.before, "after": correction.after, "reason": explained}
    _record(case, "correct", account, {"correction": correction.id, "field": field}, said)
    if field == "employer_id":
        db.session.refresh(case, ["employer"])
        employer_answers.readdress(service, case)
    if service.identity(case) != was:
        duplicates.find(service, case)
    live.announce(case.public_id)
    return correction


def note(service: Service[Any], case: Case, words: str, account: Account) -> CaseNote:
    """Leave a note for staff only. Raises `RuleBroken` when it is empty or too long."""
    _check_staff(service, case, account)
    words = words.strip()
    if not words:
        raise RuleBroken(_l("Write the note first."))
    if len(words) > LONGEST_NOTE:
        raise RuleBroken(_l("The note must be at most 4,000 characters long."))
    written = CaseNote(case_id=case.id, account=account, text=words, written_at=clock.now())
    case.notes.append(written)
    db.session.flush()
    _record(case, "note", account, {"note": written.id}, {"text": words})
    return written


def assign(
    service: Service[Any], case: Case, officer: Account, account: Account, version: int | None = None
) -> None:
    """Give the case to an officer who may decide it. Raises `NotAllowed`, `CaseChanged`."""
    begin(service, case, account)
    cases.check_version(case, version)
    _check_staff(service, case, officer)
    case.officer = officer
    db.session.flush()
    _record(case, "assign", account, {"officer": officer.id})


def transfer(
    service: Service[Any], case: Case, agency: Agency, account: Account, version: int | None = None
) -> None:
    """Move the case to another agency; nobody there has it yet. Raises `NotAllowed`, `CaseChanged`."""
    begin(service, case, account)
    cases.check_version(case, version)
    before, case.agency, case.officer = case.agency, agency, None
    db.session.flush()
    _record(case, "transfer", account, {"from": before.code if before else None, "to": agency.code})


def _record(
    case: Case, action: str, account: Account, facts: dict[str, Any], said: dict[str, Any] | None = None
) -> None:
    """In the case's stream; what was written about the person is encrypted with the person's key."""
    audit.record(f"case:{case.id}", action, account.id, facts, said, case.owner_id)


def begin(service: Service[Any], case: Case, account: Account) -> None:
    """Hold the case, and only then look whether this officer may work it."""
    cases.lock(case)
    _check_staff(service, case, account)


def _check_staff(service: Service[Any], case: Case, account: Account) -> None:
    if not account.has_role(*roles_for(service.slug, Actor.officer)):
        raise NotAllowed(_l("Your role does not allow this step."))
    eyes.check_not_involved(case, account)


def _as_text(value: Any, is_secret: bool) -> str | None:
    """A value as a correction keeps it; of a secret only the end."""
    text = None if value is None else str(value)
    return f"•••• {text[-4:]}" if text and is_secret else text
