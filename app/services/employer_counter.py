"""What the employers' counter and the staff's screens show of the questions put to employers."""

from collections.abc import Sequence

from flask_babel import LazyString
from sqlalchemy import ColumnElement, select

from app.employer_kinds import RequestState
from app.extensions import db
from app.models import Account, Case, Employer, EmployerAgent, EmployerFact, EmployerRequest
from app.services import SERVICES, employer_requests

MOST_SHOWN = 50
Row = dict[str, LazyString | str | bool]


def waiting(account: Account, places: Sequence[EmployerAgent]) -> Sequence[EmployerRequest]:
    """The open questions an agent may answer, the first due first."""
    is_open = EmployerRequest.state == RequestState.open
    found = select(EmployerRequest).where(is_open, *_of(account, places))
    return db.session.scalars(
        found.order_by(EmployerRequest.answer_by, EmployerRequest.id).limit(MOST_SHOWN)
    ).all()


def ended(account: Account, places: Sequence[EmployerAgent]) -> Sequence[EmployerRequest]:
    """The questions that were answered or ended, the latest first."""
    is_over = EmployerRequest.state != RequestState.open
    found = select(EmployerRequest).where(is_over, *_of(account, places))
    return db.session.scalars(found.order_by(EmployerRequest.ended_at.desc()).limit(MOST_SHOWN)).all()


def of_employer(employer: Employer) -> Sequence[EmployerRequest]:
    """The open questions to an employer, for the staff."""
    return db.session.scalars(
        select(EmployerRequest)
        .where(EmployerRequest.employer_id == employer.id, EmployerRequest.state == RequestState.open)
        .order_by(EmployerRequest.answer_by, EmployerRequest.id)
        .limit(MOST_SHOWN)
    ).all()


def by_public_id(public_id: str) -> EmployerRequest | None:
    """A question, whosever it is."""
    return db.session.scalars(
        select(EmployerRequest).where(EmployerRequest.public_id == public_id)
    ).one_or_none()


def rows(request: EmployerRequest) -> list[Row]:
    """Fact by fact: what the person declared, what the employer says, and whether they differ."""
    service = SERVICES[request.case.service]
    labels = {fact.name: fact.label for fact in service.asks_employer}
    differing = {fact.name for fact in employer_requests.differing(request)}

    def row(fact: EmployerFact) -> Row:
        return {
            "name": fact.name,
            "label": labels.get(fact.name, fact.name),
            "declared": employer_requests.in_words(service, fact, fact.declared),
            "answered": employer_requests.in_words(service, fact, fact.answered),
            "differs": fact.name in differing,
        }

    return [row(fact) for fact in request.facts]


def _of(account: Account, places: Sequence[EmployerAgent]) -> list[ColumnElement[bool]]:
    """The questions to the employers of these places, but those about the agent themself."""
    numbers = [place.employer_id for place in places]
    own = select(Case.__table__.c.id).where(Case.__table__.c.owner_id == account.id)
    return [EmployerRequest.employer_id.in_(numbers), EmployerRequest.case_id.not_in(own)]
