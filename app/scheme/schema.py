"""The JSON Schema of a scheme's files, for editors and for the first check on load.

It is made from the operations themselves, so that it cannot say anything else than the engine does.
"""

from __future__ import annotations

from inspect import cleandoc
from typing import Any

from .operations import OPERATIONS, Arg, Operation
from .values import DIRECTIONS

LANGUAGES = ("fr", "en")
UNITS = ("amount", "rate", "count", "number")
FACT_TYPES = ("date", "month", "flag", "text", *UNITS)
RESULTS = ("monthly", "lump_sum", "daily", "days", "payable_from")
NAME = r"^[a-z][a-z0-9_]*(?![\s\S])"
SCHEME_NAME = r"^[a-z][a-z0-9_-]*(?![\s\S])"
SOMETHING = (
    r"[^\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
"""A character that can be seen: neither a space nor one of those without width."""
MOST_STEPS = 300

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "pattern": SOMETHING}
FLAG: Schema = {"type": "boolean"}
NUMBER: Schema = {"type": ["number", "string"]}
REFERENCE: Schema = {"type": ["string", "number", "boolean"]}


def closed(required: tuple[str, ...], /, **properties: Schema) -> Schema:
    """An object with these keys and no other."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


def whole(least: int, most: int) -> Schema:
    """A whole number within bounds."""
    return {"type": "integer", "minimum": least, "maximum": most}


def named(item: Schema, pattern: str = NAME) -> Schema:
    """An object of named things."""
    return {"type": "object", "additionalProperties": item, "propertyNames": {"pattern": pattern}}


def listed(item: Schema) -> Schema:
    """A list of one or more."""
    return {"type": "array", "minItems": 1, "items": item}


LABEL = closed(LANGUAGES, **dict.fromkeys(LANGUAGES, TEXT))
PARAMETER = closed(
    ("label", "source", "unit", "values"),
    label=LABEL,
    source=TEXT,
    unit={"enum": list(UNITS)},
    counts=TEXT,
    group=TEXT,
    note=TEXT,
    values={"type": "object", "minProperties": 1, "additionalProperties": NUMBER},
)
TABLE = closed(
    ("label", "source", "unit", "key", "values"),
    label=LABEL,
    source=TEXT,
    unit={"enum": list(UNITS)},
    counts=TEXT,
    key={"enum": ["year", "class", "rank"]},
    holds=FLAG,
    note=TEXT,
    values={
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"type": ["number", "string", "object"]},
    },
)
FACT = closed(
    ("type", "label"),
    type={"enum": list(FACT_TYPES)},
    label=LABEL,
    counts=TEXT,
    default={"type": ["boolean", "number", "string"]},
    minimum=NUMBER,
    maximum=NUMBER,
    not_before=TEXT,
    not_after=TEXT,
    choices=listed(TEXT),
    required=FLAG,
)
ROUNDING = closed(
    ("to", "direction", "source"), to=NUMBER, direction={"enum": list(DIRECTIONS)}, source=TEXT, label=LABEL
)
HEAD = closed(
    ("name", "edition", "label", "source", "currency", "counts_by"),
    name={"type": "string", "pattern": SCHEME_NAME},
    edition=TEXT,
    label=LABEL,
    source=TEXT,
    counts_by={"enum": ["month", "year"]},
    before_first={"enum": ["hold", "refuse"]},
    child_flags=named(LABEL),
    currency=closed(("code", "decimals"), code=TEXT, decimals=whole(0, 4), symbol=LABEL),
)
INSURANCE = closed(
    ("source",),
    source=TEXT,
    wages_at_least=TEXT,
    days_at_least=TEXT,
    credited=named(closed(("label", "source"), label=LABEL, source=TEXT, first_months=TEXT)),
)
DOCUMENT = closed(("id", "label"), id=TEXT, label=LABEL, when=TEXT, source=TEXT)
OUTCOME = closed(
    ("all",),
    variant=TEXT,
    label=LABEL,
    main=FLAG,
    all={"type": "array", "items": TEXT},
    lacking=listed(TEXT),
    also=listed(TEXT),
    **dict.fromkeys(RESULTS, TEXT),
)
BENEFIT_PARTS: Schema = {
    "label": LABEL,
    "source": TEXT,
    "steps": named({}) | {"maxProperties": MOST_STEPS},
    "conditions": named({}) | {"maxProperties": MOST_STEPS},
}
BENEFIT = closed(
    ("label", "source", "steps", "conditions", "outcomes"),
    **BENEFIT_PARTS,
    starts={"enum": ["first_of_month"]},
    requires=listed(TEXT),
    questions=listed(TEXT),
    documents=listed(DOCUMENT),
    outcomes=listed(OUTCOME),
)
CALCULATION = closed(
    ("label", "source", "inputs", "on", "steps", "outputs"),
    **BENEFIT_PARTS,
    inputs=named(FACT),
    on=TEXT,
    outputs=named(TEXT),
)
RATE = {"anyOf": [TEXT, closed(("table", "by"), table=TEXT, by=TEXT)]}
BRANCH = closed(
    ("label", "source", "base"), label=LABEL, source=TEXT, base=TEXT, employee=RATE, employer=RATE
)
BASE = closed(("source",), source=TEXT, floor=TEXT, ceiling=TEXT, exemption=TEXT, label=LABEL)
CONTRIBUTIONS = closed(
    ("label", "source", "period", "rounding", "bases", "branches"),
    label=LABEL,
    source=TEXT,
    period={"enum": ["month", "year"]},
    rounding=TEXT,
    posting={"enum": ["filing", "payment"]},
    refundable=TEXT,
    bases=named(BASE),
    branches=named(BRANCH),
)
HOLIDAY = closed(("label",), label=LABEL, month=whole(1, 12), day=whole(1, 31), after_easter=whole(-100, 300))
CALENDAR = closed(
    ("source", "holidays", "weekend"), source=TEXT, holidays=listed(HOLIDAY), weekend=listed(whole(1, 7))
)
PERSON_NUMBER = closed(
    ("source", "segments", "separator", "check"),
    source=TEXT,
    segments=listed(whole(1, 20)),
    separator=TEXT,
    check={"enum": ["mod_97_10", "none"]},
)
PARTS: dict[str, Schema] = {
    "scheme": HEAD,
    "include": listed(TEXT),
    "parameters": named(PARAMETER),
    "tables": named(TABLE),
    "facts": named(FACT),
    "roundings": named(ROUNDING),
    "insurance": INSURANCE,
    "benefits": named(BENEFIT),
    "calculations": named(CALCULATION),
    "contributions": CONTRIBUTIONS,
    "calendar": CALENDAR,
    "person_number": PERSON_NUMBER,
}


def arg_schema(arg: Arg) -> Schema:
    """How one argument is written."""
    if arg.kind == "rows":
        fields = {name: arg_schema(field) for name, field in arg.fields}
        required = tuple(name for name, field in arg.fields if not field.optional)
        return listed(closed(required, **fields))
    single = TEXT if arg.kind in ("table", "dated", "rounding", "child_flag", "credit_kind") else REFERENCE
    return listed(single) if arg.many else single


def step_schema(operation: Operation) -> Schema:
    """The keys of a step (or condition) that uses an operation."""
    shown = {name: arg for name, arg in operation.args.items() if arg.given is None}
    required = [name for name, arg in shown.items() if not arg.optional]
    own = {name: arg_schema(arg) for name, arg in shown.items()}
    common: Schema = {
        "rule": {"const": operation.name},
        "label": LABEL,
        "source": TEXT,
        "when": TEXT,
        "unless": TEXT,
    }
    if not operation.is_condition:
        common |= {"round": TEXT, "unit": {"enum": list(UNITS)}, "counts": TEXT, "figure": FLAG, "note": TEXT}
    return closed(("rule", "label", "source", *required), **common, **own) | {
        "description": cleandoc(operation.run.__doc__ or ""),
    }


def editor_schema() -> Schema:
    """The whole schema, for an editor that completes and underlines."""
    steps = {"oneOf": [step_schema(op) for op in OPERATIONS.values()]}
    conditions = {"oneOf": [step_schema(op) for op in OPERATIONS.values() if op.is_condition]}
    parts = {name: dict(part) for name, part in PARTS.items()}
    amended = closed(("amends", "values"), amends={"const": True}, values=TABLE["properties"]["values"])
    for section, part in (("parameters", PARAMETER), ("tables", TABLE)):
        parts[section] = named({"anyOf": [part, amended]})
    for part in (BENEFIT, CALCULATION):
        properties = dict(part["properties"])
        for key, item in (("steps", "step"), ("conditions", "condition")):
            properties[key] = {**properties[key], "additionalProperties": {"$ref": f"#/$defs/{item}"}}
        parts["benefits" if part is BENEFIT else "calculations"] = named({**part, "properties": properties})
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scheme: one administration's benefit law",
        "type": "object",
        "additionalProperties": False,
        "properties": parts,
        "$defs": {"step": steps, "condition": conditions},
    }
    return {**_with_label_refs(schema), "$defs": {**_with_label_refs(schema["$defs"]), "label": LABEL}}


def _with_label_refs(part: Any) -> Any:
    """The same schema, with the often repeated shape of a label named once."""
    if part == LABEL:
        return {"$ref": "#/$defs/label"}
    if isinstance(part, dict):
        return {key: _with_label_refs(value) for key, value in part.items()}
    return [_with_label_refs(item) for item in part] if isinstance(part, list) else part
