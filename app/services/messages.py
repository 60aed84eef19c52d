"""Messages of a person to the administration: written, sent once, read, put away; nothing is ever deleted.

A conversation is about a subject, or about one case of the person's own; each case has one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from app import clock
from app.extensions import db
from app.message_kinds import ConversationState
from app.models import Account, Case, Conversation, Document, Draft, Message
from app.services import SERVICES, audit, delays, drafts, locks, message_subjects
from app.services.base import NotAllowed, RuleBroken
from app.workflow import Status

LONGEST = 10_000
MOST_FILES = 5
LONGEST_KEY = 64
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True)
class Place:
    """Where a person is writing: a new matter, a case of theirs, or a conversation that is there."""

    case: Case | None = None
    conversation: Conversation | None = None

    @property
    def draft(self) -> str:
        """The name of the draft of a message there."""
        target = self.conversation or self.case
        return f"{drafts.MESSAGE}:{target.public_id}" if target else f"{drafts.MESSAGE}s"

    @property
    def service(self) -> str | None:
        """The service it is about, whose lock would stop it."""
        case = self.conversation.case if self.conversation else self.case
        return case.service if case else None


NEW = Place()


def place_of(owner: Account, draft: str) -> Place | None:
    """The place of a draft's name; None when it is not the person's own."""
    if draft == NEW.draft:
        return NEW
    kind, _colon, public_id = draft.partition(":")
    if kind != drafts.MESSAGE:
        return None
    conversation = of_public_id(public_id)
    if conversation is not None:
        return Place(conversation=conversation) if conversation.owner_id == owner.id else None
    case = db.session.scalars(
        select(Case).where(Case.public_id == public_id, Case.owner_id == owner.id)
    ).one_or_none()
    return about(case) if case else None


def about(case: Case) -> Place:
    """Where one writes about a case: in its conversation, once there is one."""
    conversation = db.session.scalars(
        select(Conversation).where(Conversation.case_id == case.id)
    ).one_or_none()
    return Place(case=case, conversation=conversation)


def of_public_id(public_id: str) -> Conversation | None:
    """A conversation, whosever it is; the caller checks."""
    return db.session.scalars(select(Conversation).where(Conversation.public_id == public_id)).one_or_none()


def clean(text: str) -> str:
    """A text as it is kept: line ends made one kind, control characters gone, no space around it."""
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text)).strip()


def check_text(text: str) -> str:
    """The text as it is kept. `RuleBroken` when it is empty or too long."""
    text = clean(text)
    if not text:
        raise RuleBroken(_l("Write your message."))
    if len(text) > LONGEST:
        raise RuleBroken(_l("Your message must be at most 10,000 characters long."))
    return text


def sent_before(author: Account, key: str) -> Message | None:
    """The message this key gave before; the author's other sendings wait until this transaction ends."""
    db.session.execute(select(Account.id).where(Account.id == author.id).with_for_update(key_share=True))
    found = select(Message).where(Message.author_id == author.id, Message.submission_key == key)
    return db.session.scalars(found).one_or_none()


def send(
    owner: Account, place: Place, subject: str | None, text: str, files: Sequence[Document], key: str
) -> Message:
    """Send a message once: the same key gives the same message, however often it is sent.

    Raises `RuleBroken` when it may not be sent, `FileLocked` when the person locked their file.
    """
    earlier = sent_before(owner, key)
    if earlier is not None:
        return earlier
    if not owner.active:
        raise NotAllowed(_l("This account is closed."))
    locks.check(owner, place.service)
    text = check_text(text)
    if len(files) > MOST_FILES:
        raise RuleBroken(_l("You can send at most 5 files."))
    conversation = _conversation(owner, place, subject)
    message = add(conversation, owner, False, text, key)
    for document in files:
        document.filed_at = document.filed_at or clock.now()
        message.documents.append(document)
    wait_for_staff(conversation)
    conversation.archived_at = None
    db.session.flush()
    record(conversation, "write_message", owner, {"message": message.id, "files": len(files)}, {"text": text})
    return message


def add(conversation: Conversation, author: Account, is_staff: bool, text: str, key: str) -> Message:
    """Write one message down; it becomes the conversation's latest."""
    message = Message(
        conversation_id=conversation.id,
        author=author,
        is_staff=is_staff,
        text=text,
        submission_key=key[:LONGEST_KEY],
        sent_at=clock.now(),
    )
    conversation.messages.append(message)
    conversation.last_at = message.sent_at
    db.session.flush()
    return message


def wait_for_staff(conversation: Conversation) -> None:
    """The person wrote: an answer is due; the day of the first message that waits stays."""
    if conversation.state is ConversationState.to_answer:
        return
    due = delays.due(delays.MESSAGES, delays.REPLY)
    conversation.state, conversation.due_on = ConversationState.to_answer, due


def hold(conversation: Conversation) -> None:
    """Hold the conversation's row and read it afresh: whoever comes second sees what the first did."""
    db.session.refresh(conversation, with_for_update={"of": Conversation})


def mark_read(conversation: Conversation, reader: Account, is_staff: bool) -> bool:
    """Note the first opening of what the other side wrote; whether there was anything new.

    One statement: of two readers at once, one is noted, and what was noted never changes.
    """
    unread = (
        update(Message)
        .where(
            Message.conversation_id == conversation.id,
            Message.is_staff.is_(not is_staff),
            Message.read_at.is_(None),
            Message.author_id != reader.id,
        )
        .values(read_at=clock.now(), read_by_id=reader.id)
    )
    return bool(db.session.execute(unread).rowcount)  # type: ignore[attr-defined]


def put_away(conversation: Conversation, is_away: bool) -> None:
    """Archive a conversation for its owner, or bring it back."""
    conversation.archived_at = clock.now() if is_away else None


def drafts_of(owner: Account) -> list[tuple[Draft, Place]]:
    """The person's messages that are begun and not sent, each with its place."""
    begun = (draft for draft in drafts.all_of(owner) if draft.service.startswith(drafts.MESSAGE))
    placed = ((draft, place_of(owner, draft.service)) for draft in begun)
    return [(draft, place) for draft, place in placed if place is not None]


def title(conversation: Conversation, language: str) -> str:
    """What a conversation is about: its subject, or the service of its case."""
    if conversation.subject is not None:
        return message_subjects.name(conversation.subject, language)
    return title_of(conversation.case)


def title_of(case: Case | None) -> str:
    """What a conversation about a case is called."""
    return f"{SERVICES[case.service].title} – {case.reference}" if case else ""


def record(
    conversation: Conversation,
    action: str,
    by: Account,
    facts: dict[str, Any],
    said: dict[str, Any] | None = None,
) -> None:
    """In the case's stream, else the person's; what was written is encrypted with the person's key."""
    stream = f"case:{conversation.case_id}" if conversation.case_id else f"person:{conversation.owner_id}"
    facts = {"conversation": conversation.public_id} | facts
    audit.record(stream, action, by.id, facts, said, conversation.owner_id)


def _conversation(owner: Account, place: Place, subject: str | None) -> Conversation:
    """The conversation to write in, its row held; a new one where there is none. The owner's row is held."""
    there = about(place.case).conversation if place.case and not place.conversation else place.conversation
    if there is not None:
        _check_owner(owner, there.owner_id)
        hold(there)
        return there
    now = clock.now()
    fresh = Conversation(owner=owner, state=ConversationState.answered, opened_at=now, last_at=now)
    if place.case is not None:
        _check_owner(owner, place.case.owner_id)
        if place.case.status is Status.draft:
            raise RuleBroken(_l("This request is not sent yet."))
        fresh.case, fresh.agency_id = place.case, place.case.agency_id
    else:
        fresh.subject, fresh.agency_id = _subject(subject), owner.agency_id
    db.session.add(fresh)
    db.session.flush()
    return fresh


def _subject(code: str | None) -> Any:
    found = message_subjects.of_code(code or "")
    if found is None:
        raise RuleBroken(_l("Choose a subject."))
    return found


def _check_owner(owner: Account, owner_id: int) -> None:
    if owner.id != owner_id:
        raise NotAllowed(_l("This is not your conversation."))
