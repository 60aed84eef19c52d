"""The checks of a file in the background: inspected in a process of its own, shown to the virus scanner.

A file is held until both are done; nothing of it is shown before. What is refused is told to its owner.
"""

import hashlib

from sqlalchemy import select

from app import clock, live
from app.adapters import antivirus, storage
from app.delays import CHECK_OVERDUE, QUARANTINE_KEPT, REFUSALS_GATHERED, SCANNER_PAUSE
from app.extensions import db
from app.files import inspection
from app.files.report import Report
from app.files.states import FileState, Refusal
from app.models import Document
from app.services import audit, outbox, stored_files


def check(document_id: int) -> None:
    """Take a file further; a second run finds it done. A scanner that is away is asked again later."""
    document = db.session.scalars(
        select(Document).where(Document.id == document_id).with_for_update()
    ).one_or_none()
    if document is None or not document.state.is_waiting:
        return
    content = storage.read(document.sha256)
    if document.state is FileState.sent and not _inspect(document, content):
        return
    _scan(document, content)


def check_overdue() -> int:
    """Put the files that wait for too long in the queue again; how many."""
    waiting = select(Document.id).where(
        Document.state.in_([FileState.sent, FileState.checking]),
        Document.created_at < clock.now() - CHECK_OVERDUE,
    )
    found = db.session.scalars(waiting).all()
    for document_id in found:
        outbox.write("check_document", document_id=document_id)
    return len(found)


def purge_quarantined() -> int:
    """Delete the infected files whose time under lock is over; how many. That they came stays on record."""
    now = clock.now()
    over = select(Document).where(
        Document.state == FileState.quarantined,
        Document.checked_at < now - QUARANTINE_KEPT,
        ~Document.facts.has_key(stored_files.PURGED),
    )
    found = db.session.scalars(over.with_for_update(skip_locked=True)).all()
    for document in found:
        document.facts = document.facts | {stored_files.PURGED: now.date().isoformat()}
    stored_files.forget(document.sha256 for document in found)
    return len(found)


def _inspect(document: Document, content: bytes) -> bool:
    """Whether the file passed; what is kept of it is stored then."""
    report = inspection.inspect(content)
    if report.refusal:
        _refuse(document, report.refusal)
        return False
    document.stored_sha256 = _store(report.kept)
    document.previews = [_store(preview) for preview in report.previews]
    document.facts = _facts(report)
    document.content_type = report.content_type
    document.state = FileState.checking
    return True


def _scan(document: Document, content: bytes) -> None:
    try:
        virus = antivirus.scan(content) if antivirus.is_configured() else None
    except antivirus.Unavailable:
        _announce(document)
        later = outbox.write("check_document", document_id=document.id)
        later.next_try_at = clock.now() + SCANNER_PAUSE
        return
    if virus:
        document.facts = {"virus": virus[:200]}
        _refuse(document, Refusal.infected)
    else:
        _accept(document)


def _accept(document: Document) -> None:
    """From here on it can be opened; of a picture only what was drawn again stays."""
    document.state, document.checked_at = FileState.accepted, clock.now()
    stored_files.forget([document.sha256])
    _record(document)


def _refuse(document: Document, refusal: Refusal) -> None:
    """What was refused is deleted; what is infected is kept under lock for whoever investigates."""
    document.state = FileState.quarantined if refusal is Refusal.infected else FileState.refused
    document.refusal, document.checked_at = refusal, clock.now()
    stored_files.forget([document.sha256, document.stored_sha256 or document.sha256, *document.previews])
    document.stored_sha256, document.previews = None, []
    _record(document)
    told = outbox.write("tell_of_refused_documents", owner_id=document.owner_id)
    told.next_try_at = clock.now() + REFUSALS_GATHERED


def _record(document: Document) -> None:
    facts = {"document": document.public_id, "state": document.state, "refusal": document.refusal}
    audit.record(f"person:{document.owner_id}", "check_document", None, facts)
    _announce(document)


def _announce(document: Document) -> None:
    for case in document.cases:
        live.announce(case.public_id)


def _store(content: bytes) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    stored_files.keep(sha256, content)
    return sha256


def _facts(report: Report) -> dict[str, object]:
    return {name: value for name, value in report.facts.items() if value not in ("", None)}
