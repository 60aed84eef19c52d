"""The servers the tests stand on: those of the environment when given, else embedded ones of their own.

On a given server each caller, so each worker of the run, has a database of its own: made for it in PostgreSQL,
and in Redis a number that nobody uses.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from redis import Redis
from sqlalchemy import create_engine, make_url, text

from app.embedded import servers

TAKEN = "guichet-tests-take-database-{}"
"""Kept in the database number that was given: which others a run uses, even while they are empty."""

NONE_LEFT = (
    "No empty database is left on the server of REDIS_URL: empty one (FLUSHDB) and forget what runs that were "
    "killed had taken (DEL guichet-tests-take-database-…), or give the tests a server of their own."
)


class NoEmptyDatabase(Exception):
    """The Redis that was given has no number that the tests may use without harm."""


@contextmanager
def running(folder: Path) -> Iterator[dict[str, str]]:
    """The environment that leads to an empty database and an empty queue, for as long as the block runs."""
    with ExitStack() as stack:
        database = os.environ.get("DATABASE_URL") or stack.enter_context(servers.postgres(folder / "pg"))
        given = os.environ.get("REDIS_URL")
        queue = own_number(given) if given else servers.valkey(folder / "vk")
        yield {
            "DATABASE_URL": stack.enter_context(own_database(database)),
            "REDIS_URL": stack.enter_context(queue),
            "DATA_DIR": str(folder / "data"),
        }


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


@contextmanager
def own_number(server: str) -> Iterator[str]:
    """The URL of an empty database of a Redis server, ours until the block ends, and empty again then.

    Raises `NoEmptyDatabase` rather than touch what somebody else put there.
    """
    with Redis.from_url(server) as register:
        number = _taken(register, server)
        try:
            yield with_number(server, number)
        finally:
            with Redis.from_url(with_number(server, number)) as own:
                own.flushdb()
            register.delete(TAKEN.format(number))


def _taken(register: Redis, server: str) -> int:
    given = register.get_connection_kwargs().get("db", 0)
    for number in range(int(register.config_get("databases")["databases"])):
        if number != given and register.set(TAKEN.format(number), os.getpid(), nx=True):
            with Redis.from_url(with_number(server, number)) as own:
                if own.dbsize() == 0:
                    return number
            register.delete(TAKEN.format(number))
    raise NoEmptyDatabase(NONE_LEFT)


def with_number(server: str, number: int) -> str:
    """The same Redis server, another of its databases."""
    address, _mark, query = server.partition("?")
    return f"{address}?{urlencode(dict(parse_qsl(query)) | {'db': number})}"
