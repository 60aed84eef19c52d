"""An explained computation as a part of a letter: kept as data, shown on screen and printed from it."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.scheme import BadInput, explained
from app.scheme.answers import Answer
from app.services import laws
from app.services.base import RuleBroken

KIND = "explanation"
NOT_REPEATED = _l(
    "The computation behind this decision does not come out as it is stored, so no letter can explain it."
    " Have the case computed again, or ask an administrator."
)


def part(found: Answer, language: str) -> dict[str, Any]:
    """A block of a letter's body: conditions, steps and figures of the law, each with its sentence."""
    return {"kind": KIND, KIND: explained(found, language)}


def part_of_stored(stored: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The same block from a stored result (`scheme.record`), computed again under the law of then.

    Raises `RuleBroken` when it cannot be computed again, or comes to something else: no letter says what was
    not decided.
    """
    try:
        found = laws.replay_stored(stored)
    except BadInput as error:
        raise RuleBroken(NOT_REPEATED) from error
    if found.as_dict() != stored["result"]:
        raise RuleBroken(NOT_REPEATED)
    return part(found, language)


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
