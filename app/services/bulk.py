"""One act on many cases: a step or an assignment, each case through the engine as if it were alone.

A run and its rows are written with the request; a job works them a few at a time, each slice in one
transaction that also asks for the next. What the engine refuses is kept with why; the others go on.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, insert, literal, select

from app import clock
from app.desk_kinds import RowOutcome
from app.extensions import db
from app.models import Account, BulkRow, BulkRun, Case
from app.permissions import roles_for
from app.services import SERVICES, agencies, audit, cases, casework, outbox
from app.services.base import NotAllowed, RuleBroken, Service
from app.workflow import STAFF_ACTORS, Actor, Status, Step

MOST_AT_ONCE = 50_000
SLICE = 20
"""Cases of one transaction: few enough that an officer who opens one of them waits for a moment only."""


@dataclass(frozen=True)
class Act:
    """What is to be done with each case: a step, or an assignment to an officer."""

    step: str | None = None
    officer: Account | None = None


@dataclass(frozen=True)
class Progress:
    """How far a run has come."""

    done: int
    refused: int
    to_do: int


def steps_of(service: Service[Any]) -> tuple[Step, ...]:
    """The steps staff may take on many cases at once."""
    return tuple(it for it in service.workflow.steps if it.actor in STAFF_ACTORS and not it.for_person)


def ask(
    service: Service[Any], wanted: Select[tuple[int]], act: Act, reason: str, account: Account
) -> BulkRun:
    """Write the run for the cases that `wanted` selects the numbers of, and have it worked.

    Raises `NotAllowed` without the role, `RuleBroken` without a reason, a case, or with too many.
    """
    if not account.has_role(*roles_for(service.slug, Actor.officer)):
        raise NotAllowed(_l("Your role does not allow this step."))
    explained = cases.check_reason(reason, is_needed=True)
    _check_act(service, act)
    numbers = wanted.order_by(None).limit(MOST_AT_ONCE + 1).subquery()
    total = db.session.scalar(select(func.count()).select_from(numbers)) or 0
    if not total:
        raise RuleBroken(_l("The list is empty: there is nothing to do."))
    if total > MOST_AT_ONCE:
        raise RuleBroken(_l("More than 50,000 cases: narrow the list first."))
    run = BulkRun(
        service=service.slug,
        account=account,
        step=act.step,
        officer=act.officer,
        reason=explained,
        total=total,
        asked_at=clock.now(),
    )
    db.session.add(run)
    db.session.flush()
    number = select(literal(run.id), numbers.c[0])
    db.session.execute(insert(BulkRow).from_select(["run_id", "case_id"], number))
    run.total = db.session.scalar(select(func.count()).where(BulkRow.run_id == run.id)) or 0
    facts = {"run": run.id, "service": service.slug, "step": act.step, "total": run.total}
    facts |= {"officer": act.officer.id if act.officer else None}
    said = {"reason": explained}
    audit.record(f"day:{clock.today()}", "bulk", account.id, facts, said, account.id)
    outbox.write("work_bulk", run_id=run.id)
    return run


def work(run: BulkRun) -> None:
    """Take the next slice, and have the rest worked; a run that is over is left alone.

    The slice's cases are locked first, in order: an officer who holds one of them is waited for before
    anything else is held.
    """
    if run.finished_at is not None:
        return
    rows = db.session.scalars(
        select(BulkRow)
        .where(BulkRow.run_id == run.id, BulkRow.outcome.is_(None))
        .order_by(BulkRow.case_id)
        .limit(SLICE)
        .with_for_update()
    ).all()
    numbers = [row.case_id for row in rows]
    table = Case.__table__
    db.session.execute(
        select(table.c.id).where(table.c.id.in_(numbers)).order_by(table.c.id).with_for_update()
    )
    with force_locale(run.account.language):
        for row in rows:
            _take(run, row)
    if len(rows) < SLICE:
        run.finished_at = clock.now()
    else:
        outbox.write("work_bulk", run_id=run.id)


def progress(run: BulkRun) -> Progress:
    """How many rows are done, refused, and still to do."""
    counts = {
        row[0]: row[1]
        for row in db.session.execute(
            select(BulkRow.outcome, func.count()).where(BulkRow.run_id == run.id).group_by(BulkRow.outcome)
        )
    }
    return Progress(counts.get(RowOutcome.done, 0), counts.get(RowOutcome.refused, 0), counts.get(None, 0))


def results(run: BulkRun, account: Account, page: int, size: int) -> list[tuple[BulkRow, str | None]]:
    """A page of the rows, the refused first; the reference only of cases the reader may see."""
    seen = agencies.scope(account).label("seen")
    rows = db.session.execute(
        select(BulkRow, Case.__table__.c.reference, seen)
        .join(Case, Case.id == BulkRow.case_id)
        .where(BulkRow.run_id == run.id)
        .order_by(BulkRow.outcome.desc().nulls_last(), BulkRow.case_id)
        .offset(page * size)
        .limit(size)
    )
    return [(row[0], row[1] if row[2] else None) for row in rows]


def _check_act(service: Service[Any], act: Act) -> None:
    """A declared step of the staff's, or an officer of the service."""
    if act.officer is not None and not act.officer.has_role(*roles_for(service.slug, Actor.officer)):
        raise RuleBroken(_l("This officer does not work this service."))
    if act.officer is None and act.step not in {step.name for step in steps_of(service)}:
        raise RuleBroken(_l("Choose what is to be done."))


def _take(run: BulkRun, row: BulkRow) -> None:
    """One case in a savepoint of its own: done, or refused with why and nothing written."""
    try:
        with db.session.begin_nested():
            _act_on(run, row.case_id)
        row.outcome = RowOutcome.done
    except RuleBroken as refusal:
        row.outcome, row.message = RowOutcome.refused, str(refusal.message)
    row.done_at = clock.now()


def _act_on(run: BulkRun, number: int) -> None:
    """Through the same filters as the list, then through the engine."""
    service = SERVICES[run.service]
    case = db.session.scalars(
        select(Case)
        .where(Case.id == number, Case.service == run.service, Case.status != Status.draft)
        .where(agencies.scope(run.account))
    ).unique().one_or_none()  # fmt: skip
    if case is None:
        raise NotAllowed(_l("This case is not in your list."))
    if run.officer is not None:
        casework.assign(service, case, run.officer, run.account)
        return
    step = service.workflow.step(run.step or "")
    if step is None:
        raise NotAllowed(_l("This step does not exist."))
    reason = run.reason if step.needs_reason else None
    cases.perform(service, case, step.name, cases.By(run.account, step.actor), reason)
