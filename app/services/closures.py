"""Closing one's account: asked by the person, theirs to cancel, carried out after a cooling period."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.extensions import db
from app.models import Account, Case, ClosureRequest, Draft
from app.permissions import STAFF
from app.security import sessions
from app.services import audit, delays, locks, notifications, staff
from app.services.base import RuleBroken
from app.workflow import ENDED, Status


def open_request(account: Account) -> ClosureRequest | None:
    """The request that waits for its day, or None."""
    return db.session.scalars(
        select(ClosureRequest).where(
            ClosureRequest.account_id == account.id,
            ClosureRequest.done_at.is_(None),
            ClosureRequest.cancelled_at.is_(None),
        )
    ).one_or_none()


def in_the_way(account: Account) -> list[Case]:
    """The cases that must end before the account can be closed."""
    return list(
        db.session.scalars(
            select(Case)
            .where(Case.owner_id == account.id, Case.status.not_in(ENDED | {Status.draft}))
            .order_by(Case.id)
        )
    )


def ask(account: Account, reason: str) -> ClosureRequest:
    """Ask to close the account. Raises `RuleBroken` for the staff and while cases are open."""
    locks.check(account)
    if account.has_role(*STAFF):
        raise RuleBroken(_l("The staff's accounts are closed by an administrator."))
    if in_the_way(account):
        raise RuleBroken(_l("You have requests that are not ended: your account cannot be closed yet."))
    wish = ClosureRequest(
        account_id=account.id,
        reason=reason.strip(),
        asked_at=clock.now(),
        due_on=delays.due(delays.CLOSURE, delays.WAIT),
    )
    try:
        with db.session.begin_nested():
            db.session.add(wish)
    except IntegrityError:
        raise RuleBroken(_l("You asked to close your account already.")) from None
    facts, personal = {"request": wish.id}, {"reason": wish.reason}
    audit.record(f"person:{account.id}", "ask_closure", account.id, facts, personal, account.id)
    _tell(account, "closure_asked")
    return wish


def cancel(account: Account) -> None:
    """Keep the account after all; nothing happens when nothing was asked."""
    wish = open_request(account)
    if wish is not None:
        _cancel(wish, account)


def carry_out_due() -> int:
    """Close the accounts whose day has come, unless a case was opened since; how many."""
    due = db.session.scalars(
        select(ClosureRequest)
        .where(
            ClosureRequest.due_on < clock.today(),
            ClosureRequest.done_at.is_(None),
            ClosureRequest.cancelled_at.is_(None),
        )
        .with_for_update(skip_locked=True, of=ClosureRequest)
    ).all()
    return sum(_carry_out(wish) for wish in due)


def _carry_out(wish: ClosureRequest) -> bool:
    """Inactive, signed out, drafts gone; cases, letters and the audit chain stay as the law wants them."""
    account = wish.account
    if in_the_way(account):
        _cancel(wish, None)
        _tell(account, "closure_stopped")
        return False
    wish.done_at = clock.now()
    account.active = False
    staff.void_links(account)
    sessions.revoke_all(account.id)
    db.session.execute(delete(Draft).where(Draft.owner_id == account.id))
    db.session.flush()
    audit.record(f"person:{account.id}", "close_account", None, {"request": wish.id})
    _tell(account, "account_closed", "help")
    return True


def _cancel(wish: ClosureRequest, by: Account | None) -> None:
    wish.cancelled_at = clock.now()
    db.session.flush()
    stream = f"person:{wish.account_id}"
    audit.record(stream, "cancel_closure", by.id if by else None, {"request": wish.id})


def _tell(account: Account, notice: str, page: str = "my-file/close") -> None:
    notifications.tell_account(notice, account.id, page=page)
