"""The whole house as its own processes, on a free port and a folder of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from app.embedded.supervision import Control, State
from config import ROOT, load
from tests.processes import family, until

GIVEN = (
    "GUICHET_ENV",
    "DATABASE_URL",
    "REDIS_URL",
    "STORAGE_URL",
    "SMTP_URL",
    "PUBLIC_URL",
    "SECRET_KEY",
    "HOST",
)
SECONDS_TO_OPEN = 180
BARE = {"DEMO_PERSONS": "0"}
"""Without the demonstration's persons and their cases, whose letters would have to be made first."""


class StandingHouse:
    """A house started by `python -m app.embedded`, as `make run` does."""

    def __init__(self, data: Path, **given: str) -> None:
        self.settings = load({"DATA_DIR": str(data), "PORT": str(free_port()), **given})
        began = time.monotonic()
        self.launcher = launch(data, self.settings.PORT, **given)
        self.told = self._read_until_open()
        self.seconds_to_open = time.monotonic() - began
        self.control = Control(self.settings.RUN_DIR)

    def _read_until_open(self) -> str:
        assert self.launcher.stdout
        told = ""
        for line in self.launcher.stdout:
            told += line
            if "Ctrl-C" in line:
                return told
        pytest.fail(f"The house did not open:\n{told}")

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

    def states(self) -> dict[str, State]:
        """What the supervisor knows of each program."""
        return {state.name: state for state in self.control.states()}

    def is_whole(self) -> bool:
        """Whether every program runs and the house answers."""
        states = self.states().values()
        return bool(states) and all(state.status == "RUNNING" for state in states) and self.answers()

    def kill(self, name: str) -> int:
        """Kill -9 a program once it runs; the process it was. (Process 0, of one that does not, is ourselves.)"""
        assert until(lambda: self._process(name), SECONDS_TO_OPEN), self.states()
        killed = self._process(name)
        assert killed
        os.kill(killed, signal.SIGKILL)
        return killed

    def is_back(self, name: str, killed: int) -> bool:
        """Whether another process runs instead of the one that was killed, in a whole house."""
        return self._process(name) not in {0, killed} and self.is_whole()

    def _process(self, name: str) -> int:
        state = self.states().get(name)
        return state.pid if state else 0

    def supervisor(self) -> int:
        """The supervisor's process."""
        return int((self.settings.RUN_DIR / "supervisor.pid").read_text())

    def family(self) -> set[int]:
        """Every process of the house, as of now."""
        return family(self.launcher.pid)

    def stop(self) -> int:
        """Ctrl-C; what the launcher ends with."""
        if self.launcher.poll() is None:
            self.launcher.send_signal(signal.SIGINT)
        try:
            return self.launcher.wait(20)
        finally:
            self.launcher.kill()
            if self.launcher.stdout:
                self.launcher.stdout.close()

    def remove(self) -> None:
        """Forget its data, also where root had to put the database outside the data folder."""
        database = self.settings.DATA_DIR / "postgres"
        outside = [database.resolve().parent] if database.is_symlink() else []
        for folder in (*outside, self.settings.DATA_DIR, self.settings.RUN_DIR):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def opening(folders: pytest.TempPathFactory) -> Iterator[Callable[..., StandingHouse]]:
    """Opens houses, each on a folder of its own or on the one given; all are stopped in the end."""
    with ExitStack() as stack:

        def start(data: Path | None = None, **given: str) -> StandingHouse:
            house = StandingHouse(data or folders.mktemp("house") / "data", **BARE | given)
            stack.callback(house.remove)
            stack.callback(house.stop)
            return house

        yield start


@pytest.fixture(scope="module")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., StandingHouse]]:
    """Opens houses for the tests of a file."""
    with opening(tmp_path_factory) as start:
        yield start


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandingHouse]:
    """One house shared by the tests that leave it as whole as they found it."""
    with opening(tmp_path_factory) as start:
        house = start(DEMO_PERSONS="20")
        assert until(house.is_whole, seconds=SECONDS_TO_OPEN)
        yield house


def launch(data: Path, port: int, **given: str) -> subprocess.Popen[str]:
    """Start a house as `make run` does, whatever servers the tests themselves were given."""
    environ = {name: value for name, value in os.environ.items() if name not in GIVEN}
    return subprocess.Popen(
        [sys.executable, "-m", "app.embedded"],
        cwd=ROOT,
        env=environ | {"DATA_DIR": str(data), "PORT": str(port)} | given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as line:
        return int(line.getsockname()[1])
