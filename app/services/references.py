"""References of cases and letters: for people to read out, with a character that checks the others."""

from sqlalchemy import Sequence, text
from stdnum.iso7064 import mod_37_36

from app import clock
from app.extensions import db

CASE_REFERENCES = Sequence("case_reference_seq", metadata=db.metadata)
LETTER_NUMBERS = Sequence("letter_number_seq", metadata=db.metadata)
_NEW_CASE = text(f"SELECT nextval('case_id_seq'), nextval('{CASE_REFERENCES.name}')")
CERTIFICATE_NUMBERS = Sequence("certificate_number_seq", metadata=db.metadata)


def new_case(letters: str) -> tuple[int, str]:
    """The next number of a case, and its reference such as `RG-2026-000123-K` (ISO 7064 MOD 37-36).

    Secrets in the case's row are bound to the number, so it is known before the row is written.
    """
    number, place = db.session.execute(_NEW_CASE).one()
    return number, _checked(letters, place)


def next_letter_number() -> str:
    """The next number of a decision letter, such as `L-2026-000045-C`."""
    return _numbered("L", LETTER_NUMBERS)


def next_certificate_number() -> str:
    """The next number of a registration certificate, such as `CI-2026-000045-C`."""
    return _numbered("CI", CERTIFICATE_NUMBERS)


def _numbered(letters: str, numbers: Sequence) -> str:
    return _checked(letters, db.session.scalar(numbers))


def _checked(letters: str, place: int) -> str:
    stem = f"{letters}-{clock.today().year}-{place:06d}"
    return f"{stem}-{mod_37_36.calc_check_digit(stem.replace('-', ''))}"
