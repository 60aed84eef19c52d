"""Links about a change of address or a new app: confirmed at the new address, undone from the old mailbox."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.extensions import db
from app.forms.account import ConfirmForm
from app.services import email_changes, mailed_links, taken_back
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
    first = _("If you did not ask for another e-mail address, somebody else uses your account.")
    return _take_back(mailed_links.UNDO_EMAIL, token, first)


@blueprint.route("/second-factor/undo/<token>", methods=["GET", "POST"])
def not_my_app(token: str) -> Answer:
    """The same from the warning of a new authenticator app."""
    first = _("If you did not set up an authenticator app, somebody else uses your account.")
    return _take_back(mailed_links.UNDO_FACTOR, token, first)


@blueprint.get("/email/undone")
def undone() -> str:
    """What was done, and what comes next."""
    return message(
        _("Your account is safe again"),
        _("We write to this e-mail address again, and everybody was signed out."),
        _("We have sent you a link to choose a new password. The old one no longer works."),
        _("An authenticator app set up lately no longer counts: set up your own again."),
    )


def _ask_to_confirm(email: str) -> str:
    text = _("From now on you sign in with %(email)s, and we write to you there.", email=email)
    return form_page(ConfirmForm(), _("Confirm your new e-mail address"), _("Confirm my address"), [text])


def _take_back(purpose: str, token: str, first: str) -> Answer:
    try:
        found = mailed_links.find(purpose, token)
        if request.method != "POST" or is_switching():
            return _ask_to_undo(found.email, first)
        taken_back.by_link(found)
    except mailed_links.LinkUnusable:
        return links.unusable(link(_("Help"), url_for("public.help_page")))
    db.session.commit()
    return redirect(url_for("emails.undone"))


def _ask_to_undo(email: str, first: str) -> str:
    texts = [
        first,
        _(
            "Press the button: we write to %(email)s again, everybody is signed out, and the password no"
            " longer works. An authenticator app set up lately no longer counts. We send you a link to choose"
            " a new password.",
            email=email,
        ),
    ]
    return form_page(
        ConfirmForm(), _("This was not me"), _("Protect my account"), texts, button_kind="warning"
    )
