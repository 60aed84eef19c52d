"""The questions about a document: its category, its files, until when it is valid."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import SelectField
from wtforms.validators import InputRequired, ValidationError

from app.forms.base import PortalForm
from app.forms.fields import ACCEPT, KINDS_HINT, DatePartsField, FileGiven, KeptFileField


class GiveForm(PortalForm):
    """Documents given without a request."""

    category = SelectField(
        _l("What kind of document is it?"),
        validate_choice=False,
        validators=[InputRequired(_l("Choose the kind of document."))],
    )
    files = KeptFileField(
        _l("Files"),
        description=KINDS_HINT,
        validators=[FileGiven(_l("Choose at least one file."))],
        render_kw={"accept": ACCEPT},
    )

    def validate_category(self, field: SelectField) -> None:
        """Only a kind of the list."""
        if field.data not in {value for value, _label in field.choices}:
            raise ValidationError(_l("Choose a kind of the list."))


class ExpiryForm(PortalForm):
    """Until when a document is valid."""

    expires_on = DatePartsField(
        _l("Valid until"),
        subject=_l("The date"),
        description=_l("As it stands on the document. Leave it empty when there is none."),
    )


class RenewForm(PortalForm):
    """A newer version of a document."""

    file = FileField(
        _l("The newer version"),
        description=_l("PDF, JPEG, PNG, HEIC or TIFF, up to 10 MB."),
        render_kw={"accept": ACCEPT},
    )

    def validate_file(self, field: FileField) -> None:
        """A file must have been chosen."""
        if not isinstance(field.data, FileStorage) or not field.data.filename:
            raise ValidationError(_l("Choose a file."))
