"""Column types for what must be secret even in a stolen dump; `app/services/encrypted.py` fills them.

The types only say where secrets are and to what they are bound: `flask guichet keys rotate` finds them by it.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, LargeBinary, Table
from sqlalchemy.types import TypeDecorator


class Encrypted(TypeDecorator[bytes]):
    """A text's ciphertext, bound to its column's name and to the row, by the row's columns `bound_to`.

    Moved to another row or column it does not open. `name` stands for `table.column` in the binding, for
    columns that were encrypted under another one.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, *bound_to: str, name: str | None = None) -> None:
        super().__init__()
        self.bound_to, self.name = bound_to, name

    def context(self, column: Column[Any], row: Mapping[str, Any]) -> str:
        """What the ciphertext is bound to; `ValueError` while the row lacks one of the columns."""
        values = [row[key] for key in self.bound_to]
        if None in values:
            raise ValueError(f"{column}: set {', '.join(self.bound_to)} before the secret.")
        return f"{self.name or column} {'.'.join(map(str, values))}".strip()


class Fingerprint(TypeDecorator[bytes]):
    """A keyed hash beside an encrypted column `of`, so that an equal value is found without decrypting.

    Columns of the same `name` have the same hash for the same value; by default each stands alone. Of a
    document's number (`is_number`) only letters and digits count, capital or small.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, of: str, name: str | None = None, is_number: bool = False) -> None:
        super().__init__()
        self.of, self.name, self.is_number = of, name, is_number

    def context(self, column: Column[Any]) -> str:
        """The name under which values are hashed."""
        return self.name or str(column)

    def compared(self, plain: str) -> str:
        """What of a value is hashed."""
        return "".join(filter(str.isalnum, plain.upper())) if self.is_number else plain


def fingerprint_of(table: Table, encrypted: str) -> Column[Any] | None:
    """The column of a table that holds the keyed hash of an encrypted one, if it has any."""
    for column in table.columns:
        if isinstance(column.type, Fingerprint) and column.type.of == encrypted:
            return column
    return None
