"""A list of the staff's as CSV or XLSX: PostgreSQL writes the lines (`COPY … TO STDOUT`).

Those of a CSV pass as they come; a workbook is written to a file row by row, each forgotten. Memory is the
same for ten rows and for ten million; a text a spreadsheet would run as a formula is disarmed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import psycopg
import xlsxwriter
from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Enum,
    Integer,
    Numeric,
    String,
    Text,
    case,
    cast,
    func,
    inspect,
    literal,
    select,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, Query, RelationshipProperty

from app import clock
from app.i18n import current_language
from app.models import AccessReview, Account, Agency, Case, Employer, InsuredPerson
from app.services import audit, audit_reading
from app.services.base import RuleBroken

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Excel reads a file without one as if it were of the 1990s."""

LONGEST_WORKBOOK = 100_000
"""Rows of a workbook, which is made before it is sent; a longer list goes as CSV, which is streamed."""

SEPARATORS = {"fr": ";", "en": ","}
"""What a spreadsheet of that language expects."""

FORMULA = r"^[=+\-@\t\r\n|%]"
"""How a text begins that a spreadsheet would run (OWASP, CSV injection)."""

_NAMES = {
    Account: lambda row: row.first_name + " " + row.last_name,
    Agency: lambda row: row.code,
    Employer: lambda row: row.name,
    InsuredPerson: lambda row: row.family_name + " " + row.given_names,
    Case: lambda row: row.reference,
    AccessReview: lambda row: cast(row.is_justified, Text),
}
"""What stands for a row another one points at."""


@dataclass(frozen=True)
class Column:
    """A column of a list: its heading, what it is of, and the words for codes it holds."""

    heading: str
    attribute: Any
    words: Mapping[str, Any] | None = None


def record(name: str, filtered_by: list[str], account: Account, file_format: str = "csv") -> None:
    """Note in the audit chain who exported what; by which columns it was narrowed, not by what values."""
    facts = {"list": name, "filtered_by": filtered_by, "format": file_format}
    audit.record(f"day:{clock.today()}", "export", account.id, facts)


def lines(model: Any, query: Query[Any], columns: list[Column]) -> Iterator[bytes]:
    """The file, piece by piece, on a connection of its own; words are of the reader's language now."""
    compiled = _compiled(model, query, columns)
    separator = SEPARATORS[current_language()]
    heading = separator.join(f'"{column.heading.replace(chr(34), chr(34) * 2)}"' for column in columns)
    command = f"COPY ({compiled}) TO STDOUT (FORMAT csv, DELIMITER '{separator}')"
    return _read(audit_reading.address(), heading, command, dict(compiled.params))


def workbook(model: Any, query: Query[Any], columns: list[Column]) -> BinaryIO:
    """The list as an XLSX file, open at its beginning. `RuleBroken` when it is too long."""
    if query.order_by(None).limit(LONGEST_WORKBOOK + 1).count() > LONGEST_WORKBOOK:
        raise RuleBroken(_l("This list is too long for a spreadsheet: narrow it, or take it as CSV."))
    compiled = _compiled(model, query, columns)
    file = TemporaryFile()  # noqa: SIM115 – the answer closes it, once it is sent
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.heading, bold)
    are_numbers = [
        isinstance(getattr(column.attribute, "type", None), Integer | Numeric) and not column.words
        for column in columns
    ]
    for number, row in enumerate(_rows(str(compiled), dict(compiled.params)), start=1):
        for place, value in enumerate(row):
            if value and are_numbers[place]:
                sheet.write_number(number, place, Decimal(value))
            elif value:
                sheet.write_string(number, place, value)
    book.close()
    file.seek(0)
    return file


def _rows(query: str, values: dict[str, Any]) -> Iterator[tuple[str | None, ...]]:
    """The rows as texts, one at a time."""
    with psycopg.connect(audit_reading.address()) as connection:
        connection.read_only = True
        with connection.cursor().copy(f"COPY ({query}) TO STDOUT", values) as copy:
            yield from copy.rows()


def _compiled(model: Any, query: Query[Any], columns: list[Column]) -> Any:
    wanted = query.with_entities(*(_shown(column).label(f"c{n}") for n, column in enumerate(columns)))
    return wanted.statement.select_from(model).compile(
        dialect=postgresql.dialect(paramstyle="pyformat"), compile_kwargs={"render_postcompile": True}
    )


def _read(where: str, heading: str, command: str, values: dict[str, Any]) -> Iterator[bytes]:
    yield BYTE_ORDER_MARK + heading.encode() + b"\n"
    with psycopg.connect(where) as connection:
        connection.read_only = True
        with connection.cursor().copy(command, values) as copy:
            yield from map(bytes, copy)


def _shown(column: Column) -> ColumnElement[Any]:
    """A column as people read it, as an expression of the database."""
    attribute = column.attribute
    if isinstance(getattr(attribute, "property", None), RelationshipProperty):
        return _disarmed(_name_of(attribute))
    kind = attribute.type
    if isinstance(kind, Enum) and kind.enum_class:
        return _worded(attribute, {one.value: getattr(one, "label", one.value) for one in kind.enum_class})
    if column.words:
        return _worded(attribute, column.words)
    if isinstance(kind, Boolean):
        return case((attribute, literal(_("Yes"))), else_=literal(_("No")))
    if isinstance(kind, DateTime):
        zone = str(current_app.config["SETTINGS"].TIME_ZONE)
        return func.to_char(func.timezone(zone, attribute), "YYYY-MM-DD HH24:MI")
    if isinstance(kind, Date | Integer | Numeric):
        return attribute
    return _disarmed(attribute if isinstance(kind, String) else cast(attribute, Text))


def _worded(attribute: InstrumentedAttribute[Any], words: Mapping[str, Any]) -> ColumnElement[Any]:
    code = cast(attribute, Text)
    return case(
        *((code == value, literal(str(word))) for value, word in words.items()), else_=_disarmed(code)
    )


def _name_of(attribute: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """The name of the row pointed at; its number for kinds without one."""
    relation = attribute.property
    target = relation.mapper.class_
    other = inspect(target).local_table.alias()
    shown = _NAMES[target](other.c) if target in _NAMES else cast(other.c.id, Text)
    if relation.secondary is not None:
        return _names_beyond(relation, other, shown)
    local, remote = next(iter(relation.local_remote_pairs))
    return select(shown).where(other.c[remote.key] == local).scalar_subquery()


def _names_beyond(relation: Any, other: Any, shown: ColumnElement[Any]) -> ColumnElement[Any]:
    """The names of the rows that a table between two joins to this one, with commas."""
    between = relation.secondary.alias()
    (local, near), *_rest = relation.synchronize_pairs
    (remote, far), *_rest = relation.secondary_synchronize_pairs
    joined = (between.c[near.key] == local) & (between.c[far.key] == other.c[remote.key])
    names = func.string_agg(shown, aggregate_order_by(literal(", "), shown))
    return select(names).where(joined).scalar_subquery()


def _disarmed(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """With an apostrophe before what a spreadsheet would run."""
    return case((text.op("~")(FORMULA), literal("'") + text), else_=text)
