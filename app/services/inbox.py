"""A person's inbox: conversations and what the machinery told them, in one list, searched and filtered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import selectinload

from app.extensions import db
from app.models import Account, Case, Conversation, Message, MessageSubject, Notice
from app.services import at_once, notice_kinds, notifications
from app.services.notice_kinds import Kind

PAGE = 20
LONGEST_SEARCH = 100


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for in their inbox; `page` counts from 1."""

    words: str = ""
    service: str = ""
    is_unread: bool = False
    is_archived: bool = False
    page: int = 1


@dataclass(frozen=True)
class Line:
    """One line of the inbox: a conversation or a notice."""

    at: datetime
    conversation: Conversation | None = None
    notice: Notice | None = None
    is_unread: bool = False

    @property
    def kind(self) -> Kind | None:
        """The declaration of a notice."""
        return notice_kinds.KINDS.get(self.notice.name) if self.notice else None

    @property
    def latest(self) -> Message | None:
        """The latest message of a conversation."""
        return self.conversation.messages[-1] if self.conversation else None


@dataclass(frozen=True)
class Inbox:
    """A page of lines, and how many there are in all."""

    lines: list[Line]
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; one when there is nothing."""
        return max(1, -(-self.total // PAGE))


def of(owner: Account, wanted: Wanted) -> Inbox:
    """The lines somebody looks for, the latest first."""
    both = union_all(_conversations(owner, wanted), _notices(owner, wanted)).subquery()
    total = db.session.scalar(select(func.count()).select_from(both)) or 0
    order = (both.c.at.desc(), both.c.kind, both.c.id.desc())
    rows = db.session.execute(
        select(both).order_by(*order).limit(PAGE).offset(PAGE * (wanted.page - 1))
    ).all()
    conversations = _by_id(Conversation, [row.id for row in rows if row.kind == "conversation"])
    notices = _by_id(Notice, [row.id for row in rows if row.kind == "notice"])
    lines = [
        Line(row.at, conversations[row.id], None, row.is_unread)
        if row.kind == "conversation"
        else Line(row.at, None, notices[row.id], row.is_unread)
        for row in rows
    ]
    return Inbox(lines, total)


def wanted_unread(owner: Account, most: int) -> dict[str, at_once.Wanted]:
    """The latest of both that the person did not open, for a page that reads other lists as well."""
    here = Wanted(is_unread=True)
    waiting = and_(Conversation.owner_id == owner.id, _is_unread(), _is_away(Conversation, here))
    told = and_(notifications.listed_of(owner), Notice.read_at.is_(None), _is_away(Notice, here))
    said = [Conversation.case, Conversation.messages]
    return {
        "conversations": at_once.Wanted(Conversation, waiting, Conversation.last_at.desc(), most, said),
        "notices": at_once.Wanted(Notice, told, Notice.told_at.desc(), most, [Notice.case]),
    }


def unread_lines(found: Mapping[str, at_once.Rows]) -> list[Line]:
    """What was found of them, in one list, the latest first."""
    lines = [Line(one.last_at, one, None, is_unread=True) for one in found["conversations"].rows]
    lines += [Line(one.told_at, None, one, is_unread=True) for one in found["notices"].rows]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def unread_total(found: Mapping[str, at_once.Rows]) -> int:
    """How many there are."""
    return found["conversations"].total + found["notices"].total


def _conversations(owner: Account, wanted: Wanted) -> Select[Any, Any, Any, Any]:
    found = (
        select(
            literal("conversation").label("kind"),
            Conversation.id.label("id"),
            Conversation.last_at.label("at"),
            _is_unread().label("is_unread"),
        )
        .outerjoin(Case, Case.id == Conversation.case_id)
        .outerjoin(MessageSubject, MessageSubject.id == Conversation.subject_id)
        .where(Conversation.owner_id == owner.id, _is_away(Conversation, wanted))
    )
    if wanted.service:
        found = found.where(or_(Case.service == wanted.service, MessageSubject.service == wanted.service))
    if wanted.is_unread:
        found = found.where(_is_unread())
    if wanted.words:
        said = exists().where(Message.conversation_id == Conversation.id, _holds(Message.text, wanted))
        named = (MessageSubject.name_fr, MessageSubject.name_en, Case.reference)
        found = found.where(or_(said, *(_holds(column, wanted) for column in named)))
    return found


def _notices(owner: Account, wanted: Wanted) -> Select[Any, Any, Any, Any]:
    is_unread = Notice.read_at.is_(None)
    found = (
        select(literal("notice"), Notice.id, Notice.told_at, is_unread)
        .outerjoin(Case, Case.id == Notice.case_id)
        .where(notifications.listed_of(owner), _is_away(Notice, wanted))
    )
    if wanted.service:
        found = found.where(Case.service == wanted.service)
    if wanted.is_unread:
        found = found.where(is_unread)
    if wanted.words:
        said = (Notice.subject_fr, Notice.subject_en)
        found = found.where(or_(*(_holds(column, wanted) for column in said)))
    return found


def _is_unread() -> ColumnElement[bool]:
    return exists().where(
        and_(
            Message.conversation_id == Conversation.id,
            Message.is_staff.is_(True),
            Message.read_at.is_(None),
        )
    )


def _is_away(model: Any, wanted: Wanted) -> ColumnElement[bool]:
    """What is put away is shown apart."""
    archived: ColumnElement[bool] = model.archived_at.is_not(None)
    return archived if wanted.is_archived else ~archived


def _holds(column: Any, wanted: Wanted) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = column.icontains(wanted.words[:LONGEST_SEARCH], autoescape=True)
    return condition


def _by_id(model: Any, numbers: list[int]) -> dict[int, Any]:
    found = select(model).where(model.id.in_(numbers)).options(selectinload(model.case))
    if model is Conversation:
        found = found.options(selectinload(Conversation.messages))
    return {row.id: row for row in db.session.scalars(found).unique()}
