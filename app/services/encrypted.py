"""Reading and writing the encrypted columns of a row, and finding a row by what is in one."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Table
from sqlalchemy.orm import InstrumentedAttribute

from app.columns import fingerprint_of
from app.services.person_keys import keyring


def put(row: Any, attribute: InstrumentedAttribute[Any], plain: str | None) -> None:
    """Write a secret into the row, and its keyed hash where the table has one.

    `ValueError` while the row lacks the columns the secret is bound to.
    """
    column = _column(attribute)
    kept = fingerprint_of(_table(column), column.key)
    setattr(row, attribute.key, _seal(column, row, plain))
    if kept is not None:
        setattr(row, kept.key, None if plain is None else _hash(kept, plain))


def read(row: Any, attribute: InstrumentedAttribute[Any]) -> str | None:
    """The secret of a row; `CannotDecrypt` when it was changed or moved, or its key is not among ours."""
    column, token = _column(attribute), getattr(row, attribute.key)
    if token is None:
        return None
    return keyring().decrypt(token, _context(column, row)).decode()


def holds(attribute: InstrumentedAttribute[Any], plain: str) -> ColumnElement[bool]:
    """The condition that a row's fingerprint is that of a value, under any of our keys.

    While keys are rotated a value may stand under two: who must not store it twice asks this first.
    """
    column = _column(attribute)
    kind: Any = column.type
    return column.in_(keyring().fingerprints(kind.compared(plain).encode(), kind.context(column)))


def _seal(column: Column[Any], row: Any, plain: str | None) -> bytes | None:
    return None if plain is None else keyring().encrypt(plain.encode(), _context(column, row))


def _hash(column: Column[Any], plain: str) -> bytes:
    kind: Any = column.type
    return keyring().fingerprint(kind.compared(plain).encode(), kind.context(column))


def _context(column: Column[Any], row: Any) -> str:
    kind: Any = column.type
    return kind.context(column, {key: getattr(row, key) for key in kind.bound_to})


def _column(attribute: InstrumentedAttribute[Any]) -> Column[Any]:
    column: Column[Any] = attribute.property.columns[0]
    return column


def _table(column: Column[Any]) -> Table:
    table: Table = column.table
    return table
