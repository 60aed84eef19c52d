"""A person's own lock on their file: set in one click, lifted at the counter by two officers."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.access_kinds import LockKind
from app.extensions import db
from app.models import Account, FileLock
from app.permissions import COUNTER
from app.services import audit, eyes, notifications
from app.services.base import NotAllowed, RuleBroken

BANK_SERVICES = frozenset({"bank_orders"})
"""The services whose requests change where money goes."""


class FileLocked(NotAllowed):
    """The person locked their file against this change."""


def in_force(account: Account) -> list[FileLock]:
    """The locks on a person's file, by kind."""
    return list(
        db.session.scalars(
            select(FileLock)
            .where(FileLock.account_id == account.id, FileLock.lifted_at.is_(None))
            .order_by(FileLock.kind)
        )
    )


def strictest(account: Account) -> FileLock:
    """The lock that stops most of a person's file. Raises `RuleBroken` when there is none."""
    found = in_force(account)
    if not found:
        raise RuleBroken(_l("This file is not locked."))
    return min(found, key=lambda lock: lock.kind is not LockKind.everything)


def check(account: Account, service: str | None = None) -> None:
    """Raise `FileLocked` when this person locked their file against a change online, of a service or any."""
    in_force_now = select(FileLock.kind).where(
        FileLock.account_id == account.id, FileLock.lifted_at.is_(None)
    )
    for kind in db.session.scalars(in_force_now.order_by(FileLock.kind)):
        if kind is LockKind.everything:
            raise FileLocked(
                _l("You locked your file: nothing can be changed online. The lock is lifted at a counter.")
            )
        if service in BANK_SERVICES:
            raise FileLocked(
                _l("You locked your bank details: they cannot be changed. The lock is lifted at a counter.")
            )


def stops(account: Account, service: str) -> bool:
    """Whether a person's lock stops a change of that service that comes from elsewhere than the counter."""
    try:
        check(account, service)
    except FileLocked:
        return True
    return False


def set_lock(account: Account, kind: LockKind) -> FileLock:
    """Lock one's own file; a lock that is there stays."""
    lock = FileLock(account=account, kind=kind, locked_at=clock.now())
    try:
        with db.session.begin_nested():
            db.session.add(lock)
    except IntegrityError:
        return next(there for there in in_force(account) if there.kind is kind)
    _record(lock, "lock_file", account)
    _tell(lock, "file_locked")
    return lock


def propose_lift(lock: FileLock, reason: str, by: Account) -> None:
    """Say, as a first officer who saw the person and their identity paper, that the lock should go."""
    _hold(lock, by)
    if not reason.strip():
        raise RuleBroken(_l("Give a reason."))
    if lock.lift_proposed_by_id is not None:
        raise RuleBroken(_l("A colleague proposed to lift this lock already: confirm it."))
    lock.lift_proposed_by, lock.lift_proposed_at, lock.lift_reason = by, clock.now(), reason.strip()
    db.session.flush()
    _record(lock, "propose_lift", by)


def confirm_lift(lock: FileLock, by: Account) -> None:
    """Lift the lock, as a second officer."""
    _hold(lock, by)
    if lock.lift_proposed_by_id is None:
        raise RuleBroken(_l("Nobody proposed to lift this lock yet."))
    if lock.lift_proposed_by_id == by.id:
        raise NotAllowed(_l("You proposed this: another officer must confirm it."))
    lock.lifted_by_id, lock.lifted_at = by.id, clock.now()
    db.session.flush()
    _record(lock, "lift_lock", by)
    _tell(lock, "lock_lifted")


def _hold(lock: FileLock, by: Account) -> None:
    """The lock's row for an officer of a counter; two of them at once wait for each other."""
    if not by.has_role(*COUNTER):
        raise NotAllowed(_l("Your role does not allow this step."))
    eyes.check_no_interest(lock.account_id, None, by)
    db.session.refresh(lock, with_for_update={"of": FileLock})
    if lock.lifted_at is not None:
        raise RuleBroken(_l("This lock is lifted already."))


def _record(lock: FileLock, action: str, by: Account) -> None:
    facts = {"lock": lock.id, "kind": lock.kind, "account": lock.account_id}
    personal = {"reason": lock.lift_reason} if lock.lift_reason else None
    audit.record(f"person:{lock.account_id}", action, by.id, facts, personal, lock.account_id)


def _tell(lock: FileLock, notice: str) -> None:
    notifications.tell_account(notice, lock.account_id, page="my-file/lock")
