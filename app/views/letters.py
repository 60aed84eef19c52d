"""One's own decision letters: to read, and as PDF. The first opening is noted."""

from flask import Response, abort, current_app, render_template
from sqlalchemy import select

from app.extensions import db
from app.models import Case, Letter
from app.services import letters
from app.views.cases import my_case
from app.views.language import add_language, bilingual

blueprint = bilingual("letters", __name__)
blueprint.url_defaults(add_language)


@blueprint.get("/cases/<public_id>/letters/<number>")
def show(public_id: str, number: str) -> str:
    """The letter, which is HTML first."""
    letter = letter_of(my_case(public_id), number)
    letters.mark_opened(letter)
    page = render_template("portal/letter.html", letter=letter)
    db.session.commit()
    return page


@blueprint.get("/cases/<public_id>/letters/<number>.pdf")
def download(public_id: str, number: str) -> Response:
    """The letter as PDF."""
    letter = letter_of(my_case(public_id), number)
    response = send(letter)
    letters.mark_opened(letter)
    db.session.commit()
    return response


def letter_of(case: Case, number: str) -> Letter:
    """The letter of that number in a case, once it is made; else 404."""
    letter = db.session.scalars(
        select(Letter).where(Letter.case_id == case.id, Letter.number == number, Letter.made_at.is_not(None))
    ).one_or_none()
    return letter or abort(404)


def send(letter: Letter) -> Response:
    """The PDF as a download; 404 when it does not open."""
    try:
        content = letters.open_pdf(letter)
    except OSError:
        current_app.logger.exception("Letter %s does not open.", letter.number)
        abort(404)
    response = current_app.response_class(content, content_type="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=f"{letter.number}.pdf")
    response.headers["Cache-Control"] = "no-store"
    return response
