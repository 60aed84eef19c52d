"""The one door: a question as JSON in, an answer out; as JSON, explained in words, or to be replayed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .assessed import assessment_data, assessment_text
from .claims import parse_claim
from .contributions import Assessment, assess
from .evaluation import run_claim
from .explanation import explain_data, explain_text
from .inputs import as_text, need
from .law import Law
from .loading import load, load_text
from .refusals import BadInput
from .results import Result

RECORD = "guichet-evaluation/1"
LANGUAGES = ("fr", "en")
Answer = Result | Assessment


def answer(data: Any, law: Law | None = None) -> Answer:
    """Answer a question in the contract's form; raises only `BadInput`, which names the field."""
    if not isinstance(data, Mapping):
        raise BadInput("(input)", "object")
    name = as_text(need(data, "scheme", ""), "scheme")
    law = law or load(name)
    if law.name != name:
        raise BadInput("scheme", "other_scheme", known=law.name)
    if data.get("benefit") == "contributions":
        return assess(law, data)
    return run_claim(parse_claim(law, data))


def evaluate(data: Any, lang: str = "en", law: Law | None = None) -> dict[str, Any]:
    """The contract's output for the contract's input."""
    return answer(data, law).as_dict(lang)


def explained(found: Answer, lang: str = "en") -> dict[str, Any]:
    """The output with every sentence, as versioned JSON."""
    if isinstance(found, Result):
        return explain_data(found, lang)
    return assessment_data(found, lang)


def explained_text(found: Answer, lang: str = "en") -> str:
    """The explanation as lines of text."""
    if isinstance(found, Result):
        return explain_text(found, lang)
    return assessment_text(found, lang)


def record(data: Mapping[str, Any], found: Answer) -> dict[str, Any]:
    """What to store with a decision, so that it can be shown and replayed to the unit later."""
    law = found.law if isinstance(found, Assessment) else found.claim.law
    return {
        "format": RECORD,
        "scheme": law.name,
        "version": law.version,
        "input": dict(data),
        "result": found.as_dict("en"),
    }


def replay(stored: Mapping[str, Any], law_text: str | None = None) -> Answer:
    """Answer a stored question again under the law it was answered under.

    `law_text` is the law's exact text (`Law.text`), needed once the law in this application has moved on.
    """
    version = as_text(need(stored, "version", ""), "version")
    law = load_text(law_text) if law_text is not None else load(as_text(need(stored, "scheme", ""), "scheme"))
    if law.version != version:
        raise BadInput("version", "other_version", stated=version, known=law.version)
    return answer(need(stored, "input", ""), law)
