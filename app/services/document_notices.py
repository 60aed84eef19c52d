"""What people are told of their documents by e-mail: no name of a file leaves the portal."""

from sqlalchemy import or_, select

from app import clock
from app.extensions import db
from app.files.states import FileState, Verdict
from app.models import Document
from app.services import notices


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
    notices.send_document_notice("documents_refused", owner_id, outbox_id, refused=refused)
