"""Which figures go together: the type a step gives, and the mixtures no law can mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .law import Ref
from .operations import Operation
from .operations.operation import NUMERIC
from .parameters import Parameter

Args = Mapping[str, list[Ref]]
CLOSED_ON_COUNTS = frozenset(
    {"multiply", "sum", "subtract", "clamp", "highest", "lowest", "first_given", "choose", "lookup"}
)


def result_type(operation: Operation, args: Args, rounded: bool) -> str:
    """The type of a step's value, as its operation and arguments make it."""
    if not operation.result.startswith("="):
        in_points = operation.result == "amount" and any(ref.counts for ref in args.get("years", ()))
        return "number" if in_points else operation.result
    group = args.get(operation.result[1:], [])
    type_ = next((ref.type for ref in group if ref.kind != "literal"), group[0].type if group else "number")
    if type_ == "count" and not rounded and not stays_whole(operation, args):
        return "number"
    return type_


def stays_whole(operation: Operation, args: Args) -> bool:
    """Whether a rule on counts gives a count."""
    numeric = [ref.type for group in args.values() for ref in group if ref.type in NUMERIC]
    return operation.name in CLOSED_ON_COUNTS and all(type_ == "count" for type_ in numeric)


def mixtures(operation: Operation, args: Args, tables: Mapping[str, Parameter]) -> Iterator[str]:
    """What is wrong with taking these figures together, if anything."""
    mixed = [
        ref for key, arg in operation.args.items() if arg.kind in ("any", "ordered") for ref in args[key]
    ]
    known = [ref for ref in mixed if ref.type not in ("none", "unknown")]
    families = {"number" if ref.type in NUMERIC else ref.type for ref in known}
    if len(families) > 1:
        yield f"wrong type: mixes {' and '.join(sorted(families))}"
    for ref in (ref for group in args.values() for ref in group if ref.kind == "table"):
        yield from wrong_keys(operation, args, tables[ref.name])


def wrong_keys(operation: Operation, args: Args, table: Parameter) -> Iterator[str]:
    """A table by class is looked up by a text, and one by year or rank by a count: no other row is found."""
    keys = [ref.type for key, arg in operation.args.items() if arg.kind == "key" for ref in args[key]]
    wanted = "text" if table.key == "class" else "count"
    for given in keys or ["count"]:
        if given not in (wanted, "unknown"):
            yield f"wrong type: `{table.name}` has a row for each {table.key}: a {given} is none"
