"""Drafts: answers kept on the server page by page, as typed, on any device, until they are sent or expire."""

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Delete, delete, select
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.delays import DRAFT_KEPT, DRAFT_REMINDER
from app.extensions import db
from app.models import Account, Draft
from app.services import locks, notifications
from app.services.at_once import Wanted

MESSAGE = "message"
ANSWER = "answer"
GIVEN = "given"
RENEWAL = "renewal"
"""How the names of drafts of messages, answers and documents begin, where a request's has its service."""

COUNTER = "counter:"
"""How the name of the draft begins that an officer fills in for the person: beside the person's own."""


def of(owner: Account, service: str) -> Draft | None:
    """The person's draft of a service that has not expired, or None."""
    return db.session.scalars(
        select(Draft).where(
            Draft.owner_id == owner.id, Draft.service == service, Draft.expires_at > clock.now()
        )
    ).one_or_none()


def all_of(owner: Account) -> list[Draft]:
    """The person's drafts, the latest first."""
    return list(
        db.session.scalars(
            select(Draft)
            .where(Draft.owner_id == owner.id, Draft.expires_at > clock.now())
            .order_by(Draft.saved_at.desc())
        )
    )


def wanted_of(owner: Account, most: int) -> Wanted:
    """The same for a page that reads other lists as well."""
    in_force = (Draft.owner_id == owner.id) & (Draft.expires_at > clock.now())
    return Wanted(Draft, in_force, Draft.saved_at.desc(), most)


def save(owner: Account, service: str, answers: Mapping[str, Any]) -> Draft | None:
    """Keep what was typed beside what is there; None while nothing was answered yet. `FileLocked` by a lock.

    Two devices at once: the row is written in one statement, the later answer to a question stays.
    """
    if not service.startswith(COUNTER):
        locks.check(owner, service)
    if not any(answers.values()) and of(owner, service) is None:
        return None
    now = clock.now()
    db.session.execute(_mine(owner, service).where(Draft.expires_at <= now))
    fresh = insert(Draft).values(
        public_id=secrets.token_urlsafe(16),
        service=service,
        owner_id=owner.id,
        answers=dict(answers),
        submission_key=secrets.token_urlsafe(24),
        created_at=now,
        saved_at=now,
        expires_at=now + DRAFT_KEPT,
    )
    kept = fresh.on_conflict_do_update(
        index_elements=["owner_id", "service"],
        set_={
            "answers": Draft.answers.op("||")(fresh.excluded.answers),
            "saved_at": now,
            "expires_at": now + DRAFT_KEPT,
            "reminded_at": None,
        },
    ).returning(Draft)
    return db.session.scalars(kept, execution_options={"populate_existing": True}).one()


def add_file(owner: Account, service: str, field: str, token: str) -> None:
    """Add one file to a question of the draft; several that arrive at once wait for each other."""
    db.session.execute(select(Account.id).where(Account.id == owner.id).with_for_update(key_share=True))
    name = f"{field}-kept"
    draft = of(owner, service)
    if draft is not None:
        db.session.refresh(draft)
    question, _hyphen, rest = field.partition("-")
    inputs = dict(draft.answers.get(question, {})) if draft else {}
    inputs[name] = [*inputs.get(name, []), token]
    if rest:
        numbers = inputs.get(question, [])
        inputs[question] = list(dict.fromkeys([*numbers, rest.partition("-")[0]]))
    save(owner, service, {question: inputs})


def discard(owner: Account, service: str) -> None:
    """Forget the draft: its author wants a fresh start."""
    db.session.execute(_mine(owner, service))


def discard_sent(draft: Draft) -> None:
    """Forget the draft that was sent; one begun since, with another key, stays."""
    db.session.execute(delete(Draft).where(Draft.id == draft.id))


def remind() -> int:
    """Recall forgotten drafts of requests to their authors, once; how many."""
    now = clock.now()
    forgotten = db.session.scalars(
        select(Draft)
        .where(
            Draft.saved_at < now - DRAFT_REMINDER,
            Draft.reminded_at.is_(None),
            Draft.expires_at > now,
            *(~Draft.service.startswith(name) for name in (MESSAGE, ANSWER, GIVEN, RENEWAL, COUNTER)),
        )
        .with_for_update(skip_locked=True)
    ).all()
    for draft in forgotten:
        draft.reminded_at = now
        event = f"draft:{draft.id}:{draft.saved_at:%Y%m%d%H%M%S}"
        notifications.tell(
            "send_draft_reminder", "draft_reminder", draft.owner_id, event, "", {}, draft_id=draft.id
        )
    return len(forgotten)


def purge_expired() -> int:
    """Delete the drafts whose time is over; how many."""
    gone = db.session.execute(delete(Draft).where(Draft.expires_at <= clock.now()).returning(Draft.id))
    return len(gone.all())


def _mine(owner: Account, service: str) -> Delete:
    return delete(Draft).where(Draft.owner_id == owner.id, Draft.service == service)
