"""Whether what the administration holds is right."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired

from app.forms.base import PortalForm

YES, NO = "yes", "no"
_UNSAID = _l("Say whether this is right.")


class RightForm(PortalForm):
    """One question: is this right?"""

    is_right = RadioField(
        _l("Is this right?"),
        choices=[
            SelectChoice(YES, _l("Yes, this is right")),
            SelectChoice(NO, _l("No, I want to change it")),
        ],
        validate_choice=False,
        validators=[InputRequired(_UNSAID), AnyOf((YES, NO), message=_UNSAID)],
    )
