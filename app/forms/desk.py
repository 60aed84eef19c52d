"""What staff fill in at their desk: an act on many cases, what an auditor looks for, a sample."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.forms.base import PortalForm, strip
from app.forms.fields import DayField
from app.forms.staff import LOOKS, reason_field

LARGEST_SAMPLE = 500


class BulkForm(PortalForm):
    """What is to be done with every case of the list, and why."""

    act = SelectField(
        _l("What is to be done"),
        validators=[InputRequired(_l("Choose what is to be done."))],
        render_kw=LOOKS,
    )
    reason = reason_field(_l("Reason"))


class SampleForm(PortalForm):
    """Which decided cases to draw from, how many, and the seed that makes the draw repeatable."""

    service = SelectField(_l("Service"), validators=[InputRequired(_l("Choose a service."))], render_kw=LOOKS)
    since = DayField(_l("Decided from"), validators=[InputRequired(_l("Enter a day."))])
    until = DayField(_l("Decided until"), validators=[InputRequired(_l("Enter a day."))])
    size = IntegerField(
        _l("How many cases"),
        validators=[
            InputRequired(_l("Enter a number.")),
            NumberRange(1, LARGEST_SAMPLE, _l("Enter a number from 1 to 500.")),
        ],
        render_kw={**LOOKS, "inputmode": "numeric"},
    )
    seed = StringField(
        _l("Seed"),
        filters=[strip],
        description=_l("Leave it empty for a new one; give one to repeat a draw."),
        validators=[Optional(), Length(max=64, message=_l("The seed must be at most 64 characters long."))],
        render_kw={**LOOKS, "autocomplete": "off", "spellcheck": "false"},
    )
