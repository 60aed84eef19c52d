"""How the house ends: who may ask for it, and how nothing is left behind."""

import os
import signal
import subprocess
import time
from pathlib import Path

from app.delays import HOUSE_STOP_SECONDS, ORPHANS_SECONDS, ORPHANS_TICK_SECONDS

PROCESSES = Path("/proc")


class Caller:
    """The process that started us: `make` passes a Ctrl-C on to nobody, it only waits for us to end."""

    def __init__(self) -> None:
        self.pid = os.getppid()
        self.is_make = _read(self.pid, "comm").strip() in {"make", "gmake"}

    def is_leaving(self) -> bool:
        """Whether `make` has ended, or was interrupted alone and waits."""
        return self.is_make and (os.getppid() != self.pid or _holds_back(self.pid, signal.SIGINT))


def end(supervisor: subprocess.Popen[bytes]) -> None:
    """Stop the supervisor and what it runs, in order and in time, then whatever is still there."""
    if supervisor.poll() is None:
        supervisor.terminate()
        try:
            supervisor.wait(HOUSE_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            supervisor.kill()
            supervisor.wait()
    _sweep(time.monotonic() + ORPHANS_SECONDS)


def _sweep(deadline: float) -> None:
    """Give the orphans we adopted a moment to end by themselves, then kill them."""
    while _has_children():
        if time.monotonic() > deadline:
            for pid in _children():
                os.kill(pid, signal.SIGKILL)
        time.sleep(ORPHANS_TICK_SECONDS)


def _has_children() -> bool:
    """Whether a child is alive, after burying the dead ones."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _children() -> list[int]:
    everyone = [int(entry.name) for entry in PROCESSES.iterdir() if entry.name.isdigit()]
    return [pid for pid in everyone if _parent(pid) == os.getpid()]


def _parent(pid: int) -> int:
    after_name = _read(pid, "stat").rpartition(")")[2].split()
    return int(after_name[1]) if after_name else 0


def _holds_back(pid: int, wanted: signal.Signals) -> bool:
    """Whether the process blocks the signal, as it does while it handles it."""
    for line in _read(pid, "status").splitlines():
        if line.startswith("SigBlk:"):
            return bool(int(line.split()[1], 16) & 1 << (wanted - 1))
    return False


def _read(pid: int, name: str) -> str:
    try:
        return PROCESSES.joinpath(str(pid), name).read_text()
    except OSError:
        return ""
