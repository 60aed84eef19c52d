"""Supporting documents: received, recognised by their content, stored under their hash."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass

import filetype
from flask_babel import lazy_gettext as _l
from sqlalchemy import cast, delete, exists, func, select
from sqlalchemy.dialects.postgresql import JSONPATH
from werkzeug.datastructures import FileStorage

from app import clock
from app.delays import UPLOAD_KEPT
from app.extensions import db
from app.models import Account, Document, Draft, SupportTask
from app.services import stored_files
from app.services.base import RuleBroken

LARGEST_BYTES = 10 * 1024 * 1024
ACCEPTED = {"application/pdf", "image/jpeg", "image/png"}
_HOLDS_TOKEN = cast("$.*.*[*] ? (@ == $token)", JSONPATH)
"""In a draft's answers: the values of each input of each question."""

_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\]+")


@dataclass(frozen=True)
class Kept:
    """A file that came with a form and waits for the form to be right."""

    name: str
    token: str
    size: int


def keep(owner: Account, category: str, upload: FileStorage) -> Document:
    """Store a file that was sent, not yet filed with a case. Raises `RuleBroken` when it is refused."""
    with upload.stream:
        content = upload.stream.read(LARGEST_BYTES + 1)
    content_type = _recognise(content)
    document = Document(
        owner_id=owner.id,
        category=category,
        filename=_clean_name(upload.filename or ""),
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        created_at=clock.now(),
    )
    stored_files.keep(document.sha256, content)
    db.session.add(document)
    db.session.flush()
    return document


def kept(owner: Account, token: str) -> Document | None:
    """The owner's unfiled file of that token, or None: somebody else's token finds nothing."""
    return db.session.scalars(
        select(Document).where(
            Document.public_id == token, Document.owner_id == owner.id, Document.case_id.is_(None)
        )
    ).one_or_none()


def hold(owner: Account) -> None:
    """Keep the owner's unfiled files from being forgotten while this transaction files them."""
    unfiled = select(Document.id).where(Document.owner_id == owner.id, Document.case_id.is_(None))
    db.session.execute(unfiled.order_by(Document.id).with_for_update())


def as_kept(document: Document) -> Kept:
    """What the form shows of it."""
    return Kept(document.filename, document.public_id, document.size)


def purge_unfiled() -> int:
    """Forget the files that were sent, never filed, and that no draft or task names; how many there were.

    Their bytes go after the commit, unless another row has the same.
    """
    now = clock.now()
    token = func.jsonb_build_object("token", Document.public_id)
    in_a_draft = exists().where(
        Draft.owner_id == Document.owner_id,
        Draft.expires_at > now,
        func.jsonb_path_exists(Draft.answers, _HOLDS_TOKEN, token),
    )
    in_a_task = exists().where(SupportTask.document_id == Document.id)
    is_unfiled = Document.case_id.is_(None)
    gone = db.session.execute(
        delete(Document)
        .where(is_unfiled, Document.created_at < now - UPLOAD_KEPT, ~in_a_draft, ~in_a_task)
        .returning(Document.sha256)
    ).scalars()
    hashes = set(gone)
    stored_files.forget(hashes)
    return len(hashes)


def _recognise(content: bytes) -> str:
    if not content:
        raise RuleBroken(_l("This file is empty. Choose another one."))
    if len(content) > LARGEST_BYTES:
        raise RuleBroken(_l("This file is larger than 10 MB. Choose a smaller one."))
    kind = filetype.guess_mime(content)
    if kind not in ACCEPTED:
        raise RuleBroken(_l("This file is not a PDF, JPEG or PNG. Choose another one."))
    return str(kind)


def _clean_name(name: str) -> str:
    """The name to show: no path, no control character, at most 120 characters, the ending kept."""
    name = _UNSAFE.sub("_", unicodedata.normalize("NFC", name)).strip() or "document"
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: 119 - len(ending)]}.{ending}" if dot and len(ending) < 10 else name[:120]
