"""Inspects a file in a process of its own, so that what a hostile file does to its reader ends there."""

import json
import subprocess
import sys
from pathlib import Path

from app.delays import INSPECTION_SECONDS
from app.files.report import READY, Report
from app.files.states import Refusal

_ROOT = Path(__file__).resolve().parents[2]
_COMMAND = (sys.executable, "-m", "app.files.child")


class CannotInspect(RuntimeError):
    """The inspecting process did not even start: nothing is known of the file."""


def inspect(content: bytes) -> Report:
    """What the file is. A reader that dies, or takes too long, is the file's fault: `too_complex`.

    Raises `CannotInspect` when the reader never began.
    """
    try:
        done = subprocess.run(
            _COMMAND,
            input=content,
            capture_output=True,
            cwd=_ROOT,
            env={},
            timeout=INSPECTION_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        return _unfinished(late.output)
    if done.returncode != 0:
        return _unfinished(done.stdout, done.stderr)
    return _read(done.stdout.removeprefix(READY))


def _unfinished(output: bytes | None, errors: bytes = b"") -> Report:
    if not (output or b"").startswith(READY):
        raise CannotInspect(errors[-500:].decode("utf-8", "replace"))
    return Report(Refusal.too_complex)


def _read(output: bytes) -> Report:
    line, _newline, rest = output.partition(b"\n")
    head = json.loads(line)
    parts, at = [], 0
    for size in head["sizes"]:
        parts.append(rest[at : at + size])
        at += size
    kept, *previews = parts
    refusal = Refusal(head["refusal"]) if head["refusal"] else None
    return Report(refusal, head["content_type"], kept, tuple(previews), head["pages"], head["facts"])
