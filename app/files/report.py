"""What an inspection says of a file: refused and why, or what to keep of it."""

from dataclasses import dataclass, field
from typing import Any

from app.files.states import Refusal

READY = b"ready\n"
"""What the inspecting process says before it opens the file."""


@dataclass(frozen=True)
class Report:
    """`kept` is what may be stored and shown, without metadata; `previews` are JPEGs of its first pages.

    `facts` is what its metadata said (producer, software, dates), as texts and numbers.
    """

    refusal: Refusal | None = None
    content_type: str = ""
    kept: bytes = b""
    previews: tuple[bytes, ...] = ()
    pages: int = 0
    facts: dict[str, Any] = field(default_factory=dict)
