"""Whether a paper is genuine: told to anybody who has its code, and never what the paper says."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.formats import instant
from app.models import Decision, Letter
from app.services import papers, receipts


@dataclass(frozen=True)
class Verified:
    """What is told of a genuine paper; `note` is a sentence more, `fingerprint` its content’s SHA-256."""

    kind: LazyString | str
    number: str
    issued_on: date
    initials: str
    last_digits: str | None
    still_valid: bool
    replaced_by: LazyString | str | None = None
    note: LazyString | str | None = None
    fingerprint: str | None = None


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
    """A decision letter that is made; a later decision on the case takes its place."""
    letter = db.session.scalars(
        select(Letter).where(Letter.verification_code == code, Letter.made_at.is_not(None))
    ).one_or_none()
    if letter is None:
        return None
    later = select(Decision.id).where(Decision.case_id == letter.case_id, Decision.id > letter.decision_id)
    is_last = db.session.scalar(later.limit(1)) is None
    return Verified(
        kind=_l("Decision letter"),
        number=letter.number,
        issued_on=clock.day_of(letter.written_at),
        initials=initials(letter.recipient),
        last_digits=last_digits(letter.recipient_number),
        still_valid=is_last,
        replaced_by=None if is_last else _l("A later decision has taken its place."),
    )


def of_receipt(code: str) -> Verified | None:
    """A receipt: which request, filed when, and the fingerprint of the file."""
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
        note=_l("Filed on %(when)s.", when=instant(case.submitted_at)),
        fingerprint=receipt.sha256,
    )


LOOKUPS: list[Callable[[str], Verified | None]] = [of_letter, of_receipt]
"""Each kind of paper, asked in turn with the code in its plain form."""
