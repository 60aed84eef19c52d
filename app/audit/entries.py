"""What an entry says, as one line of text: the bytes that are hashed are the bytes that are stored."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

_STREAM = re.compile(r"[a-z_]{1,20}:[A-Za-z0-9_-]{1,59}")


@dataclass(frozen=True)
class Sealed:
    """Personal values, encrypted: which key of which person opens them, and the ciphertext in base64."""

    person_id: int
    number: int
    text: str


def check_stream(stream: str) -> str:
    """The stream's name, such as `case:12`, `person:7`, `day:2026-07-02`; `ValueError` for another form."""
    if not _STREAM.fullmatch(stream):
        raise ValueError(f"“{stream}” is no name of an audit stream.")
    return stream


def instant(at: datetime) -> str:
    """An aware instant as it stands in an entry: UTC, always 27 characters."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(at: str, action: str, actor_id: int | None, subject: str, sealed: Sealed | None) -> str:
    """The entry's text: JSON on one line, its keys always in this order; `subject` is JSON already."""
    head = f'{{"at":"{at}","action":{_json(action)},"actor":{_json(actor_id)},"subject":{subject}'
    if sealed is None:
        return head + "}"
    key = f"{sealed.person_id}.{sealed.number}"
    return f'{head},"personal":{{"key":"{key}","sealed":"{sealed.text}"}}}}'


def facts(values: Mapping[str, Any]) -> str:
    """Facts as canonical JSON: sorted keys, no spaces, ASCII, dates in ISO form, amounts as text.

    Raises `TypeError` for a float or an unknown kind, `ValueError` for a NUL or half a character.
    """
    _refuse_floats(values)
    text = _json(values)
    if "\\u0000" in text:
        raise ValueError("A NUL character cannot be recorded.")
    if "\\ud" in text:  # half a character is refused here: PostgreSQL would refuse it at the commit
        json.dumps(json.loads(text), ensure_ascii=False).encode()
    return text


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be recorded in the audit chain.")


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("A float cannot be recorded in the audit chain: its text is not one.")
    if isinstance(value, Mapping):
        for item in value.values():
            _refuse_floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)
