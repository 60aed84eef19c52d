"""Categories of documents: reference data the administration keeps, with the names of the scheme `demo`."""

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.extensions import db
from app.models import DocumentCategory

OTHER = "other"
SINCE = date(2020, 1, 1)
_SEEDED = (
    ("identity", "Identité", "Identity", True),
    ("civil_status", "État civil", "Civil status", False),
    ("residence", "Domicile", "Residence", True),
    ("employment", "Emploi", "Employment", False),
    ("medical", "Santé", "Medical", True),
    ("education", "Scolarité", "Education", True),
    ("bank", "Banque", "Bank", False),
    ("legal", "Actes juridiques", "Legal", True),
    (OTHER, "Autre", "Other", False),
)


def seed() -> None:
    """Write the categories that are missing; those that are there stay as the administration changed them."""
    for position, (code, name_fr, name_en, has_expiry) in enumerate(_SEEDED, start=1):
        row = insert(DocumentCategory).values(
            code=code,
            name_fr=name_fr,
            name_en=name_en,
            has_expiry=has_expiry,
            position=position,
            valid_from=SINCE,
        )
        db.session.execute(row.on_conflict_do_nothing())


def in_force() -> list[DocumentCategory]:
    """The categories one may choose today, in their order."""
    today = clock.today()
    return list(
        db.session.scalars(
            select(DocumentCategory)
            .where(
                DocumentCategory.valid_from <= today,
                or_(DocumentCategory.valid_to.is_(None), DocumentCategory.valid_to >= today),
            )
            .order_by(DocumentCategory.position, DocumentCategory.code)
        )
    )


def is_in_force(category: DocumentCategory) -> bool:
    """Whether one may choose it today."""
    today = clock.today()
    return category.valid_from <= today and (category.valid_to is None or category.valid_to >= today)


def all_by_code() -> dict[str, DocumentCategory]:
    """Every category ever, by its code."""
    return {row.code: row for row in db.session.scalars(select(DocumentCategory))}


def name_of(code: str, language: str) -> str:
    """What a category is called; one that is not in the list shows its code."""
    row = db.session.scalars(select(DocumentCategory).where(DocumentCategory.code == code)).one_or_none()
    return str(getattr(row, f"name_{language}")) if row else code


def with_expiry() -> set[str]:
    """The categories whose papers say until when they are valid."""
    ending = select(DocumentCategory.code).where(DocumentCategory.has_expiry.is_(True))
    return set(db.session.scalars(ending))
