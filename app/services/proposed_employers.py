"""Employers people named who are not in the list: tied to a real one, or made one, before it is asked."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app import clock
from app.extensions import db
from app.models import Account, Case, Employer, Employment, ProposedEmployer
from app.permissions import EMPLOYER_DESK
from app.record_kinds import ProposalState
from app.services import SERVICES, audit, cases, employer_requests, eyes, reference_changes
from app.services.base import NotAllowed, RuleBroken
from app.workflow import Status

_ASKED_FROM = (Status.submitted, Status.under_review)


def match(proposal: ProposedEmployer, number: str, by: Account) -> None:
    """Say that it is the employer of that registration number. Raises `RuleBroken`, `NotAllowed`."""
    case = _hold(proposal, by)
    employer = db.session.scalars(
        select(Employer).where(Employer.registration_number == number.strip().upper())
    ).one_or_none()
    if employer is None or not employer.active:
        raise RuleBroken(_l("No employer has this registration number."))
    _accept(proposal, case, employer, by)


def create(proposal: ProposedEmployer, facts: dict[str, Any], by: Account) -> Employer:
    """Make it an employer of its own. Raises `RuleBroken` when the number is taken, `NotAllowed`."""
    case = _hold(proposal, by)
    employer = Employer(**facts, active=True)
    reference_changes.by(by)
    try:
        with db.session.begin_nested():
            db.session.add(employer)
    except IntegrityError:
        raise RuleBroken(_l("This registration number is taken: tie the request to that employer.")) from None
    audit.record(f"case:{case.id}", "create_employer", by.id, {"employer": employer.id})
    _accept(proposal, case, employer, by)
    return employer


def refuse(proposal: ProposedEmployer, reason: str, by: Account) -> None:
    """Say that no such employer exists; the case goes on without one, and its officer decides."""
    case = _hold(proposal, by)
    _decide(proposal, ProposalState.refused, by)
    audit.record(
        f"case:{case.id}",
        "refuse_proposed_employer",
        by.id,
        {"proposal": proposal.id},
        {"name": proposal.name, "reason": reason.strip()},
        case.owner_id,
    )


def _accept(proposal: ProposedEmployer, case: Case, employer: Employer, by: Account) -> None:
    """Name the employer in the case and in what follows from it, and have it asked."""
    eyes.check_no_interest(case.owner_id, employer.id, by)
    proposal.employer = employer
    _decide(proposal, ProposalState.accepted, by)
    case.employer_id = employer.id
    db.session.execute(
        update(Employment)
        .where(Employment.proposed_employer_id == proposal.id, Employment.employer_id.is_(None))
        .values(employer_id=employer.id)
    )
    db.session.flush()
    db.session.refresh(case, ["employer"])
    facts = {"proposal": proposal.id, "employer": employer.id}
    audit.record(f"case:{case.id}", "accept_proposed_employer", by.id, facts)
    service = SERVICES[case.service]
    if case.status in _ASKED_FROM and not case.decisions and employer_requests.is_to_ask(service, case):
        cases.perform(service, case, "ask_employer", cases.MACHINERY)


def _decide(proposal: ProposedEmployer, state: ProposalState, by: Account) -> None:
    proposal.state, proposal.checked_by_id, proposal.checked_at = state, by.id, clock.now()
    db.session.flush()


def _hold(proposal: ProposedEmployer, by: Account) -> Case:
    """Its case and its row, for who may check it and has no interest in the case."""
    if not by.has_role(*EMPLOYER_DESK):
        raise NotAllowed(_l("Your role does not allow this step."))
    case = db.session.get_one(Case, proposal.case_id)
    cases.lock(case)
    eyes.check_not_involved(case, by)
    db.session.refresh(proposal, with_for_update={"of": ProposedEmployer})
    if proposal.state is not ProposalState.to_check:
        raise RuleBroken(_l("A colleague decided on this before you."))
    return case
