"""With the triggers on, the database itself refuses to change what was recorded."""

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.services import audit_guards, audit_reading

REFUSED = [
    *(
        statement.format(table)
        for table in ("audit_entry", "audit_leaf", "audit_checkpoint")
        for statement in ("DELETE FROM {}", "TRUNCATE {}")
    ),
    "UPDATE audit_entry SET content = replace(content, 'approve', 'reject ')",
    "UPDATE audit_leaf SET count = count + 1",
    "UPDATE audit_checkpoint SET content = '{}'",
    "DELETE FROM audit_head",
    "TRUNCATE audit_head",
    "UPDATE audit_head SET count = count - 1",
    "UPDATE audit_head SET stream = 'case:2'",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_change_is_refused(chain, statement):
    chain.write("case:1", 2)
    chain.checkpoint()
    with db.engine.connect() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        with pytest.raises(IntegrityError, match="only added to"):
            connection.execute(text(statement))
    assert chain.verify().is_sound


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET action = 'x'", "UPDATE audit_entry SET actor_id = 1"]
)
def test_what_is_read_from_the_content_cannot_be_written(chain, statement):
    chain.write("case:1", 1)
    with pytest.raises(Exception, match="GENERATED|generated"):
        chain.tamper(statement)


@pytest.fixture
def redefine(chain):
    """Runs DDL as the tables' owner; every guard is put back afterwards."""
    with psycopg.connect(audit_reading.address()) as connection:
        before = audit_guards.defined(connection)
    yield chain.tamper
    for table in ("audit_entry", "audit_head", "case"):
        chain.tamper(f'ALTER TABLE "{table}" ENABLE TRIGGER ALL')
    for name, body in before.items():
        if name.startswith("function "):
            chain.tamper(body)
    chain.tamper(f"DROP TRIGGER IF EXISTS ours ON audit_entry; {MOVES_ON};")
    chain.tamper(f"CREATE OR REPLACE {before[f'trigger {MOVED}'].removeprefix('CREATE ')}")
    assert chain.verify().is_sound


MOVED = "audit_head_moves_on on audit_head"
MOVES_ON = f"DROP TRIGGER IF EXISTS {MOVED}"
NOTHING = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
GUARDS = {
    "a trigger switched off": (
        "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_is_kept",
        ("guard_off", "trigger audit_entry_is_kept on audit_entry"),
    ),
    "all triggers of a table switched off": (
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        ("guard_off", "trigger audit_entry_is_kept on audit_entry"),
    ),
    "a trigger that is for replicas only": (
        "ALTER TABLE audit_entry ENABLE REPLICA TRIGGER audit_entry_is_kept",
        ("guard_off", "trigger audit_entry_is_kept on audit_entry"),
    ),
    "the trigger of four eyes switched off": (
        'ALTER TABLE "case" DISABLE TRIGGER four_eyes',
        ("guard_off", "trigger four_eyes on case"),
    ),
    "a trigger dropped": (MOVES_ON, ("guard_off", f"trigger {MOVED}")),
    "a trigger of the same name that never fires": (
        f"{MOVES_ON}; CREATE TRIGGER audit_head_moves_on BEFORE UPDATE ON audit_head FOR EACH ROW"
        " WHEN (false) EXECUTE FUNCTION audit_refuse()",
        ("guard_changed", f"trigger {MOVED}"),
    ),
    "a function that refuses nothing": (
        f"CREATE OR REPLACE FUNCTION audit_refuse() {NOTHING}",
        ("guard_changed", "function audit_refuse()"),
    ),
    "a function of four eyes that refuses nothing": (
        f"CREATE OR REPLACE FUNCTION refuse_case_decided() {NOTHING}",
        ("guard_changed", "function refuse_case_decided()"),
    ),
    "a function that only warns": (
        "CREATE OR REPLACE FUNCTION receipt_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING"
        " 'Receipt % stays as it was issued.', OLD.code USING ERRCODE = 'integrity_constraint_violation'; END $$",
        ("guard_changed", "function receipt_refuse()"),
    ),
    "a function that looks for its names elsewhere": (
        "ALTER FUNCTION refuse_case_decided() SET search_path = elsewhere, public",
        ("guard_changed", "function refuse_case_decided()"),
    ),
    "a trigger that is none of ours": (
        "CREATE TRIGGER ours BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
        ("guard_unknown", "trigger ours on audit_entry"),
    ),
}


@pytest.mark.parametrize("name", GUARDS)
def test_a_guard_that_is_not_as_the_migrations_wrote_it_is_named(chain, redefine, name):
    statement, found = GUARDS[name]
    redefine(statement)
    assert chain.found() == {found}


def test_triggers_switched_off_for_the_whole_database_are_named(chain):
    name = db.engine.url.database
    chain.tamper(f'ALTER DATABASE "{name}" SET session_replication_role = replica')
    try:
        assert chain.found() == {("guard_off", "session_replication_role")}
    finally:
        chain.tamper(f'ALTER DATABASE "{name}" RESET session_replication_role')
    assert chain.verify().is_sound


def test_a_column_read_from_elsewhere_is_named(chain):
    chain.write("case:1", 1)
    said = audit_guards.written()["column audit_entry.action"]
    read_from = (
        "ALTER TABLE audit_entry DROP COLUMN action, "
        "ADD COLUMN action varchar(64) NOT NULL GENERATED ALWAYS AS ({}) STORED"
    )
    chain.tamper(read_from.format("'note'"))
    try:
        assert chain.found() == {("guard_changed", "column audit_entry.action")}
        chain.tamper("ALTER TABLE audit_entry ALTER COLUMN action DROP EXPRESSION")
        assert chain.found() == {("guard_off", "column audit_entry.action")}
    finally:
        chain.tamper(read_from.format(said))
    assert chain.verify().is_sound
