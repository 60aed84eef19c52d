"""What runs when. One scheduler looks at a time, by a lease in the database; the others do nothing.

Were the lease given twice, each job would still start once: the mark and the work are one transaction.
"""

from datetime import datetime

import structlog
from croniter import croniter
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from app import clock
from app.extensions import db
from app.models import ScheduledRun
from app.services import outbox

SCHEDULE = {
    "purge_expired_sessions": "17 * * * *",
    "purge_unfiled_documents": "41 * * * *",
    "purge_quarantined": "17 3 * * *",
    "sweep_storage": "50 2 * * *",
    "purge_expired_uploads": "47 * * * *",
    "check_overdue_documents": "53 * * * *",
    "remind_expiring_documents": "15 5 * * *",
    "purge_expired_drafts": "33 * * * *",
    "purge_sign_ins": "37 1 * * *",
    "remind_drafts": "5 5 * * *",
    "remind_unanswered": "10 5 * * *",
    "checkpoint_audit": "5 * * * *",
    "verify_audit": "35 3 * * *",
    "complete_recoveries": "10 1 * * *",
    "close_accounts": "15 1 * * *",
    "purge_data_exports": "45 * * * *",
    "lapse_unanswered": "20 1 * * *",
    "go_on_without_employer": "25 1 * * *",
    "remind_employers": "20 5 * * *",
}
"""Jobs and their times, as cron writes them, in UTC."""


def start_due() -> list[str]:
    """Start the jobs whose time has come and that nobody started; their names. None while another looks."""
    if not _has_lease():
        db.session.rollback()
        return []
    now = clock.now()
    started = [job for job, times in SCHEDULE.items() if _start(job, _latest(times, now))]
    db.session.commit()
    return started


def tick() -> None:
    """One look at the schedule; a database that does not answer is asked again at the next."""
    try:
        start_due()
    except OperationalError as error:
        db.session.rollback()
        structlog.get_logger("guichet.scheduler").warning("retry", error=type(error).__name__)


def _has_lease() -> bool:
    """Whether this scheduler alone looks, until its transaction ends, by whatever cause."""
    key = func.hashtextextended("scheduler", 0)
    return bool(db.session.scalar(select(func.pg_try_advisory_xact_lock(key))))


def _latest(times: str, now: datetime) -> datetime:
    return croniter(times, now).get_prev(datetime)


def _start(job: str, slot: datetime) -> bool:
    """Mark the hour as started, and write the work, unless it is marked already."""
    mark = insert(ScheduledRun).values(job=job, slot=slot).on_conflict_do_nothing().returning(ScheduledRun.id)
    if db.session.execute(mark).scalar_one_or_none() is None:
        return False
    outbox.write(job)
    return True
