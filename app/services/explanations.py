"""An explained computation as a part of a letter: kept as data, shown on screen and printed from it."""

from typing import Any

from flask_babel import gettext as _

from app.scheme import explained
from app.scheme.answers import Answer

KIND = "explanation"


def part(found: Answer, language: str) -> dict[str, Any]:
    """A block of a letter's body: conditions, steps and figures of the law, each with its sentence."""
    return {"kind": KIND, KIND: explained(found, language)}


def headings() -> dict[str, str]:
    """What the printed component calls its tables and columns, in the language in force."""
    return {
        "conditions": _("Conditions"),
        "condition": _("Condition"),
        "required": _("Required"),
        "found": _("Found"),
        "result": _("Result"),
        "steps": _("Computation"),
        "step": _("Step"),
        "rule": _("How it is found"),
        "value": _("Value"),
        "parameters": _("Figures of the law in force"),
        "figure": _("Figure"),
        "since": _("In force since"),
    }
