"""The link by which somebody of the staff, or who got an account back, sets a password of their own."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.extensions import db
from app.forms.account import NewPasswordForm
from app.models import Invitation
from app.services import staff
from app.views.language import add_language, bilingual, is_switching, was_checked

blueprint = bilingual("invitations", __name__)
blueprint.url_defaults(add_language)


@blueprint.route("/invitations/<token>", methods=["GET", "POST"])
def accept(token: str) -> Response | str | tuple[str, int]:
    """Ask for a password; the link then is used up. Looking at the page changes nothing."""
    invitation = staff.of_link(token)
    if invitation is None:
        return render_template("portal/link_over.html"), 404
    form = NewPasswordForm()
    form.of_email = invitation.account.email
    if request.method != "POST" or (is_switching() and not was_checked()):
        return _page(form, invitation)
    if not form.validate() or is_switching():
        return _page(form, invitation)
    staff.accept(invitation, form.password.data)
    db.session.commit()
    flash(_("Your password is set. Sign in with it."), "success")
    return redirect(url_for("account.sign_in"))


def _page(form: NewPasswordForm, invitation: Invitation) -> str:
    return render_template("portal/new_password.html", form=form, email=invitation.account.email)
