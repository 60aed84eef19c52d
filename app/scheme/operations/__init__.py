"""The short list of named, typed operations that the law may use."""

from . import arithmetic, careers, conditions, dates, families, years
from .operation import OPERATIONS, Arg, Operation

__all__ = [
    "OPERATIONS",
    "Arg",
    "Operation",
    "arithmetic",
    "careers",
    "conditions",
    "dates",
    "families",
    "years",
]
