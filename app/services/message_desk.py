"""The staff's side of messages: a shared inbox by desk and agency, answers, notes, assignment."""

from typing import Any

from flask_appbuilder.security.sqla.models import Role
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, false, or_, select, true

from app import clock
from app.delays import OWN_WORK_OPENS
from app.extensions import db
from app.message_kinds import ConversationState
from app.models import Account, Case, Conversation, ConversationNote, Message, MessageSubject
from app.permissions import AUDITOR, DESKS, OFFICERS, SUPERVISOR, desks_of
from app.services import agencies, eyes, messages, notifications
from app.services.base import NotAllowed, RuleBroken
from app.services.casework import LONGEST_NOTE


class AnsweredBefore(RuleBroken):
    """A colleague wrote since the page was shown."""


def visible_to(account: Account) -> ColumnElement[bool]:
    """The conversations somebody may read: of their desks and services, and of their agency."""
    at_desk = Conversation.subject_id.in_(
        select(MessageSubject.id).where(MessageSubject.desk.in_(desks_of(account)))
    )
    of_case = Conversation.case_id.in_(
        select(Case.id).where(_works(account), agencies.scope(account)).correlate(None)
    )
    return or_(and_(at_desk, _of_agency(account)), of_case)


def answer(
    conversation: Conversation, text: str, by: Account, key: str, *, awaits: bool, last_seen: int | None
) -> Message:
    """Answer once, and have the person told by e-mail that there is a message.

    `awaits`: the person must answer; `last_seen`: the last message of the page the officer wrote on. Raises
    `RuleBroken`; nothing is written then.
    """
    earlier = messages.sent_before(by, key)
    if earlier is not None:
        return earlier
    text = check_answer(conversation, text, by, last_seen)
    message = messages.add(conversation, by, True, text, key)
    _settle(conversation, ConversationState.waiting_person if awaits else ConversationState.answered)
    conversation.officer, conversation.archived_at = by, None
    db.session.flush()
    facts = {"message": message.id, "awaits": awaits}
    messages.record(conversation, "answer_message", by, facts, {"text": text})
    notifications.tell(
        "send_message_notice",
        "message",
        conversation.owner_id,
        f"message:{message.id}",
        f"messages/{conversation.public_id}",
        {},
        message_id=message.id,
    )
    return message


def check_answer(conversation: Conversation, text: str, by: Account, last_seen: int | None) -> str:
    """The text as it would be sent, the conversation held. Raises `RuleBroken` when it may not be."""
    _begin(conversation, by)
    if not conversation.owner.active:
        raise RuleBroken(_l("This account is closed: the person cannot read messages. Write a letter."))
    text = messages.check_text(text)
    if last_seen is not None and last_seen != conversation.messages[-1].id:
        raise AnsweredBefore(_l("A message was added since you opened this page. Read it before you send."))
    return text


def settle(conversation: Conversation, by: Account) -> None:
    """Say that nothing is to be answered. `RuleBroken` when nothing waited."""
    _begin(conversation, by)
    if conversation.state is not ConversationState.to_answer:
        raise RuleBroken(_l("No answer is due in this conversation."))
    _settle(conversation, ConversationState.answered)
    db.session.flush()
    messages.record(conversation, "settle_conversation", by, {})


def note(conversation: Conversation, words: str, by: Account) -> ConversationNote:
    """Leave a note for staff only. Raises `RuleBroken` when it is empty or too long."""
    _begin(conversation, by)
    words = messages.clean(words)
    if not words:
        raise RuleBroken(_l("Write the note first."))
    if len(words) > LONGEST_NOTE:
        raise RuleBroken(_l("The note must be at most 4,000 characters long."))
    written = ConversationNote(
        conversation_id=conversation.id, account=by, text=words, written_at=clock.now()
    )
    conversation.notes.append(written)
    db.session.flush()
    messages.record(conversation, "note_on_conversation", by, {"note": written.id}, {"text": words})
    return written


def assign(conversation: Conversation, officer: Account, by: Account) -> None:
    """Give the conversation to an officer who may answer it."""
    _begin(conversation, by)
    if officer.id not in {colleague.id for colleague in colleagues(conversation)}:
        raise NotAllowed(_l("This officer does not answer here."))
    eyes.check_no_interest(conversation.owner_id, None, officer)
    conversation.officer = officer
    db.session.flush()
    messages.record(conversation, "assign_conversation", by, {"officer": officer.id})


def colleagues(conversation: Conversation) -> list[Account]:
    """The active accounts that may answer: of the desk, and of the agency or of the whole country."""
    may = Account.roles.any(Role.name.in_(_roles(conversation)))
    found = select(Account).where(Account.active.is_(True), may)
    if conversation.agency_id is not None:
        found = found.where(or_(Account.agency_id.is_(None), Account.agency_id == conversation.agency_id))
    return list(db.session.scalars(found.order_by(Account.id)).unique())


def may_work(conversation: Conversation, account: Account) -> bool:
    """Whether somebody may answer here, and not only read."""
    return account.has_role(*_roles(conversation)) and conversation.owner_id != account.id


def is_open_for(conversation: Conversation, account: Account) -> bool:
    """Whether somebody reads it without a reason: it is not over, or they answered a short time ago."""
    is_own_work = (
        conversation.officer_id == account.id and conversation.last_at > clock.now() - OWN_WORK_OPENS
    )
    return conversation.state is not ConversationState.answered or is_own_work


def waiting(account: Account) -> dict[str, int]:
    """How many conversations wait for an answer, are due today, and overdue, of those somebody sees."""
    due = db.session.scalars(
        select(Conversation.due_on).where(
            Conversation.state == ConversationState.to_answer, visible_to(account)
        )
    ).all()
    today = clock.today()
    return {
        "waiting": len(due),
        "due_today": sum(day == today for day in due),
        "overdue": sum(day is not None and day < today for day in due),
    }


def _begin(conversation: Conversation, by: Account) -> None:
    """Hold the conversation for who may work it: by role, and neither their own nor a relative's."""
    if not by.has_role(*_roles(conversation)):
        raise NotAllowed(_l("Your role does not allow this step."))
    eyes.check_no_interest(conversation.owner_id, None, by)
    messages.hold(conversation)
    db.session.refresh(conversation, ["messages"])


def _settle(conversation: Conversation, state: ConversationState) -> None:
    conversation.state, conversation.due_on = state, None


def _roles(conversation: Conversation) -> tuple[str, ...]:
    if conversation.case is not None:
        return (*OFFICERS[conversation.case.service], SUPERVISOR)
    return (*(DESKS.get(conversation.subject.desk, ()) if conversation.subject else ()), SUPERVISOR)


def _works(account: Account) -> ColumnElement[bool]:
    """The cases of the services somebody works."""
    if account.has_role(SUPERVISOR, AUDITOR):
        return true()
    services = [slug for slug, roles in OFFICERS.items() if account.has_role(*roles)]
    return Case.service.in_(services) if services else false()


def _of_agency(account: Account) -> Any:
    if agencies.sees_all(account):
        return true()
    return or_(Conversation.agency_id.is_(None), Conversation.agency_id == account.agency_id)
