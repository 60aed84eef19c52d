"""Opening a document: one's own on the portal, a case's in the back office."""

from flask import Response, abort, current_app
from flask_login import current_user, login_required
from sqlalchemy import select

from app.adapters import storage
from app.extensions import db
from app.models import Document
from app.views.language import add_language, bilingual

blueprint = bilingual("documents", __name__)
blueprint.url_defaults(add_language)


@blueprint.get("/documents/<public_id>")
@login_required
def download(public_id: str) -> Response:
    """The signed-in person's own document."""
    document = db.session.scalars(
        select(Document).where(Document.public_id == public_id, Document.owner_id == current_user.id)
    ).one_or_none()
    return send(document or abort(404))


def send(document: Document) -> Response:
    """A document's bytes as a download that no browser interprets as a page."""
    try:
        content = storage.read(document.sha256)
    except FileNotFoundError:
        abort(404)
    response = current_app.response_class(content, content_type=document.content_type)
    response.headers.set("Content-Disposition", "attachment", filename=document.filename)
    response.headers["Cache-Control"] = "no-store"
    return response
