"""From the text of a question to plain data: decimals stay exact, repeated keys and NaN are refused."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from .refusals import BadInput


def read_question(text: str) -> Any:
    """The JSON of a question (or of a list of them); raises only `BadInput`."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise BadInput("(file)", "not_json", line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise BadInput("(file)", "not_json", line=None, column=None) from None
    except ValueError as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput("(file)", "digits") from None


def _no_number(text: str) -> Any:
    raise BadInput("(file)", "not_a_number", text=text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        raise BadInput(next(key for key in keys if keys.count(key) > 1), "twice")
    return result
