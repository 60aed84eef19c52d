"""The questions of signing in."""

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, PasswordField, TextAreaField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length

from app.forms.base import PortalForm, strip


class SignInForm(PortalForm):
    """An e-mail address and a password."""

    email = EmailField(
        _l("E-mail address"),
        filters=[strip],
        validators=[
            InputRequired(_l("Enter your e-mail address.")),
            Length(max=320, message=_l("This e-mail address is too long.")),
        ],
        render_kw={"autocomplete": "username", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Password"),
        validators=[
            InputRequired(_l("Enter your password.")),
            Length(max=1000, message=_l("This password is too long.")),
        ],
        render_kw={"autocomplete": "current-password"},
    )


class NewPasswordForm(PortalForm):
    """A password of one's own, typed twice."""

    password = PasswordField(
        _l("New password"),
        description=_l(
            "At least 12 characters. A few words of your own are easy to remember and hard to guess."
        ),
        validators=[
            InputRequired(_l("Enter a password.")),
            Length(min=12, message=_l("Your password must be at least 12 characters long.")),
            Length(max=128, message=_l("This password is too long.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("The same password again"),
        validators=[EqualTo("password", message=_l("The two passwords are not the same."))],
        render_kw={"autocomplete": "new-password"},
    )


class ClosureForm(PortalForm):
    """Why somebody wants to leave."""

    reason = TextAreaField(
        _l("Why do you want to close your account?"),
        filters=[strip],
        validators=[
            DataRequired(_l("Write why you want to close your account.")),
            Length(max=1000, message=_l("Your answer must be at most 1,000 characters long.")),
        ],
    )
