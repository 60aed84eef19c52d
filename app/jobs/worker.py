"""An RQ worker whose work horse inherits a ready application, and opens connections of its own."""

import gc

from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import Worker

from app.delays import WORKER_ALIVE_SECONDS, WORKER_MAINTENANCE_SECONDS, WORKER_WATCH_SECONDS
from app.embedded.leash import die_with_parent
from app.extensions import db, queue


class GuichetWorker(Worker):
    """Forks after the application is built: 0.04 s a job instead of 0.7 s."""

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """End with the worker, and leave its database connections alone; they are not ours to close.

        What the application holds is here to stay: the collector need not walk through it in every job.
        """
        die_with_parent()
        gc.freeze()
        db.engine.dispose(close=False)
        super().main_work_horse(job, queue)


def make_worker() -> GuichetWorker:
    """A worker with a random name: a fixed one could not come back after a kill -9."""
    return GuichetWorker(
        [queue()],
        connection=queue().connection,
        serializer=JSONSerializer,
        worker_ttl=WORKER_ALIVE_SECONDS,
        maintenance_interval=WORKER_MAINTENANCE_SECONDS,
        job_monitoring_interval=WORKER_WATCH_SECONDS,
    )
