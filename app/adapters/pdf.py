"""PDF out: Typst, with the standards PDF/A-2a and PDF/UA-1. Facts go in as data, never as Typst source.

Only the typefaces that come with Typst are used, so that a paper looks the same on every machine.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

import segno
import typst

STANDARDS: list[Literal["a-2a", "ua-1"]] = ["a-2a", "ua-1"]
UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"
"""What stands for a character that no typeface of Typst has."""

_TEMPLATES = Path(__file__).parents[1] / "templates" / "pdf"
_PROBE = "probe.typ"
_UNUSUAL = re.compile(r"[^\x20-\x7e\xa0-\u024f\u2010-\u2026\u202f\n][\u0300-\u036f]*")
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


class NotPrinted(Exception):
    """Typst refused the paper: a fault of the template."""


def render(template: str, language: str, title: str, made_at: datetime, facts: Mapping[str, Any]) -> bytes:
    """The PDF of `templates/pdf/<template>.typ`; the same facts give the same bytes.

    The template reads `facts` as `data`, and with them `lang`, `title` and `has_unprintable`: whether a
    character had to be replaced. Raises `NotPrinted` when the template is wrong.
    """
    known = {"lang": language, "title": title, **facts}
    printable = _printable(known)
    data = {**printable, "has_unprintable": printable != _tidy(known)}
    try:
        return _compile(f"{template}.typ", {"data": json.dumps(data)}, made_at)
    except typst.TypstError as error:
        raise NotPrinted(error.message) from error


def qr_code(address: str) -> str:
    """The QR code of an address as SVG, for `image(bytes(…))`."""
    return segno.make(address, error="m").svg_inline(border=0, scale=4, omitsize=True)


def _compile(file: str, inputs: dict[str, str], made_at: datetime | None = None) -> bytes:
    timestamp = int(made_at.timestamp()) if made_at else None
    compiler = typst.Compiler(_TEMPLATES / file, root=_TEMPLATES, ignore_system_fonts=True, sys_inputs=inputs)
    made = compiler.compile(format="pdf", pdf_standards=[*STANDARDS], timestamp=timestamp)
    return cast(bytes, made)


def _printable(value: Any) -> Any:
    """The same value with each character that cannot be printed replaced."""
    return _mapped(value, lambda text: _UNUSUAL.sub(_shown, _clean(text)))


def _tidy(value: Any) -> Any:
    return _mapped(value, _clean)


def _mapped(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _mapped(inner, change) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_mapped(inner, change) for inner in value]
    return value


def _clean(text: str) -> str:
    """Composed characters, line ends as one sign, no control characters."""
    return _CONTROLS.sub("", unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n"))


def _shown(found: re.Match[str]) -> str:
    return found[0] if _has_glyph(found[0]) else UNPRINTABLE


@lru_cache(maxsize=4096)
def _has_glyph(cluster: str) -> bool:
    """Whether Typst can print it: asked of Typst itself, which refuses what it has no glyph for."""
    try:
        _compile(_PROBE, {"text": cluster})
    except typst.TypstError:
        return False
    return True
