"""With the triggers on, the database itself refuses to change what was recorded."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.extensions import db

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


@pytest.mark.parametrize(
    ("off", "on"),
    [
        ("DISABLE TRIGGER audit_entry_is_kept", "ENABLE TRIGGER audit_entry_is_kept"),
        ("DISABLE TRIGGER ALL", "ENABLE TRIGGER ALL"),
    ],
)
def test_a_trigger_switched_off_is_named(chain, off, on):
    chain.tamper(f"ALTER TABLE audit_entry {off}")
    assert chain.found() == {("guard_off", "audit_entry")}
    chain.tamper(f"ALTER TABLE audit_entry {on}")
    assert chain.verify().is_sound
