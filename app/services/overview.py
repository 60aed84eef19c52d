"""What a person finds when they sign in: what needs them first, their requests, what happened lately."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import clock
from app.delays import DRAFT_ENDING
from app.extensions import db
from app.models import Account, Case, CaseEvent, Draft, Letter
from app.services import SERVICES, deadlines, drafts, inbox
from app.services.inbox import Line
from app.workflow import ENDED, Actor, Status

MOST_SHOWN = 50
MOST_NEWS = 5


@dataclass(frozen=True)
class Request:
    """A request that waits for its author, and until when; None until the question is posted."""

    case: Case
    answer_by: date | None


@dataclass(frozen=True)
class Overview:
    """The home page's facts, in the order they matter."""

    to_answer: list[Request]
    ending: list[Draft]
    unread: list[Letter]
    open_cases: list[Case]
    drafts: list[Draft]
    ended_cases: list[Case]
    news: list[CaseEvent]
    messages: list[Line]
    unread_messages: int

    @property
    def needs_attention(self) -> bool:
        """Whether something waits for the person."""
        return bool(self.to_answer or self.ending or self.unread)


def of(owner: Account) -> Overview:
    """Everything the home page shows of a person's own."""
    mine = _cases(owner)
    kept = [draft for draft in drafts.all_of(owner) if draft.service in SERVICES]
    soon = clock.now() + DRAFT_ENDING
    asked = [case for case in mine if case.status is Status.info_requested]
    return Overview(
        to_answer=[Request(case, deadlines.answer_by(case)) for case in asked],
        ending=[draft for draft in kept if draft.expires_at <= soon],
        unread=_unread(owner),
        open_cases=[case for case in mine if case.status not in ENDED | {Status.info_requested}],
        drafts=[draft for draft in kept if draft.expires_at > soon],
        ended_cases=[case for case in mine if case.status in ENDED],
        news=_news(owner),
        messages=inbox.latest_unread(owner, MOST_NEWS),
        unread_messages=inbox.unread(owner),
    )


def _cases(owner: Account) -> list[Case]:
    """The person's requests, the latest first."""
    sent = select(Case).where(Case.owner_id == owner.id, Case.status != Status.draft)
    return list(db.session.scalars(sent.order_by(Case.id.desc()).limit(MOST_SHOWN)).unique())


def _unread(owner: Account) -> list[Letter]:
    """The letters that are ready and were never opened, the latest first."""
    return list(
        db.session.scalars(
            select(Letter)
            .options(joinedload(Letter.case))
            .where(Letter.recipient_id == owner.id, Letter.made_at.is_not(None), Letter.opened_at.is_(None))
            .order_by(Letter.id.desc())
            .limit(MOST_SHOWN)
        )
    )


def _news(owner: Account) -> list[CaseEvent]:
    """What others did on the person's requests, the latest first."""
    return list(
        db.session.scalars(
            select(CaseEvent)
            .join(Case)
            .options(joinedload(CaseEvent.case))
            .where(Case.owner_id == owner.id, CaseEvent.actor != Actor.insured_person)
            .order_by(CaseEvent.id.desc())
            .limit(MOST_NEWS)
        ).unique()
    )
