"""A copy of everything that must not be lost: the database, and every file it names.

Files are copied before the database and again after it, since a file is stored before the row that names it:
the copy never names a file it does not hold. Its keys (ENCRYPTION_KEYS, AUDIT_KEY, SECRET_KEY) are not in it:
without them it tells nobody anything, and cannot be used. docs/operations.md says how to keep them.
"""

import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

from flask import current_app
from sqlalchemy import inspect, make_url, text

from app import clock
from app.adapters import storage
from app.embedded.cluster import planned_cluster
from app.embedded.programs import major_version
from app.extensions import db
from config import Settings

DUMP, FILES, MANIFEST = "database.dump", "files", "manifest.json"
BLOCK = 1024 * 1024


class CannotCopy(RuntimeError):
    """Why no backup was made or put back, and what to do; nothing was changed."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: written last, so that a folder without it is none."""

    made_at: str
    revision: str
    files: int
    dump_sha256: str


def make(folder: Path) -> Manifest:
    """Write a backup to a folder that does not exist yet; `CannotCopy` when it does, or `pg_dump` fails."""
    if folder.exists():
        raise CannotCopy(f"{folder} exists already: name a new folder.")
    draft = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(draft, ignore_errors=True)
    (draft / FILES).mkdir(parents=True, mode=0o700)
    _copy_files(draft / FILES)
    _run("pg_dump", "--format=custom", "--no-owner", f"--file={draft / DUMP}")
    _copy_files(draft / FILES)
    manifest = Manifest(
        made_at=clock.now().isoformat(timespec="seconds"),
        revision=_revision(),
        files=sum(1 for path in (draft / FILES).rglob("*") if path.is_file()),
        dump_sha256=_sha256(draft / DUMP),
    )
    (draft / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1) + "\n")
    draft.rename(folder)
    return manifest


def restore(folder: Path) -> Manifest:
    """Put a backup into the empty database and store of the settings; `CannotCopy` when they are not empty.

    The database comes back whole or not at all.
    """
    manifest = _read(folder)
    if inspect(db.engine).get_table_names():
        raise CannotCopy("The database of DATABASE_URL is not empty: a backup goes into an empty one.")
    if storage.names():
        raise CannotCopy("The store of STORAGE_URL is not empty: a backup goes into an empty one.")
    for path in sorted((folder / FILES).rglob("*")):
        if path.is_file():
            storage.copy_in(path, path.relative_to(folder / FILES).as_posix())
    _run("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", str(folder / DUMP))
    return manifest


def _read(folder: Path) -> Manifest:
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text()))
        sha256 = _sha256(folder / DUMP)
    except (OSError, ValueError, TypeError) as error:
        raise CannotCopy(f"{folder} is no whole backup ({error}): choose another.") from error
    if sha256 != manifest.dump_sha256:
        raise CannotCopy(f"{folder / DUMP} was changed since it was made: choose another backup.")
    held = sum(1 for path in (folder / FILES).rglob("*") if path.is_file())
    if held < manifest.files:
        raise CannotCopy(f"{folder / FILES} holds {held} of {manifest.files} files: choose another backup.")
    return manifest


def _copy_files(folder: Path) -> None:
    """Copy each file of the store that the folder lacks."""
    for name in storage.names():
        path = folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            storage.copy_out(name, path)


def _revision() -> str:
    return str(db.session.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _run(program: str, *words: str) -> None:
    """Run one of PostgreSQL's programs on the database; its password goes through the environment alone."""
    settings: Settings = current_app.config["SETTINGS"]
    url = make_url(settings.DATABASE_URL).set(drivername="postgresql")
    address = url.set(password=None).render_as_string()
    environment = {"PATH": os.defpath, "LC_ALL": "C", "PGPASSWORD": str(url.password or "")}
    argv = [str(_program(program, settings)), *words, f"--dbname={address}"]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotCopy(f"{program} failed: {done.stderr.strip()}")


def _program(name: str, settings: Settings) -> Path:
    """The program on the path when it is of the server's version, else the embedded server's own.

    A later `pg_restore` says things to an older server that it does not understand.
    """
    found = shutil.which(name)
    if found and major_version(Path(found)) == _server_version():
        return Path(found)
    return planned_cluster(settings.DATA_DIR / "postgres", settings.RUN_DIR / "pg").programs / name


def _server_version() -> str:
    return str(int(db.session.execute(text("SHOW server_version_num")).scalar_one()) // 10_000)
