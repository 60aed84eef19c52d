"""Signing in and out: one door for everyone."""

from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import logout_user
from werkzeug.wrappers import Response

from app import demo
from app.extensions import db
from app.forms.account import CodeForm, SignInForm
from app.security import attempts, sessions
from app.services import accounts, sign_ins
from app.views import codes, entering, typed_again
from app.views.addresses import safe
from app.views.language import add_language, bilingual, is_switching, was_checked
from app.views.pages import wait_in_words

blueprint = bilingual("account", __name__)
blueprint.url_defaults(add_language)
WRONG = "wrong"
"""The mark, on a page sent back, that the address or the password was wrong."""

LOCKED = "locked"
"""The mark that there were too many tries."""


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response | str:
    """Ask who it is; afterwards go back to where they were going."""
    form = SignInForm()
    if is_switching():
        return _in_the_other_language(form)
    return _answer(form) if form.validate_on_submit() else _page(form)


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
def code() -> Response | str:
    """Ask for the second factor of who gave the right password; then let them in."""
    account, target = entering.halfway(), safe(request.args.get("next"))
    if account is None:
        return redirect(url_for("account.sign_in", next=target))
    form = CodeForm()
    factor, mark = codes.ask(form, account)
    if factor is not None:
        return entering.enter(account, factor, target)
    shown = demo.code_now(account.email)
    return render_template("portal/code.html", form=form, checked=mark, demo_code=shown)


@blueprint.get("/sign-out")
def signed_out() -> Response:
    """Reading this address signs nobody out."""
    return redirect(url_for("portal.home"))


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End this session; its cookie is worth nothing afterwards."""
    leave()
    return redirect(url_for("portal.home"))


def leave() -> None:
    """Forget who is signed in here."""
    logout_user()
    session.clear()
    sessions.renew()


def _answer(form: SignInForm) -> Response | str:
    """Let in, or say why not: the same for a known and an unknown address."""
    try:
        account = sign_ins.by_password(form.email.data, form.password.data, sessions.this_device())
    except attempts.TooManyTries as refusal:
        return _locked(form, refusal)
    db.session.commit()
    if account is None:
        return _refused(form)
    return entering.after_password(account, safe(request.args.get("next")))


def _in_the_other_language(form: SignInForm) -> str:
    """The same page with its messages; the password is not sent back, so it is not asked for again."""
    if request.form.get("_checked") == WRONG:
        return _refused(form)
    if request.form.get("_checked") == LOCKED:
        return _still_locked(form)
    if was_checked():
        form.validate()
    return _page(form)


def _refused(form: SignInForm) -> str:
    form.email.errors = [_("The e-mail address or the password is wrong.")]
    return _page(form, checked=WRONG)


def _locked(form: SignInForm, refusal: attempts.TooManyTries) -> str:
    form.email.errors = [
        _(
            "There were too many wrong passwords. Wait %(time)s, or choose a new password: that opens your"
            " account at once.",
            time=wait_in_words(refusal.wait),
        )
    ]
    return _page(form, checked=LOCKED)


def _still_locked(form: SignInForm) -> str:
    try:
        attempts.check(attempts.PASSWORD, accounts.key_of(form.email.data or ""))
    except attempts.TooManyTries as refusal:
        return _locked(form, refusal)
    return _refused(form)


def _page(form: SignInForm, checked: str = "1") -> str:
    away = typed_again.sentence() if session.get("was_signed_out") else None
    return render_template("portal/sign_in.html", form=form, checked=checked, away=away)
