"""What the tests' house held before the first test, kept aside so that each test begins with it.

The database is dropped and copied from a template; the folders are copied from a copy.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, make_url, text

from tests.servers import server_of

_WRITTEN = text(
    "SELECT pg_snapshot_xmax(pg_current_snapshot())::text, count(backend_xid) FROM pg_stat_activity "
    "WHERE datname = :name"
)
"""A transaction takes a number as soon as it writes, and only then: the next number, and those still open."""


class Origin:
    """A database and folders that can be put back as they were."""

    def __init__(self, server: Connection, name: str, folders: dict[Path, Path]) -> None:
        self._server, self._name, self._folders = server, name, folders
        self._as_left = self._written()

    @classmethod
    @contextmanager
    def kept(cls, database: str, folders: tuple[Path, ...]) -> Iterator["Origin"]:
        """Remember the database at this URL, which nobody may be connected to, and these folders."""
        name = make_url(database).database or ""
        with ExitStack() as stack:
            engine = create_engine(server_of(database), isolation_level="AUTOCOMMIT")
            stack.callback(engine.dispose)
            server = stack.enter_context(engine.connect())
            _copy_database(server, name, f"{name}_template")
            stack.callback(_drop_database, server, f"{name}_template")
            yield cls(server, name, {folder: _copy_folder(folder) for folder in folders})

    def restore(self) -> None:
        """Put everything back that was written since, by whatever process; nothing where nothing was."""
        if self._written() != self._as_left:
            _drop_database(self._server, self._name)
            _copy_database(self._server, f"{self._name}_template", self._name)
            self._as_left = self._written()
        for folder, copy in self._folders.items():
            shutil.rmtree(folder, ignore_errors=True)
            if copy.exists():
                shutil.copytree(copy, folder)

    def _written(self) -> tuple[str, int]:
        number, unfinished = self._server.execute(_WRITTEN, {"name": self._name}).one()
        return number, unfinished


def _copy_database(server: Connection, source: str, name: str) -> None:
    server.execute(text(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY file_copy"))


def _drop_database(server: Connection, name: str) -> None:
    server.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def _copy_folder(folder: Path) -> Path:
    copy = folder.with_name(f"{folder.name}.origin")
    if folder.exists():
        shutil.copytree(folder, copy)
    return copy
