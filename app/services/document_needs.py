"""What a case still lacks: a required document that is not accepted blocks the approval, one that may follow
only the carrying out.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _

from app.files.states import Verdict
from app.models import Case
from app.services.base import DocumentNeed, RuleBroken, Service
from app.workflow import OUTCOME_OF, Outcome, Status, Step


def missing(service: Service[Any], case: Case, *, at_decision: bool = False) -> list[DocumentNeed]:
    """The required documents that staff have not accepted; at the decision, not those that may follow.

    A document answers the question it came with, its newer version too; what came later, in answer to ours,
    answers what is of its category.
    """
    by_id = {document.id: document for document in case.documents}
    links = (link for link in case.filed if link.document_id in by_id)
    filed = [(by_id[link.document_id], (link.questions or "").split()) for link in links]
    accepted = [(it, names) for it, names in filed if it.verdict is Verdict.accepted]
    answered = {name for _document, names in accepted for name in names}
    spare = {document.category for document, names in accepted if not names}
    needed = (need for need in _needed(service, case) if not (at_decision and need.may_follow))
    return [need for need in needed if need.field not in answered and need.category not in spare]


def _needed(service: Service[Any], case: Case) -> Iterator[DocumentNeed]:
    """What the answers make necessary; of a group, once for each entry that makes it so, with its name."""
    answers = {key: getattr(case, key) for key in case.__mapper__.columns.keys()}  # noqa: SIM118
    for need in service.documents:
        if not need.group:
            if need.is_required(answers):
                yield need
            continue
        for number, facts in enumerate(service.value_of(case, need.group)):
            name = f"{need.group}-{number}-{need.question}"
            if need.is_required(facts):
                yield replace(need, field=name, label=service.label_of(name))


def check(service: Service[Any], case: Case, step: Step) -> None:
    """Raise `RuleBroken` when a step approves, or carries out, without the documents it needs."""
    approves = Outcome.approve in (OUTCOME_OF.get(step.target), step.outcome if step.prepares else None)
    carries_out = step.target is Status.carried_out
    if not (approves or carries_out):
        return
    lacking = missing(service, case, at_decision=approves and not carries_out)
    if lacking:
        names = ", ".join(str(need.label) for need in lacking)
        raise RuleBroken(_("Not possible before these documents are accepted: %(names)s.", names=names))
