"""What a case still lacks: a required document that is not accepted blocks the approval, one that may follow
only the carrying out.
"""

from typing import Any

from flask_babel import gettext as _

from app.files.states import Verdict
from app.models import Case
from app.services.base import DocumentNeed, RuleBroken, Service
from app.workflow import OUTCOME_OF, Outcome, Status, Step


def missing(service: Service[Any], case: Case, *, at_decision: bool = False) -> list[DocumentNeed]:
    """The required documents that staff have not accepted; at the decision, not those that may follow."""
    accepted = {document.category for document in case.documents if document.verdict is Verdict.accepted}
    answers = {key: getattr(case, key) for key in case.__mapper__.columns.keys()}  # noqa: SIM118
    return [
        need
        for need in service.documents
        if need.category not in accepted
        and need.is_required(answers)
        and not (at_decision and need.may_follow)
    ]


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
