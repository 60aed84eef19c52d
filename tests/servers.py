"""The servers the tests stand on: those of the environment when given, else embedded ones of their own."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL, create_engine, make_url, text

from app.embedded import cluster, servers

MEMORY, ROOM = Path("/dev/shm"), 1024**3  # noqa: S108 (a folder of our own is made there)


@contextmanager
def running(folder: Path) -> Iterator[dict[str, str]]:
    """The environment that leads to an empty database and an empty queue, for as long as the block runs."""
    with ExitStack() as stack:
        database = os.environ.get("DATABASE_URL") or stack.enter_context(_quick_postgres(folder / "pg"))
        queue = os.environ.get("REDIS_URL") or stack.enter_context(servers.valkey(folder / "vk"))
        own = stack.enter_context(own_database(database))
        yield {"DATABASE_URL": own, "REDIS_URL": queue, "DATA_DIR": str(folder / "data")}


@contextmanager
def _quick_postgres(folder: Path) -> Iterator[str]:
    """A server whose files are in memory, where there is room: a database is copied there in a tenth of the time."""
    if not (os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM):
        with servers.postgres(folder) as url:
            yield url
        return
    with TemporaryDirectory(prefix="guichet-test-", dir=MEMORY) as made:
        Path(made).chmod(0o711)  # PostgreSQL's user, where we are root, walks through
        with servers.postgres(Path(made)) as url:
            yield url


def server_of(database: str) -> URL:
    """From where the run's own database, at this URL, can be dropped and made."""
    given = os.environ.get("DATABASE_URL")
    return _with_psycopg(given) if given else make_url(database).set(database=cluster.NAME)


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """A database of this run's own on a server, dropped afterwards."""
    name = f"guichet_test_{secrets.token_hex(4)}"
    url = _with_psycopg(server)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


def _with_psycopg(url: str) -> URL:
    return make_url(url.replace("postgresql://", "postgresql+psycopg://", 1))
