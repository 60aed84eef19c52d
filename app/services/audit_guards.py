"""What keeps the rows: each trigger, function and computed column is as the migrations wrote it.

`migrations/guards.sql` says how that is, in PostgreSQL's own words, and is no part of the database. A test
compares it with a database just migrated: a migration that means to change a guard changes the file with it.
"""

import re
from typing import Any

import psycopg

from app.audit.verification import Tally
from config import ROOT

FILE = ROOT / "migrations" / "guards.sql"
_NAME = re.compile(r"^-- ((?:column|function|trigger) .+)\n", re.M)

_DEFINED = """
SELECT 'trigger ' || tgname || ' on ' || relname, pg_get_triggerdef(pg_trigger.oid, true),
    tgenabled IN ('O', 'A')
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'function ' || oid::regprocedure, pg_get_functiondef(oid), true
FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p')
AND NOT EXISTS (
    SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e'
)
UNION ALL
SELECT 'column ' || relname || '.' || attname, pg_get_expr(adbin, adrelid), attgenerated = 's'
FROM pg_attribute JOIN pg_attrdef ON (adrelid, adnum) = (attrelid, attnum)
    JOIN pg_class ON pg_class.oid = attrelid
WHERE attgenerated <> '' AND relnamespace = 'public'::regnamespace
"""


def written() -> dict[str, str]:
    """Each guard of the file by its name."""
    _before, *parts = _NAME.split(FILE.read_text())
    return {name: body.strip() for name, body in zip(parts[::2], parts[1::2], strict=True)}


def defined(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """Each guard of the database by its name; one that is switched off is none."""
    rows = connection.execute(_DEFINED).fetchall()
    return {name: body.strip() for name, body, is_on in rows if is_on}


def as_file(guards: dict[str, str]) -> str:
    """What the file says when the guards are these."""
    told = (f"\n-- {name}\n{body}\n" for name, body in sorted(guards.items()))
    return "-- What keeps the rows, as PostgreSQL tells it once all migrations are done.\n" + "".join(told)


def check(connection: psycopg.Connection[Any], tally: Tally) -> None:
    """Find the guards that are missing, switched off or changed, and the triggers no migration wrote."""
    ours, theirs = written(), defined(connection)
    for name in sorted(ours.keys() - theirs.keys()):
        tally.find("guard_off", name, f"The {name} is missing or switched off.")
    for name in sorted(name for name in ours.keys() & theirs.keys() if ours[name] != theirs[name]):
        tally.find("guard_changed", name, f"The {name} is not as the migrations wrote it.")
    for name in sorted(name for name in theirs.keys() - ours.keys() if name.startswith("trigger ")):
        tally.find("guard_unknown", name, f"The {name} is none of ours.")
    row = connection.execute("SHOW session_replication_role").fetchone()
    if row is None or row[0] != "origin":
        sentence = "No trigger fires: session_replication_role is set for this role, database or server."
        tally.find("guard_off", "session_replication_role", sentence)
