"""What is sensitive asks first who is there; who must have a second factor sets it up before all else."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.i18n import current_language
from app.services import second_factors
from app.views import entering, typed_again

View = Callable[..., Any]
_PASSWORD = "second_factor.password"  # noqa: S105
_OPEN = (
    *("static", "root", "public", "account", "second_factor", "sign_up", "passwords", "emails", "not_me"),
    "employer_links",
)
"""The rooms open to who must still set up a second factor."""


def init_app(app: Flask) -> None:
    """Lead whoever must have a second factor to set it up, before anything else."""
    app.before_request(lead_to_set_up)


def step_up_required(view: View) -> View:
    """Only for who gave a code within ten minutes; others give one first, and come back with what they typed.

    Who has no second factor yet is led to set one up.
    """
    return _guarded(view, "second_factor.begin")


def proof_required(view: View) -> View:
    """Only for who gave a code within ten minutes, or the password where the account has no second factor."""
    return _guarded(view, _PASSWORD)


def code_required(view: View) -> View:
    """Only for who gave a code within ten minutes; who has no second factor is asked by the page itself."""
    return _guarded(view, None)


def _guarded(view: View, without_factor: str | None) -> View:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            second_factors.require_step_up(current_user, entering.proved_at())
        except second_factors.StepUpNeeded as need:
            where = "second_factor.prove" if need.has_factor else without_factor
            if where is None or (where == _PASSWORD and entering.is_password_fresh()):
                return view(*args, **kwargs)
            back = typed_again.keep(current_user.id)
            return redirect(url_for(where, lang=current_language(), next=back))
        return view(*args, **kwargs)

    guarded.asks_who_is_there = True  # type: ignore[attr-defined]
    return guarded


def lead_to_set_up() -> Response | None:
    """Nothing but the set-up for who must have a second factor and has not proved one in this session."""
    room = (request.endpoint or "").partition(".")[0]
    if room in _OPEN or not current_user.is_authenticated:
        return None
    if entering.proved_at() is not None or not second_factors.is_mandatory(current_user):
        return None
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("second_factor.begin", lang=current_language(), next=back))
