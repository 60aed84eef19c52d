"""Whether the parts of the house answer."""

from datetime import timedelta

from redis.exceptions import RedisError
from rq.worker import Worker
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.delays import WORKER_ALIVE_SECONDS
from app.extensions import db, queue, valkey


def check() -> dict[str, bool]:
    """Each part and whether it answers."""
    return {"web": True, "database": _database(), "queue": _queue(), "worker": _worker()}


def _database() -> bool:
    try:
        return bool(db.session.execute(text("SELECT 1")).scalar_one() == 1)
    except SQLAlchemyError:
        db.session.rollback()
        return False


def _queue() -> bool:
    try:
        return bool(valkey().ping())
    except (RedisError, OSError):
        return False


def _worker() -> bool:
    """Whether a worker of the queue gave a sign of life lately."""
    oldest = clock.now() - timedelta(seconds=WORKER_ALIVE_SECONDS)
    try:
        workers = Worker.all(queue=queue())
    except (RedisError, OSError):
        return False
    return any(worker.last_heartbeat and worker.last_heartbeat >= oldest for worker in workers)
