"""What this machine offers Guichet, and what it lacks: for `flask guichet doctor`."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from app.embedded import checks
from app.embedded.cluster import planned_cluster
from app.embedded.places import Account, CannotStart, can_reach
from app.embedded.supervision import Control
from app.embedded.valkey import planned_valkey
from config import Settings, load

GOOD, NOTE, BAD = "ok", "note", "error"
OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
LITTLE_SPACE = 2 * 1024**3
Finding = tuple[str, str]


def findings(given: Settings | None = None) -> list[Finding]:
    """Everything worth knowing about this machine, each with its level: ok, note or error."""
    settings = given or load()
    found: list[Finding] = []
    for look in (_python, _data_folder, _database, _queue, _storage, _mail, _port):
        try:
            found += look(settings)
        except CannotStart as reason:
            found.append((BAD, str(reason)))
        except OSError as error:
            found.append((BAD, f"{checks.reason_of(error)}: correct the setting or the folder it names."))
    return found


def _python(settings: Settings) -> Iterator[Finding]:
    tried = OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON
    version = ".".join(map(str, sys.version_info[:3]))
    yield (
        (GOOD, f"Python {version}.") if tried else (BAD, f"Python {version} was not tried: use 3.11 to 3.13.")
    )


def _data_folder(settings: Settings) -> Iterator[Finding]:
    free = checks.check_data_folder(settings.DATA_DIR)
    yield GOOD, f"Data are kept in {settings.DATA_DIR}."
    level = GOOD if free >= LITTLE_SPACE else NOTE
    yield level, f"{free / 1024**3:.1f} GB are free on the disk of {settings.DATA_DIR}."


def _database(settings: Settings) -> Iterator[Finding]:
    if not settings.embedded_database:
        checks.check_given_database(settings.DATABASE_URL)
        yield GOOD, "The database of DATABASE_URL answers."
        return
    folder = settings.DATA_DIR / "postgres"
    cluster = planned_cluster(folder, settings.RUN_DIR / "pg")
    yield GOOD, f"PostgreSQL runs from {cluster.programs}."
    if cluster.account:
        yield from _as_another_user(folder, cluster.account)
    elif os.geteuid() != 0 and folder.exists():
        yield GOOD, f"The database is in {folder}."


def _as_another_user(folder: Path, account: Account) -> Iterator[Finding]:
    yield NOTE, f"You are root: PostgreSQL runs as the user “{account.name}”."
    if folder.is_symlink():
        yield NOTE, f"The database is in {folder.resolve()}: {folder.parent} is closed to “{account.name}”."
    elif folder.exists():
        yield GOOD, f"The database is in {folder}."
    elif not can_reach(account, folder.parent):
        yield NOTE, f"{folder.parent} is closed to “{account.name}”: the database will be put under /var/lib."


def _queue(settings: Settings) -> Iterator[Finding]:
    if settings.embedded_queue:
        planned_valkey(settings.DATA_DIR / "valkey", settings.RUN_DIR / "valkey.sock")
        yield GOOD, f"Valkey keeps its file in {settings.DATA_DIR / 'valkey'}."
    else:
        checks.check_given_queue(settings.REDIS_URL)
        yield GOOD, "The Redis or Valkey of REDIS_URL answers."


def _storage(settings: Settings) -> Iterator[Finding]:
    checks.check_storage(settings.STORAGE_URL)
    yield GOOD, "Documents can be written to the place of STORAGE_URL."


def _mail(settings: Settings) -> Iterator[Finding]:
    checks.check_mail(settings.SMTP_URL)
    yield GOOD, "Messages can be handed over to the place of SMTP_URL."


def _port(settings: Settings) -> Iterator[Finding]:
    states = Control(settings.RUN_DIR).states()
    if states:
        for state in states:
            yield (GOOD if state.status == "RUNNING" else BAD), f"{state.name}: {state.status.lower()}."
        return
    checks.check_port(settings.HOST, settings.PORT)
    yield GOOD, f"Port {settings.PORT} of {settings.HOST} is free."
