"""Forms that ask for a code, or the password again: the answer, and what stands beside the field."""

from flask import request
from flask_babel import gettext as _
from flask_login import current_user

from app.extensions import db
from app.forms.account import ChangePasswordForm, CodeForm, EmailForm, PasswordAgainForm
from app.models import Account
from app.security import attempts, sessions
from app.services import sign_ins
from app.views.language import is_switching
from app.views.pages import is_filled_in, too_many

_WRONG = "wrong"
_LOCKED = "locked"


def ask(form: CodeForm, account: Account) -> tuple[str | None, str]:
    """Which factor the code proves, or None; and the mark that keeps the message in the other language."""
    mark = request.form.get("_checked", "")
    if is_switching() and mark in (_WRONG, _LOCKED):
        return None, refuse(form, account, mark)
    if not is_filled_in(form):
        return None, "1"
    try:
        factor = sign_ins.by_code(account, form.code.data, sessions.this_device())
    except attempts.TooManyTries:
        return None, refuse(form, account, _LOCKED)
    db.session.commit()
    return factor, refuse(form, account, _WRONG) if factor is None else "1"


def refuse(form: CodeForm, account: Account, mark: str = _WRONG) -> str:
    """Say what was wrong beside the field; the mark of it."""
    form.code.errors = [_("This code is wrong, or was used before. Wait for the next one.")]
    if mark == _LOCKED:
        try:
            attempts.check(attempts.CODE, str(account.id))
        except attempts.TooManyTries as refusal:
            form.code.errors = [too_many(refusal.wait)]
    return mark


def is_password_right(form: ChangePasswordForm | EmailForm | PasswordAgainForm) -> bool:
    """Whether the password typed is that of who is signed in; the field says why not."""
    try:
        if sign_ins.is_password_of(current_user, form.current.data):
            return True
        form.current.errors = [_("The password is wrong.")]
    except attempts.TooManyTries as refusal:
        form.current.errors = [too_many(refusal.wait)]
    return False
