"""The one clock: nothing else in Guichet reads the time, so a year of nights can be replayed."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time

from flask import current_app

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """This instant, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today() -> date:
    """The day it is in the administration's time zone."""
    return day_of(now())


def day_of(instant: datetime) -> date:
    """The day an instant (aware) falls on in the administration's time zone."""
    return instant.astimezone(current_app.config["SETTINGS"].TIME_ZONE).date()


def start_of(day: date) -> datetime:
    """The instant a day begins in the administration's time zone."""
    return datetime.combine(day, time.min, current_app.config["SETTINGS"].TIME_ZONE)


@contextmanager
def frozen(instant: datetime) -> Iterator[None]:
    """Hold the clock at `instant` (aware) in this context: for tests and for replaying a night."""
    token = _frozen.set(instant)
    try:
        yield
    finally:
        _frozen.reset(token)
