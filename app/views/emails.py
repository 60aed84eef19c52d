"""Links about a change of address: confirmed at the new one, undone from the old one, without signing in."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.extensions import db
from app.forms.account import ConfirmForm
from app.services import email_changes, mailed_links
from app.views import links
from app.views.language import add_language, bilingual, is_switching
from app.views.pages import form_page, link, message

blueprint = bilingual("emails", __name__)
blueprint.url_defaults(add_language)
Answer = Response | str | tuple[str, int]


@blueprint.route("/email/confirm/<token>", methods=["GET", "POST"])
def confirm(token: str) -> Answer:
    """Use the new address from now on."""
    try:
        found = mailed_links.find(mailed_links.CHANGE_EMAIL, token)
        if request.method != "POST" or is_switching():
            return _ask_to_confirm(found.email)
        email_changes.confirm(found)
    except mailed_links.LinkUnusable:
        return links.unusable(link(_("My account"), url_for("my_account.overview")))
    db.session.commit()
    flash(_("Your new e-mail address is in use. Sign in with it from now on."), "success")
    return redirect(url_for("my_account.overview"))


@blueprint.route("/email/undo/<token>", methods=["GET", "POST"])
def undo(token: str) -> Answer:
    """It was not them: the old address comes back, everybody is signed out, a new password must be chosen."""
    try:
        found = mailed_links.find(mailed_links.UNDO_EMAIL, token)
        if request.method != "POST" or is_switching():
            return _ask_to_undo(found.email)
        email_changes.undo(found)
    except mailed_links.LinkUnusable:
        return links.unusable(link(_("Help"), url_for("public.help_page")))
    db.session.commit()
    return redirect(url_for("emails.undone"))


@blueprint.get("/email/undone")
def undone() -> str:
    """What was done, and what comes next."""
    return message(
        _("Your account is safe again"),
        _("Your former e-mail address is in use again, and everybody was signed out."),
        _("We have sent you a link to choose a new password. The old one no longer works."),
    )


def _ask_to_confirm(email: str) -> str:
    text = _("From now on you sign in with %(email)s, and we write to you there.", email=email)
    return form_page(ConfirmForm(), _("Confirm your new e-mail address"), _("Confirm my address"), [text])


def _ask_to_undo(email: str) -> str:
    texts = [
        _("If you did not ask for another e-mail address, somebody else uses your account."),
        _(
            "Press the button: %(email)s is used again, everybody is signed out, and the password no longer"
            " works. We send you a link to choose a new one.",
            email=email,
        ),
    ]
    return form_page(
        ConfirmForm(), _("This was not me"), _("Protect my account"), texts, button_kind="warning"
    )
