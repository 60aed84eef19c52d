"""References of cases and letters: for people to read out, with a character that checks the others."""

from sqlalchemy import Sequence
from stdnum.iso7064 import mod_37_36

from app import clock
from app.extensions import db

CASE_REFERENCES = Sequence("case_reference_seq", metadata=db.metadata)
LETTER_NUMBERS = Sequence("letter_number_seq", metadata=db.metadata)
CERTIFICATE_NUMBERS = Sequence("certificate_number_seq", metadata=db.metadata)


def next_reference(letters: str) -> str:
    """The next case reference, such as `RG-2026-000123-K` (ISO 7064 MOD 37-36 over letters and digits)."""
    return _numbered(letters, CASE_REFERENCES)


def next_letter_number() -> str:
    """The next number of a decision letter, such as `L-2026-000045-C`."""
    return _numbered("L", LETTER_NUMBERS)


def next_certificate_number() -> str:
    """The next number of a registration certificate, such as `CI-2026-000045-C`."""
    return _numbered("CI", CERTIFICATE_NUMBERS)


def _numbered(letters: str, numbers: Sequence) -> str:
    stem = f"{letters}-{clock.today().year}-{db.session.scalar(numbers):06d}"
    return f"{stem}-{mod_37_36.calc_check_digit(stem.replace('-', ''))}"
