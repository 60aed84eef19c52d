"""The two ways things go wrong here: a law that cannot be read, and a question that cannot be answered."""

from __future__ import annotations

from dataclasses import dataclass


class BadInput(ValueError):
    """An evaluation was asked with a field nobody can make sense of; names the field and says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message

    def as_dict(self) -> dict[str, dict[str, str]]:
        """The shape the command line and the API answer with."""
        return {"error": {"field": self.field, "message": self.message}}


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
