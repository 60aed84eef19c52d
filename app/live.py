"""Live status: after a commit, open pages are told to look again, and the relay to wake up.

At most once by nature: pages also fetch their state when a stream opens, and the relay sweeps.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue

import structlog
from flask import Flask, current_app
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from app.delays import (
    PAGE_HIDDEN_SECONDS,
    PAGE_POLL_SECONDS,
    RESUBSCRIBE_SECONDS,
    STREAM_HEARTBEAT_SECONDS,
    STREAM_RETRY_SECONDS,
    STREAM_SECONDS,
)
from app.extensions import db, valkey

CASE_CHANNEL = "guichet:case:"
OUTBOX_CHANNEL = "guichet:outbox"
_PENDING = "channels_to_tell"

Listener = SimpleQueue[str]


class Hub:
    """One subscription for each process, shared by all its open pages; it subscribes again when it breaks."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._listeners: dict[str, set[Listener]] = defaultdict(set)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def listening(self, public_id: str) -> Iterator[Listener]:
        """A queue that receives something each time this case may have changed."""
        listener: Listener = SimpleQueue()
        with self._lock:
            self._listeners[public_id].add(listener)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="live", daemon=True)
                self._thread.start()
        try:
            yield listener
        finally:
            with self._lock:
                self._listeners[public_id].discard(listener)
                if not self._listeners[public_id]:
                    del self._listeners[public_id]

    def _run(self) -> None:
        while True:
            try:
                self._relay_messages()
            except (RedisError, OSError) as error:
                structlog.get_logger("guichet.live").warning("resubscribe", error=type(error).__name__)
                time.sleep(RESUBSCRIBE_SECONDS)

    def _relay_messages(self) -> None:
        with self._client.pubsub() as subscription:
            subscription.psubscribe(CASE_CHANNEL + "*")
            self._tell_everyone()
            while True:
                message = subscription.get_message(timeout=STREAM_HEARTBEAT_SECONDS)
                if message and message["type"] == "pmessage":
                    self._tell(message["channel"].decode().removeprefix(CASE_CHANNEL))

    def _tell(self, public_id: str) -> None:
        with self._lock:
            for listener in self._listeners.get(public_id, ()):
                listener.put(public_id)

    def _tell_everyone(self) -> None:
        """After a break nobody knows what was missed: every page looks again."""
        with self._lock:
            for public_id, listeners in self._listeners.items():
                for listener in listeners:
                    listener.put(public_id)


def init_app(app: Flask) -> None:
    """Give the process its hub, and the pages the delays they keep."""
    app.extensions["live"] = Hub(app.extensions["valkey"])
    app.jinja_env.globals["live_seconds"] = {"poll": PAGE_POLL_SECONDS, "hidden": PAGE_HIDDEN_SECONDS}


def announce(public_id: str) -> None:
    """Tell the open pages of a case, once this transaction is committed."""
    _after_commit(CASE_CHANNEL + public_id)


def wake_relay() -> None:
    """Tell the outbox relay that there is work, once this transaction is committed."""
    _after_commit(OUTBOX_CHANNEL)


def stream(public_id: str) -> Iterator[str]:
    """Server-Sent Events: one for each change of the case; it ends by itself, and the page opens it again."""
    hub: Hub = current_app.extensions["live"]
    rounds = STREAM_SECONDS // STREAM_HEARTBEAT_SECONDS

    def lines() -> Iterator[str]:
        with hub.listening(public_id) as listener:
            yield f"retry: {STREAM_RETRY_SECONDS * 1000}\n\n"
            for _round in range(rounds):
                try:
                    listener.get(timeout=STREAM_HEARTBEAT_SECONDS)
                    yield "data: changed\n\n"
                except Empty:
                    yield ": still here\n\n"

    return lines()


def _after_commit(channel: str) -> None:
    db.session().info.setdefault(_PENDING, set()).add(channel)


@event.listens_for(Session, "after_commit")
def _publish(session: Session) -> None:
    channels = session.info.pop(_PENDING, None)
    if not channels:
        return
    try:
        with valkey().pipeline(transaction=False) as pipeline:
            for channel in channels:
                pipeline.publish(channel, "changed")
            pipeline.execute()
    except (RedisError, OSError) as error:
        structlog.get_logger("guichet.live").warning("not_told", error=type(error).__name__)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, undone: SessionTransaction) -> None:
    """A savepoint taken back forgets nothing: what was announced before it still holds."""
    if undone.parent is None:
        session.info.pop(_PENDING, None)
