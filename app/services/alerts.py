"""What must not wait, for whom it concerns: the chain, support tasks, who waits at a desk, work given up."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.employer_kinds import AgentState
from app.extensions import db
from app.models import Account, Case, EmployerAgent, Outbox, ProposedEmployer, RecordCorrection, SupportTask
from app.permissions import ADMINISTRATOR, CORRECTORS, EMPLOYER_DESK, HELPERS
from app.record_kinds import ProposalState
from app.services import agencies, audit_alarms


@dataclass(frozen=True)
class Alerts:
    """How many of each; None where it is not this account's to mend."""

    differences: int
    checked_at: datetime | None
    given_up: int | None
    support_tasks: int | None
    agents: int | None
    proposed_employers: int | None
    corrections: int | None


def of(account: Account) -> Alerts:
    """The alerts of an account; at most four queries."""
    check = audit_alarms.last()
    agents, proposed = _employers(account) if account.has_role(*EMPLOYER_DESK) else (None, None)
    return Alerts(
        differences=check.found if check else 0,
        checked_at=check.checked_at if check else None,
        given_up=_given_up() if account.has_role(ADMINISTRATOR) else None,
        support_tasks=_support_tasks() if account.has_role(*HELPERS) else None,
        agents=agents,
        proposed_employers=proposed,
        corrections=_corrections(account) if account.has_role(*CORRECTORS) else None,
    )


def _given_up() -> int:
    """Work that failed so often that a person must look."""
    return db.session.scalar(select(func.count()).where(Outbox.set_aside_at.is_not(None))) or 0


def _support_tasks() -> int:
    return db.session.scalar(select(func.count()).where(SupportTask.closed_at.is_(None))) or 0


def _employers(account: Account) -> tuple[int, int]:
    """The agents who wait to be approved, and the employers people named that wait to be checked; one query.

    Neither counts what this account may not decide: its own asking, another agency's case.
    """
    agents = select(func.count()).where(
        EmployerAgent.state == AgentState.asked, EmployerAgent.asked_by_id != account.id
    )
    proposed = (
        select(func.count())
        .select_from(ProposedEmployer)
        .join(Case, Case.id == ProposedEmployer.case_id)
        .where(ProposedEmployer.state == ProposalState.to_check, agencies.scope(account))
    )
    row = db.session.execute(select(agents.scalar_subquery(), proposed.scalar_subquery())).one()
    return row[0], row[1]


def _corrections(account: Account) -> int:
    """The corrections of records that wait for a second officer who is not their author."""
    waits = RecordCorrection.decided_at.is_(None) & (RecordCorrection.asked_by_id != account.id)
    return db.session.scalar(select(func.count()).where(waits)) or 0
