"""Whether what the administration holds is right."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.validators import InputRequired

from app.forms.base import PortalForm

YES, NO = "yes", "no"


class RightForm(PortalForm):
    """One question: is this right?"""

    is_right = RadioField(
        _l("Is this right?"),
        choices=[(YES, _l("Yes, this is right")), (NO, _l("No, I want to change it"))],
        validate_choice=False,
        validators=[InputRequired(_l("Say whether this is right."))],
    )

    def validate_is_right(self, field: RadioField) -> None:
        """Only one of the two answers."""
        if field.data not in (YES, NO):
            raise ValueError(str(_l("Say whether this is right.")))
