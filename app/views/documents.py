"""My documents: by category, with their state, versions, uses and readers; opened only by those who may."""

from typing import Any

import structlog
from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.adapters import storage
from app.extensions import db
from app.files.states import FileState
from app.forms.base import PortalForm
from app.forms.documents import ExpiryForm
from app.i18n import current_language
from app.models import Account, Case, Document, Draft
from app.permissions import LABELS
from app.security.encryption import CannotDecrypt
from app.services import (
    SERVICES,
    access,
    document_categories,
    document_expiry,
    document_review,
    documents,
    drafts,
    locks,
    my_documents,
)
from app.services.base import NotAllowed, RuleBroken
from app.views import questions, writing
from app.views.language import add_language, bilingual
from app.views.pages import is_filled_in
from app.views.stale import is_stale

blueprint = bilingual("documents", __name__)
blueprint.url_defaults(add_language)


@blueprint.route("/documents/", methods=["GET", "POST"])
def mine() -> BaseResponse | str:
    """All the person's documents by category; a new one may be given here."""
    text, draft = writing.of_documents(), drafts.of(current_user, drafts.GIVEN)
    if request.method != "POST":
        return _list(writing.shown(text, draft))
    locks.check(current_user)
    form, is_right = writing.taken(text, draft)
    return _give(text, form) if is_right else _list(form)


@blueprint.get("/documents/<public_id>")
def show(public_id: str) -> str:
    """One document: its pages, its state, its versions, the requests that use it, and who opened it."""
    return _page(_mine(public_id))


@blueprint.post("/documents/<public_id>")
def show_again(public_id: str) -> str:
    """The same in the other language, with the date being typed and the file chosen."""
    document = _mine(public_id)
    return _page(document, ExpiryForm(), _renewal_beside(document)[0])


@blueprint.post("/documents/<public_id>/expiry")
def expiry(public_id: str) -> BaseResponse | str:
    """Write down until when a document is valid."""
    document, form = _mine(public_id), ExpiryForm()
    renewal, is_in_order = _renewal_beside(document)
    if questions.is_taking_away() or not (is_filled_in(form) and is_in_order):
        return _page(document, form, renewal)
    try:
        document_expiry.set_date(document, form.expires_on.data)
    except RuleBroken as refusal:
        form.expires_on.errors = [str(refusal.message)]
        return _page(document, form, renewal)
    db.session.commit()
    flash(_("Saved."), "success")
    return redirect(url_for("documents.show", public_id=public_id))


@blueprint.post("/documents/<public_id>/renewal")
def renew(public_id: str) -> BaseResponse | str:
    """Give a newer version, which takes the older one's place in the requests still open."""
    document = _mine(public_id)
    text, draft = _renewal_of(document)
    form, is_right = writing.taken(text, draft)
    if not is_right:
        return _page(document, ExpiryForm(), form)
    documents.hold(current_user)
    try:
        newer = my_documents.renew(current_user, document, questions.documents_of(text[0], form))
    except RuleBroken as refusal:
        db.session.rollback()
        form["file"].errors = [str(refusal.message)]
        return _page(_mine(public_id), ExpiryForm(), form)
    drafts.discard(current_user, text[0].slug)
    db.session.commit()
    flash(_("We have received the newer version. It is being checked."), "success")
    return redirect(url_for("documents.show", public_id=newer.public_id))


@blueprint.get("/documents/<public_id>/expiry")
@blueprint.get("/documents/<public_id>/renewal")
def form_page(public_id: str) -> BaseResponse:
    """The address of a refused form, opened again or in the other language: the document."""
    return redirect(url_for("documents.show", public_id=_mine(public_id).public_id))


@blueprint.get("/documents/<public_id>/row")
def row(public_id: str) -> str:
    """One file with its state, for an open page that waits for its checks."""
    kept = documents.as_kept(_mine(public_id))
    return render_template("portal/file_row.html", file=kept, field=request.args.get("field", "documents"))


@blueprint.get("/documents/<public_id>/file")
def download(public_id: str) -> Response:
    """The signed-in person's own document."""
    return send(_mine(public_id))


@blueprint.get("/documents/<public_id>/preview/<int:number>")
def preview(public_id: str, number: int) -> Response:
    """A picture of one of its first pages."""
    return send_preview(_mine(public_id), number)


def send(document: Document, case: Case | None = None) -> Response:
    """A document's bytes as a download that no browser interprets; only once it passed its checks."""
    response = _opened(document, document.stored_sha256, "file", case)
    response.content_type = document.content_type
    name = my_documents.name_to_save(document)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def send_preview(document: Document, number: int, case: Case | None = None) -> Response:
    """A picture of a page, made by us from its pixels."""
    pages = dict(enumerate(document.previews, start=1))
    response = _opened(document, pages.get(number), "preview", case)
    response.content_type = "image/jpeg"
    return response


def _opened(document: Document, sha256: str | None, as_what: str, case: Case | None) -> Response:
    if document.state is not FileState.accepted or sha256 is None:
        abort(404)
    try:
        document_review.open_for(_reader(), document, as_what, case)
        content = storage.read(sha256)
    except NotAllowed:
        abort(403)
    except (FileNotFoundError, CannotDecrypt) as error:
        structlog.get_logger("guichet.documents").error(
            "lost", document=document.id, error=type(error).__name__
        )
        abort(404)
    db.session.commit()
    response = current_app.response_class(content)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response


def _reader() -> Account:
    return current_user._get_current_object()


def _mine(public_id: str) -> Document:
    """The signed-in person's own document, or 404: somebody else's does not exist for them."""
    return documents.own(current_user, public_id) or abort(404)


def _give(text: writing.Text, form: PortalForm) -> BaseResponse:
    documents.hold(current_user)
    my_documents.give(current_user, form["category"].data, questions.documents_of(text[0], form))
    drafts.discard(current_user, drafts.GIVEN)
    db.session.commit()
    flash(_("We have received your documents. They are being checked."), "success")
    return redirect(url_for("documents.mine"))


def _list(form: PortalForm) -> str:
    return render_template(
        "portal/documents.html",
        form=form,
        groups=my_documents.by_category(current_user, current_language()),
        ending=document_categories.with_expiry(),
        extra={"_checked": "1"} if form.errors else {},
    )


def _renewal_of(document: Document) -> tuple[writing.Text, Draft | None]:
    text = writing.of_renewal(document)
    return text, drafts.of(current_user, text[0].slug)


def _renewal_beside(document: Document) -> tuple[PortalForm, bool]:
    """The newer version sent with the date, kept for later, and whether it could be."""
    text, draft = _renewal_of(document)
    form, refused = writing.posted(text, draft, keeps_files=not is_stale())
    if not is_stale():
        writing.keep(text, form, draft)
    for field, reasons in refused.items():
        field.errors = [*field.errors, *reasons]
    return form, not refused


def _page(document: Document, form: ExpiryForm | None = None, renewal: PortalForm | None = None) -> str:
    facts: dict[str, Any] = {
        "category": document_categories.name_of(document.category, current_language()),
        "has_expiry": document.category in document_categories.with_expiry(),
        "versions": my_documents.versions(document),
        "openings": access.of_document(document),
        "roles": LABELS,
        "services": SERVICES,
    }
    form = form or ExpiryForm(expires_on=document.expires_on)
    renewal = renewal or writing.shown(*_renewal_of(document))
    renewal["file"].reusable = []
    extra = {"_checked": "1"} if form.errors or renewal.errors else {}
    return render_template(
        "portal/document.html", document=document, form=form, renewal=renewal, extra=extra, **facts
    )
