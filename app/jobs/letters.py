"""Decision letters: made once, and announced only then."""

from app.extensions import db
from app.models import Letter
from app.services import SERVICES, letters


def make_letter(outbox_id: int, letter_id: int) -> None:
    """Make the HTML and the PDF of a letter; a second run finds it made."""
    letter = db.session.get_one(Letter, letter_id)
    letters.make(SERVICES[letter.case.service], letter)
