"""The person's own file of documents: given without a request, renewed, found by category."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock
from app.extensions import db
from app.files import kinds
from app.models import Account, Document, DocumentCategory
from app.services import document_categories, documents, drafts, locks
from app.services.base import RuleBroken
from app.workflow import ENDED

MOST_FILES = 20
"""How many may be given at once."""

_ENDINGS = {
    kinds.JPEG: (".jpg", ".jpeg"),
    kinds.PNG: (".png",),
    kinds.PDF: (".pdf",),
    kinds.TIFF: (".tif", ".tiff"),
}


@dataclass(frozen=True)
class Group:
    """The documents of one category under its name."""

    name: str
    documents: list[Document]


def choices(language: str, known: Iterable[DocumentCategory] | None = None) -> list[tuple[str, str]]:
    """The categories for a list, after an empty line; `known` are all of them, where they were read."""
    rows = document_categories.in_force() if known is None else filter(document_categories.is_in_force, known)
    names = [(row.code, getattr(row, f"name_{language}")) for row in rows]
    return [("", _("Choose a kind of document")), *names]


def by_category(owner: Account, language: str) -> list[Group]:
    """What the person gave, in the order of the categories; those without documents are left out."""
    found: dict[str, list[Document]] = {}
    for document in documents.mine(owner):
        found.setdefault(document.category, []).append(document)
    rows = document_categories.all_by_code()
    order = sorted(found, key=lambda code: (rows[code].position if code in rows else len(rows) + 1, code))
    return [
        Group(getattr(rows[code], f"name_{language}") if code in rows else code, found[code])
        for code in order
    ]


def give(owner: Account, category: str, given: Iterable[Document]) -> None:
    """Keep documents that came, without a request, under their category. Raises `FileLocked` when locked."""
    locks.check(owner)
    for document in given:
        if document.filed_at is None:
            document.category, document.filed_at = category, clock.now()


def draft_of_renewal(document: Document) -> str:
    """The name of the draft that keeps the newer version of a document until it takes its place."""
    return f"{drafts.RENEWAL}:{document.public_id}"


def to_renew(owner: Account, draft: str) -> Document | None:
    """The person's own document whose newer version has that draft; None when there is one already."""
    kind, _colon, public_id = draft.partition(":")
    document = documents.own(owner, public_id) if kind == drafts.RENEWAL else None
    return document if document is not None and document.replaced_by is None else None


def renew(owner: Account, older: Document, given: Iterable[Document]) -> Document:
    """Let the file that came take the older one's place in open requests, for the same questions.

    Raises `RuleBroken` when another did before, or when no new file came.
    """
    db.session.refresh(older, with_for_update=True)
    if older.replaced_by is not None:
        raise RuleBroken(_l("A newer version was given already."))
    newer = next((document for document in given if document.filed_at is None), None)
    if newer is None:
        raise RuleBroken(_l("Choose a file."))
    give(owner, older.category, [newer])
    newer.replaces = older
    for case in older.cases:
        if case.status not in ENDED:
            documents.file_in_place(case, older, newer)
    db.session.flush()
    return newer


def versions(document: Document) -> list[Document]:
    """All versions of a document, the newest first."""
    newest = document
    while newest.replaced_by is not None:
        newest = newest.replaced_by
    found = [newest]
    while found[-1].replaces is not None:
        found.append(found[-1].replaces)
    return found


def name_to_save(document: Document) -> str:
    """The name of a download, with the ending of what it is, not of what it was called."""
    endings = _ENDINGS.get(document.content_type, ())
    path = PurePath(document.filename)
    if not endings or path.suffix.lower() in endings:
        return document.filename
    return f"{path.stem}{endings[0]}"
