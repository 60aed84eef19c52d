"""Answering a request for information on a case, with new documents."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app.extensions import db
from app.forms.answer import MOST_FILES, AnswerForm
from app.models import Case, Document
from app.services import SERVICES, cases, documents, locks
from app.services.base import RuleBroken
from app.services.document_categories import OTHER
from app.views.cases import information_asked, my_case
from app.views.language import add_language, bilingual, is_switching, was_checked
from app.views.stale import is_stale
from app.workflow import Actor

blueprint = bilingual("answers", __name__)
blueprint.url_defaults(add_language)


@blueprint.route("/cases/<public_id>/answer", methods=["GET", "POST"])
def answer(public_id: str) -> Response | str:
    """Show what was asked; file the answer and its documents with the case."""
    case = my_case(public_id)
    locks.check(current_user, case.service)
    form = AnswerForm()
    if request.method != "POST" or is_stale() or (is_switching() and not was_checked()):
        return _page(case, form)
    kept = _kept_before()
    refused = _keep_new(form, kept)
    db.session.commit()
    is_right = form.validate()
    form.documents.errors = [*form.documents.errors, *refused]
    if is_switching() or not is_right or refused:
        return _page(case, form, kept)
    try:
        documents.file_with(case, kept)
        by = cases.By(current_user, Actor.insured_person)
        cases.perform(SERVICES[case.service], case, "answer", by, form.answer.data)
        db.session.commit()
        flash(_("We have received your answer."), "success")
    except RuleBroken as refusal:
        db.session.rollback()
        flash(str(refusal.message), "error")
    return redirect(url_for("cases.show", public_id=public_id))


def _kept_before() -> list[Document]:
    """The files that came with an earlier try, by their tokens; somebody else's tokens find nothing."""
    tokens = request.form.getlist("documents-kept")[:MOST_FILES]
    found = (documents.kept(current_user, token) for token in tokens)
    return [document for document in found if document is not None]


def _keep_new(form: AnswerForm, kept: list[Document]) -> list[str]:
    """Keep each new file, adding it to those kept before; the reasons of those refused."""
    refused = []
    for upload in form.documents.data or []:
        if not isinstance(upload, FileStorage) or not upload.filename:
            continue
        if len(kept) >= MOST_FILES:
            refused.append(_("You can send at most 5 files."))
            break
        try:
            kept.append(documents.keep(current_user, OTHER, upload))
        except RuleBroken as refusal:
            refused.append(f"{upload.filename}: {refusal.message}")
    return refused


def _page(case: Case, form: AnswerForm, kept: list[Document] | None = None) -> str:
    return render_template(
        "portal/answer.html",
        case=case,
        service=SERVICES[case.service],
        form=form,
        asked=information_asked(case),
        kept=kept or [],
    )
