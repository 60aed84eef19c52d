"""Case references: for people to read out, with a character that checks the others."""

from sqlalchemy import Sequence
from stdnum.iso7064 import mod_37_36

from app import clock
from app.extensions import db

CASE_REFERENCES = Sequence("case_reference_seq", metadata=db.metadata)


def next_reference(letters: str) -> str:
    """The next case reference, such as `RG-2026-000123-K` (ISO 7064 MOD 37-36 over letters and digits)."""
    number = db.session.scalar(CASE_REFERENCES)
    stem = f"{letters}-{clock.today().year}-{number:06d}"
    return f"{stem}-{mod_37_36.calc_check_digit(stem.replace('-', ''))}"
