"""What pages that mail a link share: how often one may be asked for, and what an old one answers."""

from http import HTTPStatus

from flask import request
from flask_babel import gettext as _
from wtforms import Field

from app.forms.base import PortalForm
from app.security import attempts, devices
from app.services import accounts
from app.views.language import is_switching
from app.views.pages import Link, is_filled_in, message, too_many

_LOCKED = "locked"


def asked(form: PortalForm) -> tuple[bool, str]:
    """Whether the form is right and one more link may be asked for from here; and the mark of its message."""
    if is_switching() and request.form.get("_checked") == _LOCKED:
        return False, _refuse(form)
    if not is_filled_in(form):
        return False, "1"
    try:
        attempts.spend(attempts.MAIL_FROM, _place())
    except attempts.TooManyTries:
        return False, _refuse(form)
    return True, "1"


def may_mail(email: str) -> bool:
    """Whether one more mail may go to that address, known or not; if not, nobody is told."""
    try:
        attempts.spend(attempts.MAIL_TO, accounts.key_of(email))
    except attempts.TooManyTries:
        return False
    return True


def may_mail_to(field: Field, *others: str) -> bool:
    """The same for who is signed in, and for whoever else is written to: the field says how long to wait."""
    try:
        for address in (field.data, *others):
            attempts.spend(attempts.MAIL_TO, accounts.key_of(address))
    except attempts.TooManyTries as refusal:
        field.errors = [too_many(refusal.wait)]
        return False
    return True


def unusable(way_on: Link) -> tuple[str, int]:
    """A link that is unknown, too old or was used."""
    page = message(
        _("This link no longer works"),
        _("It was used already, it is too old, or a newer one was sent. Nothing was changed."),
        next=way_on,
    )
    return page, HTTPStatus.GONE


def _refuse(form: PortalForm) -> str:
    """Say how long to wait; nothing when the time is over meanwhile."""
    try:
        attempts.check(attempts.MAIL_FROM, _place())
    except attempts.TooManyTries as refusal:
        form.email.errors = [too_many(refusal.wait)]
    return _LOCKED


def _place() -> str:
    return devices.place(request.remote_addr or "")
