"""What people may write about, and the words officers may answer with: reference data (scheme `demo`)."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.extensions import db
from app.models import AnswerTemplate, MessageSubject
from app.services import letter_templates

SINCE = date(2020, 1, 1)
FIELDS = {
    "person": _l("the person’s name"),
    "about": _l("the subject, or the service and reference of the request"),
    "officer": _l("your own name"),
}
"""The merge fields an answer template may use, and what each stands for."""

_SUBJECTS = (
    (
        "registration",
        "Immatriculation et numéro d’assuré",
        "Registration and social security number",
        "registration",
    ),
    (
        "claims",
        "Prestations (maladie, maternité, invalidité, retraite)",
        "Benefits (sickness, maternity, disability, retirement)",
        "claims",
    ),
    (
        "contributions",
        "Cotisations et mois d’assurance",
        "Contributions and months of insurance",
        "contributions",
    ),
    ("payments", "Paiements et compte bancaire", "Payments and bank account", "payments"),
    ("employer", "Mon employeur", "My employer", "compliance"),
    ("account", "Mon compte et l’utilisation de ce site", "My account and the use of this site", "support"),
    ("other", "Autre sujet", "Something else", "support"),
)
"""Code, name in French and English, and the desk that answers."""

_SERVICES = {"registration": "registration"}
_TEMPLATES = (
    (
        "received",
        "Nous examinons votre question",
        "We are looking into your question",
        "Bonjour %(person)s,\n\n"
        "Nous avons bien reçu votre message (%(about)s). Nous examinons votre question et vous répondrons"
        " ici.\n\n%(officer)s",
        "Dear %(person)s,\n\n"
        "We have received your message (%(about)s). We are looking into your question and will answer"
        " here.\n\n%(officer)s",
    ),
    (
        "more_needed",
        "Il nous faut une précision",
        "We need to know more",
        "Bonjour %(person)s,\n\n"
        "Pour répondre à votre message (%(about)s), il nous faut une précision. Répondez ici, sur cette"
        " page.\n\n%(officer)s",
        "Dear %(person)s,\n\n"
        "To answer your message (%(about)s), we need to know more. Answer here, on this page."
        "\n\n%(officer)s",
    ),
)
"""Code, name in French and English, words in French and English."""


def seed() -> None:
    """Write the subjects and templates that are missing; others stay as the administration changed them."""
    for position, (code, name_fr, name_en, desk) in enumerate(_SUBJECTS, start=1):
        row = insert(MessageSubject).values(
            code=code,
            name_fr=name_fr,
            name_en=name_en,
            desk=desk,
            service=_SERVICES.get(code),
            position=position,
            valid_from=SINCE,
        )
        db.session.execute(row.on_conflict_do_nothing())
    for code, name_fr, name_en, body_fr, body_en in _TEMPLATES:
        names = {"name_fr": name_fr, "name_en": name_en, "body_fr": body_fr, "body_en": body_en}
        filled = insert(AnswerTemplate).values(code=code, valid_from=SINCE, **names)
        db.session.execute(filled.on_conflict_do_nothing())


def in_force() -> list[MessageSubject]:
    """The subjects one may choose today, in their order."""
    order = (MessageSubject.position, MessageSubject.code)
    return list(db.session.scalars(select(MessageSubject).where(*_today(MessageSubject)).order_by(*order)))


def of_code(code: str) -> MessageSubject | None:
    """A subject one may choose today, or None."""
    return next((subject for subject in in_force() if subject.code == code), None)


def choices(language: str) -> list[tuple[str, str]]:
    """The subjects for a list, after an empty line."""
    return [("", _("Choose a subject")), *((row.code, name(row, language)) for row in in_force())]


def name(row: MessageSubject | AnswerTemplate, language: str) -> str:
    """What a subject or a template is called."""
    return str(getattr(row, f"name_{language}"))


def templates() -> list[AnswerTemplate]:
    """The answer templates in force today."""
    found = select(AnswerTemplate).where(*_today(AnswerTemplate)).order_by(AnswerTemplate.code)
    return list(db.session.scalars(found))


def template_of(code: str) -> AnswerTemplate | None:
    """A template in force today, or None."""
    return next((row for row in templates() if row.code == code), None)


def fill(template: AnswerTemplate, language: str, values: dict[str, str]) -> str:
    """The words of a template in a language; what is filled in is text."""
    body = str(getattr(template, f"body_{language}")).replace("\r\n", "\n")
    return "\n".join(letter_templates.fill_line(line, values) for line in body.split("\n")).strip()


def _today(model: Any) -> tuple[ColumnElement[bool], ...]:
    today = clock.today()
    return model.valid_from <= today, or_(model.valid_to.is_(None), model.valid_to >= today)
