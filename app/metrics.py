"""What Prometheus reads: the requests of every web process, and how much work waits. Nothing personal.

Names end in their unit. `docs/operations.md` says what each means and when to worry.
"""

import time
from collections.abc import Iterator
from datetime import datetime

from flask import Flask, Response, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from redis.exceptions import RedisError
from sqlalchemy import case, func, select
from sqlalchemy.exc import SQLAlchemyError

from app import clock, health
from app.extensions import db, queue
from app.files.states import FileState
from app.models import Case, Document, Outbox, ScheduledRun
from app.services import SERVICES, audit_alarms
from app.services.queues import OURS

CONTENT_TYPE = CONTENT_TYPE_LATEST
UNKNOWN = "none"
"""The endpoint of an address nobody serves."""

_REQUESTS = Histogram(
    "guichet_request_seconds",
    "How long requests took, to the first byte of the answer",
    ("endpoint", "status"),
    buckets=(0.025, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


def init_app(app: Flask) -> None:
    """Count each request, by what it asked for and the first digit of how it was answered."""
    app.after_request(_count)


def _count(response: Response) -> Response:
    kind = f"{response.status_code // 100}xx"
    _REQUESTS.labels(request.endpoint or UNKNOWN, kind).observe(time.perf_counter() - g.started)
    return response


def page() -> bytes:
    """Everything, as Prometheus reads it; of a part that does not answer only that."""
    registry = CollectorRegistry()
    folder = current_app.config["SETTINGS"].METRICS_DIR
    if folder:
        MultiProcessCollector(registry, folder)
    state = CollectorRegistry()
    state.register(_House())
    requests = registry if folder else REGISTRY
    return bytes(generate_latest(requests) + generate_latest(state))


class _House(Collector):
    """What the database and the queue know, read when asked: the same from whichever process."""

    def collect(self) -> Iterator[Metric]:
        parts = health.check()
        up = GaugeMetricFamily("guichet_up", "Whether a part of the house answers", labels=("part",))
        for part, answers in parts.items():
            up.add_metric([part], float(answers))
        yield up
        if parts["queue"]:
            yield from _of_queue()
        if parts["database"]:
            yield from _of_database()


def _of_queue() -> Iterator[Metric]:
    try:
        waiting, failed = queue().count, queue().failed_job_registry.count
    except (RedisError, OSError):
        return
    yield _gauge("guichet_queue_jobs", "Jobs in the queue that no worker has taken", waiting)
    yield _gauge(
        "guichet_queue_failed_jobs", "Jobs that ended with an error the outbox will try again", failed
    )


def _of_database() -> Iterator[Metric]:
    try:
        yield from _of_outbox(clock.now())
        yield from _of_cases()
        yield from _of_documents()
        yield from _of_schedule()
        yield from _of_chain()
    except SQLAlchemyError:
        db.session.rollback()


def _of_outbox(now: datetime) -> Iterator[Metric]:
    open_rows = Outbox.done_at.is_(None) & Outbox.set_aside_at.is_(None)
    waiting, oldest = db.session.execute(
        select(func.count(), func.min(Outbox.next_try_at)).where(open_rows)
    ).one()
    aside = db.session.scalar(select(func.count()).where(Outbox.set_aside_at.is_not(None)))
    late = max((now - oldest).total_seconds(), 0) if oldest else 0
    yield _gauge("guichet_outbox_waiting", "Effects written and not yet done", waiting)
    yield _gauge("guichet_outbox_late_seconds", "How long the oldest of them has been due", late)
    yield _gauge("guichet_outbox_set_aside", "Effects given up, which somebody must look at", aside or 0)


def _of_cases() -> Iterator[Metric]:
    waiting = GaugeMetricFamily(
        "guichet_cases_waiting", "Cases that wait for the administration", labels=("service",)
    )
    overdue = GaugeMetricFamily(
        "guichet_cases_overdue", "Those of them whose day has passed", labels=("service",)
    )
    is_late = case((Case.due_on < clock.today(), 1))
    counts = select(Case.service, func.count(), func.count(is_late)).where(Case.status.in_(OURS))
    found = {
        service: (many, late) for service, many, late in db.session.execute(counts.group_by(Case.service))
    }
    for service in SERVICES:
        many, late = found.get(service, (0, 0))
        waiting.add_metric([service], many)
        overdue.add_metric([service], late)
    yield waiting
    yield overdue


def _of_documents() -> Iterator[Metric]:
    unchecked = Document.state.in_((FileState.sent, FileState.checking))
    many = db.session.scalar(select(func.count()).where(unchecked))
    yield _gauge("guichet_documents_unchecked", "Files that wait for their checks", many or 0)


def _of_schedule() -> Iterator[Metric]:
    latest = db.session.scalar(select(func.max(ScheduledRun.slot)))
    if latest:
        yield _gauge(
            "guichet_schedule_last_timestamp_seconds",
            "The latest hour the scheduler has marked",
            latest.timestamp(),
        )


def _of_chain() -> Iterator[Metric]:
    check = audit_alarms.last()
    if check:
        yield _gauge(
            "guichet_audit_checked_timestamp_seconds",
            "When the audit chain was last verified",
            check.checked_at.timestamp(),
        )
        yield _gauge("guichet_audit_differences", "What that verification found altered", check.found)


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, value=value)
