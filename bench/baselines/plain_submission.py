"""The rows one submission writes, inserted by plain SQL: what a competent minimal program would do.

No validation, no session, no page: prepared statements on one connection, one transaction for each submission.
"""

import secrets
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

TABLES = ("case", "registration", "case_event", "receipt", "outbox", "audit_head", "audit_entry")
COMPUTED = {
    "audit_entry": {"recorded_at", "action", "actor_id"},
    "case": {"id"},
    "case_event": {"id"},
    "outbox": {"id"},
    "receipt": {"id"},
}

Row = dict[str, Any]
Rows = dict[str, list[Row]]


def sample(where: str, case_id: int) -> Rows:
    """The rows a real submission wrote, to be written again under other keys."""
    of_case = {"case": "id", "registration": "id", "case_event": "case_id", "receipt": "case_id"}
    with psycopg.connect(where, row_factory=psycopg.rows.dict_row) as connection:
        rows: Rows = {
            table: connection.execute(
                sql.SQL("SELECT * FROM {} WHERE {} = %s").format(sql.Identifier(table), sql.Identifier(key)),
                (case_id,),
            ).fetchall()
            for table, key in of_case.items()
        }
        rows["outbox"] = connection.execute(
            "SELECT * FROM outbox WHERE payload ->> 'case_id' = %s", (str(case_id),)
        ).fetchall()
        for table in ("audit_head", "audit_entry"):
            query = sql.SQL("SELECT * FROM {} WHERE stream = %s").format(sql.Identifier(table))
            rows[table] = connection.execute(query, (f"case:{case_id}",)).fetchall()
    return rows


class Plain:
    """Writes the sample again and again."""

    def __init__(self, where: str, rows: Rows) -> None:
        self._connection = psycopg.connect(where)
        self._connection.prepare_threshold = 1
        self._rows = {table: [_plain(table, row) for row in rows[table]] for table in TABLES}
        self._queries = {table: _insertion(table, rows[0]) for table, rows in self._rows.items()}

    def submit(self) -> None:
        """One submission."""
        unique = secrets.token_hex(12)
        own = {"public_id": unique, "reference": unique, "submission_key": unique}
        made = self._connection.execute(self._queries["case"] + b" RETURNING id", self._rows["case"][0] | own)
        number = made.fetchone()[0]
        self._insert("registration", id=number)
        self._insert("case_event", case_id=number)
        self._insert("outbox")
        self._insert("receipt", case_id=number, code=unique[:16], sha256=secrets.token_hex(32))
        for table in ("audit_head", "audit_entry"):
            self._insert(table, stream=f"case:{number}")
        self._connection.commit()

    def _insert(self, table: str, **own: Any) -> None:
        for row in self._rows[table]:
            self._connection.execute(self._queries[table], row | own)


def _insertion(table: str, row: Row) -> bytes:
    """The statement, composed once."""
    columns = sql.SQL(", ").join(map(sql.Identifier, row))
    places = sql.SQL(", ").join(map(sql.Placeholder, row))
    query = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), columns, places)
    return query.as_bytes()


def _plain(table: str, row: Row) -> Row:
    """The values as psycopg takes them, without what the database computes."""
    computed = COMPUTED.get(table, set())
    return {
        name: Jsonb(value) if isinstance(value, dict) else value
        for name, value in row.items()
        if name not in computed
    }
