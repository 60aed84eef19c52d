"""Documents that end: until when one is valid, and who is told before."""

from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, select

from app import clock
from app.delays import EXPIRY_REMINDERS
from app.extensions import db
from app.files.states import FileState
from app.models import Account, Case, Document
from app.permissions import holders
from app.services import SERVICES, agencies, document_notices, documents, locks, outbox
from app.services.base import RuleBroken
from app.workflow import ENDED, Status


def set_date(document: Document, expires_on: date | None) -> None:
    """Write down until when a document is valid; reminders begin anew. `RuleBroken` for a day long past.

    Raises `FileLocked` when its owner locked their file.
    """
    locks.check(document.owner)
    if expires_on is not None and expires_on.year < document.created_at.year - 50:
        raise RuleBroken(_l("This date is too far in the past."))
    if expires_on != document.expires_on:
        document.expires_on, document.reminded_days = expires_on, None


def remind() -> int:
    """Have the owners told whose documents expire in 60, 30 or 7 days, all in one message; how many."""
    today = clock.today()
    soon = db.session.scalars(
        select(Document)
        .where(
            Document.filed_at.is_not(None),
            Document.expires_on.between(today, today + timedelta(days=max(EXPIRY_REMINDERS))),
        )
        .with_for_update(skip_locked=True)
    ).all()
    due = [document for document in soon if _falls_due(document, today) and document.replaced_by is None]
    for document in due:
        document.reminded_days = _reminder(document, today)
    for owner_id in sorted({document.owner_id for document in due}):
        outbox.write("tell_of_expiring_documents", owner_id=owner_id)
    return len(due)


def tell(owner_id: int, outbox_id: int) -> None:
    """One message about all documents of a person that expire soon."""
    limit = clock.today() + timedelta(days=max(EXPIRY_REMINDERS))
    owner = db.session.get_one(Account, owner_id)
    expiring = [
        document
        for document in documents.mine(owner)
        if document.expires_on and clock.today() <= document.expires_on <= limit
    ]
    if expiring:
        document_notices.tell("documents_expiring", owner_id, outbox_id, expiring)


def behind_open_cases(account: Account) -> ColumnElement[bool]:
    """The papers, expired or soon to be, behind the open requests somebody of the staff may see."""
    seen = [
        slug
        for slug, service in SERVICES.items()
        if account.has_role(*holders(service.staff_view, "can_list"))
    ]
    is_open = and_(
        Case.service.in_(seen), Case.status.not_in(ENDED | {Status.draft}), agencies.scope(account)
    )
    return and_(
        Document.expires_on <= clock.today() + timedelta(days=max(EXPIRY_REMINDERS)),
        Document.state == FileState.accepted,
        ~Document.replaced_by.has(),
        Document.cases.any(is_open),
    )


def _reminder(document: Document, today: date) -> int:
    """The reminder whose time has come last: 60, 30 or 7 days before."""
    left = (document.expires_on - today).days if document.expires_on else 0
    return min(days for days in EXPIRY_REMINDERS if left <= days)


def _falls_due(document: Document, today: date) -> bool:
    before = document.reminded_days
    return before is None or _reminder(document, today) < before
