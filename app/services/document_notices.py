"""What people are told of their documents by e-mail: no name of a file leaves the portal."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select

from app import clock
from app.extensions import db
from app.files.states import FileState, Verdict
from app.models import Document
from app.services import notices, notifications

LISTS = {"documents_refused": "refused", "documents_expiring": "expiring"}
"""Under which name a notice's template finds its documents."""


def tell_of_refused(owner_id: int, outbox_id: int) -> None:
    """One message about all files that were not accepted and that their owner was not told of."""
    refused = db.session.scalars(
        select(Document)
        .where(
            Document.owner_id == owner_id,
            Document.told_at.is_(None),
            or_(
                Document.state.in_([FileState.refused, FileState.quarantined]),
                Document.verdict.in_([Verdict.refused, Verdict.unreadable]),
            ),
        )
        .order_by(Document.id)
        .with_for_update()
    ).all()
    if not refused:
        return
    for document in refused:
        document.told_at = clock.now()
    tell("documents_refused", owner_id, outbox_id, refused)


def tell(name: str, owner_id: int, outbox_id: int, documents: Sequence[Document]) -> None:
    """File one notice about these documents, and have it mailed; `outbox_id` is the work that found them."""
    notifications.tell(
        "send_document_notice",
        name,
        owner_id,
        f"documents:{outbox_id}",
        "documents/",
        {LISTS[name]: documents},
        notice=name,
        owner_id=owner_id,
        document_ids=[document.id for document in documents],
    )


def send(notice: str, owner_id: int, document_ids: list[int], outbox_id: int) -> None:
    """Mail it, about those documents that are still there."""
    found = select(Document).where(Document.id.in_(document_ids), Document.owner_id == owner_id)
    documents = db.session.scalars(found.order_by(Document.id)).all()
    facts: dict[str, Any] = {LISTS[notice]: documents}
    notices.send_document_notice(notice, owner_id, outbox_id, **facts)
