"""Relays and workers that can be killed with SIGKILL at a named point, each a process of its own.

They fork from a process that built the application and did nothing else, as `guichet worker` is: a fork of the
tests' own process would inherit the threads' locks of Typst, and wait for them for ever.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from rq.serializers import JSONSerializer

from app import clock, create_app
from app.extensions import db, queue
from app.jobs import relay, runner
from app.jobs.worker import GuichetWorker
from config import load

JOB_SECONDS = 20
SECONDS = 60
HANDLER = "handler:"


@dataclass(frozen=True)
class Point:
    """Before or after a function, as `module:name` or `module:Class.name`; `handler:job` is a job's own."""

    place: str
    is_after: bool
    is_always: bool = False

    def arm(self, mark: Path) -> None:
        """Let the first process that reaches it while there is no mark, or each, leave the mark, and die."""
        if self.place.startswith(HANDLER):
            job = self.place.removeprefix(HANDLER)
            runner.JOBS[job] = self._mortal(runner.JOBS[job], mark)
            return
        module, _colon, path = self.place.partition(":")
        owner = import_module(module)
        *outer, name = path.split(".")
        for part in outer:
            owner = getattr(owner, part)
        setattr(owner, name, self._mortal(getattr(owner, name), mark))

    def _mortal(self, work: Callable, mark: Path) -> Callable:
        def die(is_after: bool) -> None:
            if is_after is self.is_after and (self.is_always or not mark.exists()):
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)

        def run(*arguments, **named):
            die(is_after=False)
            result = work(*arguments, **named)
            die(is_after=True)
            return result

        return run


class House:
    """One relay and one worker, started as often as asked; `point` and `mark` say where one of them dies."""

    def __init__(self, end: Connection) -> None:
        self._end = end

    def work(self, now: datetime, point: Point | None = None, mark: Path | None = None) -> None:
        """The relay, then the worker, at that hour, each until it has nothing to do or is killed."""
        self._end.send((now, point, mark))
        assert self._end.poll(SECONDS), "The house hangs."
        assert self._end.recv() == "done"


@contextmanager
def standing(environ: dict[str, str]) -> Iterator[House]:
    """A house on these servers."""
    mine, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(environ, theirs), daemon=False)
    process.start()
    try:
        assert mine.poll(SECONDS), "The house did not open."
        mine.recv()
        yield House(mine)
    finally:
        mine.send(None)
        process.join(SECONDS)


def _serve(environ: dict[str, str], end: Connection) -> None:
    app = create_app(load(environ))
    relay.JOB_SECONDS = JOB_SECONDS
    end.send("open")
    while order := end.recv():
        for work in (relay.hand_over_all, _work_the_queue):
            child = os.fork()
            if child == 0:
                _live(app, work, *order)
            os.waitpid(child, 0)
        end.send("done")


def _live(app, work: Callable[[], object], now: datetime, point: Point | None, mark: Path | None) -> None:
    try:
        if point and mark:
            point.arm(mark)
        with app.app_context(), clock.frozen(now):
            work()
            db.engine.dispose()
    finally:
        os._exit(0)


def _work_the_queue() -> None:
    """As `guichet worker` does."""
    worker = GuichetWorker([queue()], connection=queue().connection, serializer=JSONSerializer)
    worker.work(burst=True, logging_level="CRITICAL")
