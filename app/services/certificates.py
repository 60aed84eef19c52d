"""Registration certificates: what one says is frozen when it is issued; its PDF is printed once and kept."""

import hashlib

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app import clock
from app.adapters import storage
from app.extensions import db
from app.formats import day
from app.models import Account, Case, Certificate, InsuredPerson
from app.services import audit, papers, stored_files
from app.services.references import next_certificate_number


def issue(person: InsuredPerson, case: Case | None, language: str) -> Certificate:
    """State that a person is registered, in words of today; it takes the place of the one before."""
    certificate = Certificate(
        number=next_certificate_number(),
        person_id=person.id,
        case_id=case.id if case else None,
        code=papers.new_code(),
        language=language,
        ssn=person.ssn,
        given_names=person.given_names,
        family_name=person.family_name,
        birth_date=person.birth_date,
        birth_place=person.birth_place,
        registered_on=person.registered_on,
        issued_at=clock.now(),
    )
    db.session.add(certificate)
    db.session.flush()
    stream = f"case:{case.id}" if case else f"person:{person.account_id}"
    audit.record(stream, "issue_certificate", None, {"certificate": certificate.number})
    return certificate


def of_person(person: InsuredPerson) -> list[Certificate]:
    """The certificates of a person, the latest first."""
    mine = select(Certificate).where(Certificate.person_id == person.id)
    return list(db.session.scalars(mine.order_by(Certificate.id.desc())))


def mine(account: Account, number: str) -> Certificate | None:
    """The account's own certificate of that number, or None."""
    return db.session.scalars(
        select(Certificate)
        .join(InsuredPerson, InsuredPerson.id == Certificate.person_id)
        .where(Certificate.number == number, InsuredPerson.account_id == account.id)
    ).one_or_none()


def of_code(code: str) -> Certificate | None:
    """The certificate of a verification code in its plain form."""
    return db.session.scalars(select(Certificate).where(Certificate.code == code)).one_or_none()


def is_valid(certificate: Certificate) -> bool:
    """Whether it says what the record says, and no later one took its place."""
    latest = select(Certificate.id).where(Certificate.person_id == certificate.person_id)
    if db.session.scalar(latest.order_by(Certificate.id.desc()).limit(1)) != certificate.id:
        return False
    person = certificate.person
    said = ("ssn", "given_names", "family_name", "birth_date")
    return all(getattr(certificate, name) == getattr(person, name) for name in said)


def pdf_of(certificate: Certificate) -> bytes:
    """The certificate on paper; printed when it is first asked for, and given again byte for byte."""
    if certificate.pdf_sha256:
        try:
            return storage.read(certificate.pdf_sha256)
        except FileNotFoundError:
            pass
    content = _print(certificate)
    certificate.pdf_sha256 = hashlib.sha256(content).hexdigest()
    stored_files.keep(certificate.pdf_sha256, content)
    return content


def _print(certificate: Certificate) -> bytes:
    with force_locale(certificate.language):
        title = _("Registration certificate")
        rows = [
            (_("Social security number"), certificate.ssn),
            (_("Family name"), certificate.family_name),
            (_("Given names"), certificate.given_names),
            (_("Date of birth"), day(certificate.birth_date)),
            (_("Place of birth"), certificate.birth_place or ""),
            (_("Registered on"), day(certificate.registered_on)),
        ]
        facts = {
            "states": _(
                "The social security administration certifies that this person is registered with it:"
            ),
            "facts": [{"label": label, "value": value} for label, value in rows if value],
            "issued": _("Issued on %(day)s.", day=day(clock.day_of(certificate.issued_at))),
            "explained": _(
                "This certificate states the registration alone. It proves no contribution and no right to a"
                " benefit. It is valid until a later one takes its place."
            ),
        }
    number, made_at = certificate.number, certificate.issued_at
    return papers.print_pdf(
        "certificate", certificate.language, title, number, certificate.code, made_at, facts
    )
