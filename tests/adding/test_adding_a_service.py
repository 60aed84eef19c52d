"""docs/adding-a-service.md is followed on a copy; there the new service is tested as any of ours."""

import os
import shutil
import subprocess
import sys

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tests.adding.following import blocks, copy_source, follow

SUITE = ("tests/adding/new_service", "tests/services/test_pages.py", "tests/test_architecture.py")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A copy of the source with the service of the document in it."""
    folder = tmp_path_factory.mktemp("copy")
    copy_source(folder)
    follow(folder)
    _compile(folder)
    return folder


def test_the_document_is_a_model_a_form_and_a_declaration():
    assert [name for kind, name, _code in blocks() if kind == "python"] == [
        "app/models.py",
        "app/forms/funeral_grants.py",
        "app/services/funeral_grants.py",
    ]


def test_the_code_of_the_document_is_formatted_and_lints(source):
    written = [name for kind, name, _code in blocks() if kind != "po"]
    for words in (["format", "--check"], ["check"]):
        done = _run(source, [_ruff(), *words, *written])
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_new_service_runs_from_the_first_question_to_the_letter(source):
    done = _run(source, [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SUITE])
    assert done.returncode == 0, done.stdout[-20_000:]
    assert "skipped" not in done.stdout.splitlines()[-1]


def _ruff() -> str:
    beside = os.path.join(os.path.dirname(sys.executable), "ruff")
    return beside if os.path.exists(beside) else str(shutil.which("ruff"))


def _run(folder, words):
    """A command in the copy, with nothing of this run's servers in its environment."""
    ours = ("DATABASE_URL", "REDIS_URL", "DATA_DIR", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER")
    environ = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.run(words, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def _compile(folder):
    """What `make translations` does last."""
    for path in folder.glob("translations/*/LC_MESSAGES/messages.po"):
        with path.open("rb") as file, path.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read_po(file))
