"""Two schedulers truly at once: the second meets the first in the middle of its work."""

from threading import Thread

from sqlalchemy import func, select, text

from app.extensions import db
from app.jobs import schedule
from app.models import Outbox, ScheduledRun
from app.services import outbox
from tests.processes import until

SECONDS = 20
_WAITS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def test_two_schedulers_at_once_start_each_job_once(app, monkeypatch):
    second = Scheduler(app)
    write, began = outbox.write, []

    def write_once_the_other_waits(job):
        """The first has marked a job and not committed: the second marks the same, and must wait."""
        if not began:
            began.append(job)
            second.start()
            assert until(waits, SECONDS), "The second scheduler does not meet the first."
        return write(job)

    monkeypatch.setattr(schedule.outbox, "write", write_once_the_other_waits)
    with app.app_context():
        first = schedule.start_due()
    second.join(SECONDS)
    assert second.error is None
    assert sorted(first) == sorted(schedule.SCHEDULE)
    assert second.started == []
    with app.app_context():
        written = db.session.scalars(select(Outbox.job)).all()
        assert sorted(written) == sorted(schedule.SCHEDULE)
        assert db.session.scalar(select(func.count()).select_from(ScheduledRun)) == len(schedule.SCHEDULE)


class Scheduler(Thread):
    """One look at the schedule by another process, as far as the database can tell."""

    def __init__(self, app):
        super().__init__()
        self.app, self.started, self.error = app, None, None

    def run(self):
        with self.app.app_context():
            try:
                self.started = schedule.start_due()
            except Exception as error:
                self.error = error
                db.session.rollback()


def waits():
    with db.engine.connect() as connection:
        return connection.scalar(_WAITS)
