"""Delegations of signature: proposed by an administrator, in force once a second person approved them."""

from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError

from app import clock
from app.extensions import db
from app.models import Account, Delegation
from app.permissions import ADMINISTRATOR, SUPERVISOR
from app.services import audit
from app.services.base import NotAllowed, RuleBroken


def propose(
    account: Account,
    service: str | None,
    qualities: tuple[str, str],
    period: tuple[date, date | None],
    by: Account,
) -> Delegation:
    """Propose that somebody signs, in a quality (French, English), from a day to a day or without end.

    Raises `RuleBroken` when the days are out of order or overlap another delegation of theirs.
    """
    _check(by, ADMINISTRATOR)
    if period[1] is not None and period[1] < period[0]:
        raise RuleBroken(_l("The last day comes before the first."))
    delegation = Delegation(account=account, service=service, proposed_by=by)
    delegation.quality_fr, delegation.quality_en = qualities
    delegation.valid_from, delegation.valid_to = period
    try:
        with db.session.begin_nested():
            db.session.add(delegation)
    except IntegrityError:
        raise RuleBroken(_l("These days overlap another delegation of this person.")) from None
    _record(delegation, "propose_delegation", by)
    return delegation


def approve(delegation: Delegation, by: Account) -> None:
    """Put a delegation in force. Raises `NotAllowed` to who proposed it and to who would sign."""
    _check(by, ADMINISTRATOR, SUPERVISOR)
    db.session.refresh(delegation, with_for_update={"of": Delegation})
    if delegation.approved_at:
        raise RuleBroken(_l("Somebody settled this proposal before you."))
    if by.id in (delegation.proposed_by_id, delegation.account_id):
        raise NotAllowed(_l("Somebody else must approve this delegation."))
    delegation.approved_by, delegation.approved_at = by, clock.now()
    db.session.flush()
    _record(delegation, "approve_delegation", by)


def end(delegation: Delegation, by: Account) -> None:
    """End a delegation with yesterday, or forget one that never signed anything."""
    _check(by, ADMINISTRATOR)
    _record(delegation, "end_delegation", by)
    today = clock.today()
    if delegation.approved_at is None or delegation.valid_from >= today:
        _forget(delegation)
    elif delegation.valid_to is None or delegation.valid_to >= today:
        delegation.valid_to = today - timedelta(days=1)
    db.session.flush()


def _forget(delegation: Delegation) -> None:
    try:
        with db.session.begin_nested():
            db.session.delete(delegation)
    except IntegrityError:
        raise RuleBroken(_l("A letter was signed under it today: end it tomorrow.")) from None


def _check(by: Account, *roles: str) -> None:
    if not by.has_role(*roles):
        raise NotAllowed(_l("Your role does not allow this step."))


def _record(delegation: Delegation, action: str, by: Account) -> None:
    facts = {
        "delegation": delegation.id,
        "account": delegation.account_id,
        "service": delegation.service,
        "from": delegation.valid_from.isoformat(),
        "to": delegation.valid_to.isoformat() if delegation.valid_to else None,
    }
    audit.record(f"person:{delegation.account_id}", action, by.id, facts)
