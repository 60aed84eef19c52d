"""A law that cannot be read: every fault of it, with its place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a law: in which file, at which key (and line when known), and why it is refused."""

    file: str
    key: str
    reason: str
    line: int | None = None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.key}: {self.reason}"


class BadLaw(ValueError):
    """A scheme was refused on load; carries every problem found, so that they are mended in one go."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class Unreadable(BadLaw):
    """What was given as a law is no file of a size to be read, or includes too many of them."""
