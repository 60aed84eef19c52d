"""The engine of the one life cycle. `perform` is the only writer of a case's status."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app import clock, live
from app.extensions import db
from app.models import Account, Case, CaseEvent, Decision, Document, EmployerRequest
from app.permissions import roles_for
from app.services import (
    audit,
    delays,
    document_needs,
    duplicates,
    employer_requests,
    eyes,
    letters,
    locks,
    notifications,
    receipts,
    spoken_for,
)
from app.services.base import FiledAs, NotAllowed, RuleBroken, Service
from app.services.documents import file_new
from app.services.references import new_case
from app.services.spoken_for import ForPerson
from app.workflow import (
    AFTER_DECISION,
    DECIDED,
    OUTCOME_OF,
    STAFF_ACTORS,
    Actor,
    Status,
    Step,
)

PORTAL = "portal"
COUNTER = "counter"
_LONGEST_REASON = 4000


class ReasonMissing(RuleBroken):
    """The step must be explained."""

    message_of_missing = _l("Give the reason: the person will read it.")


class StepImpossible(RuleBroken):
    """The case is not where this step begins; `last` is what moved it to where it is."""

    def __init__(self, case: Case, message: LazyString | None = None) -> None:
        super().__init__(message or _l("This step is not possible at this stage."))
        self.last = case.events[-1] if case.events else None


class AlreadyDecided(StepImpossible):
    """Somebody decided before: `by` and `at` say who and when."""

    def __init__(self, case: Case) -> None:
        super().__init__(case, _l("This case was decided before you."))
        self.by, self.at = case.decided_by, case.decided_at


class CaseChanged(RuleBroken):
    """The case moved since the page was shown."""


@dataclass(frozen=True)
class By:
    """Who takes a step, and as what; an employer by the question they answered."""

    account: Account | None
    actor: Actor
    answered: EmployerRequest | None = None


MACHINERY = By(None, Actor.system)


def submit(
    service: Service[Any],
    owner: Account,
    answers: Mapping[str, Any],
    documents: Sequence[Document | FiledAs],
    submission_key: str,
    language: str,
    entered_by: Account | None = None,
) -> Case:
    """File a request once: the same submission key gives the same case, however often it is sent.

    `entered_by` is who entered it at the counter for somebody else. Raises `RuleBroken` when the service's
    rules refuse it.
    """
    earlier = sent_before(owner, submission_key)
    if earlier is not None:
        return earlier
    service.check(owner)
    owner.language = language
    case = service.model(
        status=Status.draft,
        owner=owner,
        owner_id=owner.id,
        agency_id=owner.agency_id,
        language=language,
        submission_key=submission_key,
        channel=COUNTER if entered_by else PORTAL,
        entered_by=entered_by,
        created_at=clock.now(),
    )
    case.id, case.reference = new_case(service.letters)
    with db.session.no_autoflush:
        service.fill(case, answers)
        db.session.add(case)
        perform(service, case, "submit", By(owner, Actor.insured_person))
    file_new(case, documents)
    receipts.issue(service, case)
    if employer_requests.is_to_ask(service, case):
        perform(service, case, "ask_employer", MACHINERY)
    return case


def sent_before(owner: Account, submission_key: str) -> Case | None:
    """The case this key gave before; the person's other submissions wait until this transaction ends."""
    _one_at_a_time(owner)
    return db.session.scalars(
        select(Case).where(Case.submission_key == submission_key, Case.owner_id == owner.id)
    ).one_or_none()


def perform(
    service: Service[Any],
    case: Case,
    name: str,
    by: By,
    reason: str | None = None,
    version: int | None = None,
    for_person: ForPerson | None = None,
) -> CaseEvent:
    """Take one step: check state, role, ownership, separation of duties and reason, then write all together.

    `version` is the case's version on the page the person acted from; `for_person` is needed by a step that
    an officer takes for the person, and by no other. Raises `StepImpossible`,
    `AlreadyDecided`, `CaseChanged`, `NotAllowed`, `ReasonMissing`, or what the service's rules raise;
    nothing is written then.
    """
    step = _declared(service, name, by.actor)
    lock(case)
    with db.session.no_autoflush:
        _check_state(service, case, step, version)
        _check_actor(service, case, by)
        spoken_for.check(service, case, step, for_person)
        _check_eyes(service, case, step, by)
        document_needs.check(service, case, step)
        duplicates.check(service, case, step)
        event = _move(service, case, step, by, check_reason(reason, step.needs_reason), for_person)
    employer_requests.follow(service, case, event)
    if event.from_status is Status.draft:
        db.session.flush()  # what a service writes beside a new case names its row
    service.on_step(case, step)
    db.session.flush()
    _record(service, case, event)
    if event.from_status is Status.draft:
        duplicates.find(service, case)
    if step.notice:
        notifications.tell_of_case(step.notice, case, f"event:{event.id}")
    if step.decides:
        letters.prepare(service, case, case.decisions[-1])
    live.announce(case.public_id)
    if step.target is Status.approved and may_carry_out(service, case):
        perform(service, case, "carry_out", MACHINERY)
    return event


def may_carry_out(service: Service[Any], case: Case) -> bool:
    """Whether an approval is carried out now: at once by declaration, and no document is still to follow."""
    return service.carried_out_at_once and not document_needs.missing(service, case)


def available(service: Service[Any], case: Case, by: By) -> tuple[Step, ...]:
    """The steps this account may take on this case now: what buttons to show."""
    try:
        _check_actor(service, case, by)
        if by.actor is Actor.approver and by.account is not None:
            eyes.check_second_pair(case, by.account)
    except NotAllowed:
        return ()
    return _in_turn(service, case, _possible(service, case, by.actor))


def available_to_staff(
    service: Service[Any], case: Case, account: Account, look: eyes.Look | None = None
) -> tuple[Step, ...]:
    """What a member of staff may do now, as first or as second pair of eyes; `look` where one was had."""
    is_involved = (look or eyes.look(case, account)).refusal is not None
    if is_involved or not account.has_role(*roles_for(service.slug, Actor.officer)):
        return ()
    actors = [Actor.officer]
    if account.id not in eyes.preparers(case):
        actors.append(Actor.approver)
    return _in_turn(service, case, [step for actor in actors for step in _possible(service, case, actor)])


def needs_two_pairs(service: Service[Any], case: Case) -> bool:
    """Whether one officer must propose and another decide: by declaration, by rule, or after a decision."""
    return case.needs_two_pairs or _is_for_two(service, case) or _was_decided(case)


def note_pairs(service: Service[Any], case: Case) -> None:
    """Tell the database, for its own check, that two must decide; once they must, they always must."""
    if case.status not in DECIDED:
        case.needs_two_pairs = case.needs_two_pairs or _is_for_two(service, case)


def lock(case: Case) -> None:
    """Hold the case's row, then read it afresh: whoever comes second sees all that the first did.

    Two statements, since one that waits for the row reads the other tables as they were before. A case that
    is only being filed was written by this very transaction: nobody else sees it yet.
    """
    if case.status is Status.draft:
        return
    table = Case.__table__
    db.session.execute(select(table.c.id).where(table.c.id == case.id).with_for_update())
    db.session.refresh(case)


def check_version(case: Case, version: int | None) -> None:
    """`CaseChanged` when the page the person acted from showed another version."""
    if version is not None and version != case.version:
        raise CaseChanged(_l("The case changed since you opened it. Read it again before you decide."))


def check_reason(reason: str | None, is_needed: bool) -> str | None:
    """The reason without the spaces around it; `ReasonMissing` when it is needed and empty, or too long."""
    reason = (reason or "").strip()
    if is_needed and not reason:
        raise ReasonMissing(ReasonMissing.message_of_missing)
    if len(reason) > _LONGEST_REASON:
        raise ReasonMissing(_l("The reason must be at most 4,000 characters long."))
    return reason or None


def _in_turn(service: Service[Any], case: Case, steps: Iterable[Step]) -> tuple[Step, ...]:
    """Those whose turn it is; whether two must decide is asked only where somebody decides."""
    found = tuple(steps)
    if not any(step.decides or step.prepares for step in found):
        return found
    is_for_two = needs_two_pairs(service, case)
    return tuple(step for step in found if not _is_out_of_turn(step, case, is_for_two))


def _is_out_of_turn(step: Step, case: Case, is_for_two: bool) -> bool:
    """A lone decision where two are needed, or a first proposal where one officer decides."""
    if step.decides:
        return is_for_two and case.status is not Status.proposed
    return step.prepares and not is_for_two


def _check_eyes(service: Service[Any], case: Case, step: Step, by: By) -> None:
    """Where two are needed nobody decides alone; whoever prepared a proposal is not its second officer."""
    if by.actor is Actor.approver and by.account is not None:
        eyes.check_second_pair(case, by.account)
    if step.decides and case.status is not Status.proposed and needs_two_pairs(service, case):
        raise NotAllowed(_l("This decision needs two people: propose it."))


def _one_at_a_time(owner: Account) -> None:
    """Two submissions of one person wait for each other, so that the second sees the first."""
    db.session.execute(select(Account.id).where(Account.id == owner.id).with_for_update(key_share=True))


def _declared(service: Service[Any], name: str, actor: Actor) -> Step:
    step = service.workflow.step(name)
    if step is None or step.actor is not actor:
        raise NotAllowed(_l("This step does not exist."))
    return step


def _check_state(service: Service[Any], case: Case, step: Step, version: int | None) -> None:
    if step not in _possible(service, case, step.actor):
        raise AlreadyDecided(case) if case.status in DECIDED else StepImpossible(case)
    check_version(case, version)


def _possible(service: Service[Any], case: Case, actor: Actor) -> tuple[Step, ...]:
    """The steps that begin where the case is; one that was decided never comes to nothing."""
    steps = service.workflow.available(case.status, actor, case.proposed_outcome)
    return tuple(step for step in steps if step.target in AFTER_DECISION or not _was_decided(case))


def _was_decided(case: Case) -> bool:
    return case.status is not Status.draft and bool(case.decisions)


def _is_for_two(service: Service[Any], case: Case) -> bool:
    return (
        service.workflow.pairs_of_eyes > 1
        or service.needs_two_pairs(case)
        or duplicates.were_judged(service, case)
    )


def _check_actor(service: Service[Any], case: Case, by: By) -> None:
    """Role, ownership, and nobody acts as staff where they have an interest.

    An employer acts by the answer to the question that was put to them, and by nothing else.
    """
    if by.actor is Actor.system:
        return
    if by.actor is Actor.employer:
        employer_requests.check_answered(case, by.answered, by.account)
        return
    if by.account is None or not by.account.has_role(*roles_for(service.slug, by.actor)):
        raise NotAllowed(_l("Your role does not allow this step."))
    if by.actor is Actor.insured_person and case.owner_id != by.account.id:
        raise NotAllowed(_l("This is not your case."))
    if by.actor is Actor.insured_person and not _is_entered_at_counter(case):
        locks.check(by.account, service.slug)
    if by.actor in STAFF_ACTORS:
        eyes.check_not_involved(case, by.account)


def _is_entered_at_counter(case: Case) -> bool:
    """What an officer enters for the person who stands there is no change online: no lock stops it."""
    return case.status is Status.draft and case.channel == COUNTER


def _move(
    service: Service[Any], case: Case, step: Step, by: By, reason: str | None, for_person: ForPerson | None
) -> CaseEvent:
    now = clock.now()
    event = CaseEvent(
        case=case,
        step=step.name,
        from_status=case.status,
        to_status=step.target,
        proposed_outcome=step.outcome if step.prepares else None,
        actor=by.actor,
        account=case.entered_by if _is_entered_at_counter(case) else by.account,
        reason=reason,
        told=for_person.told if for_person else None,
        evidence=for_person.evidence.strip() if for_person else None,
        happened_at=now,
    )
    db.session.add(event)
    if case.status is Status.draft:
        _stamp_submission(service, case, now)
    note_pairs(service, case)
    if by.actor is Actor.officer and not step.for_person:
        case.officer = by.account
    delays.turn(case, step.target, now)
    _stamp_decision(case, step, by, reason, now)
    case.status = step.target
    return event


def _stamp_submission(service: Service[Any], case: Case, now: datetime) -> None:
    case.submitted_at = now
    case.due_on = delays.due(service.slug, delays.DECISION)


def _record(service: Service[Any], case: Case, event: CaseEvent) -> None:
    """The step in the audit chain; reason and evidence are the person's own, and are encrypted as such."""
    facts = {"service": service.slug, "reference": case.reference, "as": event.actor}
    facts |= {"from": event.from_status, "to": event.to_status}
    if event.told is not None:
        facts |= {"told": event.told}
    actor_id = event.account.id if event.account else None
    said = {"reason": event.reason, "evidence": event.evidence}
    personal = {name: words for name, words in said.items() if words}
    audit.record(f"case:{case.id}", event.step, actor_id, facts, personal or None, case.owner_id)


def _stamp_decision(case: Case, step: Step, by: By, reason: str | None, now: datetime) -> None:
    """A proposal opens the decision again, for two people; a decision is stamped on the case, and kept."""
    reason = reason or (case.decision_reason if case.status is Status.proposed else None)
    case.proposed_outcome = step.outcome if step.prepares else None
    if step.prepares:
        case.decided_by, case.decided_at, case.decision_reason = None, None, reason
        case.needs_two_pairs = True
    elif step.decides:
        case.decided_by, case.decided_at, case.decision_reason = by.account, now, reason
        case.decisions.append(
            Decision(
                outcome=OUTCOME_OF[step.target],
                decided_by=by.account,
                decided_at=now,
                reason=reason,
            )
        )
    elif case.status is Status.proposed:
        case.decision_reason = None
