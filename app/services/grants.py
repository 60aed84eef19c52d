"""Roles of the staff: proposed by one administrator, given by a second, taken back at once.

The database refuses by itself that one person does both, or approves a role of their own (migration 0008).
"""

from flask_appbuilder.security.sqla.models import Role
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.extensions import db
from app.models import Account, RoleGrant
from app.permissions import ADMINISTRATOR, ALONE, EMPLOYER_AGENT, STAFF
from app.security import sessions
from app.services import audit
from app.services.base import NotAllowed, RuleBroken


def propose(account: Account, role: str, reason: str, by: Account) -> RoleGrant:
    """Propose a role of the staff for an account. Raises `RuleBroken` when it cannot hold it or has it."""
    _check_administrator(by)
    if role not in STAFF:
        raise RuleBroken(_l("Choose a role of the list."))
    if account.has_role(role):
        raise RuleBroken(_l("This account already holds this role."))
    _check_alone(account, role)
    grant = RoleGrant(
        account=account, role=role, reason=reason.strip(), proposed_by=by, proposed_at=clock.now()
    )
    try:
        with db.session.begin_nested():
            db.session.add(grant)
    except IntegrityError:
        raise RuleBroken(_l("This role is already proposed for this account.")) from None
    _record(grant, "propose_role", by)
    return grant


def approve(grant: RoleGrant, by: Account) -> None:
    """Give the role; the account signs in again, for as long as its role lets.

    Raises `NotAllowed` to who proposed it and to who would receive it.
    """
    _check_administrator(by)
    _lock(grant)
    if grant.approved_at or grant.ended_at:
        raise RuleBroken(_l("Somebody settled this proposal before you."))
    if by.id == grant.proposed_by_id:
        raise NotAllowed(_l("You proposed this role: another administrator must approve it."))
    if by.id == grant.account_id:
        raise NotAllowed(_l("Nobody approves a role of their own."))
    _check_alone(grant.account, grant.role)
    grant.approved_by, grant.approved_at = by, clock.now()
    grant.account.roles.append(_role(grant.role))
    sessions.revoke_all(grant.account_id)
    db.session.flush()
    _record(grant, "approve_role", by)


def refuse(grant: RoleGrant, by: Account) -> None:
    """End a proposal without giving the role; whoever proposed it may take it back so."""
    _check_administrator(by)
    _lock(grant)
    if grant.approved_at or grant.ended_at:
        raise RuleBroken(_l("Somebody settled this proposal before you."))
    _end(grant, by)
    _record(grant, "refuse_role", by)


def revoke(account: Account, role: str, by: Account) -> None:
    """Take a role back at once; every session of the account ends. The last administrator keeps theirs."""
    _check_administrator(by)
    if role not in STAFF or not account.has_role(role):
        raise RuleBroken(_l("This account does not hold this role."))
    if role == ADMINISTRATOR:
        check_other_administrator(account)
    account.roles = [held for held in account.roles if held.name != role]
    for grant in open_grants(account):
        if grant.role == role:
            _end(grant, by)
    sessions.revoke_all(account.id)
    db.session.flush()
    audit.record(f"person:{account.id}", "revoke_role", by.id, {"account": account.id, "role": role})


def open_grants(account: Account) -> list[RoleGrant]:
    """The account's proposals and the grants in force."""
    return list(
        db.session.scalars(
            select(RoleGrant)
            .where(RoleGrant.account_id == account.id, RoleGrant.ended_at.is_(None))
            .order_by(RoleGrant.id)
        )
    )


def check_other_administrator(account: Account) -> None:
    """Raise `RuleBroken` when nobody else could administer; two at once wait for each other here."""
    role = db.session.scalars(
        select(Role).where(Role.name == ADMINISTRATOR).with_for_update(key_share=True)
    ).one()
    others = select(func.count()).where(
        Account.active.is_(True), Account.id != account.id, Account.roles.any(Role.id == role.id)
    )
    if not db.session.scalar(others.select_from(Account)):
        raise RuleBroken(_l("This is the last administrator: give the role to somebody else first."))


def _check_administrator(by: Account) -> None:
    if not by.has_role(ADMINISTRATOR):
        raise NotAllowed(_l("Your role does not allow this step."))


def _check_alone(account: Account, role: str) -> None:
    """Separation of duties: who administers or audits holds no other role of the staff, agents hold none."""
    if account.has_role(EMPLOYER_AGENT):
        raise RuleBroken(_l("This account answers for an employer: it holds no role of the staff."))
    held = {each.name for each in account.roles} & set(STAFF)
    if held and (role in ALONE or held & ALONE):
        raise RuleBroken(_l("An administrator or an auditor holds no other role of the staff."))


def _lock(grant: RoleGrant) -> None:
    """Whoever comes second sees what the first did; two grants of one account wait for each other."""
    db.session.execute(select(Account.id).where(Account.id == grant.account_id).with_for_update())
    db.session.refresh(grant, with_for_update={"of": RoleGrant})
    db.session.refresh(grant.account, ["roles"])


def _end(grant: RoleGrant, by: Account) -> None:
    grant.ended_by_id, grant.ended_at = by.id, clock.now()
    db.session.flush()


def _role(name: str) -> Role:
    return db.session.scalars(select(Role).where(Role.name == name)).one()


def _record(grant: RoleGrant, action: str, by: Account) -> None:
    facts = {"account": grant.account_id, "role": grant.role, "grant": grant.id}
    personal = {"reason": grant.reason}
    audit.record(f"person:{grant.account_id}", action, by.id, facts, personal, grant.account_id)
