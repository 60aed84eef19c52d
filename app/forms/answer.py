"""Answering a request for information; what an officer enters as the person told them."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.forms.base import PortalForm, strip
from app.forms.documents import of_the_list
from app.forms.fields import ACCEPT, KeptFileField
from app.workflow import Told

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


class ForPersonForm(PortalForm):
    """What somebody told an officer to enter for them, how, and on which paper or call it rests."""

    told = RadioField(
        _l("How did the person tell you?"),
        choices=[SelectChoice(way.value, way.label) for way in Told],
        validators=[InputRequired(_l("Choose how the person told you."))],
    )
    evidence = TextAreaField(
        _l("Identity paper you saw, letter you hold, or call you took"),
        description=_l("The person reads it. For a letter or a call, its date as well."),
        filters=[strip],
        validators=[
            DataRequired(_l("Name the paper or the call.")),
            Length(max=1000, message=_l("Name the paper or the call, in at most 1,000 characters.")),
        ],
        render_kw={"class": "form-control", "rows": 2},
    )
    words = TextAreaField(
        _l("What the person says, in their words"),
        filters=[strip],
        validators=[
            DataRequired(_l("Write what the person says.")),
            Length(max=LONGEST_ANSWER, message=_l("Write at most 4,000 characters.")),
        ],
        render_kw={"class": "form-control", "rows": 5},
    )
    documents = KeptFileField(
        _l("Papers the person gave (optional)"),
        description=_l("At most 5 files: PDF, JPEG, PNG, HEIC or TIFF, up to 10 MB each."),
        render_kw={"accept": ACCEPT},
    )
