"""`make run` itself, in a clone of the project: it starts, stops with all that it started, and keeps the data."""

import itertools
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psycopg
import pytest

from config import ROOT, Settings, load, run_folder
from tests.processes import command_line, family, is_alive, until
from tests.system.conftest import GIVEN, SECONDS_TO_OPEN, free_port

PARTS = ("Makefile", "app", "config.py", "gunicorn.conf.py", "migrations", "requirements.txt", "run.py")
SECONDS_TO_STOP = 10
MAKES_OWN = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHON")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone whose `.venv` is this Python's environment, so that `make setup` finds nothing to do."""
    clone = tmp_path_factory.mktemp("clone")
    for name in (*PARTS, "scripts", "translations"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, clone / name)
    python = clone / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    lock = (ROOT / "requirements.txt").read_text()
    (clone / ".venv" / "requirements.txt").write_text(f"{clone}\n{lock}")
    return clone


class Run:
    """A `make run` under way."""

    def __init__(self, settings: Settings, clone: Path) -> None:
        self.settings = settings
        kept = {name: value for name, value in os.environ.items() if name not in (*GIVEN, *MAKES_OWN)}
        given = {"DATA_DIR": str(settings.DATA_DIR), "PORT": str(settings.PORT)}
        self.log = settings.DATA_DIR.with_suffix(".log")
        with self.log.open("w") as output:
            self.make = subprocess.Popen(
                ["make", "run"],
                cwd=clone,
                env=kept | given,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def answers(self) -> bool:
        """Whether `/healthz` says 200."""
        line = HTTPConnection("127.0.0.1", self.settings.PORT, timeout=2)
        try:
            line.request("GET", "/healthz")
            return line.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            line.close()

    def is_open(self) -> bool:
        """Whether it says that it is ready, and answers; asked until then, or until it has ended."""

        def is_ready() -> bool:
            return "Ctrl-C" in self.log.read_text() and self.answers()

        opened = until(lambda: self.make.poll() is not None or is_ready(), SECONDS_TO_OPEN)
        return opened and self.make.poll() is None

    def words_kept(self) -> list[str]:
        """What earlier runs left in the database, this one's word added."""
        with psycopg.connect(self.settings.DATABASE_URL.replace("+psycopg", "")) as line:
            line.execute("CREATE TABLE IF NOT EXISTS mark (word text)")
            line.execute("INSERT INTO mark VALUES ('run')")
            return [word for (word,) in line.execute("SELECT word FROM mark")]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """One data folder for every run."""
    data = tmp_path_factory.mktemp("made") / "data"
    yield load({"DATA_DIR": str(data), "PORT": str(free_port())}, makes_keys=False)
    database = data / "postgres"
    outside = [database.resolve().parent] if database.is_symlink() else []
    for folder in (*outside, data, run_folder(data)):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def runs() -> Iterator[int]:
    """How many there were on that folder, this one among them."""
    return itertools.count(1)


@pytest.fixture
def run(clone: Path, settings: Settings) -> Iterator[Run]:
    """The house opened by `make run`."""
    run = Run(settings, clone)
    try:
        assert run.is_open(), run.log.read_text()
        yield run
    finally:
        for pid in family(run.make.pid):
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)
        run.make.wait()


def ctrl_c(make: int) -> None:
    """What a terminal does: every process of its foreground group hears it."""
    os.killpg(make, signal.SIGINT)


def terminated_alone(make: int) -> None:
    """What a service manager or `kill` does: only `make` hears it."""
    os.kill(make, signal.SIGTERM)


@pytest.mark.long(sample=1)
@pytest.mark.parametrize(
    ("stop", "ends_with"), [(ctrl_c, -signal.SIGINT), (terminated_alone, -signal.SIGTERM)]
)
def test_it_opens_stops_with_all_it_started_and_keeps_the_data(
    run: Run, runs: Iterator[int], stop: Callable[[int], None], ends_with: int
) -> None:
    assert run.words_kept() == ["run"] * next(runs)
    processes = family(run.make.pid)
    began = time.monotonic()
    stop(run.make.pid)
    code = run.make.wait(2 * SECONDS_TO_STOP)
    assert until(lambda: not any(map(is_alive, processes)), seconds=SECONDS_TO_STOP), [
        command_line(pid) for pid in processes if is_alive(pid)
    ]
    assert time.monotonic() - began < SECONDS_TO_STOP
    assert code == ends_with
    assert not run.settings.RUN_DIR.exists()
    assert "Traceback" not in run.log.read_text()
