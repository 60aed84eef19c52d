"""The migrations are the only author of tables: equal to the models, and each goes up and down."""

from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, inspect, text

from app import create_app
from app.extensions import db
from app.services import audit_guards, audit_reading
from config import ROOT, load
from tests.servers import own_database

FOLDER = str(ROOT / "migrations")


@pytest.fixture
def empty(environment):
    """The application on a database with nothing in it."""
    with own_database(environment["DATABASE_URL"]) as url:
        app = create_app(load(environment | {"DATABASE_URL": url}))
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()


def test_models_and_migrations_say_the_same(empty):
    upgrade(directory=FOLDER)
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_each_migration_goes_up_down_and_up(empty):
    revisions = [script.revision for script in ScriptDirectory(FOLDER).walk_revisions()][::-1]
    for revision in revisions:
        upgrade(directory=FOLDER, revision=revision)
        downgrade(directory=FOLDER, revision="-1")
        upgrade(directory=FOLDER, revision=revision)
    downgrade(directory=FOLDER, revision="base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]


def test_what_keeps_the_rows_is_in_the_file_of_guards(empty, tmp_path):
    upgrade(directory=FOLDER)
    with psycopg.connect(audit_reading.address()) as connection:
        told = audit_guards.as_file(audit_guards.defined(connection))
    as_it_is = tmp_path / "guards.sql"
    as_it_is.write_text(told)
    assert told == audit_guards.FILE.read_text(), (
        f"If the migration means it: cp {as_it_is} {audit_guards.FILE}"
    )


def test_migrations_are_numbered_in_order():
    names = sorted(path.name for path in Path(FOLDER, "versions").glob("*.py"))
    assert [name.split("_")[0] for name in names] == [f"{number:04d}" for number in range(1, len(names) + 1)]


CHECKS = text(
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE contype = 'c' AND connamespace = 'public'::regnamespace ORDER BY 1, 2"
)


OF_THE_SEARCH = """
CREATE EXTENSION pg_trgm;
CREATE FUNCTION plain_text(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN $1;
CREATE FUNCTION name_keys(text) RETURNS text[] LANGUAGE sql IMMUTABLE RETURN ARRAY[$1];
"""
"""What the indexes over names need, which only migrations make."""


def test_models_and_migrations_have_the_same_checks(empty, environment):
    """Alembic does not compare CHECK constraints: both are built, and read back from the catalogue."""
    upgrade(directory=FOLDER)
    with db.engine.connect() as connection:
        migrated = connection.execute(CHECKS).all()
    with own_database(environment["DATABASE_URL"]) as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text(OF_THE_SEARCH))
        db.metadata.create_all(engine)
        with engine.connect() as connection:
            declared = connection.execute(CHECKS).all()
        engine.dispose()
    assert migrated == declared
    assert len(migrated) > 10
