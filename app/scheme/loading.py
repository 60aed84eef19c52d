"""Finds schemes, loads them once, and keeps their exact text so that an old result can be replayed."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from .checking import check_shape
from .compiling import Compiler
from .errors import BadLaw
from .law import Law
from .reading import Source, read_law
from .refusals import BadInput

HOME = Path(__file__).parent


def scheme_names() -> list[str]:
    """The schemes that come with the application."""
    return sorted(path.parent.name for path in HOME.glob("*/scheme.yaml"))


@cache
def load(name: str) -> Law:
    """A scheme by name, loaded and checked once."""
    if name not in scheme_names():
        raise BadInput("scheme", "one_of", choices=scheme_names())
    return load_path(HOME / name)


def load_path(path: Path) -> Law:
    """A scheme from a folder or a file; refused with every problem found."""
    source = read_law(path)
    return compile_source(source)


def load_text(text: str) -> Law:
    """A scheme from the exact text kept with an old result (`Law.text`)."""
    source = Source(data=json.loads(text, parse_float=Decimal), name="stored law")
    return compile_source(source)


def compile_source(source: Source) -> Law:
    """Check and compile what was read."""
    if not source.problems:
        check_shape(source)
    if source.problems:
        raise BadLaw(source.problems)
    law = _law(Compiler(source))
    if source.problems:
        raise BadLaw(source.problems)
    return law


def _law(compiler: Compiler) -> Law:
    data = compiler.data
    text = canonical_text(data)
    version = f"{data['scheme']['edition']}+{fingerprint(text)}"
    return Law(
        data=data,
        text=text,
        version=version,
        currency=compiler.currency(),
        parameters=compiler.parameters,
        tables=compiler.tables,
        facts=compiler.facts,
        insurance=compiler.insurance,
        benefits=compiler.benefits(),
        calculations=compiler.calculations(),
        contributions=compiler.contributions(),
    )


def fingerprint(text: str) -> str:
    """What a law's version ends in: twelve digits that change with any change of its text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def canonical_text(data: dict[str, Any]) -> str:
    """The whole law on one line, the same for the same law: what the version is a fingerprint of.

    Keys keep their order, since the order of outcomes and steps is part of the law.
    """
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=_as_text)


def _as_text(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{value!r} has no place in a law")
