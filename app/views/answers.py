"""Answering a request for information on a case, with new documents: kept as a draft until it is sent."""

from flask import Response as FlaskResponse
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.extensions import db
from app.forms.base import PortalForm
from app.models import Case
from app.services import SERVICES, answers, cases, documents, drafts, locks, my_documents
from app.services.base import RuleBroken
from app.views import questions, writing
from app.views.cases import information_asked, my_case
from app.views.language import add_language, bilingual
from app.workflow import Actor

blueprint = bilingual("answers", __name__)
blueprint.url_defaults(add_language)


@blueprint.route("/cases/<public_id>/answer", methods=["GET", "POST"])
def answer(public_id: str) -> Response | str:
    """Show what was asked; file the answer and its documents with the case, once."""
    case = my_case(public_id)
    locks.check(current_user, case.service)
    if not answers.is_awaited(case):
        return _over(case)
    text, draft = writing.of_answer(case), drafts.of(current_user, answers.draft_of(case))
    if request.method != "POST":
        return _page(case, writing.shown(text, draft))
    form, is_right = writing.taken(text, draft)
    return _send(case, text, form) if is_right else _page(case, form)


@blueprint.post("/cases/<public_id>/answer/autosave")
def autosave(public_id: str) -> FlaskResponse:
    """Keep what was typed so far of an answer."""
    case = my_case(public_id)
    locks.check(current_user, case.service)
    return writing.saved(writing.of_answer(case)) if answers.is_awaited(case) else abort(404)


def _send(case: Case, text: writing.Text, form: PortalForm) -> Response:
    documents.hold(current_user)
    by = cases.By(current_user, Actor.insured_person)
    try:
        given = questions.documents_of(text[0], form)
        if form["category"].data:
            my_documents.give(current_user, form["category"].data, given)
        documents.file_with(case, given)
        cases.perform(SERVICES[case.service], case, "answer", by, form.answers()["answer"])
    except cases.StepImpossible:
        db.session.rollback()
        return _over(case)
    except RuleBroken as refusal:
        db.session.rollback()
        flash(str(refusal.message), "error")
        return _to_case(case)
    drafts.discard(current_user, answers.draft_of(case))
    db.session.commit()
    flash(_("We have received your answer."), "success")
    return _to_case(case)


def _over(case: Case) -> Response:
    """A second click, or a page opened again: where the request stands says the rest."""
    flash(_("We are not waiting for an answer from you. This is where your request stands."), "info")
    return _to_case(case)


def _to_case(case: Case) -> Response:
    return redirect(url_for("cases.show", public_id=case.public_id))


def _page(case: Case, form: PortalForm) -> str:
    return render_template(
        "portal/answer.html",
        case=case,
        service=SERVICES[case.service],
        form=form,
        asked=information_asked(case),
        autosave_url=url_for("answers.autosave", public_id=case.public_id),
        extra={"_checked": "1"} if form.errors else {},
    )
