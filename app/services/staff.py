"""The staff's accounts: invited by an administrator, closed and opened again by one."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.delays import INVITATION_KEPT
from app.extensions import db
from app.models import Account, Agency, Invitation, Recovery, RoleGrant, public_id
from app.permissions import ADMINISTRATOR, STAFF
from app.security import links, passwords, sessions
from app.services import audit, grants, outbox
from app.services.base import NotAllowed, RuleBroken


@dataclass(frozen=True)
class Newcomer:
    """Who gets an account, and the language we write to them in."""

    first_name: str
    last_name: str
    email: str
    language: str


@dataclass(frozen=True)
class Colleague(Newcomer):
    """Who is to be invited, and for what work."""

    agency_id: int | None
    role: str
    reason: str


def invite(colleague: Colleague, by: Account) -> RoleGrant:
    """Make an account that a link sent to it opens, and propose its role; a known address keeps its account.

    Raises `RuleBroken` when the role cannot be proposed, `NotAllowed` to who does not administer.
    """
    _check_administrator(by)
    account = _of_email(colleague.email) or create(colleague)
    if account.roles and not account.active:
        raise RuleBroken(_l("This account is closed."))
    if colleague.agency_id is not None:
        move(account, db.session.get(Agency, colleague.agency_id), by)
    grant = grants.propose(account, colleague.role, colleague.reason, by)
    if account.password is None:
        send_link(account, "invitation", by)
    return grant


def send_link(account: Account, notice: str, by: Account | None) -> Invitation:
    """Send a link by which they set their password; the links sent before are worth nothing any more."""
    void_links(account)
    now = clock.now()
    invitation = Invitation(
        account=account,
        invited_by_id=by.id if by else None,
        invited_at=now,
        expires_at=now + INVITATION_KEPT,
    )
    db.session.add(invitation)
    db.session.flush()
    outbox.write(
        "send_account_notice",
        notice=notice,
        account_id=account.id,
        page="invitations",
        purpose=links.INVITATION,
        number=invitation.id,
    )
    audit.record(f"person:{account.id}", "invite", by.id if by else None, {"account": account.id})
    return invitation


def address_of(invitation: Invitation) -> str:
    """The path of an invitation's page, for who hands it over: whoever has it sets the password."""
    return f"invitations/{links.sign(links.INVITATION, invitation.id)}"


def of_link(token: str) -> Invitation | None:
    """The invitation of a link that still works, or None."""
    number = links.read(links.INVITATION, token, int)
    if number is None:
        return None
    return db.session.scalars(
        select(Invitation)
        .where(
            Invitation.id == number,
            Invitation.accepted_at.is_(None),
            Invitation.expires_at > clock.now(),
        )
        .with_for_update(of=Invitation)
    ).one_or_none()


def accept(invitation: Invitation, password: str) -> None:
    """Set the password and open the account; the link is used up and no session from before lives on."""
    account = invitation.account
    invitation.accepted_at = clock.now()
    account.password, account.active = passwords.hashed(password), True
    sessions.revoke_all(account.id)
    db.session.flush()
    audit.record(f"person:{account.id}", "accept_invitation", account.id, {"account": account.id})


def deactivate(account: Account, by: Account) -> None:
    """Close an account at once with its sessions and links; never one's own, nor the last administrator's."""
    _check_administrator(by)
    if account.id == by.id:
        raise NotAllowed(_l("You cannot deactivate your own account."))
    _check_of_staff(account)
    if account.has_role(ADMINISTRATOR):
        grants.check_other_administrator(account)
    void_links(account)
    account.active = False
    sessions.revoke_all(account.id)
    db.session.flush()
    audit.record(f"person:{account.id}", "deactivate", by.id, {"account": account.id})


def end_sessions(account: Account, by: Account) -> None:
    """Sign somebody of the staff out everywhere; the account stays as it is."""
    _check_administrator(by)
    ended = sessions.revoke_all(account.id)
    audit.record(f"person:{account.id}", "end_sessions", by.id, {"account": account.id, "ended": ended})


def reactivate(account: Account, by: Account) -> None:
    """Open a closed account again; who never set a password gets a new link instead."""
    _check_administrator(by)
    if account.id == by.id or account.active:
        raise RuleBroken(_l("This account is active."))
    _check_of_staff(account)
    if account.password is None:
        send_link(account, "invitation", by)
        return
    account.active = True
    db.session.flush()
    audit.record(f"person:{account.id}", "reactivate", by.id, {"account": account.id})


def move(account: Account, agency: Agency | None, by: Account) -> None:
    """Say which agency somebody works for; None for the whole country."""
    _check_administrator(by)
    account.agency_id = agency.id if agency else None
    db.session.flush()
    facts = {"account": account.id, "agency": agency.code if agency else None}
    audit.record(f"person:{account.id}", "move_to_agency", by.id, facts)


def _check_of_staff(account: Account) -> None:
    """An administrator closes and opens accounts of the staff, and of who was invited and holds nothing yet.

    A person's own account, and one closed because it was given to the wrong person, is none of these.
    """
    if account.roles and not account.has_role(*STAFF):
        raise RuleBroken(_l("This account holds no role of the staff."))
    given_wrongly = select(Recovery.id).where(
        Recovery.account_id == account.id, Recovery.done_at.is_not(None), Recovery.frozen_at.is_not(None)
    )
    if db.session.scalar(given_wrongly.limit(1)) is not None:
        raise RuleBroken(_l("A warning closed this account: give it back at a counter."))


def void_links(account: Account) -> None:
    """End the links sent before."""
    now = clock.now()
    db.session.execute(
        Invitation.__table__.update()
        .where(Invitation.account_id == account.id, Invitation.accepted_at.is_(None))
        .where(Invitation.expires_at > now)
        .values(expires_at=now)
    )


def _of_email(email: str) -> Account | None:
    return db.session.scalars(select(Account).where(func.lower(Account.email) == email.lower())).one_or_none()


def create(newcomer: Newcomer) -> Account:
    """An account nobody can sign in to yet. Raises `RuleBroken` when the address was taken a moment ago."""
    account = Account(
        first_name=newcomer.first_name,
        last_name=newcomer.last_name,
        username=f"account-{public_id()}",
        email=newcomer.email,
        language=newcomer.language,
        active=False,
    )
    try:
        with db.session.begin_nested():
            db.session.add(account)
    except IntegrityError:
        raise RuleBroken(_l("Somebody was just invited with this address.")) from None
    return account


def _check_administrator(by: Account) -> None:
    if not by.has_role(ADMINISTRATOR):
        raise NotAllowed(_l("Your role does not allow this step."))
