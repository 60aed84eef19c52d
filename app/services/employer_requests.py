"""What the employer of a case is asked: written when the case waits for them, ended when it no longer does.

Nothing here moves a case; `employer_answers` does, by the engine, which calls `follow` at each step.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app import clock
from app.employer_kinds import ANSWERED, RequestState
from app.extensions import db
from app.forms.answers import shown
from app.forms.base import PortalForm
from app.models import Account, Case, CaseEvent, EmployerFact, EmployerRequest
from app.services import audit, delays, employer_agents, mailed_links, outbox
from app.services.base import NotAllowed, Service
from app.workflow import Status

ASKED, ASKED_IN_COUNTER = "employer_asked", "employer_task"
REMINDED, REMINDED_IN_COUNTER = "employer_reminder", "employer_task_reminder"


def is_to_ask(service: Service[Any], case: Case) -> bool:
    """Whether this case has something to ask an employer whom we can reach."""
    return bool(service.asks_employer) and can_reach(case)


def can_reach(case: Case) -> bool:
    """Whether the case names an active employer with an address, or an agent who is another person."""
    employer = case.employer
    if employer is None or not employer.active:
        return False
    return bool(employer.email or _agents(case))


def follow(service: Service[Any], case: Case, event: CaseEvent) -> None:
    """Ask when the case begins to wait for its employer; end the question when it goes on without them."""
    if event.from_status is Status.awaiting_employer:
        _end_open(case, RequestState.silent if event.step == "employer_silent" else RequestState.ended)
    if event.to_status is Status.awaiting_employer and service.asks_employer and case.employer_id:
        ask(service, case)


def ask(service: Service[Any], case: Case) -> EmployerRequest:
    """Put the facts, as they stand now, to the case's employer: by a link, and in their agents' counter.

    A question that was open before is replaced.
    """
    _end_open(case, RequestState.replaced)
    asked_at, last = clock.now(), delays.due(case.service, delays.EMPLOYER_ANSWER)
    request = EmployerRequest(
        case=case,
        employer=case.employer,
        employee=service.employee(case),
        asked_at=asked_at,
        answer_by=last,
        facts=[
            EmployerFact(name=fact.name, position=place, declared=_declared(case, fact.name, fact.declared))
            for place, fact in enumerate(service.asks_employer)
        ],
    )
    db.session.add(request)
    db.session.flush()
    if request.employer.email:
        request.link = mailed_links.make(
            mailed_links.EMPLOYER,
            request.employer.email,
            request.employer.language,
            data={"employer": request.employer.name, "notice": ASKED},
            until=clock.start_of(last + timedelta(days=1)),
        )
    _send(request, ASKED_IN_COUNTER)
    facts = {
        "request": request.id,
        "employer": request.employer_id,
        "facts": [it.name for it in request.facts],
    }
    said = {fact.name: fact.declared for fact in request.facts}
    audit.record(f"case:{case.id}", "put_to_employer", None, facts, said, case.owner_id)
    return request


def remind(request: EmployerRequest) -> None:
    """Send the same question again, to whom it was sent and to whoever became an agent since."""
    request.reminded_at = clock.now()
    if request.link is not None:
        request.link.data = request.link.data | {"notice": REMINDED}
    _send(request, REMINDED_IN_COUNTER)


def open_of(case: Case) -> EmployerRequest | None:
    """The question that waits for an answer, locked; None when there is none."""
    return db.session.scalars(
        select(EmployerRequest)
        .where(EmployerRequest.case_id == case.id, EmployerRequest.state == RequestState.open)
        .with_for_update(of=EmployerRequest)
    ).one_or_none()


def of_case(case: Case) -> Sequence[EmployerRequest]:
    """Every question about a case, the latest first."""
    return db.session.scalars(
        select(EmployerRequest).where(EmployerRequest.case_id == case.id).order_by(EmployerRequest.id.desc())
    ).all()


def latest(case: Case) -> EmployerRequest | None:
    """The last question about a case."""
    return next(iter(of_case(case)), None)


def check_answered(case: Case, request: EmployerRequest | None, account: Account | None) -> None:
    """Raise `NotAllowed` unless this is the case's last question, answered by who may answer it."""
    last = latest(case)
    if request is None or last is None or request.id != last.id or request.state not in ANSWERED:
        raise NotAllowed(_l("Your role does not allow this step."))
    if account is None:
        return
    if account.id == case.owner_id:
        raise NotAllowed(_l("You cannot answer for your employer about yourself."))
    if not employer_agents.acts_for(account, request.employer_id):
        raise NotAllowed(_l("You do not answer for this employer."))


def end(request: EmployerRequest, state: RequestState) -> None:
    """Close a question; its link is worth nothing any more."""
    request.state, request.ended_at = state, clock.now()
    if request.link is not None:
        mailed_links.close(request.link)
    db.session.flush()


def _end_open(case: Case, state: RequestState) -> None:
    request = open_of(case)
    if request is not None:
        end(request, state)


def _send(request: EmployerRequest, notice: str) -> None:
    """The link to the employer's address, and word to each agent that something waits in the counter."""
    if request.link is not None:
        mailed_links.mail(request.link)
    for agent in _agents(request.case):
        page = f"employer/requests/{request.public_id}"
        outbox.write("send_account_notice", notice=notice, account_id=agent.id, page=page)


def _agents(case: Case) -> list[Account]:
    """Who may answer in the counter: never the person asked about."""
    return [agent for agent in employer_agents.accounts_of(case.employer_id) if agent.id != case.owner_id]


def _declared(case: Case, name: str, is_declared: bool) -> str | None:
    value = getattr(case, name) if is_declared else None
    return None if value in (None, "") else str(value)


def differing(request: EmployerRequest) -> list[EmployerFact]:
    """The facts the employer corrected: other words than the person's, not only other capitals or spaces."""
    return [
        fact
        for fact in request.facts
        if None not in (fact.declared, fact.answered) and _plain(fact.answered) != _plain(fact.declared)
    ]


def corrected(service: Service[Any], case: Case, name: str) -> tuple[EmployerFact, Any] | None:
    """A fact the case's employer corrected in their last answer, and its value; None when they did not."""
    request = latest(case)
    if request is None or request.state not in ANSWERED or request.employer_id != case.employer_id:
        return None
    fact = next((one for one in differing(request) if one.name == name), None)
    asked = next((one for one in service.asks_employer if one.name == name), None)
    return (fact, asked.read(fact.answered or "")) if fact and asked else None


def in_words(service: Service[Any], fact: EmployerFact, text: str | None) -> str:
    """A fact's value as people read it, by the field it is asked with; empty for none."""
    asked = next((one for one in service.asks_employer if one.name == fact.name), None)
    if text is None or asked is None:
        return text or ""
    kind = type("FactForm", (PortalForm,), {asked.question: asked.field})
    form = kind(formdata=None, data={asked.question: asked.read(text)}, meta={"csrf": False})
    value = shown(form[asked.question])
    return value if isinstance(value, str) else ", ".join(value)


def _plain(text: str | None) -> str:
    return " ".join((text or "").split()).casefold()
