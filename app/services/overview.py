"""What a person finds when they sign in: what needs them first, their requests, what happened lately."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_

from app import clock
from app.delays import DRAFT_ENDING
from app.models import Account, Case, CaseEvent, Draft, Letter
from app.services import SERVICES, at_once, deadlines, drafts, inbox
from app.services.at_once import Wanted
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
    """Everything the home page shows of a person's own, read with one statement."""
    found = at_once.lists(
        cases=_cases(owner),
        drafts=drafts.wanted_of(owner, MOST_SHOWN),
        letters=_unread(owner),
        news=_news(owner),
        **inbox.wanted_unread(owner, MOST_NEWS),
    )
    mine = found["cases"].rows
    kept = [draft for draft in found["drafts"].rows if draft.service in SERVICES]
    soon = clock.now() + DRAFT_ENDING
    asked = [case for case in mine if case.status is Status.info_requested]
    return Overview(
        to_answer=[Request(case, deadlines.answer_by(case)) for case in asked],
        ending=[draft for draft in kept if draft.expires_at <= soon],
        unread=found["letters"].rows,
        open_cases=[case for case in mine if case.status not in ENDED | {Status.info_requested}],
        drafts=[draft for draft in kept if draft.expires_at > soon],
        ended_cases=[case for case in mine if case.status in ENDED],
        news=found["news"].rows,
        messages=inbox.unread_lines(found)[:MOST_NEWS],
        unread_messages=inbox.unread_total(found),
    )


def _cases(owner: Account) -> Wanted:
    """The person's requests, the latest first."""
    return Wanted(
        Case, and_(Case.owner_id == owner.id, Case.status != Status.draft), Case.id.desc(), MOST_SHOWN
    )


def _unread(owner: Account) -> Wanted:
    """The letters that are ready and were never opened, the latest first."""
    ready = and_(Letter.recipient_id == owner.id, Letter.made_at.is_not(None), Letter.opened_at.is_(None))
    return Wanted(Letter, ready, Letter.id.desc(), MOST_SHOWN, [Letter.case])


def _news(owner: Account) -> Wanted:
    """What others did on the person's requests, the latest first."""
    theirs = and_(CaseEvent.case.has(Case.owner_id == owner.id), CaseEvent.actor != Actor.insured_person)
    return Wanted(CaseEvent, theirs, CaseEvent.id.desc(), MOST_NEWS, [CaseEvent.case])
