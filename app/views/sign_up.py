"""Signing up: the questions, then the link in the mailbox. Nothing tells whether an address is known."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.extensions import db
from app.forms.account import ConfirmForm, SignUpForm
from app.i18n import current_language
from app.services import mailed_links, sign_ups
from app.views import links
from app.views.language import add_language, bilingual, is_switching
from app.views.pages import form_page, link, message

blueprint = bilingual("sign_up", __name__)
blueprint.url_defaults(add_language)


@blueprint.route("/sign-up", methods=["GET", "POST"])
def ask() -> Response | str:
    """Ask who wants an account, and send a link to confirm the address."""
    form = SignUpForm(language=current_language())
    may, mark = links.asked(form)
    if may:
        if links.may_mail(form.email.data):
            names = (form.first_name.data, form.last_name.data)
            sign_ups.ask(form.email.data, form.password.data, *names, form.language.data)
            db.session.commit()
        return redirect(url_for("sign_up.sent"))
    return render_template("portal/sign_up.html", form=form, checked=mark)


@blueprint.get("/sign-up/sent")
def sent() -> str:
    """The same for everybody who asked."""
    return message(
        _("Look into your mailbox"),
        _("We have sent you an e-mail. Open the link in it within 24 hours to confirm your address."),
        _("Nothing arrives? Look among unwanted mail, or ask again with the address spelled as it is."),
        links=[link(_("Ask again"), url_for("sign_up.ask"))],
    )


@blueprint.route("/sign-up/confirm/<token>", methods=["GET", "POST"])
def confirm(token: str) -> Response | str | tuple[str, int]:
    """Open the account once the person presses the button: mail programs follow links by themselves."""
    try:
        found = mailed_links.find(mailed_links.SIGN_UP, token)
        if request.method != "POST" or is_switching():
            return _ask_to_confirm(found.email)
        sign_ups.confirm(found)
    except mailed_links.LinkUnusable:
        return links.unusable(link(_("Create an account"), url_for("sign_up.ask")))
    db.session.commit()
    return redirect(url_for("sign_up.confirmed"))


@blueprint.get("/sign-up/confirmed")
def confirmed() -> str:
    """The account is open."""
    return message(
        _("Your account is open"),
        _("Your e-mail address is confirmed. Sign in with it and with the password you chose."),
        next=link(_("Sign in"), url_for("account.sign_in")),
    )


def _ask_to_confirm(email: str) -> str:
    return form_page(
        ConfirmForm(),
        _("Confirm your e-mail address"),
        _("Confirm my address"),
        [_("You asked for an account with the address %(email)s.", email=email)],
    )
