"""What a page shows of a case, read with one statement: who only looks asks the database once."""

from typing import Any

from sqlalchemy import true
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from app.models import (
    Agency,
    Case,
    CaseDocument,
    Document,
    DocumentCategory,
    EmployerRequest,
    Notice,
    PossibleDuplicate,
)
from app.services import at_once
from app.services.at_once import Beside
from app.services.base import Service

_DOCUMENT = (
    joinedload(CaseDocument.document).options(
        joinedload(Document.verified_by), joinedload(Document.replaced_by)
    ),
)
_DEEPER = {
    "filed": _DOCUMENT,
    "employer_requests": (joinedload(EmployerRequest.facts),),
    "duplicates": (joinedload(PossibleDuplicate.other_case),),
}
_CATEGORIES = Beside(DocumentCategory, true(), DocumentCategory.position)
_AGENCIES = Beside(Agency, true(), Agency.code)


def for_owner(service: Service[Any], case: Case) -> tuple[list[DocumentCategory], bool]:
    """Fill what the person's page shows; the categories of documents, and whether what was told is unread."""
    unread = (Notice.case_id == case.id) & (Notice.account_id == case.owner_id) & Notice.read_at.is_(None)
    found = at_once.load(
        case,
        *(Case.events, Case.decisions, Case.letters, Case.filed, Case.receipt, Case.conversation),
        *(Case.employer, *_groups(service)),
        beside={"categories": _CATEGORIES, "unread": Beside(Notice, unread, Notice.id)},
        deeper=_DEEPER,
    )
    _set_documents(case)
    return found["categories"], bool(found["unread"])


def for_staff(service: Service[Any], case: Case) -> tuple[list[DocumentCategory], list[Agency]]:
    """Fill what the staff's page shows; the categories of documents, and the agencies."""
    found = at_once.load(
        case,
        *(Case.events, Case.decisions, Case.letters, Case.filed, Case.receipt, Case.conversation),
        *(Case.employer, Case.officer, Case.agency, Case.decided_by, Case.entered_by),
        *(Case.corrections, Case.notes, Case.notices, Case.duplicates, Case.employer_requests),
        *(Case.proposed_employer, *_groups(service)),
        beside={"categories": _CATEGORIES, "agencies": _AGENCIES},
        deeper=_DEEPER,
    )
    _set_documents(case)
    return found["categories"], found["agencies"]


def _groups(service: Service[Any]) -> list[Any]:
    return [getattr(service.model, name) for name in service.groups()]


def _set_documents(case: Case) -> None:
    set_committed_value(case, "documents", [link.document for link in case.filed])
