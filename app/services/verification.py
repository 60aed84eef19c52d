"""Whether a paper is genuine: told to anybody who has its code, and never what the paper says."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.formats import day, instant
from app.models import Decision, Letter, Receipt
from app.services import certificates, papers, receipts


@dataclass(frozen=True)
class Verified:
    """What is told of a paper; `note` is a sentence more, `fingerprint` its content’s SHA-256.

    Nothing is vouched for, and no fact is to be shown, when our own records contradict each other.
    """

    kind: LazyString | str
    number: str
    issued_on: date
    initials: str
    last_digits: str | None
    still_valid: bool
    replaced_by: LazyString | str | None = None
    note: LazyString | str | None = None
    fingerprint: str | None = None
    is_contradicted: bool = False


def find(typed: str) -> Verified | None:
    """The paper of a code as it was typed or scanned; None when there is none."""
    code = papers.read_code(typed)
    if code is None:
        return None
    return next((found for lookup in LOOKUPS if (found := lookup(code))), None)


def initials(name: str) -> str:
    """A name as its initials: J. T."""
    return " ".join(f"{part[0].upper()}." for part in name.replace("-", " ").split())


def last_digits(number: str | None) -> str | None:
    """The last two digits of a number."""
    digits = [sign for sign in number or "" if sign.isdigit()]
    return "".join(digits[-2:]) or None


def of_letter(code: str) -> Verified | None:
    """A letter that is made; a later decision on the case takes the place of a decision's."""
    letter = db.session.scalars(
        select(Letter).where(Letter.verification_code == code, Letter.made_at.is_not(None))
    ).one_or_none()
    if letter is None:
        return None
    is_last = _is_last(letter)
    return Verified(
        kind=_l("Decision letter") if letter.decision_id else _l("Letter"),
        number=letter.number,
        issued_on=clock.day_of(letter.written_at),
        initials=initials(letter.recipient),
        last_digits=last_digits(letter.recipient_number),
        still_valid=is_last,
        replaced_by=None if is_last else _l("A later decision has taken its place."),
    )


def _is_last(letter: Letter) -> bool:
    """Whether no later decision took the place of a letter's; a notice has none."""
    if letter.decision_id is None:
        return True
    later = select(Decision.id).where(Decision.case_id == letter.case_id, Decision.id > letter.decision_id)
    return db.session.scalar(later.limit(1)) is None


def of_receipt(code: str) -> Verified | None:
    """A receipt: which request, filed when, and the fingerprint of the file, if the audit chain agrees."""
    receipt = receipts.of_code(code)
    if receipt is None:
        return None
    case = receipt.case
    return Verified(
        kind=_l("Receipt of a request"),
        number=case.reference or "",
        issued_on=clock.day_of(case.submitted_at or case.created_at),
        initials="",
        last_digits=None,
        still_valid=True,
        note=_note_on(receipt),
        fingerprint=receipt.sha256,
        is_contradicted=not receipts.holds(receipt),
    )


def _note_on(receipt: Receipt) -> LazyString | str:
    """When the request was filed, and whether the file was destroyed since."""
    filed = instant(receipt.case.submitted_at)
    if receipt.purged_at is None:
        return _l("Filed on %(when)s.", when=filed)
    return _l(
        "Filed on %(when)s. Our copy of the file was destroyed by law on %(day)s; its fingerprint stays.",
        when=filed,
        day=day(clock.day_of(receipt.purged_at)),
    )


def of_certificate(code: str) -> Verified | None:
    """A registration certificate; valid while it says what the record says and none took its place."""
    certificate = certificates.of_code(code)
    if certificate is None:
        return None
    is_valid = certificates.is_valid(certificate)
    return Verified(
        kind=_l("Registration certificate"),
        number=certificate.number,
        issued_on=clock.day_of(certificate.issued_at),
        initials=initials(f"{certificate.given_names} {certificate.family_name}"),
        last_digits=last_digits(certificate.ssn),
        still_valid=is_valid,
        replaced_by=None
        if is_valid
        else _l("The record has changed since, or a later certificate was issued."),
    )


LOOKUPS: list[Callable[[str], Verified | None]] = [of_letter, of_receipt, of_certificate]
"""Each kind of paper, asked in turn with the code in its plain form."""
