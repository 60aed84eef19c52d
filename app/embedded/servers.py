"""Servers of one's own for as long as a block runs: what the tests stand on.

They stop with the block, and with the process that opened it, even killed.
"""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.delays import SERVER_START_SECONDS, SERVER_STOP_SECONDS, SERVER_TICK_SECONDS
from app.embedded.cluster import STOP_SIGNAL as STOP_POSTGRES
from app.embedded.cluster import planned_cluster
from app.embedded.places import CannotStart, can_reach, database_account, passing_folder
from app.embedded.valkey import STOP_SIGNAL as STOP_VALKEY
from app.embedded.valkey import planned_valkey


@contextmanager
def postgres(folder: Path, *, fast: bool = True) -> Iterator[str]:
    """A PostgreSQL server with an empty database; its URL.

    Its data are in `folder`, or beside its socket when we are root and PostgreSQL's user cannot reach it.
    """
    account = database_account(folder / "postgres")
    short = passing_folder(account, "pg")
    try:
        home = folder if can_reach(account, folder) else short
        home.mkdir(parents=True, exist_ok=True)
        cluster = planned_cluster(home / "postgres", short / "s")
        cluster.prepare(fast)
        with _running(cluster.command(fast), cluster.is_ready, STOP_POSTGRES, short / "log"):
            yield cluster.url
    finally:
        shutil.rmtree(short, ignore_errors=True)


@contextmanager
def valkey(folder: Path, *, fast: bool = True) -> Iterator[str]:
    """A Valkey server, empty when `folder` is; its URL."""
    short = passing_folder(None, "vk")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        server = planned_valkey(folder / "valkey", short / "s")
        server.prepare()
        with _running(server.command(fast), server.is_ready, STOP_VALKEY, short / "log"):
            yield server.url
    finally:
        shutil.rmtree(short, ignore_errors=True)


@contextmanager
def _running(argv: list[str], is_ready: Callable[[], bool], stop: int, log: Path) -> Iterator[None]:
    with log.open("w") as output:
        server = subprocess.Popen(argv, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    try:
        _wait(server, is_ready, log)
        yield
    finally:
        _end(server, stop)


def _wait(server: subprocess.Popen[bytes], is_ready: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + SERVER_START_SECONDS
    while not is_ready():
        if server.poll() is not None or time.monotonic() > deadline:
            raise CannotStart(f"A server did not start: {' '.join(log.read_text().split()[-40:])}")
        time.sleep(SERVER_TICK_SECONDS)


def _end(server: subprocess.Popen[bytes], stop: int) -> None:
    server.send_signal(stop)
    try:
        server.wait(SERVER_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
