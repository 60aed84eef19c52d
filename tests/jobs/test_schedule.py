"""Two schedulers truly at once: the second meets the first in the middle of its work, and leaves it to it."""

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


def test_one_scheduler_at_a_time_holds_the_lease(app, monkeypatch):
    write, seconds = outbox.write, []

    def write_once_the_other_looked(job):
        """The first is in the middle of its work: the second looks, does nothing, and waits for nobody."""
        if not seconds:
            seconds.append(look(app))
        return write(job)

    monkeypatch.setattr(schedule.outbox, "write", write_once_the_other_looked)
    with app.app_context():
        first = schedule.start_due()
    assert (seconds[0].error, seconds[0].started) == (None, [])
    assert sorted(first) == sorted(schedule.SCHEDULE)
    assert written_once(app)


def test_the_lease_is_free_once_the_first_has_looked(app):
    with app.app_context():
        schedule.start_due()
        db.session.execute(text("DELETE FROM scheduled_run"))
        db.session.commit()
    assert sorted(look(app).started) == sorted(schedule.SCHEDULE)


def test_two_schedulers_without_a_lease_still_start_each_job_once(app, monkeypatch):
    """The mark alone, which is written with the work."""
    monkeypatch.setattr(schedule, "_has_lease", lambda: True)
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
    assert written_once(app)


def written_once(app):
    """Whether each job is marked once and written once."""
    with app.app_context():
        written = db.session.scalars(select(Outbox.job)).all()
        marked = db.session.scalar(select(func.count()).select_from(ScheduledRun))
        return sorted(written) == sorted(schedule.SCHEDULE) and marked == len(schedule.SCHEDULE)


def look(app):
    """The look of another scheduler, from beginning to end."""
    other = Scheduler(app)
    other.start()
    other.join(SECONDS)
    assert not other.is_alive(), "The other scheduler waits."
    return other


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
