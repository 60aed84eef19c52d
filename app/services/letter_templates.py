"""The words of decision letters: which are in force, which merge fields they may use, how these are filled.

In a body, paragraphs stand apart by an empty line and `# ` begins a heading. A paragraph whose merge field
has no value is left out, and so is a heading with nothing under it. Some fields (`BLOCKS`) stand for more
than words, and have a paragraph of a body to themselves.
"""

import re
from collections.abc import Container, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.extensions import db
from app.models import LetterTemplate
from app.services.base import RuleBroken
from app.services.letter_texts import TEXTS
from app.workflow import Outcome

ANY = "*"
"""The service of a template that holds for every service without one of its own."""

FIELDS = {
    "person": _l("the person’s name"),
    "ssn": _l("their social security number"),
    "reference": _l("the reference of the case"),
    "service": _l("the title of the service"),
    "submitted_on": _l("the day the request was sent"),
    "decided_on": _l("the day of the decision"),
    "reason": _l("the reason given by the officer"),
    "result": _l("what the decision gives, such as a number"),
    "replaced_on": _l("the day of the decision this one replaces"),
    "replaced_number": _l("the number of the letter this one replaces"),
    "appeal_delay": _l("the time limit to appeal"),
}
"""The merge fields a template may use, and what each stands for."""

EXPLANATION = "explanation"
BLOCKS = {EXPLANATION: _l("how the result was computed: conditions, steps and figures of the law")}
"""What a paragraph of a body may be instead of words, and what each stands for."""
FIELDS_OF_BODY = {**FIELDS, **BLOCKS}

_SINCE = date(2000, 1, 1)
_FIELD = re.compile(r"%\((\w*)\)s")
_ALMOST = re.compile(r"%\([^)]*\)?s?")
Block = dict[str, Any]


def seed() -> None:
    """Write the letters of the scheme that are missing; others stay as they were changed."""
    for outcome, subject_fr, subject_en, body_fr, body_en in TEXTS:
        row = insert(LetterTemplate).values(
            service=ANY,
            outcome=outcome,
            valid_from=_SINCE,
            subject_fr=subject_fr,
            subject_en=subject_en,
            body_fr=body_fr,
            body_en=body_en,
        )
        db.session.execute(row.on_conflict_do_nothing())


def in_force(service: str, outcome: Outcome, on: date | None = None) -> LetterTemplate:
    """The template of that day (today): the service's own, else the one for all. `RuleBroken` if none."""
    template = db.session.scalars(
        select(LetterTemplate)
        .where(
            LetterTemplate.service.in_((service, ANY)),
            LetterTemplate.outcome == outcome,
            LetterTemplate.valid_from <= (on or clock.today()),
        )
        .order_by(LetterTemplate.service == ANY, LetterTemplate.valid_from.desc())
        .limit(1)
    ).one_or_none()
    if template is None:
        raise RuleBroken(_l("There is no letter for this decision yet: ask an administrator to write one."))
    return template


def unknown_fields(words: str, known: Container[str] = FIELDS) -> list[str]:
    """What looks like a merge field and is none, as it was typed."""
    written = (found[0] for found in _ALMOST.finditer(words))
    return [field for field in written if not _is_known(field, known)]


def crowded_fields(body: str) -> list[str]:
    """The fields for a paragraph of their own that share one with anything else, as they are written."""
    fields = [f"%({name})s" for name in BLOCKS]
    return [field for words in _paragraphs(body) for field in fields if field in words and field != words]


def fill_line(words: str, values: Mapping[str, str]) -> str:
    """One line with its merge fields filled in."""
    return _FIELD.sub(lambda found: values.get(found[1], ""), words).strip()


def fill(
    body: str, values: Mapping[str, str], parts: Mapping[str, Block] = MappingProxyType({})
) -> list[Block]:
    """The blocks of a letter; `parts` are those that stand where a field of `BLOCKS` has its paragraph.

    What is filled in is text, whatever it looks like: it never makes a heading.
    """
    blocks: list[Block] = []
    for words in _paragraphs(body):
        kind = "heading" if words.startswith("# ") else "text"
        if kind == "heading" and blocks and blocks[-1]["kind"] == "heading":
            blocks.pop()
        alone = _FIELD.fullmatch(words)
        if alone and alone[1] in parts:
            blocks.append(parts[alone[1]])
        elif all(values.get(name) for name in _FIELD.findall(words)):
            blocks.append({"kind": kind, "text": fill_line(words.removeprefix("# "), values)})
    if blocks and blocks[-1]["kind"] == "heading":
        blocks.pop()
    return blocks


def _paragraphs(body: str) -> list[str]:
    return [words.strip() for words in re.split(r"\n[ \t]*\n", body.replace("\r\n", "\n").strip())]


def _is_known(field: str, known: Container[str]) -> bool:
    found = _FIELD.fullmatch(field)
    return found is not None and found[1] in known
