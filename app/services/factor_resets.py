"""A colleague who lost telephone and recovery codes: one administrator asks, another agrees.

The app and the codes end, and so do the password and every session: they set a password by a link to their
mailbox, then an app of their own before anything else. The database wants two by itself.
"""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.extensions import db
from app.models import Account, FactorReset
from app.permissions import ADMINISTRATOR, STAFF
from app.security import sessions
from app.services import audit, second_factors, staff
from app.services.base import NotAllowed, RuleBroken


def propose(account: Account, reason: str, by: Account) -> FactorReset:
    """Ask that a colleague's second factor end. `RuleBroken` when there is none, or somebody asked."""
    _check(account, by)
    if second_factors.in_force(account) is None:
        raise RuleBroken(_l("This account has no second factor: its owner sets one up at the next sign-in."))
    wish = FactorReset(account=account, reason=reason.strip(), proposed_by=by, proposed_at=clock.now())
    try:
        with db.session.begin_nested():
            db.session.add(wish)
    except IntegrityError:
        raise RuleBroken(_l("A colleague asked for this already.")) from None
    _record(wish, "propose_factor_reset", by)
    return wish


def approve(account: Account, by: Account) -> None:
    """Agree, as a second administrator. Raises `NotAllowed` to who asked, `RuleBroken` when nobody did."""
    _check(account, by)
    wish = _hold(account)
    if wish.proposed_by_id == by.id:
        raise NotAllowed(_l("You asked for this: another administrator must agree."))
    wish.approved_by_id, wish.approved_at, wish.ended_at = by.id, clock.now(), clock.now()
    second_factors.remove(account)
    account.password = None
    sessions.revoke_all(account.id)
    db.session.flush()
    _record(wish, "approve_factor_reset", by)
    staff.send_link(account, "factor_reset", by)


def refuse(account: Account, by: Account) -> None:
    """End it; whoever asked may take it back so."""
    _check(account, by)
    wish = _hold(account)
    wish.ended_at = clock.now()
    db.session.flush()
    _record(wish, "refuse_factor_reset", by)


def open_one(account: Account) -> FactorReset | None:
    """What waits for a second administrator, or None."""
    return db.session.scalars(
        select(FactorReset).where(FactorReset.account_id == account.id, FactorReset.ended_at.is_(None))
    ).one_or_none()


def _hold(account: Account) -> FactorReset:
    """The open one, locked: of two administrators at once the second sees what the first did."""
    wish = open_one(account)
    if wish is not None:
        db.session.refresh(wish, with_for_update={"of": FactorReset})
    if wish is None or wish.ended_at is not None:
        raise RuleBroken(_l("Somebody settled this proposal before you."))
    return wish


def _check(account: Account, by: Account) -> None:
    if not by.has_role(ADMINISTRATOR):
        raise NotAllowed(_l("Your role does not allow this step."))
    if account.id == by.id:
        raise NotAllowed(_l("Two others must do this for you."))
    if not account.active or not account.has_role(*STAFF):
        raise RuleBroken(_l("This account holds no role of the staff."))


def _record(wish: FactorReset, action: str, by: Account) -> None:
    facts, personal = {"reset": wish.id, "account": wish.account_id}, {"reason": wish.reason}
    audit.record(f"person:{wish.account_id}", action, by.id, facts, personal, wish.account_id)
