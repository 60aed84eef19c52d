"""A forgotten password: a link to the mailbox, then a new one. Nothing tells whether an address is known."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.extensions import db
from app.forms.account import ForgottenForm, NewPasswordForm
from app.i18n import current_language
from app.services import mailed_links, password_changes
from app.views import links
from app.views.language import add_language, bilingual
from app.views.pages import form_page, is_filled_in, link, message

blueprint = bilingual("passwords", __name__)
blueprint.url_defaults(add_language)


@blueprint.route("/password/forgotten", methods=["GET", "POST"])
def forgotten() -> Response | str:
    """Ask for the address, and send it a link."""
    form = ForgottenForm()
    may, mark = links.asked(form)
    if may:
        if links.may_mail(form.email.data):
            password_changes.ask_for_link(form.email.data, current_language())
            db.session.commit()
        return redirect(url_for("passwords.sent"))
    text = _("We will send you a link to choose a new one.")
    back = {"back_href": url_for("account.sign_in")}
    return form_page(
        form, _("I have forgotten my password"), _("Send the link"), [text], checked=mark, **back
    )


@blueprint.get("/password/sent")
def sent() -> str:
    """The same for everybody who asked."""
    return message(
        _("Look into your mailbox"),
        _("If there is an account with this address, a link is on its way. Open it within one hour."),
        _("Nothing arrives? Look among unwanted mail, or ask again with another address of yours."),
        links=[link(_("Ask again"), url_for("passwords.forgotten"))],
    )


@blueprint.route("/password/new/<token>", methods=["GET", "POST"])
def choose(token: str) -> Response | str | tuple[str, int]:
    """Choose the new password; the link works once, and everybody is signed out."""
    form = NewPasswordForm()
    try:
        found = mailed_links.find(mailed_links.RESET_PASSWORD, token)
        form.of_email = password_changes.owner_of(found).email
        if not is_filled_in(form):
            return _page(form)
        password_changes.by_link(found, form.password.data)
    except mailed_links.LinkUnusable:
        return links.unusable(link(_("Ask for a new link"), url_for("passwords.forgotten")))
    db.session.commit()
    flash(_("Your password is changed, and everybody was signed out. Sign in with the new one."), "success")
    return redirect(url_for("account.sign_in"))


def _page(form: NewPasswordForm) -> str:
    text = _("Every device that is signed in to your account will be signed out.")
    return form_page(form, _("Choose a new password"), _("Change my password"), [text])
