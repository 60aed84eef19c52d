"""From the text of a question to plain data: decimals stay exact, repeated keys and NaN are refused."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from .refusals import BadInput

LARGEST_EXPONENT = 60


def read_question(text: str) -> Any:
    """The JSON of a question (or of a list of them); raises only `BadInput`."""
    try:
        question = json.loads(
            text, parse_float=_decimal, parse_constant=_no_number, object_pairs_hook=_object
        )
        json.dumps(question, default=str, ensure_ascii=False).encode()
        return question
    except json.JSONDecodeError as error:
        raise BadInput("(file)", "not_json", line=error.lineno, column=error.colno) from None
    except (RecursionError, UnicodeError):
        raise BadInput("(file)", "not_json", line=None, column=None) from None
    except ValueError as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput("(file)", "digits") from None


def _decimal(text: str) -> Decimal:
    """A number as it is written, when it can be of this world: no exponent builds a gigabyte of noughts."""
    try:
        number = Decimal(text)
    except ArithmeticError:
        raise BadInput("(file)", "digits") from None
    if number and abs(number.adjusted()) > LARGEST_EXPONENT:
        raise BadInput("(file)", "digits")
    return number


def _no_number(text: str) -> Any:
    raise BadInput("(file)", "not_a_number", text=text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        raise BadInput(next(key for key in keys if keys.count(key) > 1), "twice")
    return result
