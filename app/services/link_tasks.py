"""An officer links an account from an identity document."""

from flask_babel import lazy_gettext as _l

from app.access_kinds import TaskKind, TaskOutcome
from app.extensions import db
from app.models import Account, InsuredPerson, SupportTask
from app.services import eyes, linking, numbers, support
from app.services.base import RuleBroken


def link(task: SupportTask, typed: str, answer: str, by: Account) -> None:
    """Link the task's account to the person of that number. Raises `RuleBroken` when it cannot be."""
    support.begin(task, by)
    if task.kind is not TaskKind.link:
        raise RuleBroken(_l("This task asks for no link."))
    person = numbers.whose(typed)
    if person is None:
        raise RuleBroken(_l("Nobody has this number."))
    db.session.refresh(person, with_for_update={"of": InsuredPerson})
    eyes.check_not_relative(person, by)
    if not linking.link(person, task.account, by):
        raise RuleBroken(_l("This person or this account is linked already."))
    support.finish(task, TaskOutcome.done, answer.strip() or None, by)
