"""The questions of signing up and in, and of one's own account."""

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    PasswordField,
    RadioField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp, ValidationError

from app.forms.base import PortalForm, name_field, strip
from app.i18n import NAMES
from app.security import passwords

LONGEST_EMAIL = 254
LONGEST_OWN_NAME = 64
_LANGUAGES = [SelectChoice(code, name) for code, name in NAMES.items()]
_AN_EMAIL = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$"  # noqa: E501
A_PHONE = r"^\+?[0-9](?:[ .()\-]?[0-9]){7,14}$"


def email_field(label: object, **render_kw: str) -> EmailField:
    """A field for an address of e-mail that mail can be sent to."""
    return EmailField(
        label,
        filters=[strip],
        validators=[
            InputRequired(_l("Enter your e-mail address.")),
            Length(max=LONGEST_EMAIL, message=_l("This e-mail address is too long.")),
            Regexp(_AN_EMAIL, message=_l("Enter an e-mail address like name@example.com.")),
        ],
        render_kw={"autocomplete": "email", "spellcheck": "false", **render_kw},
    )


def password_field(label: object, missing: object, autocomplete: str, hint: object = "") -> PasswordField:
    """A field for a password, which is never sent back."""
    return PasswordField(
        label,
        description=hint,
        validators=[
            InputRequired(missing),
            Length(max=1000, message=_l("This password is too long.")),
        ],
        render_kw={"autocomplete": autocomplete},
    )


def new_password_field(label: object) -> PasswordField:
    """A field for a password yet to be set."""
    return password_field(
        label,
        _l("Enter a password."),
        "new-password",
        _l("At least 12 characters. Several words that do not belong together are easy to keep in mind."),
    )


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
    password = password_field(_l("Password"), _l("Enter your password."), "current-password")


class CodeForm(PortalForm):
    """A code of the authenticator app, or a recovery code."""

    code = StringField(
        _l("Code"),
        filters=[strip],
        validators=[
            InputRequired(_l("Enter the code.")),
            Length(max=40, message=_l("A code has 6 digits, a recovery code 12 letters and digits.")),
        ],
        render_kw={"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "characters"},
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


class SignUpForm(PortalForm):
    """Who wants an account."""

    first_name = name_field(_l("Given names"), _l("Enter your given names."), autocomplete="given-name")
    last_name = name_field(_l("Family name"), _l("Enter your family name."), autocomplete="family-name")
    email = email_field(_l("E-mail address"))
    password = new_password_field(_l("Password"))
    language = RadioField(
        _l("In which language shall we write to you?"),
        choices=_LANGUAGES,
        validators=[InputRequired(_l("Choose a language."))],
    )
    terms = BooleanField(
        _l("I accept the terms of use"),
        validators=[InputRequired(_l("You can only have an account if you accept the terms of use."))],
    )

    def validate_first_name(self, field: Field) -> None:
        """As long as an account holds."""
        _own_name(field)

    def validate_last_name(self, field: Field) -> None:
        """As long as an account holds."""
        _own_name(field)

    def validate_password(self, field: Field) -> None:
        """Long, hard to guess, and not the name of the mailbox."""
        names = (self.first_name.data or "", self.last_name.data or "")
        _hard_to_guess(field, self.email.data or "", *names)


class ForgottenForm(PortalForm):
    """Whose password is forgotten."""

    email = email_field(_l("E-mail address"))


class NewPasswordForm(PortalForm):
    """A new password for the account of an address; `of_email` is given by the view."""

    of_email = ""
    password = new_password_field(_l("New password"))

    def validate_password(self, field: Field) -> None:
        """Long, hard to guess, and not the name of the mailbox."""
        _hard_to_guess(field, self.of_email)


class ChangePasswordForm(NewPasswordForm):
    """A new password, by who knows the old one."""

    current = password_field(_l("Current password"), _l("Enter your current password."), "current-password")
    field_order = ("current", "password")


class EmailForm(PortalForm):
    """Another address of e-mail, and the password once more."""

    email = email_field(_l("New e-mail address"))
    current = password_field(_l("Password"), _l("Enter your password."), "current-password")


class PhoneForm(PortalForm):
    """A telephone number, or none."""

    phone = TelField(
        _l("Telephone number"),
        description=_l(
            "With the code of the country, such as +237 6 77 12 34 56. Leave it empty to remove it."
        ),
        filters=[strip],
        validators=[
            Optional(),
            Length(max=32, message=_l("This telephone number is too long.")),
            Regexp(A_PHONE, message=_l("Enter a telephone number, such as +237 6 77 12 34 56.")),
        ],
        render_kw={"autocomplete": "tel"},
    )


class LanguageForm(PortalForm):
    """The language letters, mail and staff pages use."""

    language = RadioField(
        _l("In which language shall we write to you?"),
        choices=_LANGUAGES,
        validators=[InputRequired(_l("Choose a language."))],
    )


class NoticesForm(PortalForm):
    """Which e-mails may be left out."""

    messages = BooleanField(_l("Tell me that you have written to me"))
    reminders = BooleanField(_l("Remind me of drafts and of questions I have not answered"))
    receipts = BooleanField(_l("Tell me that a request has arrived"))


class ConfirmForm(PortalForm):
    """Nothing but a button."""


class PasswordAgainForm(PortalForm):
    """The password once more, before something sensitive."""

    current = password_field(_l("Password"), _l("Enter your password."), "current-password")


def _own_name(field: Field) -> None:
    if len(field.data or "") > LONGEST_OWN_NAME:
        raise ValidationError(_l("Names must be at most 64 characters long."))


def _hard_to_guess(field: Field, email: str, *names: str) -> None:
    problem = passwords.problem_with(field.data or "", email, *names)
    if problem is not None:
        raise ValidationError(problem)
