"""Blueprints whose paths begin with a language: `/fr/…` and `/en/…`."""

from typing import Any

from flask import Blueprint, g, request

from app.i18n import current_language
from config import LANGUAGES

PREFIX = f"/<any({','.join(LANGUAGES)}):lang>"


def bilingual(name: str, import_name: str) -> Blueprint:
    """A blueprint under each language; views need not take `lang`, and `url_for` adds the reader's."""
    blueprint = Blueprint(name, import_name, url_prefix=PREFIX)

    @blueprint.url_value_preprocessor
    def take_language(endpoint: str | None, values: dict[str, Any] | None) -> None:
        if values:
            values.pop("lang", None)

    return blueprint


def add_language(endpoint: str, values: dict[str, Any]) -> None:
    """Give `url_for` the reader's language where the address needs one."""
    values.setdefault("lang", current_language())


def is_switching() -> bool:
    """Whether this form is only to be shown again: in the other language, or with a token that counts."""
    return request.method == "POST" and ("_switch" in request.form or bool(g.get("is_stale")))


def was_checked() -> bool:
    """Whether the page being sent back already showed its errors."""
    return "_checked" in request.form
