"""Answers to a request for information: begun, kept with their files as a draft, and found again."""

from sqlalchemy import select

from app.extensions import db
from app.models import Account, Case
from app.services import drafts
from app.workflow import Status

MOST_FILES = 5


def draft_of(case: Case) -> str:
    """The name of the draft of an answer about a case."""
    return f"{drafts.ANSWER}:{case.public_id}"


def is_awaited(case: Case) -> bool:
    """Whether the case waits for an answer of its owner."""
    return case.status is Status.info_requested


def case_of(owner: Account, draft: str) -> Case | None:
    """The person's own case whose answer has that draft, while one is awaited; else None."""
    kind, _colon, public_id = draft.partition(":")
    if kind != drafts.ANSWER:
        return None
    mine = select(Case).where(Case.public_id == public_id, Case.owner_id == owner.id)
    case = db.session.scalars(mine).one_or_none()
    return case if case is not None and is_awaited(case) else None
