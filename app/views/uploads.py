"""Files sent in parts by the pages' script: announced, sent part by part, resumed where the server is."""

from http import HTTPStatus

from flask import Response, abort, jsonify, render_template, request, url_for
from flask_login import current_user

from app.extensions import db
from app.models import Upload
from app.services import SERVICES, answers, documents, drafts, messages, my_documents, uploads
from app.services.base import DocumentNeed, RuleBroken
from app.views import writing
from app.views.language import add_language, bilingual

blueprint = bilingual("uploads", __name__)
blueprint.url_defaults(add_language)
OFFSET = "Upload-Offset"


@blueprint.post("/uploads")
def begin() -> tuple[Response, int]:
    """Announce a file; the answer says where to send its parts."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        abort(400)
    service, need, field = _need(sent)
    try:
        upload = uploads.begin(current_user, _text(sent, "name"), _size(sent), need.category, service, field)
        db.session.commit()
    except RuleBroken as refusal:
        db.session.rollback()
        return jsonify(error=str(refusal.message)), HTTPStatus.UNPROCESSABLE_ENTITY
    return _state(upload, HTTPStatus.CREATED)


@blueprint.get("/uploads/<public_id>")
def state(public_id: str) -> tuple[Response, int]:
    """How much of a file has come: where to go on."""
    return _state(_mine(public_id))


@blueprint.post("/uploads/<public_id>")
def add(public_id: str) -> tuple[Response, int]:
    """One part of a file, at the offset its header names; cut short, nothing of it is kept."""
    upload = _mine(public_id)
    offset = request.headers.get(OFFSET, "")
    length = request.content_length
    if not offset.isascii() or not offset.isdigit() or len(offset) > 10 or length is None:
        abort(400)
    if length > uploads.LARGEST_PART:
        abort(413)
    part = request.stream.read(length)
    if len(part) != length:
        abort(400)
    return _added(upload, int(offset), part)


def _added(upload: Upload, offset: int, part: bytes) -> tuple[Response, int]:
    try:
        uploads.add(current_user, upload, offset, part)
        db.session.commit()
    except uploads.WrongOffset:
        db.session.rollback()
        return _state(_mine(upload.public_id), HTTPStatus.CONFLICT)
    except RuleBroken as refusal:
        db.session.rollback()
        uploads.forget(_mine(upload.public_id))
        db.session.commit()
        return jsonify(error=str(refusal.message)), HTTPStatus.UNPROCESSABLE_ENTITY
    return _state(upload)


def _mine(public_id: str) -> Upload:
    return uploads.of(current_user, public_id) or abort(404)


def _need(sent: dict[str, object]) -> tuple[str, DocumentNeed, str]:
    """What the file is for: a service's question, by its declaration, or a text of the person's own."""
    slug, field = _text(sent, "service"), _text(sent, "field")
    needs = SERVICES[slug].documents if slug in SERVICES else _of_text(slug)
    found = (need for need in needs if need.answers_to(field))
    return slug, next(found, None) or abort(400), field


def _of_text(draft: str) -> tuple[DocumentNeed, ...]:
    """What a message, an answer or documents of the person's own take; 400 for a draft of somebody else's."""
    if draft == drafts.GIVEN:
        return writing.GivingDocuments.documents
    if answers.case_of(current_user, draft) is not None:
        return writing.WritingAnswer.documents
    older = my_documents.to_renew(current_user, draft)
    if older is not None:
        return writing.needs_of_renewal(older)
    return writing.WritingMessage.documents if messages.place_of(current_user, draft) else abort(400)


def _text(sent: dict[str, object], name: str) -> str:
    value = sent.get(name)
    if not isinstance(value, str) or "\x00" in value:
        abort(400)
    return value[:1000]


def _size(sent: dict[str, object]) -> int:
    size = sent.get("size")
    return size if isinstance(size, int) and not isinstance(size, bool) and size < 1 << 31 else abort(400)


def _state(upload: Upload, code: int = HTTPStatus.OK) -> tuple[Response, int]:
    """How far a file is, and the row to show once it is here."""
    facts: dict[str, object] = {
        "url": url_for("uploads.state", public_id=upload.public_id),
        "offset": upload.received,
        "size": upload.size,
        "done": upload.document is not None,
    }
    if upload.document is not None:
        kept = documents.as_kept(upload.document)
        facts["row"] = render_template("portal/file_row.html", file=kept, field=upload.field)
    response = jsonify(facts)
    response.headers[OFFSET] = str(upload.received)
    response.headers["Cache-Control"] = "no-store"
    return response, code
