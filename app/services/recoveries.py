"""An account given back at the counter to who lost e-mail and second factor.

One officer checks the identity, another confirms, then the clock table's waiting period runs.
Known addresses are warned at the request and at the end, with a link that freezes it without signing in.
"""

import structlog
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from app import clock
from app.access_kinds import Paper, TaskKind
from app.delays import NOT_ME_KEPT
from app.extensions import db
from app.models import Account, Recovery
from app.permissions import COUNTER, STAFF
from app.security import links, sessions
from app.services import (
    audit,
    delays,
    eyes,
    mailed_links,
    notifications,
    numbers,
    people,
    second_factors,
    staff,
    support,
    taken_back,
)
from app.services.base import NotAllowed, RuleBroken


def find(typed: str) -> Account:
    """The account of an e-mail address, or linked to a number. `RuleBroken` when there is none."""
    person = numbers.whose(typed)
    found = person.account if person else None
    if found is None:
        found = db.session.scalars(select(Account).where(func.lower(Account.email) == typed.lower())).first()
    if found is None:
        raise RuleBroken(_l("No account has this number or e-mail address."))
    return found


def request(account: Account, new_email: str, paper: Paper, last_digits: str, by: Account) -> Recovery:
    """Open a recovery, as the officer who saw the person and the paper; everybody known is warned."""
    _check(account, by)
    _check_account(account, new_email)
    recovery = Recovery(
        account_id=account.id,
        new_email=new_email,
        paper=paper,
        last_digits=last_digits,
        requested_by_id=by.id,
        requested_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(recovery)
    except IntegrityError:
        raise RuleBroken(_l("A recovery of this account is under way already.")) from None
    _record(recovery, "request_recovery", by)
    _warn(recovery, "recovery_requested", known_addresses(account) | {new_email})
    return recovery


def confirm(recovery: Recovery, by: Account) -> None:
    """Confirm, as a second officer; the waiting period begins."""
    _check(recovery.account, by)
    _lock(recovery)
    if recovery.frozen_at or recovery.confirmed_at:
        raise RuleBroken(_l("This recovery was confirmed or frozen before you."))
    if recovery.requested_by_id == by.id:
        raise NotAllowed(_l("You requested this: another officer must confirm it."))
    recovery.due_on = delays.due(delays.RECOVERY, delays.WAIT)
    recovery.confirmed_by_id, recovery.confirmed_at = by.id, clock.now()
    db.session.flush()
    _record(recovery, "confirm_recovery", by)


def of_link(token: str) -> Recovery | None:
    """The recovery a warning's link is about, or None: also a while after the account was given back."""
    number = links.read(links.NOT_ME, token, int)
    recovery = db.session.get(Recovery, number) if number is not None else None
    if recovery is None or (recovery.done_at and recovery.done_at <= clock.now() - NOT_ME_KEPT):
        return None
    return recovery


def freeze(recovery: Recovery) -> None:
    """Stop it, as a warning's link allows; done already, the account is closed. Support looks at it."""
    _lock(recovery)
    if recovery.frozen_at is not None:
        return
    recovery.frozen_at = clock.now()
    if recovery.done_at is not None:
        recovery.account.active = False
        staff.void_links(recovery.account)
        sessions.revoke_all(recovery.account_id)
    db.session.flush()
    support.open_task(TaskKind.recovery_frozen, recovery.account, "", {"recovery": str(recovery.id)})
    _record(recovery, "freeze_recovery", None)


def _stop(recovery: Recovery) -> None:
    """What the two officers agreed to cannot be done any more: it ends, and support looks at it."""
    recovery.frozen_at = clock.now()
    db.session.flush()
    support.open_task(TaskKind.recovery_stopped, recovery.account, "", {"recovery": str(recovery.id)})
    _record(recovery, "stop_recovery", None)


def complete_due() -> int:
    """Give back the accounts whose waiting period is over, each in a transaction of its own; how many."""
    due = db.session.scalars(
        select(Recovery.id).where(
            Recovery.due_on < clock.today(), Recovery.done_at.is_(None), Recovery.frozen_at.is_(None)
        )
    ).all()
    db.session.commit()
    return sum(_complete(number) for number in due)


def known_addresses(account: Account) -> set[str]:
    """Every address known for an account's person."""
    person = people.of_account(account)
    return {account.email} | ({person.email} if person and person.email else set())


def _complete(number: int) -> bool:
    """One account: a failure is logged and leaves the others alone."""
    recovery = db.session.get_one(Recovery, number)
    try:
        _lock(recovery)
        if recovery.frozen_at is None and recovery.done_at is None:
            _finish(recovery)
        db.session.commit()
    except SQLAlchemyError as error:
        db.session.rollback()
        log = structlog.get_logger("guichet.recoveries")
        log.warning("left_alone", recovery=number, error=type(error).__name__)
        return False
    return True


def _finish(recovery: Recovery) -> None:
    """Look once more: the days of waiting may have changed what the officers saw."""
    try:
        _check_account(recovery.account, recovery.new_email)
    except RuleBroken:
        _stop(recovery)
    else:
        _give_back(recovery)


def _give_back(recovery: Recovery) -> None:
    """The new address, no password, session or link from before; one by which the person sets a password."""
    account = recovery.account
    before = known_addresses(account)
    account.email = account.username = recovery.new_email
    account.password = None
    person = people.of_account(account)
    if person is not None:
        person.email = recovery.new_email
    recovery.done_at = clock.now()
    sessions.revoke_all(account.id)
    second_factors.remove(account)
    mailed_links.cancel_all(account, *taken_back.OUT)
    db.session.flush()
    _record(recovery, "complete_recovery", None)
    _warn(recovery, "recovery_done", before)
    staff.send_link(account, "recovery_link", None)


def _check(account: Account, by: Account) -> None:
    if not by.has_role(*COUNTER):
        raise NotAllowed(_l("Your role does not allow this step."))
    eyes.check_no_interest(account.id, None, by)


def _check_account(account: Account, new_email: str) -> None:
    """What must hold at the request and at the end. Whoever lost only the telephone keeps their address."""
    if not account.active:
        raise RuleBroken(_l("This account is closed."))
    if account.has_role(*STAFF):
        raise RuleBroken(_l("The staff's accounts are opened again by an administrator."))
    same = select(Account.id).where(func.lower(Account.email) == new_email.lower(), Account.id != account.id)
    if db.session.scalar(same.limit(1)) is not None:
        raise RuleBroken(_l("Another account has this e-mail address."))


def _lock(recovery: Recovery) -> None:
    db.session.refresh(recovery, with_for_update={"of": Recovery})


def _warn(recovery: Recovery, notice: str, addresses: set[str]) -> None:
    link = {"purpose": links.NOT_ME, "number": recovery.id}
    notifications.tell_at(notice, recovery.account_id, addresses, page="not-me", **link)


def _record(recovery: Recovery, action: str, by: Account | None) -> None:
    facts = {"recovery": recovery.id, "account": recovery.account_id, "paper": recovery.paper}
    personal = {"new_email": recovery.new_email, "last_digits": recovery.last_digits}
    stream = f"person:{recovery.account_id}"
    audit.record(stream, action, by.id if by else None, facts, personal, recovery.account_id)
