"""Values that change hands, each with a trace by which it is put back: what merging does to tables."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, Column, Date, insert, select, update
from sqlalchemy.exc import IntegrityError

from app import clock
from app.extensions import db
from app.models import MovedRow, PersonMerge
from app.services.base import RuleBroken
from app.services.hanging import Fate, Hanging

Value = int | bool | date | None


class Moves:
    """The changes of one merge. A row that would clash with one of the survivor's stays where it is."""

    def __init__(self, merge: PersonMerge) -> None:
        self._merge_id = merge.id
        self._traces: list[dict[str, Any]] = []

    def move_all(self, hanging: Hanging, before: Value, after: Value) -> None:
        """Give every row of a kind to somebody else, if the kind moves."""
        if hanging.fate is Fate.stays:
            return
        column = column_of(hanging)
        key = column.table.c.id
        rows = db.session.scalars(select(key).where(column == before).order_by(key)).all()
        for number in rows:
            if hanging.fate is Fate.closes:
                self._end(column, number)
            self._try(column, number, before, after)

    def change(self, table: str, number: int, field: str, before: Value, after: Value) -> None:
        """Change one value, with its trace."""
        column = db.metadata.tables[table].c[field]
        db.session.execute(update(column.table).where(column.table.c.id == number).values({field: after}))
        self._traces.append(
            {
                "merge_id": self._merge_id,
                "table_name": table,
                "row_id": number,
                "field": field,
                "before": _text(before),
                "after": _text(after),
            }
        )

    def finish(self) -> int:
        """Write the traces, and read afresh what is in the session; how many values changed."""
        if self._traces:
            db.session.execute(insert(MovedRow), self._traces)
        db.session.expire_all()
        return len(self._traces)

    def _try(self, column: Column[Any], number: int, before: Value, after: Value) -> None:
        try:
            with db.session.begin_nested():
                self.change(column.table.name, number, column.name, before, after)
        except IntegrityError as clash:
            if getattr(clash.orig, "sqlstate", "") != UNIQUE:
                raise

    def _end(self, column: Column[Any], number: int) -> None:
        """What was in force ends today: the survivor has one of their own."""
        ends = column.table.c.valid_to
        begins = column.table.c.valid_from
        begun, ended = db.session.execute(select(begins, ends).where(column.table.c.id == number)).one()
        if ended is None:
            self.change(column.table.name, number, ends.name, None, max(clock.today(), begun))


UNIQUE = "23505"


def put_back(merge: PersonMerge) -> int:
    """Put back what a merge changed, the last first; how many values. `RuleBroken` when one changed since."""
    traces = db.session.scalars(
        select(MovedRow).where(MovedRow.merge_id == merge.id).order_by(MovedRow.id.desc())
    ).all()
    back = sum(_put_back(trace) for trace in traces)
    db.session.expire_all()
    return back


def column_of(hanging: Hanging) -> Column[Any]:
    """The column that says whose the rows are."""
    column: Column[Any] = db.metadata.tables[hanging.table].c[hanging.column]
    return column


def _put_back(trace: MovedRow) -> int:
    """One value; a row that is gone since, such as a draft, has none."""
    column = db.metadata.tables[trace.table_name].c[trace.field]
    key, kind = column.table.c.id, column.type
    before, after = _value(trace.before, kind), _value(trace.after, kind)
    there = db.session.execute(select(column).where(key == trace.row_id).with_for_update()).one_or_none()
    if there is None:
        return 0
    if there[0] != after:
        raise RuleBroken(
            _l("Something of this person changed hands since: this merge cannot be undone exactly.")
        )
    db.session.execute(update(column.table).where(key == trace.row_id).values({trace.field: before}))
    return 1


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


def _value(text: str | None, kind: Any) -> Value:
    if text is None:
        return None
    if isinstance(kind, Boolean):
        return text == "True"
    return date.fromisoformat(text) if isinstance(kind, Date) else int(text)
