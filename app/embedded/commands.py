"""The application's own commands, run to their end before and beside the house."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from app.embedded import leash
from app.embedded.places import CannotStart
from config import ROOT

LINES_TOLD = 15


def flask(words: list[str], log: Path, pause: Callable[[], None]) -> str:
    """Run `flask …` and give back what it printed; `pause` is called while it runs, and may raise."""
    argv = [sys.executable, "-m", "flask", "--app", "run", *words]
    with (log / "commands.out").open("w+") as output, (log / "commands.log").open("w+") as errors:
        command = subprocess.Popen(
            leash.command(argv, signal.SIGKILL),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
        )
        try:
            while command.poll() is None:
                pause()
        finally:
            command.kill()
            command.wait()
        output.seek(0)
        errors.seek(0)
        told, complained = output.read(), errors.read()
    if command.returncode:
        last = "\n".join((told + complained).splitlines()[-LINES_TOLD:])
        raise CannotStart(f"`flask {' '.join(words)}` failed, nothing was started:\n{last}")
    return told
