"""What is to be done in the outside world: written with its cause, handed to RQ by the relay."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app import clock, live
from app.delays import (
    OUTBOX_BACKOFF,
    OUTBOX_BACKOFF_LONGEST,
    OUTBOX_FAILURES_ALLOWED,
    OUTBOX_NOTICE,
)
from app.extensions import db
from app.models import Outbox


def write(job: str, **payload: Any) -> Outbox:
    """Add one piece of work to this transaction: it exists if and only if its cause does."""
    now = clock.now()
    row = Outbox(job=job, payload=payload, created_at=now, next_try_at=now)
    db.session.add(row)
    live.wake_relay()
    return row


def claim_next() -> Outbox | None:
    """The next row to hand over, to be looked at again later; rows a worker is busy with are skipped."""
    now = clock.now()
    row = db.session.scalars(
        select(Outbox)
        .where(Outbox.done_at.is_(None), Outbox.set_aside_at.is_(None), Outbox.next_try_at <= now)
        .order_by(Outbox.next_try_at, Outbox.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is not None:
        row.next_try_at = now + OUTBOX_NOTICE
    return row


def lock(outbox_id: int) -> Outbox | None:
    """The row for whoever does the work; None when it is done, set aside, or in another worker's hands."""
    return db.session.scalars(
        select(Outbox)
        .where(Outbox.id == outbox_id, Outbox.done_at.is_(None), Outbox.set_aside_at.is_(None))
        .with_for_update(skip_locked=True)
    ).one_or_none()


def mark_failed(outbox_id: int, error: str) -> None:
    """Note a failure: tried again later and later, then set aside for a person to look at."""
    row = lock(outbox_id)
    if row is None:
        return
    row.failures += 1
    row.last_error = error[:2000]
    row.next_try_at = clock.now() + _pause(row.failures)
    if row.failures >= OUTBOX_FAILURES_ALLOWED:
        row.set_aside_at = clock.now()


def _pause(failures: int) -> timedelta:
    return min(OUTBOX_BACKOFF * 2 ** (failures - 1), OUTBOX_BACKOFF_LONGEST)
