"""When a question is asked: conditions as data on the form, read by the journey's pages and checks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Condition:
    """Holds when the answer to `question` is one of `values`."""

    question: str
    values: frozenset[Any]

    def holds(self, given: Any) -> bool:
        """Whether this answer, or one of these when several may be ticked, is one of the values."""
        if isinstance(given, list):
            return not self.values.isdisjoint(given)
        return given in self.values


@dataclass(frozen=True)
class Answer:
    """The answer to an earlier question: `Answer("married").is_("yes")` is a condition."""

    question: str

    def is_(self, *values: Any) -> Condition:
        """The condition that the answer is one of these."""
        return Condition(self.question, frozenset(values))


def asked(conditions: Mapping[str, Condition], given: Mapping[str, Any]) -> set[str]:
    """The questions of `given` that are asked, given those answers.

    A condition on a question that is itself not asked does not hold: what was answered there does not count.
    """

    def is_asked(name: str) -> bool:
        condition = conditions.get(name)
        if condition is None:
            return True
        return is_asked(condition.question) and condition.holds(given.get(condition.question))

    return {name for name in given if is_asked(name)}
