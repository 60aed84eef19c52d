"""What is asked to link an account to an insured person."""

from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Regexp, ValidationError

from app import clock
from app.forms.base import PortalForm, name_field, strip
from app.forms.fields import DatePartsField, FileGiven, KeptFileField

OLDEST_YEARS = 120


class LinkForm(PortalForm):
    """What describes an insured person: number, birth date, family name."""

    number = StringField(
        _l("Social security number"),
        description=_l("It is on your registration certificate, for example 10-0000345-12."),
        filters=[strip],
        validators=[
            DataRequired(_l("Enter your social security number.")),
            Length(max=32, message=_l("This number is too long.")),
        ],
        render_kw={"spellcheck": "false", "autocomplete": "off"},
    )
    birth_date = DatePartsField(
        _l("Date of birth"),
        subject=_l("Date of birth"),
        validators=[InputRequired(_l("Enter your date of birth."))],
        render_kw={"autocomplete": "bday"},
    )
    family_name = name_field(_l("Family name"), _l("Enter your family name."), autocomplete="family-name")

    def validate_birth_date(self, field: DatePartsField) -> None:
        """A person is born in the past, and within living memory."""
        today = clock.today()
        if field.data is not None and not date(today.year - OLDEST_YEARS, 1, 1) <= field.data <= today:
            raise ValidationError(_l("Your date of birth must be in the past, and less than 120 years ago."))


class CodeForm(PortalForm):
    """The code that was sent."""

    code = StringField(
        _l("Code"),
        description=_l("6 digits"),
        filters=[strip],
        validators=[
            DataRequired(_l("Enter the code.")),
            Regexp(r"^[0-9 ]{6,12}$", message=_l("The code is made of 6 digits.")),
        ],
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code", "spellcheck": "false"},
    )


class ProofForm(LinkForm):
    """The same, with why the code does not do, and an identity document."""

    reason = TextAreaField(
        _l("What happened"),
        description=_l("For example: I have no e-mail address with you, or I no longer read that one."),
        filters=[strip],
        validators=[
            DataRequired(_l("Write what happened.")),
            Length(max=1000, message=_l("Your answer must be at most 1,000 characters long.")),
        ],
    )
    identity_document = KeptFileField(
        _l("Identity document"),
        validators=[FileGiven(_l("Choose a picture or a PDF of your identity document."))],
        render_kw={"accept": ".pdf,.jpg,.jpeg,.png"},
    )
