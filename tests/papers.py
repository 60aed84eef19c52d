"""Documents as tests need them: already checked, and accepted by staff."""

import re

from sqlalchemy import select

from app import clock
from app.extensions import db
from app.files.states import FileState, Verdict
from app.models import Account, Document
from tests.visitor import PNG

CODE = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}")
"""A verification code as people read it."""


def accepted(owner: Account, category: str = "identity") -> Document:
    """A document that stands in no way of a decision, without a file behind it."""
    document = Document(
        owner_id=owner.id,
        category=category,
        filename="identity.png",
        content_type="image/png",
        size=len(PNG),
        sha256="0" * 64,
        created_at=clock.now(),
    )
    accept(document)
    db.session.add(document)
    db.session.flush()
    return document


def accept(document: Document) -> None:
    """What the checks and an officer do, without either."""
    others = select(Account.id).where(Account.id != document.owner_id).order_by(Account.id.desc())
    with db.session.no_autoflush:
        document.verified_by_id = db.session.scalars(others.limit(1)).one()
    document.state, document.checked_at = FileState.accepted, clock.now()
    document.stored_sha256 = document.sha256
    document.verdict, document.verified_at = Verdict.accepted, clock.now()


def accept_all() -> None:
    """Every document of everyone."""
    for document in db.session.scalars(select(Document)):
        accept(document)
