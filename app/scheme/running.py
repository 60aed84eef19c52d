"""The closures that a compiled step runs: fetch arguments, mind nulls, apply the rule, round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any

from .law import Ref, Run
from .operations import Operation
from .values import round_to


def base_run(
    operation: Operation,
    positions: tuple[int, ...],
    checked: tuple[int, ...],
    rounding: tuple[Decimal, str] | None,
    whole: bool,
) -> Run:
    """A closure that fetches the arguments, minds nulls, runs the rule and rounds."""
    run = fetching(operation, positions)
    if rounding is not None:
        run = rounded(run, *rounding, whole)
    if not checked:
        return run
    absent = False if operation.is_condition else None

    def unless_null(values: list[Any]) -> Any:
        for slot in checked:
            if values[slot] is None:
                return absent
        return run(values)

    return unless_null


def fetch(slots: Sequence[int]) -> Callable[[list[Any]], tuple[Any, ...]]:
    """Fetches several slots as a tuple, however many they are."""
    if len(slots) > 1:
        return itemgetter(*slots)
    return lambda values: tuple([values[slot] for slot in slots])


def fetching(operation: Operation, positions: tuple[int, ...]) -> Run:
    """A closure that fetches the arguments and runs the rule."""
    function = operation.run
    if len(positions) == 1:
        only = positions[0]
        return lambda values: function(values[only])
    get = itemgetter(*positions)
    return lambda values: function(*get(values))


def rounded(run: Run, unit: Decimal, direction: str, whole: bool) -> Run:
    """The same closure, its value rounded; a null stays null."""

    def then_round(values: list[Any]) -> Any:
        value = run(values)
        if value is None:
            return None
        value = round_to(value, unit, direction)
        return int(value) if whole else value

    return then_round


def guarded(run: Run, guards: dict[str, Ref]) -> Run:
    """The same closure, which gives null where it does not apply (`when`, `unless`)."""
    if not guards:
        return run
    when = guards["when"].slot if "when" in guards else None
    unless = guards["unless"].slot if "unless" in guards else None

    def if_applicable(values: list[Any]) -> Any:
        if when is not None and not values[when]:
            return None
        if unless is not None and values[unless]:
            return None
        return run(values)

    return if_applicable
