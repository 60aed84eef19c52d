"""Each test begins with the same house, whatever the one before it did."""

import pytest
from sqlalchemy import text

from app.extensions import db

SPOIL = (
    "DELETE FROM employer",
    "UPDATE ab_user SET first_name = 'Spoilt', email = 'spoilt-' || id || '@example.org'",
    "UPDATE number_range SET next_number = 999",
    "INSERT INTO audit_head (stream, count, hash, seal) VALUES ('spoilt', 1, '', '')",
    "SELECT setval(format('public.%I', sequencename), 4242) FROM pg_sequences WHERE schemaname = 'public'",
)


def everything(house):
    """Each row of each table, and where each sequence stands."""
    with house.app_context(), db.engine.connect() as connection:
        tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        rows = {name: sorted(map(repr, connection.execute(text(f'TABLE "{name}"')))) for name in tables}
        sequences = text("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
        return rows, sorted(map(tuple, connection.execute(sequences)))


@pytest.fixture(scope="module")
def at_first(house, origin):
    return everything(house)


@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_finds_what_the_first_one_found(at_first, app, mailbox, turn):
    assert everything(app) == at_first
    assert len(at_first[0]) > 20
    assert not mailbox.exists()
    assert app.extensions["valkey"].dbsize() == 0
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in SPOIL:
            connection.execute(text(statement))
    assert everything(app) != at_first
    mailbox.mkdir(parents=True)
    app.extensions["valkey"].set("spoilt", turn)
