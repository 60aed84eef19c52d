"""What a named operation is: a plain function, the types of its arguments, and the type of its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

NUMERIC = frozenset({"amount", "rate", "count", "number"})
ACCEPTS: dict[str, frozenset[str]] = {
    "number": NUMERIC,
    "count": frozenset({"count"}),
    "date": frozenset({"date"}),
    "flag": frozenset({"flag"}),
    "text": frozenset({"text"}),
    "ordered": NUMERIC | {"date"},
    "key": frozenset({"count", "text"}),
    "years": frozenset({"years"}),
    "period": frozenset({"period"}),
    "any": NUMERIC | {"date", "flag", "text", "years", "period"},
}
"""For each kind of argument, the types of figure it takes."""


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument of an operation as the law writes it."""

    kind: str
    optional: bool = False
    many: bool = False
    given: str | None = None
    counts: str | None = None
    fields: tuple[tuple[str, Arg], ...] = ()

    def or_none(self) -> Arg:
        """The same argument, which may be left out."""
        return replace(self, optional=True)

    def several(self) -> Arg:
        """The same argument as a list of one or more."""
        return replace(self, many=True)


NUMBER = Arg("number")
COUNT = Arg("count")
MONTH_COUNT = Arg("count", counts="months")
YEAR_COUNT = Arg("count", counts="years")
DAY_COUNT = Arg("count", counts="days")
DATE = Arg("date")
FLAG = Arg("flag")
ANY = Arg("any")
ORDERED = Arg("ordered")
KEY = Arg("key")
YEARS = Arg("years")
PERIOD = Arg("period")
TABLE = Arg("table")
DATED = Arg("dated")
ROUNDING = Arg("rounding")
CHILD_FLAG = Arg("child_flag")
CREDIT_KIND = Arg("credit_kind")
INSURED = Arg("hidden", given="insured")
COUNTED = Arg("insurance", given="insured")
"""The career by month; `COUNTED` where the rule also asks which of its months are months of insurance."""
CAREER = Arg("hidden", given="career")
CHILDREN = Arg("hidden", given="person.children")
SPOUSE_CAREER = Arg("hidden", given="spouse.career")


def rows_of(**fields: Arg) -> Arg:
    """A list of small mappings, each with these fields (brackets, age rules)."""
    return Arg("rows", many=True, fields=tuple(fields.items()))


@dataclass(frozen=True, slots=True)
class Operation:
    """A rule the law may name.

    A null in a required argument makes a step null and a condition not met, without running it, unless the
    rule `skips_nulls` and looks after them itself. Optional arguments may always be null.
    """

    name: str
    run: Callable[..., Any]
    args: dict[str, Arg]
    result: str
    skips_nulls: bool
    section: str
    shown: Callable[..., tuple[Any, Any]] | None = None
    detail: Callable[..., Any] | None = None
    counts: str | None = None

    @property
    def is_condition(self) -> bool:
        """Conditions say required and actual; steps give a value."""
        return self.shown is not None


OPERATIONS: dict[str, Operation] = {}
F = TypeVar("F", bound=Callable[..., Any])


def operation(
    name: str,
    result: str,
    section: str,
    args: dict[str, Arg],
    *,
    skips_nulls: bool = False,
    detail: Callable[..., Any] | None = None,
    counts: str | None = None,
) -> Callable[[F], F]:
    """Register a rule. `result` is a type, or `=argument` to take the type of that argument."""

    def register(run: F) -> F:
        OPERATIONS[name] = Operation(name, run, args, result, skips_nulls, section, None, detail, counts)
        return run

    return register


def condition(
    name: str, shown: Callable[..., tuple[Any, Any]], args: dict[str, Arg], *, skips_nulls: bool = False
) -> Callable[[F], F]:
    """Register a condition: `run` says whether it is met, `shown` gives (required, actual) for people."""

    def register(run: F) -> F:
        OPERATIONS[name] = Operation(name, run, args, "flag", skips_nulls, "conditions", shown)
        return run

    return register
