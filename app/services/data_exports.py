"""Everything we hold on a person, in one archive made by a job: for them alone, one at a time, some days."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from flask import render_template
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.adapters import storage
from app.delays import DATA_EXPORT_KEPT
from app.extensions import db
from app.models import (
    AccessEntry,
    Account,
    Case,
    CaseCorrection,
    CaseEvent,
    ClosureRequest,
    Conversation,
    DataExport,
    Decision,
    Document,
    Draft,
    EmployerAgent,
    EmployerRequest,
    FileLock,
    InsuredPerson,
    Letter,
    LinkAttempt,
    Message,
    Notice,
    Receipt,
    Recovery,
    SecondFactor,
    SignIn,
    SupportTask,
)
from app.security import sessions
from app.services import access, audit, my_record, notifications, outbox, people, receipts, stored_files
from app.services.base import RuleBroken

_OURS = {
    "owner_id",
    "author_id",
    "outbox_id",
    "account_id",
    "decided_by_id",
    "officer_id",
    "submission_key",
    "printed_by_id",
    "version",
}
"""Columns that say nothing of the person, or name a member of the staff."""

_OF_AN_ACCOUNT = (
    *("first_name", "last_name", "email", "phone", "language", "muted_notices", "terms_accepted_at"),
    *("created_on", "active"),
)
_OF_A_TASK = ("kind", "reason", "facts", "opened_at", "closed_at", "outcome", "answer")
_OF_A_PLACE = ("employer_id", "function", "email", "is_first", "state", "asked_at", "decided_at", "ended_at")
_OF_A_RECOVERY = (
    *("new_email", "paper", "last_digits", "requested_at", "confirmed_at", "due_on"),
    *("frozen_at", "done_at"),
)


def of_account(account: Account) -> DataExport | None:
    """The person's archive, being made or ready; None when there is none or its days are over."""
    found = db.session.scalars(select(DataExport).where(DataExport.account_id == account.id)).one_or_none()
    return None if found is None or _is_over(found) else found


def ask(account: Account) -> DataExport:
    """Have an archive made. Raises `RuleBroken` while one is there."""
    before = db.session.scalars(select(DataExport).where(DataExport.account_id == account.id)).one_or_none()
    if before is not None and _is_over(before):
        _forget(before)
    wanted = DataExport(account_id=account.id, asked_at=clock.now())
    try:
        with db.session.begin_nested():
            db.session.add(wanted)
    except IntegrityError:
        raise RuleBroken(_l("You have a copy already, or it is being made.")) from None
    outbox.write("make_data_export", export_id=wanted.id)
    audit.record(f"person:{account.id}", "ask_data", account.id, {"export": wanted.id})
    return wanted


def make(export: DataExport) -> None:
    """Put everything into one archive and tell the person; a second run finds it made."""
    if export.made_at is not None:
        return
    content = _archive(export.account)
    sha256 = hashlib.sha256(content).hexdigest()
    stored_files.keep(sha256, content)
    export.sha256, export.size = sha256, len(content)
    export.made_at = clock.now()
    export.expires_at = export.made_at + DATA_EXPORT_KEPT
    db.session.flush()
    audit.record(f"person:{export.account_id}", "make_data", None, {"export": export.id, "sha256": sha256})
    notifications.tell_account("data_ready", export.account_id, page="my-file/copy")


def content_of(account: Account) -> bytes:
    """The person's own archive. `FileNotFoundError` when it is not ready, or no more."""
    export = of_account(account)
    if export is None or export.sha256 is None:
        raise FileNotFoundError
    content = storage.read(export.sha256)
    audit.record(f"person:{account.id}", "download_data", account.id, {"export": export.id})
    return content


def purge_expired() -> int:
    """Forget the archives whose days are over; how many."""
    over = db.session.scalars(select(DataExport).where(DataExport.expires_at <= clock.now())).all()
    for export in over:
        _forget(export)
    return len(over)


def _is_over(export: DataExport) -> bool:
    return export.expires_at is not None and export.expires_at <= clock.now()


def _forget(export: DataExport) -> None:
    if export.sha256:
        stored_files.forget([export.sha256])
    db.session.delete(export)
    db.session.flush()


def _archive(account: Account) -> bytes:
    """A ZIP: data.json for tools, index.html for people, and each document, letter and receipt."""
    files = list(_files(account))
    facts = _facts(account)
    facts["files"] = [name for name, _content in files]
    whole = BytesIO()
    with ZipFile(whole, "w", ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(facts, ensure_ascii=False, indent=2, default=_plain))
        with force_locale(account.language):
            page = render_template(
                "export/index.html", facts=facts, made_at=clock.now(), language=account.language
            )
        archive.writestr("index.html", page)
        for name, content in files:
            archive.writestr(name, content)
    return whole.getvalue()


def _facts(account: Account) -> dict[str, Any]:
    cases = db.session.scalars(select(Case).where(Case.owner_id == account.id).order_by(Case.id)).all()
    numbers = [case.id for case in cases]
    person = people.of_account(account)
    return {
        "account": _account(account),
        "insured_person": _columns(person) if person else None,
        "record": _record(account, person) if person else [],
        "cases": [_columns(case) for case in cases],
        "history": _rows(CaseEvent, CaseEvent.case_id.in_(numbers)),
        "decisions": _rows(Decision, Decision.case_id.in_(numbers)),
        "corrections": _rows(CaseCorrection, CaseCorrection.case_id.in_(numbers)),
        "employer_answers": [_asked(request) for case in cases for request in case.employer_requests],
        "employer_places": _some(EmployerAgent, account, *_OF_A_PLACE),
        "drafts": _rows(Draft, Draft.owner_id == account.id),
        "documents": _rows(Document, Document.owner_id == account.id),
        "letters": _rows(Letter, Letter.recipient_id == account.id),
        "messages": [_message(message) for message in _messages(account)],
        "notices": _rows(Notice, Notice.account_id == account.id),
        "locks": _rows(FileLock, FileLock.account_id == account.id),
        "closure_requests": _rows(ClosureRequest, ClosureRequest.account_id == account.id),
        "sign_ins": _rows(SignIn, SignIn.account_id == account.id),
        "second_factors": _some(SecondFactor, account, "created_at", "confirmed_at"),
        "sessions": [_session(it) for it in sessions.open_ones(account.id)],
        "link_attempts": _some(LinkAttempt, account, "started_at", "tries", "used_at", "paused_until"),
        "support_tasks": _some(SupportTask, account, *_OF_A_TASK),
        "recoveries": _some(Recovery, account, *_OF_A_RECOVERY),
        "data_copies": _some(DataExport, account, "asked_at", "made_at", "expires_at"),
        "openings": [_opening(entry) for entry in access.seen_by(account)],
    }


def _asked(request: EmployerRequest) -> dict[str, Any]:
    """What an employer was asked about the person, and says."""
    kept = ("asked_at", "state", "ended_at", "answered_as", "reason")
    said = {fact.name: {"declared": fact.declared, "answered": fact.answered} for fact in request.facts}
    facts = {name: getattr(request, name) for name in kept}
    return facts | {"case": request.case_id, "employer": request.employer.name, "facts": said}


def _record(account: Account, person: InsuredPerson) -> list[dict[str, str]]:
    """What the record says and said, in the person's language."""
    with force_locale(account.language):
        rows = [*my_record.today(person), *my_record.before(person)]
        return [{"what": str(label), "value": value} for label, value in rows]


def _messages(account: Account) -> Iterable[Message]:
    """Everything written in the person's conversations; the notes of the staff are no messages."""
    mine = select(Message).join(Conversation).where(Conversation.owner_id == account.id)
    return db.session.scalars(mine.order_by(Message.conversation_id, Message.id)).unique()


def _message(message: Message) -> dict[str, Any]:
    """One message: by the person or by the administration, never by whom of the staff."""
    there = message.conversation
    return {
        "conversation": there.public_id,
        "about": there.case.reference if there.case else there.subject and there.subject.code,
        "by": "administration" if message.is_staff else "me",
        "text": message.text,
        "sent_at": message.sent_at,
        "read_at": message.read_at,
        "documents": [document.id for document in message.documents],
    }


def _account(account: Account) -> dict[str, Any]:
    return {name: getattr(account, name) for name in _OF_AN_ACCOUNT} | {
        "roles": sorted(role.name for role in account.roles)
    }


def _session(found: sessions.Open) -> dict[str, Any]:
    return {
        "device": found.user_agent,
        "network": found.network,
        "since": found.signed_in_at,
        "last_used": found.seen_at,
    }


def _some(model: Any, account: Account, *names: str) -> list[dict[str, Any]]:
    """The account's rows of a table, as far as it tells of the person: no secret, no member of the staff."""
    rows = db.session.scalars(select(model).where(model.account_id == account.id).order_by(model.id))
    return [{name: getattr(row, name) for name in names} for row in rows]


def _opening(entry: AccessEntry) -> dict[str, Any]:
    """One look at the person's things: the role, never the name."""
    return {
        "when": entry.opened_at,
        "role": entry.role,
        "what": entry.opened,
        "which": entry.name,
        "why": entry.reason,
    }


def _files(account: Account) -> Iterator[tuple[str, bytes]]:
    """Each file that opens, under a name of its own."""
    for document in db.session.scalars(select(Document).where(Document.owner_id == account.id)):
        if document.stored_sha256:
            yield from _stored(f"documents/{document.id}-{document.filename}", document.stored_sha256)
    for letter in db.session.scalars(select(Letter).where(Letter.recipient_id == account.id)):
        if letter.pdf_sha256:
            yield from _stored(f"letters/{letter.number}.pdf", letter.pdf_sha256)
    mine = select(Receipt).join(Case, Case.id == Receipt.case_id).where(Case.owner_id == account.id)
    for receipt in db.session.scalars(mine):
        try:
            yield f"receipts/{receipt.case.reference}.json", receipts.content_of(receipt)
        except (FileNotFoundError, receipts.Damaged):
            continue


def _stored(name: str, sha256: str) -> Iterator[tuple[str, bytes]]:
    try:
        yield name, storage.read(sha256)
    except FileNotFoundError:
        return


def _rows(model: Any, condition: Any) -> list[dict[str, Any]]:
    return [_columns(row) for row in db.session.scalars(select(model).where(condition).order_by(model.id))]


def _columns(row: Any) -> dict[str, Any]:
    names = (attribute.key for attribute in inspect(row).mapper.column_attrs)
    kept = {name: getattr(row, name) for name in names if name not in _OURS and not name.endswith("_by_id")}
    return {name: value for name, value in kept.items() if not isinstance(value, bytes)}


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
