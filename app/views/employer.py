"""The employers' counter: what waits for an answer, who answers, and how somebody comes to answer."""

from typing import NoReturn

import structlog
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.employer_kinds import AgentState
from app.extensions import db
from app.forms.employer import AccessForm, AgentForm
from app.models import EmployerRequest
from app.services import documents, employer_agents, employer_answers, employer_counter
from app.services.base import RuleBroken
from app.services.employer_agents import Invited
from app.views import employer_replies
from app.views.language import add_language, bilingual, is_switching, was_checked
from app.views.pages import form_page, is_filled_in
from app.views.stale import is_stale
from app.views.step_up import proof_required

blueprint = bilingual("employer", __name__)
blueprint.url_defaults(add_language)
Answer = Response | str | tuple[str, int]
PROOF = "employment"


@blueprint.get("/employer/")
def home() -> str:
    """What waits, what was answered lately, who answers."""
    places = employer_agents.places(current_user)
    return render_template(
        "employer/home.html",
        places=places,
        waiting=employer_counter.waiting(current_user, places),
        ended=employer_counter.ended(current_user, places),
        agents=employer_agents.of_employers(places),
        may_invite=bool(employer_agents.first_places(current_user)),
    )


@blueprint.route("/employer/requests/<public_id>", methods=["GET", "POST"])
def answer(public_id: str) -> Answer:
    """One question: the form while it is open, else what was answered."""
    asked = _own(public_id)
    back = url_for("employer.home")
    if asked.ended_at is not None:
        return render_template(
            "employer/answered.html", asked=asked, rows=employer_counter.rows(asked), back_href=back
        )
    form = employer_replies.form_of(asked, is_signed=False)
    if not is_filled_in(form):
        return employer_replies.page(asked, form, back_href=back)
    name = _signed(asked)
    try:
        employer_answers.answer(asked, employer_replies.given(asked, form, name), current_user)
        db.session.commit()
        flash(_("Thank you: we have your answer."), "success")
    except RuleBroken as refusal:
        db.session.rollback()
        flash(str(refusal.message), "error")
    return redirect(back)


@blueprint.get("/employer/agents")
def agents() -> str:
    """Everybody who answers for the employers of who is signed in."""
    places = employer_agents.places(current_user)
    found = employer_agents.of_employers(places)
    return render_template(
        "employer/agents.html",
        places=places,
        agents=[(agent, employer_agents.may_end(agent, current_user)) for agent in found],
        may_invite=bool(employer_agents.first_places(current_user)),
    )


@blueprint.route("/employer/agents/invite", methods=["GET", "POST"])
@proof_required
def invite() -> Answer:
    """Propose another agent; an officer approves."""
    places = employer_agents.first_places(current_user)
    if not places:
        abort(403)
    form = AgentForm()
    form.offer([(place.employer_id, place.employer.name) for place in places])
    texts = [_("An officer approves each agent. Who has no account then gets a link to make one.")]
    back = url_for("employer.agents")
    title = _("Invite an agent")
    if not is_filled_in(form):
        return form_page(form, title, _("Invite"), texts, back_href=back)
    place = next(place for place in places if place.employer_id == form.employer_id.data)
    fields = ("first_name", "last_name", "email", "language", "function")
    try:
        employer_agents.invite(place, Invited(**{name: form[name].data for name in fields}))
        db.session.commit()
        flash(_("An officer will look at your invitation."), "success")
    except RuleBroken as refusal:
        db.session.rollback()
        flash(str(refusal.message), "error")
    return redirect(back)


@blueprint.post("/employer/agents/<public_id>/end")
def end_agent(public_id: str) -> Response:
    """End the access of an agent, or one's own."""
    agent = employer_agents.own_or_colleague(current_user, public_id) or _not_theirs(public_id)
    is_own = agent.account_id == current_user.id
    try:
        employer_agents.end(agent, current_user)
        db.session.commit()
        flash(_("The access of %(name)s has ended.", name=agent.name), "success")
    except RuleBroken as refusal:
        db.session.rollback()
        flash(str(refusal.message), "error")
        is_own = False
    return redirect(url_for("portal.home") if is_own else url_for("employer.agents"))


@blueprint.route("/employer/access", methods=["GET", "POST"])
@proof_required
def access() -> Answer:
    """Ask to answer for an employer, with a proof; an officer approves."""
    form = _access_form()
    refused = _keep(form)
    is_sent = request.method == "POST" and not (is_switching() and not was_checked())
    is_right = is_sent and form.validate()
    if refused:
        form.proof.errors = [refused]
    if not is_right or refused or is_switching():
        return _access_page(form)
    try:
        document = form.proof.kept[0].document
        employer_agents.ask(current_user, form.number.data, form.function.data, document)
        db.session.commit()
    except RuleBroken as refusal:
        db.session.rollback()
        form.number.errors = [str(refusal.message)]
        return _access_page(form)
    flash(_("An officer will look at your proof. We will write to you."), "success")
    return redirect(url_for("employer.access"))


def _access_form() -> AccessForm:
    form = AccessForm()
    form.proof.category = PROOF
    found = (documents.kept(current_user, token) for token in form.proof.kept_tokens[:1])
    form.proof.kept = [documents.as_kept(document) for document in found if document is not None]
    return form


def _keep(form: AccessForm) -> str | None:
    """Keep the file that came, so that it need not be chosen again; why it was refused, or None."""
    try:
        if request.method == "POST" and form.proof.uploads and not is_stale():
            kept = documents.keep(current_user, PROOF, form.proof.uploads[0])
            form.proof.kept = [documents.as_kept(kept)]
            db.session.commit()
    except RuleBroken as refusal:
        db.session.rollback()
        return str(refusal.message)
    return None


def _access_page(form: AccessForm) -> str:
    asked = employer_agents.of_account(current_user)
    return render_template("employer/access.html", form=form, places=asked, active=AgentState.active)


def _own(public_id: str) -> EmployerRequest:
    """A question to an employer this account answers for, and not about themself; another does not exist."""
    asked = employer_counter.by_public_id(public_id)
    if asked is None or not employer_answers.may_answer(asked, current_user):
        return _not_theirs(public_id)
    return asked


def _signed(asked: EmployerRequest) -> str:
    places = employer_agents.places(current_user)
    place = next(place for place in places if place.employer_id == asked.employer_id)
    return f"{place.name} ({place.function})"


def _not_theirs(public_id: str) -> NoReturn:
    """404, and a line in the log."""
    structlog.get_logger("guichet.access").warning("not_theirs", named=public_id, account=current_user.id)
    abort(404)
