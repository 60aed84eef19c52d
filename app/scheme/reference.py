"""The list of operations as a lawyer reads it, made from the operations themselves."""

from __future__ import annotations

from .operations import OPERATIONS, Arg, Operation

SECTIONS = {
    "arithmetic": "Figures",
    "careers": "A career by month",
    "years": "A career by year",
    "dates": "Dates and durations",
    "families": "Dependants",
    "conditions": "Conditions",
}
KINDS = {
    "number": "figure",
    "ordered": "figure or date",
    "any": "anything",
    "key": "count or text",
    "flag": "yes/no",
    "dated": "parameter",
    "child_flag": "child flag",
    "credit_kind": "credited kind",
}


def operations_table() -> str:
    """All operations in Markdown: arguments (those with ? may be left out) and what they give."""
    lines = []
    for section, title in SECTIONS.items():
        lines += [f"### {title}", "", "| operation | arguments | gives |", "|---|---|---|"]
        lines += [_row(each) for each in OPERATIONS.values() if each.section == section]
        lines.append("")
    return "\n".join(lines).strip()


def _row(operation: Operation) -> str:
    arguments = "; ".join(_argument(name, arg) for name, arg in operation.args.items() if not arg.given)
    promise = (operation.run.__doc__ or "").strip().split("\n")[0]
    result = f"as `{operation.result[1:]}`" if operation.result.startswith("=") else operation.result
    given = promise if operation.is_condition else f"{promise} ({result})"
    return f"| `{operation.name}` | {arguments} | {given} |"


def _argument(name: str, arg: Arg) -> str:
    mark = "?" if arg.optional else ""
    if arg.kind == "rows":
        fields = ", ".join(f"`{key}`{'?' if field.optional else ''}" for key, field in arg.fields)
        return f"`{name}`: list of {fields}"
    kind = KINDS.get(arg.kind, arg.kind)
    return f"`{name}`{mark}: {'list, each a ' if arg.many else ''}{kind}"
