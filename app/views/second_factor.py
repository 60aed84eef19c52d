"""Setting up the authenticator app, its recovery codes, and proving it again for what is sensitive."""

from typing import Any

import segno
from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.extensions import db
from app.forms.account import CodeForm, ConfirmForm, PasswordAgainForm
from app.security import sessions
from app.services import second_factors
from app.views import codes, entering
from app.views.addresses import safe
from app.views.language import add_language, bilingual, is_switching
from app.views.pages import form_page, is_filled_in
from app.views.step_up import code_required, step_up_required

blueprint = bilingual("second_factor", __name__)
blueprint.url_defaults(add_language)
HOME = "second_factor.show"
_GROUP = 4
_BEGUN_HERE = "second_factor_begun"


@blueprint.get("/account/second-factor/")
def show() -> str:
    """What protects the account now, and what can be done about it."""
    return render_template(
        "portal/account/second_factor.html",
        factor=second_factors.in_force(current_user),
        codes_left=second_factors.codes_left(current_user),
        is_mandatory=second_factors.is_mandatory(current_user),
    )


@blueprint.route("/account/second-factor/begin", methods=["GET", "POST"])
def begin() -> Response | str:
    """Say what is needed; the password is asked for again unless it was given a moment ago."""
    if second_factors.in_force(current_user) is not None:
        return redirect(url_for("second_factor.replace", next=_next()))
    form = ConfirmForm() if entering.is_password_fresh() else PasswordAgainForm()
    if is_filled_in(form):
        if isinstance(form, ConfirmForm):
            return _to_set_up()
        if codes.is_password_right(form):
            entering.password_given()
            return _to_set_up()
    return form_page(
        form,
        _("Protect your account with your telephone"),
        _("Set up the app"),
        template="portal/account/begin.html",
        is_mandatory=second_factors.is_mandatory(current_user),
        was_sent_here=_next() is not None,
    )


@blueprint.route("/account/second-factor/replace", methods=["GET", "POST"])
@step_up_required
def replace() -> Response | str:
    """Another telephone: the app in force stays until the new one gave a code."""
    form = ConfirmForm()
    if is_filled_in(form):
        return _to_set_up()
    text = _(
        "The app you use now works until the new one has given a code. Your recovery codes are replaced."
    )
    back = {"back_href": url_for(HOME)}
    return form_page(form, _("Use another telephone"), _("Set up the app"), [text], **back)


@blueprint.route("/account/second-factor/set-up", methods=["GET", "POST"])
@code_required
def set_up() -> Response | str:
    """Show the square picture and the key, to the session that began; a right code puts the app in force.

    Every other device is signed out by it.
    """
    account = current_user._get_current_object()
    factor = second_factors.begun(account)
    if factor is None or session.get(_BEGUN_HERE) != factor.id:
        return redirect(url_for(HOME))
    form = CodeForm()
    if is_filled_in(form) and second_factors.confirm(account, factor, form.code.data):
        target = _next()
        sessions.revoke_all(account.id)
        db.session.commit()
        entering.begin(account, clock.now())
        return redirect(url_for("second_factor.recovery_codes", next=target))
    was_wrong = form.is_submitted() and not form.errors and _was_refused()
    mark = codes.refuse(form, current_user) if was_wrong else "1"
    return _set_up_page(form, factor, mark)


@blueprint.route("/account/second-factor/codes", methods=["GET", "POST"])
@step_up_required
def recovery_codes() -> Response | str:
    """The recovery codes, until the person says that they kept them."""
    form = ConfirmForm()
    target = entering.typed_page() or _next() or url_for(HOME)
    if is_filled_in(form):
        second_factors.codes_are_kept(current_user)
        db.session.commit()
        return redirect(target)
    kept = second_factors.codes_to_keep(current_user)
    if not kept:
        return redirect(target)
    more: dict[str, Any] = {"template": "portal/account/recovery_codes.html", "codes": kept}
    return form_page(form, _("Your recovery codes"), _("I have kept my codes"), **more)


@blueprint.route("/account/second-factor/codes/new", methods=["GET", "POST"])
@step_up_required
def new_codes() -> Response | str:
    """Ten new recovery codes in place of the old ones."""
    form = ConfirmForm()
    if is_filled_in(form):
        second_factors.renew_recovery_codes(current_user)
        db.session.commit()
        return redirect(url_for("second_factor.recovery_codes"))
    text = _("Ten new codes are made. The ones you have now no longer work.")
    back = {"back_href": url_for(HOME)}
    return form_page(form, _("Make new recovery codes"), _("Make new codes"), [text], **back)


@blueprint.route("/account/second-factor/remove", methods=["GET", "POST"])
@step_up_required
def remove() -> Response | str:
    """Do without the app, where it is not mandatory."""
    if second_factors.is_mandatory(current_user) or second_factors.in_force(current_user) is None:
        return redirect(url_for(HOME))
    form = ConfirmForm()
    if is_filled_in(form):
        second_factors.give_up(current_user)
        db.session.commit()
        entering.forget_proof()
        flash(_("The app no longer protects your account."), "success")
        return redirect(url_for(HOME))
    text = _("Only your password will protect your account. To change your contact details or your bank"
             " account you will have to set up an app again.")  # fmt: skip
    more = {"back_href": url_for(HOME), "button_kind": "warning"}
    return form_page(form, _("Remove the app"), _("Remove the app"), [text], **more)


@blueprint.route("/account/prove", methods=["GET", "POST"])
def prove() -> Response | str:
    """Ask for a code before something sensitive, then go back to it."""
    if second_factors.in_force(current_user) is None:
        return redirect(url_for("second_factor.begin", next=_next()))
    form = CodeForm()
    factor, mark = codes.ask(form, current_user)
    if factor is not None:
        entering.prove()
        return redirect(entering.typed_page() or _next() or url_for(HOME))
    title = _("Enter a code to go on")
    return render_template("portal/code.html", form=form, checked=mark, title=title)


@blueprint.route("/account/prove/password", methods=["GET", "POST"])
def password() -> Response | str:
    """Ask for the password before something sensitive, of who has no app; then go back to it."""
    if second_factors.in_force(current_user) is not None:
        return redirect(url_for("second_factor.prove", next=_next()))
    form = PasswordAgainForm()
    if is_filled_in(form) and codes.is_password_right(form):
        entering.password_given()
        return redirect(entering.typed_page() or _next() or url_for(HOME))
    text = _("You are about to open something sensitive: show that it is you.")
    return form_page(form, _("Enter your password to go on"), _("Continue"), [text])


def _to_set_up() -> Response:
    """A fresh key, and the page that shows it, in this session only."""
    session[_BEGUN_HERE] = second_factors.begin(current_user).id
    db.session.commit()
    return redirect(url_for("second_factor.set_up", next=_next()))


def _set_up_page(form: CodeForm, factor: object, mark: str) -> str:
    secret = second_factors.secret_of(factor)  # type: ignore[arg-type]
    address = second_factors.address_for_app(factor, current_user.email)  # type: ignore[arg-type]
    return form_page(
        form,
        _("Set up the app"),
        _("Continue"),
        template="portal/account/set_up.html",
        checked=mark,
        picture=segno.make(address, error="m").svg_data_uri(scale=4, border=4, light="white"),
        key=" ".join(secret[at : at + _GROUP] for at in range(0, len(secret), _GROUP)),
    )


def _was_refused() -> bool:
    return not is_switching() or request.form.get("_checked") == "wrong"


def _next() -> str | None:
    return safe(request.args.get("next"))
