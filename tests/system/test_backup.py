"""A backup of a Guichet at work, put back elsewhere: every file and every entry of the audit chain is there."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from psycopg import sql
from sqlalchemy import make_url

from app.extensions import db
from app.models import Document
from app.services import backups, stored_files
from config import ROOT
from tests.journey import file_request

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def filed(app: Flask, visitor) -> Flask:
    """A Guichet with a request and its documents."""
    file_request(visitor("joseph"))
    return app


@pytest.fixture
def elsewhere(app: Flask, environment: dict[str, str], tmp_path: Path) -> Iterator[Run]:
    """Run a command against an empty database and an empty store, with the same keys."""
    settings = app.config["SETTINGS"]
    url = make_url(settings.DATABASE_URL)
    server = url.set(drivername="postgresql")
    address = server.render_as_string(hide_password=False)
    name = sql.Identifier("restored_from_backup")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        given = (
            os.environ
            | environment
            | {
                "DATABASE_URL": server.set(database="restored_from_backup").render_as_string(
                    hide_password=False
                ),
                "STORAGE_URL": f"file://{tmp_path / 'store'}",
                "SECRET_KEY": settings.SECRET_KEY,
                "AUDIT_KEY": settings.AUDIT_KEY,
                "ENCRYPTION_KEYS": settings.ENCRYPTION_KEYS,
            }
        )

        def run(*words: str) -> subprocess.CompletedProcess[str]:
            argv = [sys.executable, "-m", "flask", "--app", "run", "guichet", *words]
            return subprocess.run(argv, cwd=ROOT, env=given, capture_output=True, text=True, check=False)

        yield run
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def test_everything_is_back_and_the_chain_is_whole(filed: Flask, elsewhere: Run, tmp_path: Path) -> None:
    with filed.app_context():
        kept = db.session.query(Document).count()
        assert kept >= 2
        made = backups.make(tmp_path / "backup")
    assert made.files >= kept
    told = elsewhere("restore", str(tmp_path / "backup"))
    assert told.returncode == 0, told.stdout + told.stderr
    assert f"{made.files} files." in told.stdout
    assert "Files that rows name and the store lacks: 0." in told.stdout
    verified = elsewhere("audit", "verify")
    assert verified.returncode == 0, verified.stdout
    assert "Nothing differs from what was written." in verified.stdout
    again = elsewhere("restore", str(tmp_path / "backup"))
    assert again.returncode == 1
    assert "is not empty" in again.stderr


def test_a_lost_file_is_named_after_a_restore(filed: Flask, elsewhere: Run, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    with filed.app_context():
        backups.make(folder)
        gone = next(path for path in (folder / "files" / "sealed").rglob("*") if path.is_file())
    manifest = folder / "manifest.json"
    gone.unlink()
    refused = elsewhere("restore", str(folder))
    assert refused.returncode == 1
    assert "files: choose another backup" in refused.stderr
    held = sum(1 for path in (folder / "files").rglob("*") if path.is_file())
    manifest.write_text(manifest.read_text().replace(f'"files": {held + 1}', f'"files": {held}'))
    told = elsewhere("restore", str(folder))
    assert told.returncode == 1
    assert "Files that rows name and the store lacks: 1." in told.stdout


@pytest.mark.parametrize("spoil", ["no manifest", "another dump", "an older manifest"])
def test_what_is_no_whole_backup_is_refused_and_nothing_is_written(
    filed: Flask, elsewhere: Run, tmp_path: Path, spoil: str
) -> None:
    folder = tmp_path / "backup"
    with filed.app_context():
        backups.make(folder)
    if spoil == "no manifest":
        (folder / "manifest.json").unlink()
    elif spoil == "another dump":
        with (folder / "database.dump").open("ab") as dump:
            dump.write(b"more")
    else:
        (folder / "manifest.json").write_text('{"made": "yesterday"}')
    refused = elsewhere("restore", str(folder))
    assert refused.returncode == 1
    assert "choose another" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "store").exists()


def test_a_backup_is_never_written_over_another(filed: Flask, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    with filed.app_context(), pytest.raises(backups.CannotCopy, match="exists already"):
        backups.make(tmp_path / "backup")
    assert list((tmp_path / "backup").iterdir()) == []


def test_nothing_is_missing_while_all_is_well(filed: Flask) -> None:
    with filed.app_context():
        assert stored_files.missing() == set()
