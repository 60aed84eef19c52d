"""Supporting documents: received, recognised by their content, stored, and found again for those they serve.

What the checks find out later is in `document_checks`, what staff say in `document_review`.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    ColumnElement,
    and_,
    cast,
    delete,
    exists,
    func,
    inspect,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.orm import InstanceState, aliased
from sqlalchemy.orm.attributes import set_committed_value
from werkzeug.datastructures import FileStorage

from app import clock
from app.delays import UPLOAD_KEPT
from app.extensions import db
from app.files import kinds
from app.files.limits import LARGEST_BYTES, MOST_KEPT_BYTES
from app.files.states import FileState, Verdict
from app.models import Account, Case, CaseDocument, Document, Draft, Upload
from app.services import outbox, stored_files
from app.services.base import FiledAs, RuleBroken

_HOLDS_TOKEN = cast("$.*.*[*] ? (@ == $token)", JSONPATH)
"""In a draft's answers: the values of each input of each question."""

_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\]+")


@dataclass(frozen=True)
class Kept:
    """A file that came with a form and waits for the form to be right."""

    name: str
    token: str
    size: int
    state: FileState
    reason: LazyString | str
    document: Document

    @property
    def is_refused(self) -> bool:
        """Whether the checks refused it: it must be removed or replaced."""
        return self.state.is_refused


def keep(owner: Account, category: str, upload: FileStorage) -> Document:
    """Store a file that was sent, not yet filed with a case. `RuleBroken` when it is refused at once."""
    with upload.stream:
        content = upload.stream.read(LARGEST_BYTES + 1)
    return receive(owner, category, upload.filename or "", content)


def receive(
    owner: Account, category: str, filename: str, content: bytes, arriving: Upload | None = None
) -> Document:
    """Store these bytes as a document of its owner, and have it checked. Raises `RuleBroken`.

    Only size and kind are looked at now; the checks follow in the background.
    """
    try:
        content_type = kinds.recognise(content)
    except kinds.Refused as refused:
        raise RuleBroken(refused.refusal.label) from None
    check_room(owner, len(content), arriving)
    document = Document(
        owner_id=owner.id,
        category=category,
        filename=clean_name(filename),
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        created_at=clock.now(),
    )
    stored_files.keep(document.sha256, content)
    db.session.add(document)
    db.session.flush()
    outbox.write("check_document", document_id=document.id)
    return document


def check_room(owner: Account, size: int, arriving: Upload | None = None) -> None:
    """Raise `RuleBroken` when a file more would be too much for one account; two at once wait for each other.

    Counted are the files that were not refused and those on their way, but for the one that is `arriving`.
    """
    db.session.execute(select(Account.id).where(Account.id == owner.id).with_for_update(key_share=True))
    kept = select(func.sum(Document.size)).where(
        Document.owner_id == owner.id, Document.state != FileState.refused
    )
    coming = select(func.sum(Upload.size)).where(
        Upload.owner_id == owner.id,
        Upload.document_id.is_(None),
        Upload.expires_at > clock.now(),
        Upload.id != (arriving.id if arriving else 0),
    )
    taken = (db.session.scalar(kept) or 0) + (db.session.scalar(coming) or 0)
    if taken + size > MOST_KEPT_BYTES:
        raise RuleBroken(
            _l(
                "Your files take all the room there is for one account (500 MB). Bring this one to a counter,"
                " or write to us."
            )
        )


def own(owner: Account, token: str) -> Document | None:
    """The owner's document of that token, or None: somebody else's token finds nothing."""
    return db.session.scalars(
        select(Document).where(Document.public_id == token, Document.owner_id == owner.id)
    ).one_or_none()


def kept(owner: Account, token: str) -> Document | None:
    """The owner's document of that token that may go with a request: not yet filed, or given before."""
    return db.session.scalars(
        select(Document).where(
            Document.public_id == token,
            Document.owner_id == owner.id,
            or_(Document.filed_at.is_(None), _is_reusable()),
        )
    ).one_or_none()


def offered(owner: Account, tokens: Collection[str], categories: Collection[str]) -> dict[str, Document]:
    """By token, the latest first: those documents of the owner that may go with a request, and what they gave
    before in those categories that is still good.
    """
    named = and_(Document.public_id.in_(tokens), or_(Document.filed_at.is_(None), _is_reusable()))
    again = and_(Document.category.in_(categories), _is_reusable())
    found = select(Document).where(Document.owner_id == owner.id, or_(named, again))
    return {it.public_id: it for it in db.session.scalars(found.order_by(Document.id.desc()))}


def mine(owner: Account) -> list[Document]:
    """The person's documents in their latest version, the latest first."""
    return list(
        db.session.scalars(
            select(Document)
            .where(Document.owner_id == owner.id, Document.filed_at.is_not(None), ~_is_replaced())
            .order_by(Document.id.desc())
        )
    )


def file_with(case: Case, documents: Iterable[Document | FiledAs]) -> None:
    """Attach documents to a case that was submitted; they are kept from now on."""
    for given in documents:
        document = given.document if isinstance(given, FiledAs) else given
        document.filed_at = document.filed_at or clock.now()
        if document not in case.documents:
            case.documents.append(document)
    _forget_links(case)


def file_in_place(case: Case, older: Document, newer: Document) -> None:
    """Attach a newer version to a case that has the older one: it answers the questions that one answered."""
    link = CaseDocument.__table__
    of_case = link.c.case_id == case.id
    names = select(link.c.questions).where(of_case, link.c.document_id == older.id).scalar_subquery()
    file_with(case, [newer])
    db.session.flush()
    db.session.execute(update(link).where(of_case, link.c.document_id == newer.id).values(questions=names))
    _forget_links(case)


def file_new(case: Case, documents: Iterable[Document | FiledAs]) -> None:
    """The same for a case that is being submitted and stands in its table; with the questions they answer."""
    there: dict[int, Document] = {}
    answered: dict[int, list[str]] = {}
    for given in documents:
        document = given.document if isinstance(given, FiledAs) else given
        document.filed_at = document.filed_at or clock.now()
        names = answered.setdefault(document.id, [])
        names += [given.question] if isinstance(given, FiledAs) else []
        there[document.id] = document
    links = [
        CaseDocument(case_id=case.id, document_id=number, questions=" ".join(answered[number]) or None)
        for number in sorted(there)
    ]
    db.session.add_all(links)
    set_committed_value(case, "filed", links)
    set_committed_value(case, "documents", [there[number] for number in sorted(there)])


def _forget_links(case: Case) -> None:
    """Which question a document answers is read again: it was written beside what is loaded."""
    state: InstanceState[Case] = inspect(case)
    if state.persistent:
        db.session.expire(case, ["filed"])


def hold(owner: Account) -> None:
    """Keep the owner's unfiled files from being forgotten while this transaction files them."""
    unfiled = select(Document.id).where(Document.owner_id == owner.id, Document.filed_at.is_(None))
    db.session.execute(unfiled.order_by(Document.id).with_for_update())


def as_kept(document: Document) -> Kept:
    """What the form shows of it."""
    reason = document.refusal.label if document.refusal else ""
    return Kept(document.filename, document.public_id, document.size, document.state, reason, document)


def purge_unfiled() -> int:
    """Forget the files that were sent, never filed, and that no draft names; how many there were.

    Their bytes go after the commit, unless another row has the same.
    """
    now = clock.now()
    token = func.jsonb_build_object("token", Document.public_id)
    in_a_draft = exists().where(
        Draft.owner_id == Document.owner_id,
        Draft.expires_at > now,
        func.jsonb_path_exists(Draft.answers, _HOLDS_TOKEN, token),
    )
    is_unfiled = Document.filed_at.is_(None)
    gone = db.session.execute(
        delete(Document)
        .where(is_unfiled, Document.created_at < now - UPLOAD_KEPT, ~in_a_draft)
        .returning(Document.sha256, Document.stored_sha256, Document.previews)
    ).all()
    stored_files.forget(
        sha256 for row in gone for sha256 in (row.sha256, row.stored_sha256, *row.previews) if sha256
    )
    return len(gone)


def clean_name(name: str) -> str:
    """The name to show: no path, no control character, at most 120 characters, the ending kept."""
    name = _UNSAFE.sub("_", unicodedata.normalize("NFC", name)).strip() or "document"
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: 119 - len(ending)]}.{ending}" if dot and len(ending) < 10 else name[:120]


def _is_reusable() -> ColumnElement[bool]:
    """Given before, in its latest version, accepted by the checks, not refused by staff, not expired."""
    return and_(
        Document.filed_at.is_not(None),
        Document.state == FileState.accepted,
        or_(Document.verdict.is_(None), Document.verdict == Verdict.accepted),
        or_(Document.expires_on.is_(None), Document.expires_on >= clock.today()),
        ~_is_replaced(),
    )


@cache
def _is_replaced() -> ColumnElement[bool]:
    """Made once: an alias costs more than the query it is for."""
    newer = aliased(Document)
    return exists().where(newer.replaces_id == Document.id)
