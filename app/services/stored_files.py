"""Files in storage and the rows that name them: a file leaves after its row, never before the commit.

A kill between the writing of a file and the commit of its row leaves a file no row names: the sweep finds it.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import CompoundSelect, and_, or_, select, text, true, union
from sqlalchemy.dialects.postgresql import array

from app import clock
from app.adapters import storage
from app.delays import STRAYS_LOOKED_FOR, UPLOAD_KEPT
from app.extensions import db
from app.files.states import FileState
from app.models import Certificate, DataExport, Document, Letter, ListExportPart, Receipt
from app.services import outbox

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:sha256, 4711))")
NAMED_BY = (
    Document.sha256,
    Document.stored_sha256,
    Letter.pdf_sha256,
    Receipt.sha256,
    Receipt.pdf_sha256,
    DataExport.sha256,
    Certificate.pdf_sha256,
    ListExportPart.sha256,
)
"""Every column that names a file of storage; a document's previews do too. The rest is removed."""

PURGED = "purged"
"""The fact of a document whose infected file was deleted."""

_ONLY_WHILE: dict[Any, Any] = {
    Receipt.sha256: Receipt.purged_at.is_(None),
    Document.sha256: or_(
        Document.state.in_((FileState.sent, FileState.checking)),
        and_(Document.state == FileState.quarantined, ~Document.facts.has_key(PURGED)),
    ),
}
"""A receipt that was purged names a file no more; nor does a document its file as it was sent, once what the
checks made of it is kept, it was refused, or its time in quarantine is over."""


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
    """Have the files of the last days removed that no row names; how many."""
    now = clock.now()
    unused = [
        sha256
        for sha256 in storage.hashes_stored(now - STRAYS_LOOKED_FOR, now - UPLOAD_KEPT)
        if not _used({sha256})
    ]
    forget(unused)
    return len(unused)


def missing() -> set[str]:
    """The hashes rows name whose file the store has not: after a backup came back there should be none."""
    named = (
        select(column).where(column.is_not(None), _ONLY_WHILE.get(column, true())) for column in NAMED_BY
    )
    shown = db.session.scalars(select(Document.previews))
    found: CompoundSelect[Any] = union(*named)
    return {sha256 for sha256 in set(db.session.scalars(found)).union(*shown) if not storage.holds(sha256)}


def _hold(sha256: str) -> None:
    db.session.execute(_LOCK, {"sha256": sha256})


def _used(hashes: set[str]) -> set[str]:
    """The hashes a row has: a paper of ours may have been sent back to us."""
    named = (select(column).where(column.in_(hashes), _ONLY_WHILE.get(column, true())) for column in NAMED_BY)
    shown = select(Document.previews).where(Document.previews.has_any(array(sorted(hashes))))
    found: CompoundSelect[Any] = union(*named)
    return set(db.session.scalars(found)).union(*db.session.scalars(shown))
