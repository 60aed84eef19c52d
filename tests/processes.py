"""Waiting on processes in tests: on what happens, with a deadline, never for a fixed time."""

import time
from collections.abc import Callable
from pathlib import Path

STEP = 0.02


def until(happens: Callable[[], object], seconds: float) -> bool:
    """Whether it happened within that time."""
    deadline = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > deadline:
            return False
        time.sleep(STEP)
    return True


def is_alive(pid: int) -> bool:
    """Whether the process exists and is not a body waiting for burial."""
    return _status(pid) not in {"", "Z", "X"}


def family(pid: int) -> set[int]:
    """The process and all its descendants, as of now."""
    parents = {
        int(entry.name): _parent(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit()
    }
    found = {pid}
    while grown := {child for child, parent in parents.items() if parent in found} - found:
        found |= grown
    return found


def command_line(pid: int) -> str:
    """What the process runs, for a failure's message."""
    try:
        return Path("/proc", str(pid), "cmdline").read_text().replace("\0", " ").strip()
    except OSError:
        return ""


def _fields(pid: int) -> list[str]:
    try:
        return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _status(pid: int) -> str:
    return (_fields(pid) or [""])[0]


def _parent(pid: int) -> int:
    return int((_fields(pid) or ["", "0"])[1])
