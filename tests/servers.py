"""The servers the tests stand on: those of the environment when given, else embedded ones of their own."""

import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from app.embedded import servers


@contextmanager
def running(folder: Path) -> Iterator[dict[str, str]]:
    """The environment that leads to an empty database and an empty queue, for as long as the block runs."""
    with ExitStack() as stack:
        database = os.environ.get("DATABASE_URL") or stack.enter_context(servers.postgres(folder / "pg"))
        queue = os.environ.get("REDIS_URL") or stack.enter_context(servers.valkey(folder / "vk"))
        own = stack.enter_context(own_database(database))
        yield {"DATABASE_URL": own, "REDIS_URL": queue, "DATA_DIR": str(folder / "data")}


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """A database of this run's own on a server, dropped afterwards."""
    name = f"guichet_test_{secrets.token_hex(4)}"
    url = make_url(server.replace("postgresql://", "postgresql+psycopg://", 1))
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()
