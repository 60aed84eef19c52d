"""The first check of a law: its shape. Whether its names make sense is checked by `compiling`."""

from __future__ import annotations

from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from .operations import OPERATIONS
from .reading import Source
from .schema import NAME, PARTS, SCHEME_NAME, SOMETHING, Schema, step_schema

_NUMBERS = Draft202012Validator.TYPE_CHECKER.redefine(
    "number", lambda _, value: isinstance(value, int | Decimal) and not isinstance(value, bool)
)
_extend: Any = extend
_Validator: Any = _extend(Draft202012Validator, type_checker=_NUMBERS)
_WORDS = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "a mapping of keys",
    "array": "a list",
}
_REASONS = {
    "pattern": "must not be empty",
    "minItems": "must not be empty",
    "minProperties": "must not be empty",
    "maxProperties": "must have at most {}",
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "anyOf": "must be a name, or a `table` and what it goes `by`",
}
_LETTERS = {
    NAME: "lower-case letters, digits and _ only",
    SCHEME_NAME: "lower-case letters, digits, - and _ only",
}
LONGEST = 60


def validator_of(schema: Schema) -> Any:
    """A validator that takes exact decimals for numbers."""
    return _Validator(schema)


@cache
def _part_validator(name: str) -> Any:
    return validator_of(PARTS[name])


@cache
def _step_validator(name: str) -> Any:
    return validator_of(step_schema(OPERATIONS[name]))


def check_shape(source: Source) -> None:
    """Note every key that is unknown, missing or of the wrong type."""
    for section, content in source.data.items():
        if section not in PARTS:
            source.problem((section,), f"is not a known section; known: {', '.join(PARTS)}")
            continue
        _check(source, _part_validator(section), content, (section,))
    for section in ("benefits", "calculations"):
        for name, benefit in _items(source.data.get(section)):
            for part in ("steps", "conditions"):
                for step, written in _items(_get(benefit, part)):
                    _check_step(source, (section, name, part, step), written)
    if "scheme" not in source.data:
        source.problem(("scheme",), "is missing")


def _items(data: Any) -> list[tuple[str, Any]]:
    return list(data.items()) if isinstance(data, dict) else []


def _get(data: Any, key: str) -> Any:
    return data.get(key) if isinstance(data, dict) else None


def _check_step(source: Source, path: tuple[str, ...], written: Any) -> None:
    rule = _get(written, "rule")
    if rule is None:
        source.problem(path, "must name its operation: `rule: …`")
        return
    if not isinstance(rule, str) or rule not in OPERATIONS:
        source.problem((*path, "rule"), f"unknown operation `{str(rule)[:LONGEST]}`{_nearest(str(rule))}")
        return
    if path[2] == "conditions" and not OPERATIONS[rule].is_condition:
        source.problem((*path, "rule"), f"`{rule}` is not a condition")
        return
    _check(source, _step_validator(rule), written, path)


def _nearest(rule: str) -> str:
    close = get_close_matches(rule[:LONGEST], OPERATIONS, n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def _check(source: Source, validator: Any, content: Any, path: tuple[str, ...]) -> None:
    for error in validator.iter_errors(content):
        for place, reason in _explain(error, path):
            source.problem(place, reason)


def _explain(error: ValidationError, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], str]]:
    """The library's finding in our words, at the key it concerns."""
    found: Any = error
    place = (*path, *map(str, found.absolute_path))
    kind, wanted, instance = found.validator, found.validator_value, found.instance
    if kind == "additionalProperties":
        unknown = [key for key in instance if key not in found.schema.get("properties", {})]
        return [((*place, str(key)), "is not a known key here") for key in unknown]
    if kind == "required":
        missing = [key for key in wanted if key not in instance and found.message.startswith(repr(key))]
        return [((*place, key), _missing(key)) for key in missing]
    if kind == "pattern" and isinstance(found.instance, str) and found.schema.get("type") != "string":
        place = (*place, instance)
    return [(place, _reason(kind, wanted, instance))]


def _reason(kind: str, wanted: Any, instance: Any) -> str:
    """Why, in our words; what was written may be of any length and is not repeated whole."""
    if kind == "type":
        words = [wanted] if isinstance(wanted, str) else wanted
        return f"must be {' or '.join(_WORDS[word] for word in words)}"
    if kind == "enum":
        return f"must be one of {', '.join(map(str, wanted))}"
    if kind == "pattern" and wanted != SOMETHING:
        return f"`{instance[:LONGEST]}` is not a name: {_LETTERS[wanted]}"
    return _REASONS[kind].format(wanted)


def _missing(key: str) -> str:
    return "is missing: every figure needs its source" if key == "source" else "is missing"
