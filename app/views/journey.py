"""The journey of every case service: start page, questions, submission. One set of views for all."""

import secrets
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from app.extensions import db
from app.forms.base import PortalForm
from app.forms.fields import KeptFileField
from app.i18n import current_language
from app.models import Document
from app.permissions import roles_for
from app.services import SERVICES, cases, documents
from app.services.base import RuleBroken, Service
from app.views.language import add_language, bilingual, is_switching, was_checked
from app.workflow import Actor

blueprint = bilingual("journey", __name__)
blueprint.url_defaults(add_language)
LONGEST_KEY = 64
_SERVICE = f"/<any({','.join(SERVICES)}):slug>"


@blueprint.get(f"{_SERVICE}/")
def start(slug: str) -> str:
    """What the service is, who may, what to have ready."""
    return render_template("portal/start.html", service=SERVICES[slug])


@blueprint.route(f"{_SERVICE}/new", methods=["GET", "POST"])
@login_required
def new(slug: str) -> Response | str:
    """Ask the questions, and file the answers once they are right."""
    service = SERVICES[slug]
    if not current_user.has_role(*roles_for(slug, Actor.insured_person)):
        abort(403)
    form = service.form()
    service.prepare(form)
    if request.method == "GET":
        return _ask(service, form)
    refused = _keep_files(service, form)
    db.session.commit()
    key = _submission_key()
    if is_switching() and not was_checked():
        return _ask(service, form)
    is_right = form.validate()
    for name, message in refused.items():
        form[name].errors = [*form[name].errors, message]
    if is_switching() or not is_right or refused or not key:
        return _ask(service, form)
    return _file(service, form, key)


def _file(service: Service[Any], form: PortalForm, key: str) -> Response | str:
    """Submit, once: a double click, a reload or a retry comes to the same case."""
    kept = (documents.kept(current_user, form[need.field].kept.token) for need in service.documents)
    files = [document for document in kept if document is not None]
    try:
        case = cases.submit(service, current_user, form.answers(), files, key, current_language())
    except RuleBroken as refusal:
        db.session.rollback()
        flash(str(refusal.message), "error")
        return _ask(service, form)
    db.session.commit()
    flash(_("We have received your request."), "success")
    return redirect(url_for("cases.show", public_id=case.public_id))


def _keep_files(service: Service[Any], form: PortalForm) -> dict[str, str]:
    """Keep each file that came with the form, or came before; the refused ones by field, with the reason."""
    refused = {}
    for need in service.documents:
        field = form[need.field]
        try:
            document = _file_of(need.category, field)
        except RuleBroken as refusal:
            refused[need.field] = str(refusal.message)
        else:
            field.kept = documents.as_kept(document) if document else None
    return refused


def _file_of(category: str, field: KeptFileField) -> Document | None:
    if field.data:
        return documents.keep(current_user, category, field.data)
    return documents.kept(current_user, field.kept_token) if field.kept_token else None


def _submission_key() -> str:
    """The key the page was given; empty when it is missing, or none of ours."""
    key = request.form.get("submission_key", "")
    return key if len(key) <= LONGEST_KEY else ""


def _ask(service: Service[Any], form: PortalForm) -> str:
    """The page of questions, with what was typed."""
    extra = {"submission_key": _submission_key() or secrets.token_urlsafe(24)}
    if form.errors:
        extra["_checked"] = "1"
    return render_template("portal/questions.html", service=service, form=form, extra=extra)
