"""My account: a page made of declared sections, each with a page of its own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.extensions import db
from app.forms.account import ChangePasswordForm, EmailForm, LanguageForm, NoticesForm, PhoneForm
from app.i18n import NAMES
from app.models import Account
from app.security import devices, sessions
from app.services import (
    accounts,
    email_changes,
    notice_kinds,
    password_changes,
    people,
    second_factors,
    sign_ins,
)
from app.views import entering, links
from app.views.account import leave
from app.views.codes import is_password_right
from app.views.language import add_language, bilingual
from app.views.pages import form_page, is_filled_in
from app.views.step_up import code_required, proof_required, step_up_required

blueprint = bilingual("my_account", __name__)
blueprint.url_defaults(add_language)
Answer = Response | str
HOME = "my_account.overview"


def _nothing(account: Account) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Section:
    """A part of "my account": its title, its page, the template that sums it up, and its facts."""

    title: LazyString
    endpoint: str
    partial: str
    facts: Callable[[Account], dict[str, Any]] = field(default=_nothing)


SECTIONS = [
    Section(
        _l("My file"),
        "my_file.index",
        "portal/account/sum_file.html",
        lambda account: {"person": people.of_account(account)},
    ),
    Section(_l("Contact details"), "my_account.contacts", "portal/account/sum_contacts.html"),
    Section(
        _l("Language"),
        "my_account.language",
        "portal/account/sum_language.html",
        lambda account: {"spoken": NAMES[account.language]},
    ),
    Section(
        _l("Notices by e-mail"),
        "my_account.notices",
        "portal/account/sum_notices.html",
        lambda account: {"are_all": not account.muted_notices},
    ),
    Section(_l("Password"), "my_account.password", "portal/account/sum_password.html"),
    Section(
        _l("Authenticator app"),
        "second_factor.show",
        "portal/account/sum_factor.html",
        lambda account: {"factor": second_factors.in_force(account)},
    ),
    Section(
        _l("Devices signed in"),
        "my_account.devices_signed_in",
        "portal/account/sum_sessions.html",
        lambda account: {"open_sessions": sessions.open_ones(account.id)},
    ),
    Section(
        _l("History of sign-ins"),
        "my_account.history",
        "portal/account/sum_history.html",
        lambda account: {"latest": sign_ins.history(account)[:2]},
    ),
]
"""In the order they are shown; other parts of the portal add theirs here."""


@blueprint.get("/account/")
def overview() -> str:
    """Every section summed up, with the way to its page."""
    return render_template("portal/account/overview.html", sections=SECTIONS, account=current_user)


@blueprint.get("/account/contacts")
def contacts() -> str:
    """Where the administration reaches the person."""
    return render_template("portal/account/contacts.html", account=current_user)


@blueprint.route("/account/email", methods=["GET", "POST"])
@step_up_required
def email() -> Answer:
    """Ask for another address; it is confirmed there, and the one in use is warned."""
    form = EmailForm()
    if is_filled_in(form) and is_password_right(form) and links.may_mail_to(form.email, current_user.email):
        email_changes.ask(current_user, form.email.data)
        db.session.commit()
        flash(_("Open the link we have sent to the new address within 24 hours."), "success")
        return redirect(url_for("my_account.contacts"))
    text = _("We send a link to the new address, and a warning to the one you use now: %(email)s.",
             email=current_user.email)  # fmt: skip
    return _page(form, _("Change my e-mail address"), _("Send the link"), text, "my_account.contacts")


@blueprint.route("/account/phone", methods=["GET", "POST"])
@step_up_required
def phone() -> Answer:
    """Another telephone number; a warning goes out by e-mail."""
    form = PhoneForm(phone=current_user.phone)
    if is_filled_in(form):
        accounts.change_phone(current_user, form.phone.data or None)
        db.session.commit()
        flash(_("Your telephone number is saved."), "success")
        return redirect(url_for("my_account.contacts"))
    text = _("We will tell you by e-mail that it was changed.")
    return _page(form, _("Change my telephone number"), _("Save"), text, "my_account.contacts")


@blueprint.route("/account/language", methods=["GET", "POST"])
def language() -> Answer:
    """The language of mail and letters."""
    form = LanguageForm(language=current_user.language)
    if is_filled_in(form):
        accounts.choose_language(current_user, form.language.data)
        db.session.commit()
        session["language"] = form.language.data
        flash(_("Your choice is saved."), "success")
        return redirect(url_for(HOME))
    return _page(form, _("Language"), _("Save"))


@blueprint.route("/account/notices", methods=["GET", "POST"])
def notices() -> Answer:
    """Which e-mails the person can do without."""
    wanted = {group.value: group not in current_user.muted_notices for group in notice_kinds.OPTIONAL}
    form = NoticesForm(**wanted)
    if is_filled_in(form):
        accounts.choose_notices(current_user, [group for group in notice_kinds.OPTIONAL if form[group].data])
        db.session.commit()
        flash(_("Your choice is saved."), "success")
        return redirect(url_for(HOME))
    return form_page(
        form,
        _("Notices by e-mail"),
        _("Save"),
        [_("Every notice stays in your messages on this site, whatever you choose for your e-mail.")],
        "portal/account/notices.html",
        always=notice_kinds.ALWAYS,
        back_href=url_for(HOME),
        back_text=_("Back"),
    )


@blueprint.route("/account/password", methods=["GET", "POST"])
@code_required
def password() -> Answer:
    """Another password; every other device is signed out."""
    form = ChangePasswordForm()
    form.of_email = current_user.email
    if is_filled_in(form) and is_password_right(form):
        account, proof = current_user._get_current_object(), entering.proved_at()
        password_changes.by_owner(account, form.password.data)
        db.session.commit()
        entering.begin(account, proof)
        flash(_("Your password is changed, and every other device was signed out."), "success")
        return redirect(url_for(HOME))
    text = _("Every other device that is signed in to your account will be signed out.")
    return _page(form, _("Change my password"), _("Change my password"), text)


@blueprint.get("/account/devices")
def devices_signed_in() -> str:
    """Where the account is signed in now."""
    return render_template(
        "portal/account/sessions.html",
        sessions=sessions.open_ones(current_user.id),
        in_words=devices.in_words,
    )


@blueprint.post("/account/devices")
@proof_required
def sign_out_one() -> Response:
    """Sign one device out; its cookie is worth nothing afterwards."""
    if sessions.revoke(current_user.id, request.form.get("session", "")):
        db.session.commit()
        flash(_("That device is signed out."), "success")
    return redirect(url_for("my_account.devices_signed_in"))


@blueprint.post("/account/devices/all")
@proof_required
def sign_out_everywhere() -> Response:
    """Sign every device out, this one with them."""
    sessions.revoke_all(current_user.id)
    db.session.commit()
    leave()
    flash(_("Every device is signed out."), "success")
    return redirect(url_for("account.sign_in"))


@blueprint.get("/account/sign-ins")
def history() -> str:
    """The latest tries to sign in, the person's own and others'."""
    return render_template(
        "portal/account/history.html", tries=sign_ins.history(current_user), in_words=devices.in_words
    )


def _page(form: Any, title: str, button: str, text: str | None = None, back: str = HOME) -> str:
    texts = [text] if text else []
    return form_page(form, title, button, texts, back_href=url_for(back), back_text=_("Back"))
