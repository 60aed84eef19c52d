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
from app.forms.documents import ExpiryForm, GiveForm, RenewForm
from app.i18n import current_language
from app.models import Account, Case, Document
from app.permissions import LABELS
from app.security.encryption import CannotDecrypt
from app.services import (
    SERVICES,
    access,
    document_categories,
    document_expiry,
    document_review,
    documents,
    my_documents,
)
from app.services.base import NotAllowed, RuleBroken
from app.views.language import add_language, bilingual, is_switching, was_checked
from app.views.pages import is_filled_in

blueprint = bilingual("documents", __name__)
blueprint.url_defaults(add_language)


@blueprint.route("/documents/", methods=["GET", "POST"])
def mine() -> BaseResponse | str:
    """All the person's documents by category; a new one may be given here."""
    form = GiveForm()
    form.category.choices = my_documents.choices(current_language())
    is_asked = request.method == "POST" and (was_checked() or not is_switching())
    if is_asked and form.validate() and not is_switching() and _given(form, form.category.data):
        return redirect(url_for("documents.mine"))
    return render_template(
        "portal/documents.html",
        form=form,
        groups=my_documents.by_category(current_user, current_language()),
        ending=document_categories.with_expiry(),
    )


@blueprint.get("/documents/<public_id>")
def show(public_id: str) -> str:
    """One document: its pages, its state, its versions, the requests that use it, and who opened it."""
    return _page(_mine(public_id))


@blueprint.post("/documents/<public_id>")
def show_again(public_id: str) -> str:
    """The same in the other language, with the date being typed."""
    return _page(_mine(public_id), ExpiryForm())


@blueprint.post("/documents/<public_id>/expiry")
def expiry(public_id: str) -> BaseResponse | str:
    """Write down until when a document is valid."""
    document = _mine(public_id)
    form = ExpiryForm()
    if not is_filled_in(form):
        return _page(document, form)
    try:
        document_expiry.set_date(document, form.expires_on.data)
    except RuleBroken as refusal:
        form.expires_on.errors = [str(refusal.message)]
        return _page(document, form)
    db.session.commit()
    flash(_("Saved."), "success")
    return redirect(url_for("documents.show", public_id=public_id))


@blueprint.post("/documents/<public_id>/renewal")
def renew(public_id: str) -> BaseResponse | str:
    """Give a newer version, which takes the older one's place in the requests still open."""
    document = _mine(public_id)
    form = RenewForm()
    if not is_filled_in(form):
        return _page(document, renewal=form)
    try:
        newer = my_documents.renew(current_user, document, form.file.data)
    except RuleBroken as refusal:
        db.session.rollback()
        form.file.errors = [str(refusal.message)]
        return _page(_mine(public_id), renewal=form)
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


def _given(form: GiveForm, category: str) -> bool:
    """Whether every file sent was taken; those refused are named with their reasons."""
    refused = []
    for upload in form.files.uploads:
        try:
            my_documents.give(current_user, category, upload)
        except RuleBroken as refusal:
            refused.append(f"{documents.clean_name(upload.filename or '')}: {refusal.message}")
    db.session.commit()
    form.files.errors = refused
    if not refused:
        flash(_("We have received your documents. They are being checked."), "success")
    return not refused


def _page(document: Document, form: ExpiryForm | None = None, renewal: RenewForm | None = None) -> str:
    facts: dict[str, Any] = {
        "category": document_categories.name_of(document.category, current_language()),
        "has_expiry": document.category in document_categories.with_expiry(),
        "versions": my_documents.versions(document),
        "openings": access.of_document(document),
        "roles": LABELS,
        "services": SERVICES,
    }
    form = form or ExpiryForm(expires_on=document.expires_on)
    return render_template(
        "portal/document.html", document=document, form=form, renewal=renewal or RenewForm(), **facts
    )
