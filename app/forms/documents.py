"""The questions about a document: its category, its files, until when it is valid."""

from flask_babel import lazy_gettext as _l
from wtforms import Form, SelectField
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import FileInput

from app.forms.base import PortalForm
from app.forms.fields import ACCEPT, KINDS_HINT, DatePartsField, FileGiven, KeptFileField


def of_the_list(form: Form, field: SelectField) -> None:
    """Validator: only a kind of the list."""
    if field.data not in {value for value, _label in field.choices}:
        raise ValidationError(_l("Choose a kind of the list."))


class GiveForm(PortalForm):
    """Documents given without a request."""

    category = SelectField(
        _l("What kind of document is it?"),
        validate_choice=False,
        validators=[InputRequired(_l("Choose the kind of document.")), of_the_list],
    )
    files = KeptFileField(
        _l("Files"),
        description=KINDS_HINT,
        validators=[FileGiven(_l("Choose at least one file."))],
        render_kw={"accept": ACCEPT},
    )


class ExpiryForm(PortalForm):
    """Until when a document is valid."""

    expires_on = DatePartsField(
        _l("Valid until"),
        subject=_l("The date"),
        description=_l("As it stands on the document. Leave it empty when there is none."),
    )


class RenewForm(PortalForm):
    """A newer version of a document."""

    file = KeptFileField(
        _l("The newer version"),
        description=_l("PDF, JPEG, PNG, HEIC or TIFF, up to 10 MB."),
        validators=[FileGiven(_l("Choose a file."))],
        render_kw={"accept": ACCEPT},
        widget=FileInput(),
    )
