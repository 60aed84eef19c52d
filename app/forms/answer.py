"""Answering a request for information."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from app.forms.base import PortalForm, strip
from app.forms.documents import of_the_list
from app.forms.fields import ACCEPT, KeptFileField

LONGEST_ANSWER = 4000


class AnswerForm(PortalForm):
    """What was asked for, in words and as documents."""

    answer = TextAreaField(
        _l("Your answer"),
        filters=[strip],
        validators=[
            DataRequired(_l("Write your answer.")),
            Length(max=LONGEST_ANSWER, message=_l("Your answer must be at most 4,000 characters long.")),
        ],
    )
    documents = KeptFileField(
        _l("New documents"),
        description=_l("At most 5 files: PDF, JPEG, PNG, HEIC or TIFF, up to 10 MB each."),
        render_kw={"accept": ACCEPT},
    )
    category = SelectField(
        _l("What kind of document is it?"),
        description=_l("It is then read only by those who may read this kind. If you do not know, leave it."),
        validate_choice=False,
        validators=[Optional(), of_the_list],
    )
