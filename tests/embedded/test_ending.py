"""Ctrl-C reaches the house through `make`, even when only `make` is told."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config import ROOT

WAITS = """
import sys
from app.embedded.ending import Caller
caller = Caller()
print("ready", flush=True)
while not caller.is_leaving():
    pass
print("left", flush=True)
"""


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGKILL])
def test_a_signal_for_make_alone_is_noticed(tmp_path: Path, told: signal.Signals) -> None:
    (tmp_path / "waits.py").write_text(WAITS)
    (tmp_path / "Makefile").write_text(f"all:\n\t@{sys.executable} {tmp_path}/waits.py\n")
    environ = dict(os.environ, PYTHONPATH=str(ROOT))
    argv = ["make", "-C", str(tmp_path), "--no-print-directory"]
    with subprocess.Popen(
        argv, env=environ, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as make:
        assert make.stdout
        assert make.stdout.readline() == "ready\n"
        make.send_signal(told)
        assert make.stdout.readline() == "left\n"
