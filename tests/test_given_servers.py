"""The suite on servers of the environment: nobody's data are touched, and no two users share a database."""

import pytest
from redis import Redis
from sqlalchemy import create_engine, text

from app.embedded import servers
from tests.servers import NoEmptyDatabase, running, with_number


@pytest.fixture
def given(environment, tmp_path, monkeypatch):
    """A PostgreSQL and a Redis of somebody's, as the environment gives them; the URL of the Redis."""
    with servers.valkey(tmp_path) as queue:
        monkeypatch.setenv("REDIS_URL", queue)
        monkeypatch.setenv("DATABASE_URL", environment["DATABASE_URL"])
        yield queue


def test_two_users_of_given_servers_share_no_database(given, tmp_path):
    with running(tmp_path / "a") as one, running(tmp_path / "b") as other:
        for name in ("DATABASE_URL", "REDIS_URL"):
            assert len({one[name], other[name], given}) == 3
        with Redis.from_url(one["REDIS_URL"]) as mine, Redis.from_url(other["REDIS_URL"]) as theirs:
            theirs.set("job", 1)
            mine.flushdb()
            assert theirs.get("job") == b"1"


def test_given_servers_are_left_as_they_were(given, environment, tmp_path):
    with Redis.from_url(given) as somebody, Redis.from_url(with_number(given, 1)) as else_:
        somebody.set("theirs", "kept")
        else_.set("theirs", "kept")
        before = databases(environment)
        with running(tmp_path) as settings, Redis.from_url(settings["REDIS_URL"]) as ours:
            assert ours.dbsize() == 0
            ours.set("job", 1)
            assert databases(environment) - before
        assert databases(environment) == before
        assert somebody.info("keyspace").keys() == {"db0", "db1"}
        assert somebody.keys() == else_.keys() == [b"theirs"]


def test_a_server_without_an_empty_database_is_refused_and_left_alone(given, tmp_path):
    with Redis.from_url(given) as register:
        numbers = range(int(register.config_get("databases")["databases"]))
    for number in numbers:
        with Redis.from_url(with_number(given, number)) as queue:
            queue.set("theirs", "kept")
    with pytest.raises(NoEmptyDatabase, match="REDIS_URL"), running(tmp_path):
        pass
    for number in numbers:
        with Redis.from_url(with_number(given, number)) as queue:
            assert queue.keys() == [b"theirs"]


@pytest.mark.parametrize(
    "server",
    [
        "unix:///run/redis.sock",
        "unix:///run/redis.sock?db=1&password=secret",
        "redis://queue:6379/0",
        "rediss://clerk:secret@queue?db=1",
    ],
)
def test_another_number_of_the_same_server(server):
    with Redis.from_url(server) as before, Redis.from_url(with_number(server, 3)) as after:
        leads_to, led_to = after.get_connection_kwargs(), before.get_connection_kwargs()
        assert leads_to["db"] == 3
        for name in ("host", "port", "path", "username", "password"):
            assert leads_to.get(name) == led_to.get(name)


def databases(environment):
    """The names of a PostgreSQL server's databases."""
    engine = create_engine(environment["DATABASE_URL"])
    with engine.connect() as connection:
        names = set(connection.scalars(text("SELECT datname FROM pg_database")))
    engine.dispose()
    return names
