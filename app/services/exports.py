"""A list of the staff's as CSV or XLSX: PostgreSQL writes the lines (`COPY … TO STDOUT`).

Those of a CSV pass as they come; a workbook is written to a file row by row, each forgotten. Memory is the
same for ten rows and for ten million; a text a spreadsheet would run as a formula is disarmed.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
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
from app.extensions import db
from app.i18n import current_language
from app.models import AccessReview, Account, Agency, Case, Employer, InsuredPerson
from app.services import audit, audit_reading
from app.services.base import RuleBroken

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Excel reads a file without one as if it were of the 1990s."""

LONGEST_WORKBOOK = 100_000
"""Rows of a workbook that somebody waits for; a longer one is made in the background (`list_exports`)."""

ROWS_BETWEEN_WORDS = 5_000
"""After so many rows, how far the file has come."""

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


@dataclass(frozen=True)
class Sheet:
    """What a file shall hold: a query of PostgreSQL's, every value written in it, and how it is laid out."""

    query: str
    headings: list[str]
    are_numbers: list[bool]
    separator: str

    def as_text(self) -> str:
        """The sheet as one text, to be kept for a job."""
        return json.dumps(asdict(self))

    @classmethod
    def of_text(cls, text: str) -> "Sheet":
        """The sheet that was kept."""
        return cls(**json.loads(text))


def sheet(model: Any, query: Query[Any], columns: list[Column]) -> Sheet:
    """The list with these columns; words are of the reader's language now."""
    compiled = _compiled(model, query, columns)
    connection: Any = db.session.connection().connection.driver_connection
    written = psycopg.ClientCursor(connection).mogrify(str(compiled), dict(compiled.params))
    are_numbers = [
        isinstance(getattr(column.attribute, "type", None), Integer | Numeric) and not column.words
        for column in columns
    ]
    return Sheet(written, [column.heading for column in columns], are_numbers, SEPARATORS[current_language()])


def _nobody(rows: int) -> None:
    """Who is told how far it is when nobody asks."""


def lines(wanted: Sheet, told: Callable[[int], None] = _nobody) -> Iterator[bytes]:
    """A CSV, piece by piece, on a connection of its own; `told` hears of the rows on the way."""
    return _lines(audit_reading.address(), wanted, told)


def _lines(where: str, wanted: Sheet, told: Callable[[int], None]) -> Iterator[bytes]:
    quoted = (heading.replace('"', '""') for heading in wanted.headings)
    yield BYTE_ORDER_MARK + wanted.separator.join(f'"{heading}"' for heading in quoted).encode() + b"\n"
    command = f"COPY ({wanted.query}) TO STDOUT (FORMAT csv, DELIMITER '{wanted.separator}')"
    with psycopg.connect(where) as connection:
        connection.read_only = True
        with connection.cursor().copy(command.encode()) as copy:
            for number, line in enumerate(copy, start=1):
                yield bytes(line)
                if number % ROWS_BETWEEN_WORDS == 0:
                    told(number)


def check_length(query: Query[Any]) -> None:
    """Raise `RuleBroken` for a list that is too long to wait for as a workbook."""
    if query.order_by(None).limit(LONGEST_WORKBOOK + 1).count() > LONGEST_WORKBOOK:
        raise RuleBroken(
            _l("This list is too long for a spreadsheet at once: narrow it, or have the file prepared.")
        )


def workbook(wanted: Sheet, told: Callable[[int], None] = _nobody) -> BinaryIO:
    """The list as an XLSX file, open at its beginning; `told` hears of the rows on the way."""
    file = TemporaryFile()  # noqa: SIM115 – whoever reads it closes it
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    page, bold = book.add_worksheet(), book.add_format({"bold": True})
    page.freeze_panes(1, 0)
    for place, heading in enumerate(wanted.headings):
        page.write_string(0, place, heading, bold)
    for number, row in enumerate(_rows(wanted.query), start=1):
        for place, value in enumerate(row):
            if value and wanted.are_numbers[place]:
                page.write_number(number, place, Decimal(value))
            elif value:
                page.write_string(number, place, value)
        if number % ROWS_BETWEEN_WORDS == 0:
            told(number)
    book.close()
    file.seek(0)
    return file


def _rows(query: str) -> Iterator[tuple[str | None, ...]]:
    """The rows as texts, one at a time."""
    with psycopg.connect(audit_reading.address()) as connection:
        connection.read_only = True
        with connection.cursor().copy(f"COPY ({query}) TO STDOUT".encode()) as copy:
            yield from copy.rows()


def _compiled(model: Any, query: Query[Any], columns: list[Column]) -> Any:
    wanted = query.with_entities(*(_shown(column).label(f"c{n}") for n, column in enumerate(columns)))
    return wanted.statement.select_from(model).compile(
        dialect=postgresql.dialect(paramstyle="pyformat"), compile_kwargs={"render_postcompile": True}
    )


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
