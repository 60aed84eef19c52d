"""The receipt file: what was filed, as one line of JSON that is hashed as it stands.

`salt` keeps the hash, which is public, from being tried out against guessed answers.
"""

import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from app.audit import entries

FORMAT = "guichet-receipt"
VERSION = 1
_CLAIM = rb'"%s"\s*:\s*"([0-9A-Za-z-]{1,40})"'


@dataclass(frozen=True)
class FiledDocument:
    """A document that was filed: what it is, how it was called, how large it is, and its SHA-256."""

    label: str
    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Filed:
    """What was filed, in the words the person read."""

    code: str
    reference: str
    service: str
    title: str
    language: str
    filed_at: datetime
    answers: Iterable[tuple[str, str]]
    documents: Iterable[FiledDocument]


@dataclass(frozen=True)
class Claims:
    """Which receipt a file says it is; nothing of it is believed."""

    code: str | None
    reference: str | None


def write(filed: Filed) -> bytes:
    """The receipt's bytes: sorted keys, no spaces, UTF-8."""
    said = {
        "format": FORMAT,
        "version": VERSION,
        "salt": secrets.token_hex(16),
        "code": filed.code,
        "reference": filed.reference,
        "service": {"name": filed.service, "title": filed.title},
        "language": filed.language,
        "filed_at": entries.instant(filed.filed_at),
        "answers": [{"label": label, "value": value} for label, value in filed.answers],
        "documents": [document.__dict__ for document in filed.documents],
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(content: bytes) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    return sha256(content).hexdigest()


def read(content: bytes) -> dict[str, Any]:
    """What a receipt whose hash was checked says."""
    return dict(json.loads(content))


def claims(content: bytes) -> Claims:
    """Which receipt a file says it is, however damaged or rewritten it is."""
    return Claims(_claim(b"code", content), _claim(b"reference", content))


def _claim(name: bytes, content: bytes) -> str | None:
    found = re.search(_CLAIM % name, content)
    return found[1].decode("ascii") if found else None
