"""Run a program that cannot outlive the process that started it, as another user or under a lock where asked.

Run by path (`python -I -S leash.py`), so that it starts in milliseconds and imports nothing of Guichet.
"""

import argparse
import ctypes
import fcntl
import os
import signal
import sys
from pathlib import Path

SET_DEATH_SIGNAL = 1
SET_SUBREAPER = 36


def die_with_parent(death: signal.Signals = signal.SIGKILL) -> None:
    """Receive `death` when our parent ends, however it ends; nothing where the kernel is not Linux."""
    parent = os.getppid()
    _prctl(SET_DEATH_SIGNAL, death)
    if os.getppid() != parent:
        os.kill(os.getpid(), death)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, so that none is lost from sight."""
    _prctl(SET_SUBREAPER, 1)


def command(
    argv: list[str], death: signal.Signals, owner: tuple[int, int] | None = None, lock: Path | None = None
) -> list[str]:
    """`argv`, on the leash: as the (user, group) `owner`, and only while it alone holds the file `lock`."""
    start = [sys.executable, "-I", "-S", str(Path(__file__).resolve()), "--death", death.name]
    if owner is not None:
        start += ["--user", str(owner[0]), "--group", str(owner[1])]
    if lock is not None:
        start += ["--lock", str(lock)]
    return [*start, "--", *argv]


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value))


def _become(user: int, group: int) -> None:
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)


def _hold(lock: str) -> None:
    """Wait for the lock and keep it through `exec`, until the program itself ends."""
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    os.set_inheritable(handle, True)
    fcntl.flock(handle, fcntl.LOCK_EX)


def main() -> None:
    """Drop privileges first: the kernel forgets the death signal when the user changes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--death", type=lambda name: signal.Signals[name], required=True)
    parser.add_argument("--user", type=int)
    parser.add_argument("--group", type=int)
    parser.add_argument("--lock")
    parser.add_argument("program", nargs="+")
    given = parser.parse_args()
    if given.user is not None:
        os.chdir("/")
        _become(given.user, given.group)
    die_with_parent(given.death)
    if given.lock is not None:
        _hold(given.lock)
    os.execv(given.program[0], given.program)  # noqa: S606 (the point of this program)


if __name__ == "__main__":
    main()
