"""Linking one's account to one's social security number: three questions, a code, or an officer."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.access_kinds import TaskKind
from app.extensions import db
from app.forms.linking import CodeForm, LinkForm, ProofForm
from app.services import documents, linking, numbers, people, support
from app.services.base import RuleBroken
from app.views.language import add_language, bilingual, is_switching, was_checked
from app.views.stale import is_stale
from app.views.step_up import proof_required

blueprint = bilingual("linking", __name__)
blueprint.url_defaults(add_language)
CATEGORY = "identity"
Answer = Response | str


@blueprint.before_request
def _only_unlinked_employees() -> Response | None:
    """These pages are for those whose account has no number yet."""
    if people.of_account(current_user) is not None:
        return redirect(url_for("my_file.index"))
    return None


@blueprint.route("/my-file/link", methods=["GET", "POST"])
@proof_required
def ask() -> Answer:
    """Ask for number, birth date and name; then always the page of the code."""
    form = LinkForm()
    if not _is_sent(form):
        return _page("portal/link.html", form)
    answers = form.answers()
    try:
        linking.start(current_user, answers["number"], answers["birth_date"], answers["family_name"])
        db.session.commit()
    except linking.LinkedAlready as refusal:
        db.session.rollback()
        flash(str(refusal.message), "success")
        return redirect(url_for("my_file.index"))
    return redirect(url_for("linking.code"))


@blueprint.route("/my-file/link/code", methods=["GET", "POST"])
def code() -> Answer:
    """Ask for the code; a wrong one is counted, the fifth stops for a day."""
    form = CodeForm()
    if not _is_sent(form):
        return _page("portal/link_code.html", form)
    answer = linking.confirm(current_user, form.code.data)
    db.session.commit()
    if answer is linking.Answer.linked:
        flash(_("Your account is linked to your social security number."), "success")
        return redirect(url_for("my_file.index"))
    if answer is linking.Answer.wrong:
        form.code.errors = [_("This is not the code we sent, or it is no longer the last one.")]
        return _page("portal/link_code.html", form)
    if answer is linking.Answer.over:
        flash(_("This code is over. Ask for another, or for an officer to verify."), "error")
    return redirect(url_for("linking.ask"))


@blueprint.route("/my-file/link/proof", methods=["GET", "POST"])
@proof_required
def proof() -> Answer:
    """Ask an officer to verify from an identity document, with the reason."""
    form = _proof_form()
    refused = _keep(form)
    is_sent = _is_sent(form)
    if refused:
        form.identity_document.errors = [refused]
    if not is_sent or refused:
        return _page("portal/link_proof.html", form)
    try:
        _ask_officer(form)
        db.session.commit()
        flash(_("An officer will verify your identity document. We will write to you."), "success")
    except RuleBroken as refusal:
        db.session.rollback()
        flash(str(refusal.message), "error")
    return redirect(url_for("linking.ask"))


def _is_sent(form: LinkForm | CodeForm) -> bool:
    """Whether the form came to be dealt with, and is right; its messages stand when it was not."""
    if request.method != "POST" or (is_switching() and not was_checked()):
        return False
    return bool(form.validate()) and not is_switching()


def _page(template: str, form: LinkForm | CodeForm) -> str:
    return render_template(
        template,
        form=form,
        paused_until=linking.paused_until(current_user),
        task=support.latest(current_user, TaskKind.link),
    )


def _proof_form() -> ProofForm:
    form = ProofForm()
    field = form.identity_document
    field.category = CATEGORY
    found = (documents.kept(current_user, token) for token in field.kept_tokens[:1])
    field.kept = [documents.as_kept(document) for document in found if document is not None]
    return form


def _keep(form: ProofForm) -> str | None:
    """Keep the file that came, so that it need not be chosen again; why it was refused, or None."""
    field = form.identity_document
    try:
        if request.method == "POST" and field.uploads and not is_stale():
            field.kept = [documents.as_kept(documents.keep(current_user, CATEGORY, field.uploads[0]))]
            db.session.commit()
    except RuleBroken as refusal:
        db.session.rollback()
        return str(refusal.message)
    return None


def _ask_officer(form: ProofForm) -> None:
    answers = form.answers()
    facts = {
        "number": numbers.as_number(answers["number"]),
        "birth_date": answers["birth_date"].isoformat(),
        "family_name": answers["family_name"],
    }
    support.ask_to_link(current_user, form.reason.data, facts, form.identity_document.kept[0].document)
