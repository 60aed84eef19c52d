"""Signing in and out: one door for everyone."""

from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from app.forms.account import SignInForm
from app.i18n import current_language, language_of
from app.permissions import STAFF
from app.security import sessions
from app.services import accounts
from app.views.language import add_language, bilingual, is_switching, was_checked

blueprint = bilingual("account", __name__)
blueprint.url_defaults(add_language)
WRONG = "wrong"
"""The mark, on a page sent back, that the address or the password was wrong."""


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response | str:
    """Ask who it is; afterwards go back to where they were going."""
    form = SignInForm()
    if is_switching():
        return _in_the_other_language(form)
    if form.validate_on_submit():
        account = accounts.authenticate(form.email.data, form.password.data)
        if account is not None:
            session.clear()
            sessions.renew()
            login_user(account)
            session["language"] = current_language()
            return redirect(_safe(request.args.get("next")) or _landing())
        return _refused(form)
    return _page(form)


@blueprint.get("/sign-out")
def signed_out() -> Response:
    """Reading this address signs nobody out."""
    return redirect(url_for("portal.home"))


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End this session; its cookie is worth nothing afterwards."""
    logout_user()
    session.clear()
    sessions.renew()
    return redirect(url_for("portal.home"))


def _in_the_other_language(form: SignInForm) -> str:
    """The same page with its messages; the password is not sent back, so it is not asked for again."""
    if request.form.get("_checked") == WRONG:
        return _refused(form)
    if was_checked():
        form.validate()
    return _page(form)


def _refused(form: SignInForm) -> str:
    form.email.errors = [_("The e-mail address or the password is wrong.")]
    return _page(form, checked=WRONG)


def _page(form: SignInForm, checked: str = "1") -> str:
    return render_template("portal/sign_in.html", form=form, checked=checked)


def _landing() -> str:
    return url_for("StaffHomeView.index") if current_user.has_role(*STAFF) else url_for("portal.home")


def _safe(target: str | None) -> str | None:
    """The page to go back to, in the language being read, if it is one of ours and never another site."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(character in target for character in "\\\r\n\t"):
        return None
    return f"/{current_language()}{target[3:]}" if language_of(target.partition("?")[0]) else target
