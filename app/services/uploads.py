"""Files sent in parts: a broken transfer goes on from where the server is; nothing half stays."""

import hashlib

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from app import clock
from app.adapters import storage
from app.delays import UPLOAD_EXPIRES
from app.extensions import db
from app.files.limits import LARGEST_BYTES
from app.files.states import Refusal
from app.models import Account, Upload
from app.services import documents, drafts, locks, stored_files
from app.services.base import RuleBroken

MOST_AT_ONCE = 20
LARGEST_PART = 1024 * 1024


class WrongOffset(Exception):
    """The part does not begin where the server is; `offset` says where that is."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


def begin(
    owner: Account, filename: str, size: int, category: str, service: str | None, field: str | None
) -> Upload:
    """Announce a file: its size and what it is for. Raises `RuleBroken` when it is too large or empty.

    Raises `FileLocked` in a locked file.
    """
    locks.check(owner, service)
    if size <= 0:
        raise RuleBroken(Refusal.empty.label)
    if size > LARGEST_BYTES:
        raise RuleBroken(Refusal.too_large.label)
    if _under_way(owner) >= MOST_AT_ONCE:
        raise RuleBroken(_l("Too many files are being sent at once. Wait until some have arrived."))
    documents.check_room(owner, size)
    now = clock.now()
    upload = Upload(
        owner_id=owner.id,
        category=category,
        service=service,
        field=field,
        filename=documents.clean_name(filename),
        size=size,
        parts=[],
        created_at=now,
        expires_at=now + UPLOAD_EXPIRES,
    )
    db.session.add(upload)
    db.session.flush()
    return upload


def of(owner: Account, token: str) -> Upload | None:
    """The owner's upload that has not expired, its row held until this transaction ends; or None."""
    return db.session.scalars(
        select(Upload)
        .where(Upload.public_id == token, Upload.owner_id == owner.id, Upload.expires_at > clock.now())
        .with_for_update()
    ).one_or_none()


def add(owner: Account, upload: Upload, offset: int, part: bytes) -> None:
    """Add a part; the last one makes the document, which joins the draft it is for.

    Raises `WrongOffset`; `RuleBroken` when the whole is refused, and the upload is over then.
    """
    if offset != upload.received or len(part) > upload.size - offset or upload.document_id:
        raise WrongOffset(upload.received)
    if not part:
        return
    name = _name(upload, offset)
    storage.remove(name)
    storage.write(name, part)
    upload.parts = [*upload.parts, offset]
    upload.received += len(part)
    if upload.received == upload.size:
        _finish(owner, upload)
    db.session.flush()


def purge_expired() -> int:
    """Forget the uploads whose time is over, and what came of them; how many."""
    gone = db.session.scalars(
        select(Upload).where(Upload.expires_at <= clock.now()).with_for_update(skip_locked=True)
    ).all()
    for upload in gone:
        forget(upload)
    return len(gone)


def forget(upload: Upload) -> None:
    """Delete an upload and, once that is committed, its parts."""
    stored_files.forget(_name(upload, offset) for offset in upload.parts)
    db.session.execute(delete(Upload).where(Upload.id == upload.id))


def _finish(owner: Account, upload: Upload) -> None:
    content = b"".join(storage.read(_name(upload, offset)) for offset in upload.parts)
    document = documents.receive(owner, upload.category, upload.filename, content, upload)
    upload.document_id = document.id
    stored_files.forget(_name(upload, offset) for offset in upload.parts)
    if upload.service and upload.field:
        drafts.add_file(owner, upload.service, upload.field, document.public_id)


def _under_way(owner: Account) -> int:
    found = select(Upload.id).where(
        Upload.owner_id == owner.id, Upload.document_id.is_(None), Upload.expires_at > clock.now()
    )
    return len(db.session.scalars(found.limit(MOST_AT_ONCE)).all())


def _name(upload: Upload, offset: int) -> str:
    """What a part is stored under: it is no whole file, and has no hash of its own."""
    return hashlib.sha256(f"upload {upload.public_id} {offset}".encode()).hexdigest()
