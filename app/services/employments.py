"""Who works for whom: written from what was approved; an employer who is not in the list is proposed."""

from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app import clock
from app.desk_kinds import CheckState
from app.employer_kinds import RequestState
from app.extensions import db
from app.forms.civil import NO
from app.models import Case, Employment, InsuredPerson, NewEmployment, ProposedEmployer, Registration
from app.record_kinds import EmploymentState, ProposalState
from app.services.base import Check
from app.services.employment_facts import WAGE

WorkCase = Registration | NewEmployment
_STATES = {
    RequestState.confirmed: EmploymentState.confirmed,
    RequestState.corrected: EmploymentState.corrected,
    RequestState.disputed: EmploymentState.disputed,
    RequestState.silent: EmploymentState.unanswered,
}
"""What the employer's answer makes of an employment that is approved."""


def propose_employer(case: WorkCase) -> None:
    """Write down an employer who is not in the list, for staff to check; once for a case."""
    if case.employer_listed != NO or of_case(case) is not None:
        return
    db.session.add(
        ProposedEmployer(
            case_id=case.id,
            name=case.employer_name,
            address=case.employer_address,
            contact=case.employer_contact,
            proposed_at=clock.now(),
        )
    )


def of_case(case: Case) -> ProposedEmployer | None:
    """The employer a case proposes, or None."""
    return db.session.scalars(
        select(ProposedEmployer).where(ProposedEmployer.case_id == case.id)
    ).one_or_none()


def record(person: InsuredPerson, case: WorkCase) -> Employment | None:
    """The employment a case was approved for; None while it names no employer or no first day."""
    proposed = of_case(case)
    employer_id = case.employer_id or (proposed.employer_id if proposed else None)
    if case.employed_from is None or not (employer_id or proposed):
        return None
    employment = Employment(
        person_id=person.id,
        employer_id=employer_id,
        proposed_employer_id=proposed.id if proposed else None,
        case_id=case.id,
        occupation=case.occupation,
        started_on=case.employed_from,
        monthly_wage=_wage(case),
        state=_answer(case),
    )
    db.session.add(employment)
    db.session.flush()
    return employment


def _answer(case: WorkCase) -> EmploymentState:
    """What the employer said last, or that they said nothing; declared when they were not asked."""
    states = [_STATES.get(request.state) for request in case.employer_requests[:1]]
    return next((state for state in states if state), EmploymentState.declared)


def _wage(case: WorkCase) -> Decimal | None:
    """The wage the employer gave with their answer."""
    facts = case.employer_requests[0].facts if case.employer_requests else []
    given = next((fact.answered for fact in facts if fact.name == WAGE), None)
    return Decimal(given) if given else None


def of_person(person: InsuredPerson) -> list[Employment]:
    """Every employment of a person, the latest first."""
    mine = select(Employment).where(Employment.person_id == person.id)
    return list(db.session.scalars(mine.order_by(Employment.started_on.desc(), Employment.id.desc())))


def check(case: WorkCase) -> list[Check]:
    """An employer who is not in the list is checked by somebody before an approval counts on it."""
    proposed = case.proposed_employer
    if proposed is None:
        return []
    label = _l("Employer")
    if proposed.employer is not None:
        reason = _("Not in the list when asked; found to be %(name)s.", name=proposed.employer.name)
        return [Check(label, CheckState.passed, reason)]
    if proposed.state is ProposalState.refused:
        reason = _("“%(name)s” was not recognised as an employer.", name=proposed.name)
        return [Check(label, CheckState.failed, reason)]
    return [Check(label, CheckState.warned, _("Not in the list: %(name)s. Check it.", name=proposed.name))]
