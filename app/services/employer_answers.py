"""What an employer answers: by the link that was mailed to them, or as an agent in the counter.

The answer stands beside what the person declared: it changes nothing of the case, an officer does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.employer_kinds import Reply, RequestState
from app.extensions import db
from app.models import Account, Case, EmployerRequest, MailedLink
from app.permissions import roles_for
from app.services import SERVICES, audit, cases, employer_agents, employer_requests, eyes, mailed_links
from app.services.base import NotAllowed, RuleBroken, Service
from app.workflow import Actor, Status


@dataclass(frozen=True)
class Answer:
    """What the employer says: their reply, the facts as text by name, why they dispute, and who answers."""

    reply: Reply
    facts: Mapping[str, str | None]
    reason: str | None
    answered_as: str


def of_link(token: str) -> EmployerRequest | None:
    """The question a mailed link is for, whatever became of it; None for a link that is none of ours."""
    link = mailed_links.named(mailed_links.EMPLOYER, token)
    return None if link is None else _of(link)


def is_too_old(request: EmployerRequest) -> bool:
    """Whether the link's time is over, though nobody closed the question yet."""
    return request.link is None or mailed_links.is_over(request.link)


def answer(request: EmployerRequest, given: Answer, account: Account | None) -> None:
    """Keep the answer and let the case go on. Raises `RuleBroken` when the question is no longer open.

    `account` is the agent's; nobody's when the answer came by the link.
    """
    case = request.case
    cases.lock(case)
    db.session.refresh(request, with_for_update={"of": EmployerRequest})
    if request.state is not RequestState.open:
        raise RuleBroken(_l("This question was answered, or is no longer asked. Nothing was changed."))
    state = _keep(request, given)
    request.answered_as, request.answered_by = given.answered_as, account
    employer_requests.end(request, state)
    said = {fact.name: fact.answered for fact in request.facts} | {"reason": request.reason}
    facts = {"request": request.id, "employer": request.employer_id, "answer": state}
    actor_id = account.id if account else None
    audit.record(f"case:{case.id}", "employer_answer", actor_id, facts, said, case.owner_id)
    by = cases.By(account, Actor.employer, request)
    cases.perform(SERVICES[case.service], case, "employer_answers", by)


def ask_again(service: Service[Any], case: Case, account: Account) -> None:
    """Have the employer asked by an officer who holds the case: the first time, or once more.

    Raises `NotAllowed`, `RuleBroken` when nothing is to ask or nobody can be reached, `StepImpossible`.
    """
    cases.lock(case)
    if not account.has_role(*roles_for(service.slug, Actor.officer)):
        raise NotAllowed(_l("Your role does not allow this step."))
    eyes.check_not_involved(case, account)
    if not employer_requests.is_to_ask(service, case):
        raise RuleBroken(_l("This employer cannot be asked: we know neither an e-mail address nor an agent."))
    audit.record(f"case:{case.id}", "have_employer_asked", account.id, {"employer": case.employer_id})
    if case.status is Status.awaiting_employer:
        employer_requests.ask(service, case)
    else:
        cases.perform(service, case, "ask_employer", cases.MACHINERY)


def readdress(service: Service[Any], case: Case) -> None:
    """Ask the other employer when that of a waiting case was corrected; go on when none can be asked."""
    if case.status is not Status.awaiting_employer:
        return
    if employer_requests.is_to_ask(service, case):
        employer_requests.ask(service, case)
        return
    request = employer_requests.open_of(case)
    if request is not None:
        employer_requests.end(request, RequestState.replaced)
    cases.perform(service, case, "employer_silent", cases.MACHINERY)


def may_answer(request: EmployerRequest, account: Account) -> bool:
    """Whether an agent may see and answer a question: their own employer's, and not about themself."""
    return employer_agents.acts_for(account, request.employer_id) and request.case.owner_id != account.id


def _of(link: MailedLink) -> EmployerRequest | None:
    return db.session.scalars(select(EmployerRequest).where(EmployerRequest.link_id == link.id)).one_or_none()


def _keep(request: EmployerRequest, given: Answer) -> RequestState:
    """Write what was answered, fact by fact; the state it comes to."""
    if given.reply is Reply.dispute:
        request.reason = given.reason
        return RequestState.disputed
    for fact in request.facts:
        is_confirmed = given.reply is Reply.confirm and fact.declared is not None
        fact.answered = fact.declared if is_confirmed else given.facts.get(fact.name)
    return RequestState.corrected if employer_requests.differing(request) else RequestState.confirmed
