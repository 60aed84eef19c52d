"""Everything that can be known to go wrong, asked before anything starts.

Each check ends in silence, or in one `CannotStart` sentence that says what to do.
"""

import contextlib
import errno
import fcntl
import importlib.util
import os
import re
import shutil
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import psycopg
from fsspec.core import url_to_fs
from redis import Redis, RedisError

from app.adapters.smtp import connected
from app.delays import GIVEN_SERVER_SECONDS
from app.embedded.places import CannotStart
from config import ROOT, Settings

LEAST_SPACE = 200 * 1024 * 1024
OLDEST_DATABASE = 15
REVISION = re.compile(r'^revision = "(\w+)"', re.MULTILINE)


def check_port(host: str, port: int) -> None:
    """The address can be listened on."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except (OSError, UnicodeError) as error:
        raise CannotStart(_port_sentence(host, port, error)) from error


def check_names(*folders: Path) -> None:
    """The supervisor's configuration cannot hold a name with a comment sign after a space, or two lines."""
    for folder in folders:
        if any(sign in str(folder) for sign in (" ;", " #", "\n")):
            raise CannotStart(f"The folder “{folder}” has “;” or “#” after a space in its name: rename it.")


def check_data_folder(folder: Path) -> int:
    """The data folder can be written and has room: how many bytes."""
    free = _room_in(folder, "DATA_DIR")
    if free < LEAST_SPACE:
        raise CannotStart(
            f"The disk of {folder} has {free // 2**20} MB left: free some space, at least 200 MB."
        )
    return free


def _room_in(folder: Path, setting: str) -> int:
    """The free bytes of a folder that can be written; where there is none yet, there is none afterwards."""
    made: list[Path] = []
    try:
        made = [part for part in (folder, *folder.parents) if not part.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
        return shutil.disk_usage(folder).free
    except OSError as error:
        raise CannotStart(
            f"{setting} {folder} cannot be written ({error.strerror}): choose another folder with {setting}=…"
        ) from error
    finally:
        for part in made:
            with contextlib.suppress(OSError):
                part.rmdir()


def check_packages() -> None:
    """What `make setup` installs is there."""
    for name in ("supervisor", "gunicorn", "gevent", "flask"):
        if importlib.util.find_spec(name) is None:
            raise CannotStart(f"The package {name} is not installed: run `make setup`.")


def check_given_servers(settings: Settings) -> None:
    """The database and the queue that were given answer."""
    if not settings.embedded_database:
        check_given_database(settings.DATABASE_URL)
    if not settings.embedded_queue:
        check_given_queue(settings.REDIS_URL)


def check_given_database(url: str) -> None:
    """The database at the URL answers and is recent enough."""
    try:
        with psycopg.connect(
            url.replace("+psycopg", "", 1), connect_timeout=GIVEN_SERVER_SECONDS
        ) as connection:
            version = connection.info.server_version // 10_000
        if version >= OLDEST_DATABASE:
            check_revisions(url, "DATABASE_URL")
    except psycopg.Error as error:
        raise CannotStart(
            f"The database of DATABASE_URL cannot be used ({reason_of(error)}): "
            "start it or correct DATABASE_URL."
        ) from error
    if version < OLDEST_DATABASE:
        raise CannotStart(
            f"DATABASE_URL is PostgreSQL {version}: give one of version {OLDEST_DATABASE} or later."
        )


def check_revisions(url: str, setting: str) -> None:
    """No later Guichet migrated the database at the URL; `setting` is what leads to another one."""
    with psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=GIVEN_SERVER_SECONDS) as connection:
        (table,) = connection.execute("SELECT to_regclass('alembic_version')").fetchone() or (None,)
        found = connection.execute("SELECT version_num FROM alembic_version").fetchall() if table else []
    written = "\n".join(path.read_text() for path in (ROOT / "migrations" / "versions").glob("*.py"))
    known = set(REVISION.findall(written))
    if unknown := [revision for (revision,) in found if revision not in known]:
        raise CannotStart(
            f"The database was made by a later Guichet (revision {', '.join(unknown)}): "
            f"start that version again, or choose another database with {setting}=…"
        )


def check_given_queue(url: str) -> None:
    """The Redis or Valkey at the URL answers."""
    try:
        with Redis.from_url(
            url, socket_connect_timeout=GIVEN_SERVER_SECONDS, socket_timeout=GIVEN_SERVER_SECONDS
        ) as queue:
            queue.ping()
    except (RedisError, ValueError, OSError) as error:
        raise CannotStart(
            f"The Redis or Valkey of REDIS_URL cannot be used ({reason_of(error)}): "
            "start it or correct REDIS_URL."
        ) from error


def check_storage(url: str) -> None:
    """Documents can be written at STORAGE_URL."""
    if url.startswith("file://"):
        _room_in(Path(url.removeprefix("file://")), "STORAGE_URL")
        return
    try:
        files, root = url_to_fs(url)
        files.pipe_file(f"{root}/.probe-{os.getpid()}", b"")
        files.rm(f"{root}/.probe-{os.getpid()}")
    except Exception as error:  # each store has errors of its own
        raise CannotStart(
            f"STORAGE_URL cannot be written ({reason_of(error)}): correct it, or the rights it gives."
        ) from error


def check_mail(url: str) -> None:
    """The mail server of SMTP_URL takes us in; a Maildir can be written."""
    if url.startswith("maildir://"):
        _room_in(Path(url.removeprefix("maildir://")).parent, "SMTP_URL")
        return
    try:
        with connected(url, GIVEN_SERVER_SECONDS) as server:
            server.noop()
    except (OSError, ValueError) as error:
        raise CannotStart(
            f"The mail server of SMTP_URL cannot be used ({reason_of(error)}): start it or correct SMTP_URL."
        ) from error


def warnings(settings: Settings) -> Iterator[str]:
    """What stops nobody from working: letters wait in the outbox until their mail server is back."""
    try:
        check_mail(settings.SMTP_URL)
    except CannotStart as reason:
        yield f"{reason} Until then messages wait."


def make_run_folder(folder: Path, shared: bool) -> None:
    """Make the folder of the sockets, ours alone; `shared` lets PostgreSQL's user walk through it."""
    mode = 0o711 if shared else 0o700
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=mode)
    seen = folder.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.geteuid():
        raise CannotStart(f"{folder}, where Guichet keeps its sockets, belongs to someone else: remove it.")
    folder.chmod(mode)


@contextlib.contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Hold the data folder for as long as the block runs; refuse when another Guichet holds it."""
    with _lock_of(data) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise CannotStart(
                f"Guichet already runs on {data} (process {file.read().strip() or 'unknown'}): "
                "stop it, or choose another folder with DATA_DIR=… and another PORT."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _lock_of(data: Path) -> TextIO:
    """The open file that one Guichet at a time holds locked; the number of its process is in it."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        return (data / "lock").open("a+", errors="replace")
    except OSError as error:
        raise CannotStart(
            f"{data / 'lock'} cannot be opened ({error.strerror or error}): "
            "move it away, or choose another folder with DATA_DIR=…"
        ) from error


def check_all(settings: Settings) -> None:
    """The checks that need no server of ours, cheapest first."""
    check_packages()
    check_names(ROOT, settings.DATA_DIR)
    check_port(settings.HOST, settings.PORT)
    check_data_folder(settings.DATA_DIR)
    check_storage(settings.STORAGE_URL)
    check_given_servers(settings)


def reason_of(error: Exception) -> str:
    """One line, whatever the library wrote."""
    return " ".join(str(error).split()) or type(error).__name__


def _port_sentence(host: str, port: int, error: OSError | UnicodeError) -> str:
    if isinstance(error, UnicodeError):  # a name the network cannot write, such as one too long
        return f"HOST {host} is not an address of this machine: choose another with HOST=…"
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use: stop what uses it, or choose another with PORT=…"
    if error.errno == errno.EACCES:
        return f"Port {port} is kept for root: choose one above 1023 with PORT=…"
    return f"HOST {host} is not an address of this machine ({error.strerror}): choose another with HOST=…"
