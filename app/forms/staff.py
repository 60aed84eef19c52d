"""What an administrator or a supervisor fills in about the staff."""

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp, ValidationError

from app.access_kinds import Paper
from app.forms.base import PortalForm, as_id, name_field, strip
from app.forms.fields import DayField
from app.permissions import LABELS, STAFF

LONGEST_REASON = 1000
AN_ADDRESS = r"^[^@\s]{1,64}@[^@\s]+\.[^@\s.]+$"
LOOKS = {"class": "form-control"}
MISSING = _l("Fill in this field.")


def _languages() -> list[SelectChoice]:
    return [SelectChoice("fr", "Français"), SelectChoice("en", "English")]


def staff_roles() -> list[SelectChoice]:
    """The roles of the staff to choose from, after an empty line."""
    return [SelectChoice("", _l("Choose a role")), *(SelectChoice(role, LABELS[role]) for role in STAFF)]


def reason_field(label: str) -> TextAreaField:
    """Why: a few lines that stay in the audit chain."""
    return TextAreaField(
        label,
        filters=[strip],
        validators=[
            DataRequired(_l("Give a reason.")),
            Length(max=LONGEST_REASON, message=_l("The reason must be at most 1,000 characters long.")),
        ],
        render_kw={**LOOKS, "rows": 3},
    )


def email_field(label: str) -> EmailField:
    """An e-mail address of a plausible shape."""
    return EmailField(
        label,
        filters=[strip],
        validators=[
            DataRequired(_l("Enter an e-mail address.")),
            Length(max=320, message=_l("This e-mail address is too long.")),
            Regexp(AN_ADDRESS, message=_l("Enter an e-mail address such as name@example.org.")),
        ],
        render_kw={**LOOKS, "spellcheck": "false", "autocomplete": "off"},
    )


class RoleForm(PortalForm):
    """A role and why."""

    role = SelectField(
        _l("Role"), choices=staff_roles, validators=[InputRequired(_l("Choose a role."))], render_kw=LOOKS
    )
    reason = reason_field(_l("Why this person needs this role"))


class InvitationForm(RoleForm):
    """Who is invited, and for what work."""

    first_name = name_field(_l("Given names"), MISSING, **LOOKS)
    last_name = name_field(_l("Family name"), MISSING, **LOOKS)
    email = email_field(_l("E-mail address"))
    language = SelectField(_l("Language"), choices=_languages, render_kw=LOOKS)
    agency_id = SelectField(_l("Agency"), coerce=as_id, validate_choice=False, render_kw=LOOKS)

    order = ("first_name", "last_name", "email", "language", "agency_id", "role", "reason")


class DelegationForm(PortalForm):
    """Who signs, for which service, in what quality, from when to when."""

    account_id = SelectField(
        _l("Who signs"),
        coerce=as_id,
        validate_choice=False,
        validators=[InputRequired(_l("Choose a member of the staff."))],
        render_kw=LOOKS,
    )
    service = SelectField(_l("Service"), render_kw=LOOKS)
    quality_fr = StringField(
        _l("Quality in French"),
        filters=[strip],
        validators=[DataRequired(MISSING), Length(max=200)],
        render_kw={**LOOKS, "lang": "fr"},
    )
    quality_en = StringField(
        _l("Quality in English"),
        filters=[strip],
        validators=[DataRequired(MISSING), Length(max=200)],
        render_kw={**LOOKS, "lang": "en"},
    )
    valid_from = DayField(_l("First day"), validators=[InputRequired(_l("Enter a day."))], render_kw=LOOKS)
    valid_to = DayField(
        _l("Last day"),
        description=_l("Leave empty when there is no end."),
        validators=[Optional()],
        render_kw=LOOKS,
    )

    order = ("account_id", "service", "quality_fr", "quality_en", "valid_from", "valid_to")


class InterestForm(PortalForm):
    """A relative or an employer of a member of staff."""

    account_id = SelectField(
        _l("Member of the staff"),
        coerce=as_id,
        validate_choice=False,
        validators=[InputRequired(_l("Choose a member of the staff."))],
        render_kw=LOOKS,
    )
    relative = StringField(
        _l("Relative"),
        description=_l("Their social security number, or the e-mail address of their account."),
        filters=[strip],
        validators=[Length(max=320)],
        render_kw=LOOKS,
    )
    employer = StringField(
        _l("Employer"),
        description=_l("Its registration number, such as E-000101."),
        filters=[strip],
        validators=[Length(max=32)],
        render_kw=LOOKS,
    )

    order = ("account_id", "relative", "employer")


class OpeningForm(PortalForm):
    """Why somebody opens a record without an open case."""

    reason = reason_field(_l("Reason"))


class ReviewForm(PortalForm):
    """A second look at a reason."""

    is_justified = RadioField(
        _l("Does the reason hold?"), choices=[SelectChoice("yes", _l("Yes")), SelectChoice("no", _l("No"))]
    )
    note = TextAreaField(
        _l("Note"), filters=[strip], validators=[Length(max=LONGEST_REASON)], render_kw={**LOOKS, "rows": 3}
    )


class AnswerForm(PortalForm):
    """What an officer answers to a person's request."""

    answer = TextAreaField(
        _l("Answer to the person"),
        filters=[strip],
        validators=[
            Length(max=LONGEST_REASON, message=_l("The reason must be at most 1,000 characters long."))
        ],
        render_kw={**LOOKS, "rows": 3},
    )


class PersonSearchForm(PortalForm):
    """What an officer knows of an insured person: the number, or the family name and the date of birth."""

    number = StringField(
        _l("Social security number"), filters=[strip], validators=[Length(max=32)], render_kw=LOOKS
    )
    family_name = StringField(
        _l("Family name"), filters=[strip], validators=[Length(max=120)], render_kw=LOOKS
    )
    birth_date = DayField(_l("Date of birth"), validators=[Optional()], render_kw=LOOKS)

    order = ("number", "family_name", "birth_date")

    def validate_number(self, field: StringField) -> None:
        """Without a number, the name and the date together."""
        if not field.data and not (self.family_name.data and self.birth_date.data):
            raise ValidationError(_l("Enter a number, or a family name and a date of birth."))


class LinkTaskForm(AnswerForm):
    """The number of the insured person an officer recognised."""

    number = StringField(
        _l("Social security number"),
        filters=[strip],
        validators=[DataRequired(MISSING), Length(max=32)],
        render_kw=LOOKS,
    )

    order = ("number", "answer")


class EmployerNumberForm(PortalForm):
    """Which employer of the list."""

    registration_number = StringField(
        _l("Registration number"),
        filters=[strip],
        validators=[DataRequired(MISSING), Length(max=32, message=_l("This number is too long."))],
        render_kw=LOOKS,
    )


def _as_upper(value: str | None) -> str | None:
    return value.upper() if value else value


class NewEmployerForm(PortalForm):
    """An employer to put in the list."""

    registration_number = StringField(
        _l("Registration number"),
        filters=[strip, _as_upper],
        validators=[DataRequired(MISSING), Length(max=32, message=_l("This number is too long."))],
        render_kw=LOOKS,
    )
    name = StringField(
        _l("Name"), filters=[strip], validators=[DataRequired(MISSING), Length(max=200)], render_kw=LOOKS
    )
    address = StringField(_l("Address"), filters=[strip], validators=[Length(max=300)], render_kw=LOOKS)
    contact_name = StringField(_l("Contact"), filters=[strip], validators=[Length(max=120)], render_kw=LOOKS)
    email = email_field(_l("E-mail address"))
    phone = StringField(_l("Telephone"), filters=[strip], validators=[Length(max=32)], render_kw=LOOKS)
    language = SelectField(_l("Language we write in"), choices=_languages, render_kw=LOOKS)

    order = ("registration_number", "name", "address", "contact_name", "email", "phone", "language")


def account_field() -> StringField:
    """Whose account, by what is known of it."""
    return StringField(
        _l("Account"),
        description=_l("The e-mail address of the account, or the social security number linked to it."),
        filters=[strip],
        validators=[DataRequired(MISSING), Length(max=320)],
        render_kw=LOOKS,
    )


class ReceptionForm(PortalForm):
    """What somebody at the counter asks for, and what they showed."""

    service = SelectField(_l("Service"), validators=[InputRequired(MISSING)], render_kw=LOOKS)
    reason = reason_field(_l("Identity paper you saw, and what the person asks for"))


class EntryForm(ReceptionForm):
    """Who stands at the counter, known by their account."""

    known = account_field()

    order = ("known", "service", "reason")


class NewPersonForm(ReceptionForm):
    """Who stands at the counter and has no account."""

    first_name = name_field(_l("Given names"), MISSING, **LOOKS)
    last_name = name_field(_l("Family name"), MISSING, **LOOKS)
    language = SelectField(_l("Language"), choices=_languages, render_kw=LOOKS)
    number = StringField(
        _l("Social security number"),
        description=_l("Leave empty when the person has none yet."),
        filters=[strip],
        validators=[Optional(), Length(max=32)],
        render_kw=LOOKS,
    )

    order = ("first_name", "last_name", "language", "number", "service", "reason")


class FindLockForm(PortalForm):
    """Whose lock an officer looks for."""

    known = account_field()


class RecoveryForm(PortalForm):
    """Who stands at the counter, what they showed, and where they can be written to."""

    known = account_field()
    paper = SelectField(
        _l("Identity paper you saw"),
        choices=lambda: [
            SelectChoice("", _l("Choose a paper")),
            *(SelectChoice(it.value, it.label) for it in Paper),
        ],
        validators=[InputRequired(_l("Choose a paper."))],
        render_kw=LOOKS,
    )
    last_digits = StringField(
        _l("Last four signs of its number"),
        filters=[strip],
        validators=[
            DataRequired(MISSING),
            Regexp(r"^[0-9A-Za-z]{4}$", message=_l("Enter the last four letters or digits.")),
        ],
        render_kw=LOOKS,
    )
    new_email = email_field(_l("New e-mail address"))

    order = ("known", "paper", "last_digits", "new_email")
