"""What staff fill in about the records of persons: comparing, merging, numbers."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from app.forms.base import PortalForm, name_field, optional_name, strip
from app.forms.civil import (
    OccupationQuestion,
    OriginQuestions,
    ParentQuestions,
    SexQuestion,
    check_birth_date,
    day_field,
    line_field,
)
from app.forms.employer import employed_from_field
from app.forms.fields import AmountField, DatePartsField
from app.forms.staff import LOOKS, MISSING, reason_field
from app.likeness_kinds import Judgement


class JudgementForm(PortalForm):
    """What an officer found, having compared the two."""

    judgement = RadioField(
        _l("Are they the same person?"),
        choices=lambda: [SelectChoice(one.value, one.label) for one in Judgement],
        validators=[InputRequired(_l("Say whether they are the same person."))],
    )
    reason = reason_field(_l("What shows it"))

    order = ("judgement", "reason")


def _number_field(label: str) -> StringField:
    return StringField(
        label, filters=[strip], validators=[DataRequired(MISSING), Length(max=32)], render_kw=LOOKS
    )


class MergeForm(PortalForm):
    """Which two records are one person's, and which stays."""

    survivor = _number_field(_l("Number that stays"))
    merged = _number_field(_l("Number to merge into it"))
    reason = reason_field(_l("What shows that they are one person"))

    order = ("survivor", "merged", "reason")


class ReservationForm(PortalForm):
    """Places of a range that are never issued."""

    region = SelectField(_l("Range"), validators=[InputRequired(MISSING)], render_kw=LOOKS)
    first = IntegerField(
        _l("First place"), validators=[InputRequired(MISSING), NumberRange(min=1)], render_kw=LOOKS
    )
    last = IntegerField(
        _l("Last place"), validators=[InputRequired(MISSING), NumberRange(min=1)], render_kw=LOOKS
    )
    reason = StringField(
        _l("What for"),
        description=_l("For instance: numbers of the system before, to be brought in."),
        filters=[strip],
        validators=[DataRequired(MISSING), Length(max=200)],
        render_kw=LOOKS,
    )

    order = ("region", "first", "last", "reason")


class PersonFactsForm(SexQuestion, OriginQuestions, ParentQuestions, OccupationQuestion):
    """The facts of a person that an officer may correct, by the questions of a request."""

    given_names = name_field(_l("Given names"), _l("Enter the given names."))
    family_name = name_field(_l("Family name"), _l("Enter the family name."))
    name_at_birth = optional_name(_l("Name at birth"))
    birth_date = day_field(_l("Date of birth"), _l("Enter the date of birth."))

    def validate_birth_date(self, field: DatePartsField) -> None:
        """A person is born in the past, and within living memory."""
        check_birth_date(field)


class EmploymentFactsForm(PortalForm):
    """The facts of an employment that an officer may correct; an end is written here too."""

    started_on = employed_from_field()
    ended_on = DatePartsField(_l("Last day"), subject=_l("Last day"), validators=[])
    occupation = line_field(_l("Occupation"), None, 120)
    monthly_wage = AmountField(
        _l("Gross monthly wage"), validators=[Optional()], render_kw={"inputmode": "decimal"}
    )

    def validate_ended_on(self, field: DatePartsField) -> None:
        """Not before it began."""
        began = self.answer_to("started_on")
        if field.data is not None and began is not None and field.data < began:
            raise ValidationError(_l("The last day must not be before the first."))

    def validate_started_on(self, field: DatePartsField) -> None:
        """Not after it ended."""
        ended = self.answer_to("ended_on")
        if field.data is not None and ended is not None and field.data > ended:
            raise ValidationError(_l("The first day must not be after the last."))
