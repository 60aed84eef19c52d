"""docs/adding-a-service.md is followed on a copy; there the new service is tested as any of ours."""

import os
import shutil
import subprocess
import sys

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from config import ROOT
from tests.adding.following import blocks, copy_source, follow
from tests.servers import own_database

SUITES = {
    "the rules every service keeps": ("tests/services/test_pages.py", "tests/test_migrations.py"),
    "in a browser": ("tests/browser/new_service",),
    "over HTTP": ("tests/adding/new_service",),
}
LAST = max(path.name[:4] for path in (ROOT / "migrations" / "versions").glob("*.py"))
MIGRATE = f"""
from flask_migrate import migrate, upgrade
from run import app
with app.app_context():
    upgrade()
    migrate(message="funeral grants", rev_id="{int(LAST) + 1:04}")
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory, environment):
    """A copy of the source with the service of the document in it, and the migration written for it."""
    folder = tmp_path_factory.mktemp("copy")
    copy_source(folder)
    follow(folder)
    _compile(folder)
    with own_database(environment["DATABASE_URL"]) as url:
        done = _run(folder, [sys.executable, "-c", MIGRATE], environment | {"DATABASE_URL": url})
        assert done.returncode == 0, done.stderr
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
        done = _run(source, [_ruff(), *words, *written], {})
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("suite", SUITES)
def test_the_new_service_runs_from_the_first_question_to_the_letter(source, request, suite):
    if suite == "in a browser":
        request.getfixturevalue("browser")
    done = _run(source, [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *SUITES[suite]], {})
    assert done.returncode == 0, done.stdout[-20_000:]
    assert "passed" in done.stdout
    assert "skipped" not in done.stdout


def _ruff() -> str:
    beside = os.path.join(os.path.dirname(sys.executable), "ruff")
    return beside if os.path.exists(beside) else str(shutil.which("ruff"))


def _run(folder, words, settings):
    """A command in the copy, with nothing of this run's servers in its environment but what is given."""
    ours = ("DATABASE_URL", "REDIS_URL", "DATA_DIR", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER")
    environ = {name: value for name, value in os.environ.items() if name not in ours} | settings
    return subprocess.run(words, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def _compile(folder):
    """What `make translations` does last."""
    for path in folder.glob("translations/*/LC_MESSAGES/messages.po"):
        with path.open("rb") as file, path.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read_po(file))
