"""The benches of the audit chain still run: a few writings each, on servers of their own."""

import subprocess
import sys

import pytest

from config import ROOT

SECONDS = 240


@pytest.mark.long(sample=1)
@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["append", "--transactions", "2", "--writers", "2", "--runs", "1"], "audit, one stream for all"),
        (["verify", "--entries", "40", "--runs", "1", "--processes", "1"], "verify, 1 process"),
    ],
    ids=["append", "verify"],
)
def test_a_bench_of_the_audit_chain_runs(argv, says):
    argv = [sys.executable, "-m", "bench.audit", *argv]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert says in done.stdout
