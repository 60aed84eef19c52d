"""The questions of the registration service."""

from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import InputRequired, ValidationError

from app import clock
from app.forms.base import PortalForm, as_id, name_field
from app.forms.fields import ACCEPT, KINDS_HINT, DatePartsField, FileGiven, KeptFileField

OLDEST_YEARS = 120


class RegistrationForm(PortalForm):
    """Who I am and who employs me."""

    given_names = name_field(_l("Given names"), _l("Enter your given names."), autocomplete="given-name")
    family_name = name_field(_l("Family name"), _l("Enter your family name."), autocomplete="family-name")
    birth_date = DatePartsField(
        _l("Date of birth"),
        subject=_l("Date of birth"),
        validators=[InputRequired(_l("Enter your date of birth."))],
        render_kw={"autocomplete": "bday"},
    )
    employer_id = SelectField(
        _l("Employer"),
        coerce=as_id,
        validate_choice=False,
        validators=[InputRequired(_l("Choose your employer."))],
    )
    identity_document = KeptFileField(
        _l("Identity document"),
        validators=[FileGiven(_l("Choose a picture or a PDF of your identity document."))],
        description=KINDS_HINT,
        render_kw={"accept": ACCEPT},
    )

    def validate_employer_id(self, field: SelectField) -> None:
        """Only an employer of the list."""
        if field.data not in {value for value, _label in field.choices}:
            raise ValidationError(_l("Choose an employer of the list."))

    def validate_birth_date(self, field: DatePartsField) -> None:
        """A person is born in the past, and within living memory."""
        today = clock.today()
        if field.data is None:
            return
        if field.data > today:
            raise ValidationError(_l("Your date of birth must be in the past."))
        if field.data < date(today.year - OLDEST_YEARS, 1, 1):
            raise ValidationError(_l("Your date of birth must be less than 120 years ago."))
