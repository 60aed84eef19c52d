"""`make setup`: finds a Python or says what to do, and does nothing twice."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config import ROOT

NEEDED = ("sh", "dirname", "cat", "cmp", "flock", "mv")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A project's folder with the script and an empty lock, and a `bin` with nothing but what it needs."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "setup", tmp_path / "scripts")
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    (tmp_path / "bin").mkdir()
    for name in NEEDED:
        if found := shutil.which(name):
            (tmp_path / "bin" / name).symlink_to(found)
    return tmp_path


def run_setup(clone: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """Run the script with no Python on the path but what is given."""
    environ = {"PATH": str(clone / "bin"), "HOME": str(clone), **given}
    argv = [str(clone / "scripts" / "setup"), "requirements.txt"]
    return subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=60, check=False)


def test_without_a_python_it_says_which_one_to_install(clone: Path) -> None:
    done = run_setup(clone)
    assert done.returncode == 1
    assert "needs Python 3.11, 3.12 or 3.13" in done.stderr
    assert not (clone / ".venv").exists()


def test_an_unsuitable_python_is_refused(clone: Path) -> None:
    old = clone / "bin" / "python3.9"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = run_setup(clone, PYTHON=str(old))
    assert done.returncode == 1
    assert "is not Python 3.11, 3.12 or 3.13" in done.stderr


def test_it_works_again_only_when_the_lock_changes_which_is_done_once_installed(clone: Path) -> None:
    first = run_setup(clone, PYTHON=sys.executable)
    assert first.returncode == 0, first.stderr
    leftover = clone / ".venv" / "leftover"
    leftover.touch()

    second = run_setup(clone)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert leftover.exists()

    (clone / "requirements.txt").write_text("guichet==0 --hash=sha256:" + "0" * 64 + "\n")
    done = run_setup(clone, PYTHON=sys.executable, PIP_NO_INDEX="1", PIP_CONFIG_FILE=os.devnull)
    assert done.returncode == 1
    assert "requirements.txt could not be installed" in done.stderr
    assert not leftover.exists()
    assert not (clone / ".venv" / "requirements.txt").exists()


@pytest.fixture
def built(clone: Path) -> Path:
    """The same, its `.venv` built: this Python's environment stands for it."""
    python = clone / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    lock = (clone / "requirements.txt").read_text()
    (clone / ".venv" / "requirements.txt").write_text(f"{clone}\n{lock}")
    return clone


def test_the_catalogues_are_compiled_and_again_after_a_change(built: Path) -> None:
    catalogue = built / "translations" / "fr" / "LC_MESSAGES" / "messages.po"
    catalogue.parent.mkdir(parents=True)
    for translation in ("dossier", "démarche"):
        catalogue.write_text(f'msgid ""\nmsgstr ""\n\nmsgid "case"\nmsgstr "{translation}"\n')
        done = run_setup(built)
        assert done.returncode == 0, done.stderr
        assert translation.encode() in catalogue.with_suffix(".mo").read_bytes()
        os.utime(catalogue.with_suffix(".mo"), (0, 0))
