"""The outbox relay: hands waiting rows to RQ, when woken by a commit and at every sweep."""

import time

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from app.delays import JOB_SECONDS, LONGEST_JOB_SECONDS, RELAY_SWEEP_SECONDS
from app.extensions import db, queue, valkey
from app.live import OUTBOX_CHANNEL
from app.models import Outbox
from app.services import outbox

RUN = "app.jobs.runner.run"
SECONDS_OF = dict.fromkeys(("verify_audit", "run_verification"), LONGEST_JOB_SECONDS)


def hand_over_all() -> int:
    """Hand over every row that waits; how many there were."""
    count = 0
    while hand_over_next():
        count += 1
    return count


def hand_over_next() -> bool:
    """Hand one row to RQ. It is committed as handed over first: a row lost after that is found by a sweep."""
    row = outbox.claim_next()
    if row is None:
        db.session.rollback()
        return False
    if row.attempts and _still_queued(row):
        db.session.commit()
        return True
    row.attempts += 1
    outbox_id, job_id, seconds = row.id, _job_id(row), SECONDS_OF.get(row.job, JOB_SECONDS)
    db.session.commit()
    queue().enqueue(RUN, outbox_id, job_id=job_id, result_ttl=0, job_timeout=seconds)
    return True


def run_forever() -> None:
    """Sweep, then wait to be woken; a server that does not answer is tried again."""
    log = structlog.get_logger("guichet.relay")
    while True:
        try:
            with valkey().pubsub() as subscription:
                subscription.subscribe(OUTBOX_CHANNEL)
                while True:
                    hand_over_all()
                    subscription.get_message(timeout=RELAY_SWEEP_SECONDS)
        except (RedisError, OperationalError, OSError) as error:
            db.session.rollback()
            log.warning("retry", error=type(error).__name__)
            time.sleep(RELAY_SWEEP_SECONDS)


def _job_id(row: Outbox) -> str:
    return f"outbox-{row.id}-{row.attempts}"


def _still_queued(row: Outbox) -> bool:
    """Whether the last handing over still waits in the queue: then another would only lengthen it."""
    return valkey().lpos(queue().key, _job_id(row)) is not None
