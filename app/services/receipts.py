"""Receipts: issued with the request, kept as a file under its hash, judged by register and audit chain."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app import clock
from app.adapters import storage
from app.audit import chain, receipts
from app.extensions import db
from app.formats import file_size, instant
from app.models import AuditEntry, AuditHead, AuditLeaf, Case, Receipt
from app.services import audit, papers, stored_files
from app.services.base import Service

ACTION = "issue_receipt"
_NEVER = -1
"""The number of no entry: what is known of it is never met, and the stream does not hold."""


class Verdict(StrEnum):
    """What a file that is shown as a receipt is."""

    genuine = "genuine"
    altered = "altered"
    contradicted = "contradicted"
    unknown = "unknown"


class Purged(Exception):
    """The receipt file was destroyed by law; its hash stays."""


class Damaged(Exception):
    """The stored file is not the one whose hash was recorded."""


@dataclass(frozen=True)
class Judgement:
    """What a file is, the receipt it is or says it is, and the entry of the chain that tells."""

    verdict: Verdict
    sha256: str
    receipt: Receipt | None = None
    entry: AuditEntry | None = None


def issue(service: Service[Any], case: Case) -> Receipt:
    """Write down what was filed, keep the file, record its hash; in the transaction of the submission."""
    code = papers.new_code()
    content = receipts.write(_filed(service, case, code))
    sha256 = receipts.digest(content)
    stored_files.keep(sha256, content)
    receipt = Receipt(case_id=case.id, code=code, sha256=sha256)
    db.session.add(receipt)
    db.session.flush()
    audit.record(_stream(case), ACTION, None, {"reference": case.reference, "sha256": sha256})
    return receipt


def content_of(receipt: Receipt) -> bytes:
    """The receipt file; raises `Purged`, `FileNotFoundError` when lost, `Damaged` when it was changed."""
    if receipt.purged_at is not None:
        raise Purged(f"The receipt of case {receipt.case_id} was destroyed by law.")
    content = storage.read(receipt.sha256)
    if receipts.digest(content) != receipt.sha256:
        raise Damaged(f"The stored receipt of case {receipt.case_id} is not what was filed.")
    return content


def pdf_of(receipt: Receipt) -> bytes:
    """The receipt on paper; printed when it is first asked for, then kept for the next time."""
    if receipt.pdf_sha256:
        try:
            return storage.read(receipt.pdf_sha256)
        except FileNotFoundError:
            pass
    content = _print(receipt)
    receipt.pdf_sha256 = receipts.digest(content)
    stored_files.keep(receipt.pdf_sha256, content)
    return content


def purge(receipt: Receipt, actor_id: int | None) -> None:
    """Destroy the file and its print, after the commit; code, hash and chain still tell what was genuine."""
    stored_files.forget(sha256 for sha256 in (receipt.sha256, receipt.pdf_sha256) if sha256)
    receipt.purged_at, receipt.pdf_sha256 = clock.now(), None
    audit.record(_stream(receipt.case), "purge_receipt", actor_id, {"sha256": receipt.sha256})


def of_code(code: str) -> Receipt | None:
    """The receipt of a verification code in its plain form."""
    return db.session.scalars(select(Receipt).where(Receipt.code == code)).one_or_none()


def holds(receipt: Receipt) -> bool:
    """Whether the audit chain, followed to its sealed head, says the same of a receipt as the register."""
    return _confirming(receipt) is not None


def judge(content: bytes) -> Judgement:
    """Say whether a file is a receipt we issued, unchanged, and whether the audit chain agrees."""
    sha256 = receipts.digest(content)
    receipt = db.session.scalars(select(Receipt).where(Receipt.sha256 == sha256)).one_or_none()
    claimed = receipt or _claimed(receipts.claims(content))
    if claimed is None:
        return Judgement(Verdict.unknown, sha256)
    entry = _confirming(claimed)
    if entry is None:
        return Judgement(Verdict.contradicted, sha256, claimed, _entry_of(claimed.case))
    return Judgement(Verdict.genuine if receipt else Verdict.altered, sha256, claimed, entry)


def _filed(service: Service[Any], case: Case, code: str) -> receipts.Filed:
    """The facts in the language the person filed in, frozen."""
    with force_locale(case.language):
        return receipts.Filed(
            code=papers.shown(code),
            reference=case.reference or "",
            service=service.slug,
            title=str(service.title),
            language=case.language,
            filed_at=case.submitted_at or clock.now(),
            answers=[(str(label), str(value)) for label, value in service.answers(case)],
            documents=[
                receipts.FiledDocument(
                    str(service.document_label(case, document)),
                    document.filename,
                    document.size,
                    document.sha256,
                )
                for document in case.documents
            ],
        )


def _print(receipt: Receipt) -> bytes:
    case, said = receipt.case, receipts.read(content_of(receipt))
    filed_at = case.submitted_at or clock.now()
    with force_locale(said["language"]):
        title = _("Receipt of your request %(reference)s", reference=case.reference)
        words = _words(said, receipt.sha256, filed_at)
    number = case.reference or ""
    return papers.print_pdf("receipt", said["language"], title, number, receipt.code, filed_at, words)


def _words(said: dict[str, Any], sha256: str, filed_at: datetime) -> dict[str, Any]:
    """What the paper says, in the language in force."""
    documents = said["documents"]
    return {
        "about": [
            {"label": _("Service"), "value": said["service"]["title"]},
            {"label": _("Filed on"), "value": instant(filed_at)},
            {"label": _("Fingerprint (SHA-256)"), "value": sha256},
        ],
        "proves": _("It proves what you sent us and when. It is not a decision."),
        "answers_title": _("What you sent us"),
        "answers": said["answers"],
        "documents_title": _("Documents"),
        "documents": [{"label": one["label"], "value": _on_paper(one)} for one in documents],
        "explained": _("The fingerprint is that of the receipt file (JSON), which you can download."),
    }


def _on_paper(document: dict[str, Any]) -> str:
    size = file_size(document["size"])
    return f"{document['name']} ({size})\nSHA-256 {document['sha256']}"


def _claimed(claims: receipts.Claims) -> Receipt | None:
    """The receipt a changed file still names, by its code or its reference."""
    code = papers.read_code(claims.code or "")
    by_code = of_code(code) if code else None
    if by_code is not None or claims.reference is None:
        return by_code
    return db.session.scalars(
        select(Receipt).join(Case).where(Case.reference == claims.reference)
    ).one_or_none()


def _entry_of(case: Case) -> AuditEntry | None:
    """The chain's entry about the receipt; None when there is none, or when its stream does not hold."""
    stream, found = _stream(case), None
    known, reached = _known(stream), chain.genesis(stream)
    rows = db.session.scalars(select(AuditEntry).where(AuditEntry.stream == stream).order_by(AuditEntry.seq))
    for number, entry in enumerate(rows, start=1):
        reached = chain.link(reached, chain.digest(entry.content.encode()))
        is_beyond = not known
        if is_beyond or entry.seq != number or entry.hash != reached:
            return None
        if known.pop(number, reached) != reached:
            return None
        if found is None and entry.action == ACTION:
            found = entry
    return None if known else found


def _known(stream: str) -> dict[int, bytes]:
    """The hash after so many entries, as checkpoints and the sealed head tell; a forged head is no end."""
    known = {leaf.count: leaf.hash for leaf in db.session.scalars(select(AuditLeaf).filter_by(stream=stream))}
    head = db.session.get(AuditHead, stream, populate_existing=True)
    if head is None or not audit.keys().is_sealed(stream, head.count, head.hash, head.seal):
        return {**known, _NEVER: b""}
    if known.setdefault(head.count, head.hash) != head.hash:
        return {_NEVER: b""}
    return known


def _confirming(receipt: Receipt) -> AuditEntry | None:
    """The entry of the chain that says the same of a receipt as the register; None when none does."""
    entry = _entry_of(receipt.case)
    return entry if entry is not None and _sha256_in(entry) == receipt.sha256 else None


def _sha256_in(entry: AuditEntry) -> str:
    return str(json.loads(entry.content)["subject"]["sha256"])


def _stream(case: Case) -> str:
    return f"case:{case.id}"
