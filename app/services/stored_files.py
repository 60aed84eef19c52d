"""Files in storage and the rows that name them: a file leaves after its row, never before the commit.

A kill between the writing of a file and the commit of its row leaves a file no row names: the sweep finds it.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, text, true, union

from app import clock
from app.adapters import storage
from app.delays import UPLOAD_KEPT
from app.extensions import db
from app.models import Document, Letter, Receipt
from app.services import outbox

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:sha256, 4711))")
NAMED_BY = (Document.sha256, Letter.pdf_sha256, Receipt.sha256, Receipt.pdf_sha256)
"""Every column that names a file of storage: the sweep removes what none of them names."""


def keep(sha256: str, content: bytes) -> None:
    """Store the bytes for a row of this transaction: they are not removed before it ends."""
    _hold(sha256)
    storage.write(sha256, content)


def forget(hashes: Iterable[str]) -> None:
    """Have the files removed that no row names once this transaction is committed."""
    for sha256 in sorted(set(hashes)):
        outbox.write("remove_stored_file", sha256=sha256)


def remove_unused(sha256: str) -> None:
    """Remove a file, unless a row names its bytes: whoever stores the same now is waited for."""
    _hold(sha256)
    if not _used({sha256}):
        storage.remove(sha256)


def sweep() -> int:
    """Have the files removed that were stored a while ago and that no row names; how many."""
    before, count = clock.now() - UPLOAD_KEPT, 0
    for folder in range(256):
        hashes = storage.hashes_in(f"{folder:02x}")
        unused = hashes - _used(hashes)
        old = {sha256 for sha256 in unused if storage.stored_at(sha256) < before}
        forget(old)
        count += len(old)
    return count


def _hold(sha256: str) -> None:
    db.session.execute(_LOCK, {"sha256": sha256})


def _used(hashes: set[str]) -> set[str]:
    """The hashes a document, a letter or a receipt has: a paper of ours may have been sent back to us."""
    if not hashes:
        return set()
    is_kept: dict[Any, Any] = {Receipt.sha256: Receipt.purged_at.is_(None)}
    named = (select(column).where(column.in_(hashes), is_kept.get(column, true())) for column in NAMED_BY)
    return set(db.session.scalars(union(*named)))
