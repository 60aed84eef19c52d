"""What people ask support to verify, and what support is to look at by itself."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app import clock
from app.access_kinds import TaskKind, TaskOutcome
from app.extensions import db
from app.models import Account, Document, InsuredPerson, SupportTask
from app.permissions import HELPERS
from app.services import audit, eyes, locks, notifications, numbers
from app.services.base import NotAllowed, RuleBroken


def open_task(
    kind: TaskKind, account: Account, reason: str, facts: dict[str, str], document: Document | None = None
) -> SupportTask:
    """Put something before support; the words and facts are the person's, or ours when nobody asked."""
    task = SupportTask(
        kind=kind,
        account=account,
        reason=reason,
        facts=facts,
        document=document,
        opened_at=clock.now(),
    )
    db.session.add(task)
    db.session.flush()
    shown = {"task": task.id, "kind": kind, "account": account.id}
    audit.record(f"person:{account.id}", "open_support_task", None, shown, {"reason": reason}, account.id)
    return task


def latest(account: Account, kind: TaskKind) -> SupportTask | None:
    """The person's last task of a kind."""
    return db.session.scalars(
        select(SupportTask)
        .where(SupportTask.account_id == account.id, SupportTask.kind == kind)
        .order_by(SupportTask.id.desc())
        .limit(1)
    ).first()


def ask_to_link(account: Account, reason: str, facts: dict[str, str], document: Document) -> SupportTask:
    """Ask an officer to link the account from an identity document; one such request at a time.

    Raises `FileLocked` in a locked file.
    """
    locks.check(account)
    db.session.execute(select(Account.id).where(Account.id == account.id).with_for_update())
    before = latest(account, TaskKind.link)
    if before is not None and before.closed_at is None:
        raise RuleBroken(_l("An officer is looking at your request already."))
    document.filed_at = document.filed_at or clock.now()
    return open_task(TaskKind.link, account, reason, facts, document)


def begin(task: SupportTask, by: Account) -> None:
    """Hold a task that is still open, for who may work it: not on oneself, nor on a declared relative."""
    if not by.has_role(*HELPERS):
        raise NotAllowed(_l("Your role does not allow this step."))
    eyes.check_no_interest(task.account_id, None, by)
    db.session.refresh(task, with_for_update={"of": SupportTask})
    if task.closed_at is not None:
        raise RuleBroken(_l("A colleague closed this task before you."))


def close(task: SupportTask, outcome: TaskOutcome, answer: str, by: Account) -> None:
    """End a task; the answer to a person's own request is sent to them."""
    begin(task, by)
    answer = answer.strip()
    if task.kind is TaskKind.link and outcome is TaskOutcome.refused and not answer:
        raise RuleBroken(_l("Give the reason: the person will read it."))
    finish(task, outcome, answer or None, by)


def finish(task: SupportTask, outcome: TaskOutcome, answer: str | None, by: Account) -> None:
    """Write the end of a task that `begin` holds."""
    task.outcome, task.answer = outcome, answer
    task.closed_at, task.closed_by = clock.now(), by
    db.session.flush()
    facts = {"task": task.id, "kind": task.kind, "outcome": outcome}
    personal = {"answer": answer} if answer else None
    audit.record(f"person:{task.account_id}", "close_support_task", by.id, facts, personal, task.account_id)
    if task.kind is TaskKind.link and outcome is TaskOutcome.refused:
        notifications.tell_account("link_refused", task.account_id, page="my-file/link")


def person_named(task: SupportTask) -> InsuredPerson | None:
    """The insured person whose number the requester wrote, for the officer to compare."""
    return numbers.whose(task.facts.get("number", ""))
