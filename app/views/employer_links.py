"""The link an employer gets by e-mail: one question, answered without an account."""

from http import HTTPStatus

from flask import redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.employer_kinds import RequestState
from app.extensions import db
from app.formats import instant
from app.models import EmployerRequest
from app.services import employer_answers
from app.services.base import RuleBroken
from app.views import employer_replies
from app.views.language import add_language, bilingual
from app.views.pages import is_filled_in, link, message

blueprint = bilingual("employer_links", __name__)
blueprint.url_defaults(add_language)
Answer = Response | str | tuple[str, int]


@blueprint.route("/employer/answer/<token>", methods=["GET", "POST"])
def answer(token: str) -> Answer:
    """Show what is asked; take the answer, once. Looking at the page changes nothing."""
    asked = employer_answers.of_link(token)
    refusal = _refusal(asked)
    if asked is None or refusal is not None:
        return _over(refusal)
    form = employer_replies.form_of(asked, is_signed=True)
    if not is_filled_in(form):
        return employer_replies.page(asked, form)
    name = f"{form['answered_by'].data} ({form['answered_function'].data})"
    try:
        employer_answers.answer(asked, employer_replies.given(asked, form, name), None)
        db.session.commit()
    except RuleBroken as refusal_now:
        db.session.rollback()
        return _over((str(refusal_now.message), HTTPStatus.GONE))
    return redirect(url_for("employer_links.answered"))


@blueprint.get("/employer/answered")
def answered() -> str:
    """What becomes of the answer."""
    return message(
        _("Thank you: we have your answer"),
        _("A case officer reads it beside what your employee declared. You have nothing more to do."),
        _("With an account you answer in the employers’ counter and see what you answered before."),
        links=[link(_("Ask for access to the employers’ counter"), url_for("employer.access"))],
    )


def _refusal(asked: EmployerRequest | None) -> tuple[str, int] | None:
    """Why a link opens nothing, and the status that says so; None when the question is open."""
    if asked is None:
        wrong = _(
            "This is no link of ours, or it is too old for us to know it. Open it from our e-mail again."
        )
        return wrong, HTTPStatus.NOT_FOUND
    if asked.state.is_answered:
        when = instant(asked.ended_at)
        return _("This question was answered on %(when)s. Nothing was changed.", when=when), HTTPStatus.GONE
    if asked.state is RequestState.replaced:
        return _("This question was replaced by another. You need not answer it."), HTTPStatus.GONE
    if asked.state is RequestState.silent or employer_answers.is_too_old(asked):
        return _("The time to answer is over: a case officer goes on without your answer."), HTTPStatus.GONE
    if asked.state is RequestState.ended:
        return _("This question is no longer needed. You need not answer it."), HTTPStatus.GONE
    return None


def _over(refusal: tuple[str, int] | None) -> Answer:
    text, status = refusal or ("", HTTPStatus.NOT_FOUND)
    way_on = link(_("Help"), url_for("public.help_page"))
    return message(_("This link no longer works"), text, next=way_on), status
