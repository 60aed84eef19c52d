"""A verification of the audit chain that somebody asks for on a page, and sees coming along."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app import clock
from app.extensions import db
from app.models import Account, AuditHead, ChainRun
from app.permissions import AUDITOR
from app.services import audit, audit_alarms, outbox
from app.services.base import NotAllowed, RuleBroken


def ask(account: Account) -> ChainRun:
    """Have the whole chain verified in the background; one at a time."""
    if not account.has_role(AUDITOR):
        raise NotAllowed(_l("Your role does not allow this step."))
    total = int(db.session.scalar(select(func.coalesce(func.sum(AuditHead.count), 0))) or 0)
    run = ChainRun(account=account, asked_at=clock.now(), total=total)
    try:
        with db.session.begin_nested():
            db.session.add(run)
    except IntegrityError:
        raise RuleBroken(_l("A verification is under way already.")) from None
    audit.record(f"day:{clock.today()}", "ask_verification", account.id, {"run": run.id})
    outbox.write("run_verification", run_id=run.id)
    return run


def work(run: ChainRun) -> None:
    """Verify, tell on the way how far it is, and keep the result; a second run finds it done."""
    if run.finished_at is not None:
        return
    number = run.id
    check = audit_alarms.check(told=lambda entries: _tell(number, entries))
    run.check, run.entries_read, run.finished_at = check, check.entries, clock.now()


def _tell(number: int, entries: int) -> None:
    """At once, on a connection of its own: the page reads it while the job's transaction is open."""
    with db.engine.begin() as connection:
        connection.execute(update(ChainRun).where(ChainRun.id == number).values(entries_read=entries))
