"""Who may answer for an employer: a first agent with a proof, and who they invite; officers approve each."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_appbuilder.security.sqla.models import Role
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.employer_kinds import AgentState
from app.extensions import db
from app.models import Account, Document, Employer, EmployerAgent
from app.permissions import EMPLOYER_AGENT, EMPLOYER_DESK, STAFF
from app.security import sessions
from app.services import accounts, audit, eyes, locks, notifications, staff
from app.services.base import NotAllowed, RuleBroken

MOST_OPEN = 3
"""How many unanswered requests for access an account may have."""


@dataclass(frozen=True)
class Invited(staff.Newcomer):
    """Who is invited to answer for an employer, and what they are there."""

    function: str


def of_account(account: Account) -> Sequence[EmployerAgent]:
    """An account's places at employers: those asked for, in force, and refused."""
    return db.session.scalars(
        select(EmployerAgent)
        .where(EmployerAgent.account_id == account.id, EmployerAgent.state != AgentState.ended)
        .order_by(EmployerAgent.id)
    ).all()


def places(account: Account) -> list[EmployerAgent]:
    """The employers an account answers for."""
    return [agent for agent in of_account(account) if agent.state is AgentState.active]


def acts_for(account: Account, employer_id: int) -> bool:
    """Whether an account answers for an employer now."""
    return any(agent.employer_id == employer_id for agent in places(account))


def accounts_of(employer_id: int | None) -> list[Account]:
    """The accounts that answer for an employer."""
    active = EmployerAgent.state == AgentState.active
    found = db.session.scalars(
        select(EmployerAgent)
        .where(EmployerAgent.employer_id == employer_id, active)
        .order_by(EmployerAgent.id)
    )
    return [agent.account for agent in found if agent.account is not None and agent.account.active]


def of_employers(agents: Sequence[EmployerAgent]) -> Sequence[EmployerAgent]:
    """Everybody who answers for the employers of these places, was invited to, or was refused."""
    numbers = [agent.employer_id for agent in agents]
    return db.session.scalars(
        select(EmployerAgent)
        .where(EmployerAgent.employer_id.in_(numbers), EmployerAgent.state != AgentState.ended)
        .order_by(EmployerAgent.employer_id, EmployerAgent.id)
    ).all()


def of_employer(employer_id: int) -> Sequence[EmployerAgent]:
    """Everybody who answers for an employer or is to, for the staff."""
    return db.session.scalars(
        select(EmployerAgent)
        .where(EmployerAgent.employer_id == employer_id, EmployerAgent.state != AgentState.ended)
        .order_by(EmployerAgent.id)
    ).all()


def ask(account: Account, number: str, function: str, document: Document) -> EmployerAgent:
    """Ask for access as the first agent of the employer of a registration number, with a proof.

    Raises `RuleBroken` when nobody has the number or it was asked for, `FileLocked`, `NotAllowed` to staff.
    """
    locks.check(account)
    if account.has_role(*STAFF):
        raise NotAllowed(_l("An account of the staff cannot answer for an employer."))
    db.session.execute(select(Account.id).where(Account.id == account.id).with_for_update())
    if sum(agent.state is AgentState.asked for agent in of_account(account)) >= MOST_OPEN:
        raise RuleBroken(_l("You have asked several times already: wait for our answer."))
    employer = db.session.scalars(
        select(Employer).where(Employer.registration_number == number.upper(), Employer.active.is_(True))
    ).one_or_none()
    if employer is None:
        raise RuleBroken(_l("No employer has this registration number."))
    document.filed_at = document.filed_at or clock.now()
    name = staff.Newcomer(account.first_name, account.last_name, account.email, account.language)
    return _write(employer, name, function, account, account, document)


def invite(place: EmployerAgent, invited: Invited) -> EmployerAgent:
    """Propose another agent, as the employer's first one. Raises `RuleBroken` when they are one already."""
    if place.state is not AgentState.active or not place.is_first or place.account is None:
        raise NotAllowed(_l("Only the first agent of an employer invites others."))
    return _write(place.employer, invited, invited.function, None, place.account, None)


def approve(agent: EmployerAgent, by: Account) -> None:
    """Let somebody answer for the employer. Raises `NotAllowed`, `RuleBroken` when it was decided before.

    Who has no account gets one, and a link to set its password; the role asks for a second factor at once.
    """
    _hold(agent, by)
    account = agent.account or _account_of(agent)
    if account.has_role(*STAFF):
        raise RuleBroken(_l("An account of the staff cannot answer for an employer."))
    if account.id == by.id:
        raise NotAllowed(_l("Nobody approves a role of their own."))
    agent.account, agent.state = account, AgentState.active
    agent.decided_by, agent.decided_at = by, clock.now()
    if not account.has_role(EMPLOYER_AGENT):
        account.roles.append(_role())
        sessions.revoke_all(account.id)
    db.session.flush()
    _record(agent, "approve_agent", by)
    if account.password is None:
        staff.send_link(account, "agent_invitation", by)
    else:
        notifications.tell_account("agent_approved", account.id, f"agent:{agent.id}", page="employer/")


def refuse(agent: EmployerAgent, reason: str, by: Account) -> None:
    """Say no, with a reason that whoever asked reads."""
    _hold(agent, by)
    agent.state, agent.refusal = AgentState.refused, reason.strip()
    agent.decided_by, agent.decided_at = by, clock.now()
    db.session.flush()
    _record(agent, "refuse_agent", by)
    page = "employer/access" if agent.account_id else "employer/agents"
    notifications.tell_account("agent_refused", agent.asked_by_id, f"agent:{agent.id}", page=page)


def end(agent: EmployerAgent, by: Account) -> None:
    """End somebody's access at once: by themself, the employer's first agent, or an officer."""
    _check_may_end(agent, by)
    db.session.refresh(agent, with_for_update={"of": EmployerAgent})
    if agent.state is AgentState.asked:
        raise RuleBroken(_l("An officer has not decided on this access yet."))
    if agent.state is not AgentState.active or agent.account is None:
        raise RuleBroken(_l("This access has ended already."))
    agent.state, agent.ended_at, agent.ended_by_id = AgentState.ended, clock.now(), by.id
    db.session.flush()
    account = agent.account
    if not places(account):
        account.roles = [role for role in account.roles if role.name != EMPLOYER_AGENT]
        sessions.revoke_all(account.id)
    db.session.flush()
    _record(agent, "end_agent", by)
    if account.id != by.id:
        notifications.tell_account("agent_ended", account.id, f"agent-ended:{agent.id}", page="account/")


def may_end(agent: EmployerAgent, by: Account) -> bool:
    """Whether somebody may end this access."""
    try:
        _check_may_end(agent, by)
    except NotAllowed:
        return False
    return agent.state is AgentState.active


def first_places(account: Account) -> list[EmployerAgent]:
    """The employers for which an account invites others."""
    return [agent for agent in places(account) if agent.is_first]


def own_or_colleague(account: Account, public_id: str) -> EmployerAgent | None:
    """An agent of an employer this account answers for; None for any other."""
    agent = db.session.scalars(
        select(EmployerAgent).where(EmployerAgent.public_id == public_id)
    ).one_or_none()
    return agent if agent is not None and acts_for(account, agent.employer_id) else None


def _check_may_end(agent: EmployerAgent, by: Account) -> None:
    is_first = any(place.employer_id == agent.employer_id for place in first_places(by))
    if by.id == agent.account_id or is_first:
        return
    if not by.has_role(*EMPLOYER_DESK):
        raise NotAllowed(_l("Only the first agent of an employer ends the access of others."))
    eyes.check_no_interest(agent.asked_by_id, agent.employer_id, by)


def _write(
    employer: Employer,
    who: staff.Newcomer,
    function: str,
    account: Account | None,
    by: Account,
    document: Document | None,
) -> EmployerAgent:
    agent = EmployerAgent(
        employer=employer,
        account=account,
        first_name=who.first_name,
        last_name=who.last_name,
        email=who.email,
        language=who.language,
        function=function,
        is_first=document is not None,
        document=document,
        asked_by=by,
        asked_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(agent)
    except IntegrityError:
        raise RuleBroken(_l("This person was proposed already, or answers for this employer.")) from None
    _record(agent, "ask_agent", by)
    return agent


def _hold(agent: EmployerAgent, by: Account) -> None:
    """The row for an officer who may decide on it: not on themself, a relative or their own employer."""
    if not by.has_role(*EMPLOYER_DESK):
        raise NotAllowed(_l("Your role does not allow this step."))
    for owner in {agent.asked_by_id, agent.account_id or agent.asked_by_id}:
        eyes.check_no_interest(owner, agent.employer_id, by)
    db.session.refresh(agent, with_for_update={"of": EmployerAgent})
    if agent.state is not AgentState.asked:
        raise RuleBroken(_l("A colleague decided on this before you."))


def _account_of(agent: EmployerAgent) -> Account:
    """The account of the address that was invited, or a new one that a link opens."""
    known = accounts.of_email(agent.email)
    return known or staff.create(
        staff.Newcomer(agent.first_name, agent.last_name, agent.email, agent.language)
    )


def _role() -> Role:
    return db.session.scalars(select(Role).where(Role.name == EMPLOYER_AGENT)).one()


def _record(agent: EmployerAgent, action: str, by: Account) -> None:
    """In the stream of whoever asked; names and address are encrypted with their key."""
    facts = {"agent": agent.id, "employer": agent.employer_id, "account": agent.account_id}
    said = {"name": agent.name, "email": agent.email, "refusal": agent.refusal}
    audit.record(f"person:{agent.asked_by_id}", action, by.id, facts, said, agent.asked_by_id)
