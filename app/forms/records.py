"""What staff fill in about the records of persons: comparing, merging, numbers."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from app.forms.base import PortalForm, strip
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
