"""A long list made into a file by a job: for who asked alone, as they might see it then, for some days.

What is to be written is kept sealed: no row tells what was searched for, and nobody who writes to the
database has a query of theirs run. The file is stored in pieces, so that no process ever holds it whole.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, literal, select, update
from sqlalchemy.orm import Query

from app import clock
from app.adapters import storage
from app.delays import LIST_EXPORT_KEPT
from app.extensions import db
from app.models import Account, ListExport, ListExportPart
from app.services import audit, encrypted, exports, outbox, stored_files
from app.services.base import RuleBroken

FORMATS = ("csv", "xlsx")
MOST_AT_ONCE = 3
LONGEST_SHEET = 1_048_575
"""Rows below the heading that a spreadsheet can hold."""

PIECE = 4 * 1024 * 1024
"""Bytes of a piece."""


@dataclass(frozen=True)
class Asked:
    """Of which view, by which columns it was narrowed, in what format, and what the file shall hold."""

    view: str
    filtered_by: list[str]
    file_format: str
    sheet: exports.Sheet


def ask(asked: Asked, rows: Query[Any], account: Account) -> ListExport:
    """Have the file made in the background.

    Raises `RuleBroken` for an unknown format, an empty list, one that no spreadsheet holds, or with
    `MOST_AT_ONCE` files being made for the same person.
    """
    if asked.file_format not in FORMATS:
        raise RuleBroken(_l("Choose what is to be done."))
    being_made = select(func.count()).where(
        ListExport.account_id == account.id, ListExport.made_at.is_(None), ListExport.expires_at > clock.now()
    )
    if (db.session.scalar(being_made) or 0) >= MOST_AT_ONCE:
        raise RuleBroken(_l("Three files are being prepared for you already: wait until one is ready."))
    total = rows.order_by(None).with_entities(literal(1)).count()
    if not total:
        raise RuleBroken(_l("The list is empty: there is nothing to do."))
    if asked.file_format == "xlsx" and total > LONGEST_SHEET:
        raise RuleBroken(_l("No spreadsheet holds so many rows: narrow the list, or take it as CSV."))
    now = clock.now()
    export = ListExport(
        account=account,
        view=asked.view,
        file_format=asked.file_format,
        rights=rights_of(account),
        total=total,
        asked_at=now,
        expires_at=now + LIST_EXPORT_KEPT,
    )
    db.session.add(export)
    db.session.flush()
    encrypted.put(export, ListExport.sheet, asked.sheet.as_text())
    _record("ask_export", export, account, filtered_by=asked.filtered_by)
    outbox.write("make_list_export", export_id=export.id)
    return export


def rights_of(account: Account) -> str:
    """What decides which rows somebody sees: their roles and their agency."""
    return f"{' '.join(sorted(role.name for role in account.roles))} @{account.agency_id or ''}"[:500]


def is_over(export: ListExport) -> bool:
    """Whether the file may no longer be taken: its days are over, or its reader's rights have changed."""
    return export.expires_at <= clock.now() or export.rights != rights_of(export.account)


def make(export: ListExport) -> None:
    """Write the file piece by piece, and tell on the way how far it is; a second run finds it made."""
    if export.made_at is not None or is_over(export):
        return
    number = export.id
    wanted = exports.Sheet.of_text(encrypted.read(export, ListExport.sheet) or "")

    def told(rows: int) -> None:
        _tell(number, rows)

    written = exports.lines(wanted, told) if export.file_format == "csv" else _of_workbook(wanted, told)
    size = 0
    for place, piece in enumerate(_pieces(written)):
        sha256 = hashlib.sha256(piece).hexdigest()
        stored_files.keep(sha256, piece)
        db.session.add(ListExportPart(export_id=number, number=place, sha256=sha256))
        size += len(piece)
    export.size, export.made_at, export.sheet = size, clock.now(), None
    export.written = export.total
    export.expires_at = export.made_at + LIST_EXPORT_KEPT
    db.session.flush()
    _record("make_export", export, None)


def content_of(export: ListExport) -> Iterator[bytes]:
    """The file, piece by piece, noted in the audit chain; `FileNotFoundError` when there is none."""
    if export.made_at is None or is_over(export):
        raise FileNotFoundError
    _record("download_export", export, export.account)
    return _stored([part.sha256 for part in export.parts])


def purge_expired() -> int:
    """Forget the files whose days are over; how many."""
    over = db.session.scalars(select(ListExport).where(ListExport.expires_at <= clock.now())).unique().all()
    for export in over:
        stored_files.forget(part.sha256 for part in export.parts)
        db.session.delete(export)
    db.session.flush()
    return len(over)


def _stored(hashes: list[str]) -> Iterator[bytes]:
    return (storage.read(sha256) for sha256 in hashes)


def _of_workbook(wanted: exports.Sheet, told: Any) -> Iterator[bytes]:
    with exports.workbook(wanted, told) as file:
        while piece := file.read(PIECE):
            yield piece


def _pieces(written: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of about `PIECE`."""
    held, length = [], 0
    for one in written:
        held.append(one)
        length += len(one)
        if length >= PIECE:
            yield b"".join(held)
            held, length = [], 0
    if held:
        yield b"".join(held)


def _record(action: str, export: ListExport, account: Account | None, **more: Any) -> None:
    facts = {"export": export.id, "list": export.view, "format": export.file_format, "rows": export.total}
    audit.record(f"day:{clock.today()}", action, account.id if account else None, facts | more)


def _tell(number: int, rows: int) -> None:
    """At once, on a connection of its own: the page reads it while the job's transaction is open."""
    with db.engine.begin() as connection:
        connection.execute(update(ListExport).where(ListExport.id == number).values(written=rows))
