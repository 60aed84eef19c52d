"""What is to be done in the outside world: written with its cause, handed to RQ by the relay."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

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


@contextmanager
def taken(outbox_id: int) -> Iterator[bool]:
    """Whether the row is this worker's, and no other's until the block ends, whatever is committed in it.

    The lock of the row itself ends with the first commit of work that is done in slices.
    """
    key = func.hashtextextended(f"outbox {outbox_id}", 0)
    with db.engine.connect() as keeper:
        yield bool(keeper.scalar(select(func.pg_try_advisory_xact_lock(key))))


def begin(outbox_id: int) -> bool:
    """Count the run as failed until it is done, so that work which kills its process is set aside as well.

    False when the row is done, set aside, or in another worker's hands. To be committed before the work.
    """
    row = lock(outbox_id)
    if row is None:
        return False
    if row.failures >= OUTBOX_FAILURES_ALLOWED:
        row.set_aside_at = clock.now()
        row.last_error = f"The last of {row.failures} runs was killed before it could say why."
        return False
    row.failures += 1
    row.next_try_at = clock.now() + _pause(row.failures)
    return True


def mark_done(row: Outbox) -> None:
    """Note, in the transaction of the work, that it is done: this run did not fail."""
    row.failures -= 1
    row.done_at = clock.now()


def mark_failed(outbox_id: int, error: str) -> None:
    """Say why the run failed that was begun: tried again later and later, then set aside for a person."""
    row = lock(outbox_id)
    if row is None:
        return
    row.last_error = error[:2000]
    row.next_try_at = clock.now() + _pause(row.failures)
    if row.failures >= OUTBOX_FAILURES_ALLOWED:
        row.set_aside_at = clock.now()


def _pause(failures: int) -> timedelta:
    return min(OUTBOX_BACKOFF * 2 ** (failures - 1), OUTBOX_BACKOFF_LONGEST)
