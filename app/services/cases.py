"""The engine of the one life cycle. `perform` is the only writer of a case's status."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Sequence as DatabaseSequence
from sqlalchemy import select
from stdnum.iso7064 import mod_37_36

from app import clock, live
from app.delays import APPEAL_DAYS, SERVICE_STANDARD_WORKING_DAYS, add_working_days
from app.extensions import db
from app.models import Account, Case, CaseEvent, Document, Holiday
from app.permissions import roles_for
from app.services import audit, outbox
from app.services.base import RuleBroken, Service
from app.workflow import DECIDED, Actor, Status, Step

REFERENCE_SEQUENCE = DatabaseSequence("case_reference_seq", metadata=db.metadata)
_LONGEST_REASON = 4000


class NotAllowed(RuleBroken):
    """Who acts has not the role, or acts on what is not theirs (or on themself)."""


class ReasonMissing(RuleBroken):
    """The step must be explained."""

    message_of_missing = _l("Give the reason: the person will read it.")


class StepImpossible(RuleBroken):
    """The case is not where this step begins."""


class AlreadyDecided(StepImpossible):
    """Somebody decided before: `by` and `at` say who and when."""

    def __init__(self, case: Case) -> None:
        super().__init__(_l("This case was decided before you."))
        self.by, self.at = case.decided_by, case.decided_at


class CaseChanged(RuleBroken):
    """The case moved since the page was shown."""


@dataclass(frozen=True)
class By:
    """Who takes a step, and as what."""

    account: Account | None
    actor: Actor


MACHINERY = By(None, Actor.system)


def submit(
    service: Service[Any],
    owner: Account,
    answers: Mapping[str, Any],
    documents: Sequence[Document],
    submission_key: str,
    language: str,
) -> Case:
    """File a request once: the same submission key gives the same case, however often it is sent.

    Raises `RuleBroken` when the service's rules refuse it.
    """
    _one_at_a_time(owner)
    earlier = db.session.scalars(
        select(Case).where(Case.submission_key == submission_key, Case.owner_id == owner.id)
    ).one_or_none()
    if earlier is not None:
        return earlier
    service.check(owner)
    case = service.model(
        owner=owner, language=language, submission_key=submission_key, created_at=clock.now()
    )
    service.fill(case, answers)
    case.documents.extend(documents)
    db.session.add(case)
    db.session.flush()
    perform(service, case, "submit", By(owner, Actor.insured_person))
    return case


def perform(
    service: Service[Any],
    case: Case,
    name: str,
    by: By,
    reason: str | None = None,
    version: int | None = None,
) -> CaseEvent:
    """Take one step: check state, role, ownership and reason, then write status, event and effects together.

    `version` is the case's version on the page the person acted from. Raises `StepImpossible`,
    `AlreadyDecided`, `CaseChanged`, `NotAllowed`, `ReasonMissing`, or what the service's rules raise;
    nothing is written then.
    """
    _lock(case)
    step = _check_state(service, case, name, by.actor, version)
    _check_actor(service, case, by)
    reason = _check_reason(step, reason)
    event = _move(service, case, step, by, reason)
    service.on_step(case, step)
    db.session.flush()
    _record(service, case, event)
    if step.notice:
        outbox.write("send_notice", notice=step.notice, case_id=case.id)
    live.announce(case.public_id)
    if step.target is Status.approved and service.carried_out_at_once:
        perform(service, case, "carry_out", MACHINERY)
    return event


def available(service: Service[Any], case: Case, by: By) -> tuple[Step, ...]:
    """The steps this account may take on this case now: what buttons to show."""
    try:
        _check_actor(service, case, by)
    except NotAllowed:
        return ()
    return service.workflow.available(case.status, by.actor)


def _one_at_a_time(owner: Account) -> None:
    """Two submissions of one person wait for each other, so that the second sees the first."""
    db.session.execute(select(Account.id).where(Account.id == owner.id).with_for_update())


def _lock(case: Case) -> None:
    """Hold the case's row and read it afresh: whoever comes second sees what the first did."""
    table = Case.__table__
    db.session.execute(select(table.c.id).where(table.c.id == case.id).with_for_update())
    db.session.refresh(
        case, ["status", "version", "officer_id", "decided_by_id", "decided_at", "submitted_at"]
    )


def _check_state(service: Service[Any], case: Case, name: str, actor: Actor, version: int | None) -> Step:
    step = service.workflow.step(name)
    if step is None or step.actor is not actor:
        raise NotAllowed(_l("This step does not exist."))
    if case.status not in step.sources:
        if case.status in DECIDED:
            raise AlreadyDecided(case)
        raise StepImpossible(_l("This step is not possible at this stage."))
    if version is not None and version != case.version:
        raise CaseChanged(_l("The case changed since you opened it. Read it again before you decide."))
    return step


def _check_actor(service: Service[Any], case: Case, by: By) -> None:
    """Role, ownership, and nobody acts as an officer on their own case."""
    if by.actor is Actor.system:
        return
    if by.account is None or not by.account.has_role(*roles_for(service.slug, by.actor)):
        raise NotAllowed(_l("Your role does not allow this step."))
    is_own = case.owner_id == by.account.id
    if by.actor is Actor.insured_person and not is_own:
        raise NotAllowed(_l("This is not your case."))
    if by.actor is Actor.officer and is_own:
        raise NotAllowed(_l("You cannot act on your own case."))


def _check_reason(step: Step, reason: str | None) -> str | None:
    reason = (reason or "").strip()
    if step.needs_reason and not reason:
        raise ReasonMissing(ReasonMissing.message_of_missing)
    if len(reason) > _LONGEST_REASON:
        raise ReasonMissing(_l("The reason must be at most 4,000 characters long."))
    return reason or None


def _move(service: Service[Any], case: Case, step: Step, by: By, reason: str | None) -> CaseEvent:
    now = clock.now()
    event = CaseEvent(
        case_id=case.id,
        step=step.name,
        from_status=case.status,
        to_status=step.target,
        actor=by.actor,
        account=by.account,
        reason=reason,
        happened_at=now,
    )
    db.session.add(event)
    if case.status is Status.draft:
        _stamp_submission(service, case, now)
    if by.actor is Actor.officer:
        case.officer = by.account
    if step.decides:
        _stamp_decision(case, by, reason, now)
    case.status = step.target
    return event


def _stamp_submission(service: Service[Any], case: Case, now: datetime) -> None:
    case.submitted_at = now
    case.reference = next_reference(service.letters)
    holidays = set(db.session.scalars(select(Holiday.day).where(Holiday.day >= clock.today())))
    standard = SERVICE_STANDARD_WORKING_DAYS[service.slug]
    case.due_on = add_working_days(clock.today(), standard, holidays)


def _stamp_decision(case: Case, by: By, reason: str | None, now: datetime) -> None:
    case.decided_by = by.account
    case.decided_at = now
    case.decision_reason = reason
    case.appeal_by = clock.today() + timedelta(days=APPEAL_DAYS)


def _record(service: Service[Any], case: Case, event: CaseEvent) -> None:
    """The step in the audit chain; the reason is the person's own, and is encrypted as such."""
    facts = {"service": service.slug, "reference": case.reference, "as": event.actor}
    facts |= {"from": event.from_status, "to": event.to_status}
    actor_id = event.account.id if event.account else None
    personal = {"reason": event.reason} if event.reason else None
    audit.record(f"case:{case.id}", event.step, actor_id, facts, personal, case.owner_id)


def next_reference(letters: str) -> str:
    """The next case reference, such as `RG-2026-000123-K`; the last character checks the others."""
    number = db.session.scalar(REFERENCE_SEQUENCE)
    stem = f"{letters}-{clock.today().year}-{number:06d}"
    return f"{stem}-{mod_37_36.calc_check_digit(stem.replace('-', ''))}"
