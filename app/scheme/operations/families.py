"""Rules on dependants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ..values import add_months
from .operation import CHILD_FLAG, CHILDREN, COUNT, DATE, YEAR_COUNT, operation, rows_of

Child = Mapping[str, Any]


@operation(
    "count_children",
    "count",
    "families",
    {
        "children": CHILDREN,
        "on": DATE,
        "maximum": COUNT.or_none(),
        "ages": rows_of(**{"from": YEAR_COUNT.or_none(), "under": YEAR_COUNT, "if": CHILD_FLAG.or_none()}),
    },
    counts="children",
)
def count_children(children: Sequence[Child], on: date, maximum: int | None, *ages: Any) -> int:
    """The children who on a day satisfy at least one of the age rules, at most a maximum."""
    rules = [ages[index : index + 3] for index in range(0, len(ages), 3)]
    count = sum(1 for child in children if any(_within(child, on, *rule) for rule in rules))
    return count if maximum is None or count < maximum else maximum


def _within(child: Child, on: date, start: int | None, under: int, flag: str | None) -> bool:
    born: date = child["birth_date"]
    if born > on or (flag is not None and not child.get(flag)):
        return False
    if start is not None and add_months(born, start * 12) > on:
        return False
    return add_months(born, under * 12) > on
