"""A form that was open too long: shown again with what was typed, nothing written, never lost."""

from typing import Any

import structlog
from flask import current_app, flash, g, jsonify, make_response, redirect, request
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError, generate_csrf
from werkzeug.exceptions import HTTPException

from app import errors, gate
from app.views import step_up, typed_again

AUTOSAVE = {"autosave.save", "messages.autosave", "answers.autosave"}
SIGN_IN = "account.sign_in"


def is_stale() -> bool:
    """Whether this form came with a token that no longer counts, so that nothing may be written."""
    return bool(g.get("is_stale"))


def show(error: CSRFError) -> Any:
    """Answer a form whose token no longer counts."""
    structlog.get_logger("guichet").warning("csrf", reason=error.description, endpoint=request.endpoint)
    if request.endpoint in AUTOSAVE:
        return _fresh_token()
    to_sign_in = typed_again.after_an_ended_session()
    if to_sign_in is not None:
        return to_sign_in
    if request.endpoint == SIGN_IN:
        flash(_("This page was open too long. Sign in again."), "info")
        return redirect(request.full_path)
    if request.endpoint is None or not typed_again.can_be_shown():
        return errors.stale_form()
    g.is_stale = True
    if not current_user.is_authenticated:
        flash(
            _("You were signed out for your safety. Sign in again: what you had saved is still here."), "info"
        )
    try:
        refusal = gate.refuse_who_may_not() or step_up.lead_to_set_up()
        if refusal is not None:
            return refusal
        view = current_app.ensure_sync(current_app.view_functions[request.endpoint])
        return view(**request.view_args or {})
    except HTTPException as refused:
        return errors.show(refused)


def _fresh_token() -> Any:
    """A page left open across a new sign-in goes on saving, for the same person only: the page compares."""
    if not current_user.is_authenticated:
        return make_response(jsonify(problem="signed_out"), 401)
    return make_response(jsonify(csrf_token=generate_csrf(), person=str(current_user.id)), 409)
