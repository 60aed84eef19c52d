"""What every portal form shares."""

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import FileField, MultipleFileField, StringField
from wtforms.validators import DataRequired, Length, Regexp

LONGEST_NAME = 120
LONGEST_ID = 10
_A_NAME = r"^[^\W\d_](?:[^\W\d_]|[\u0300-\u036f]|[ '’.\-])*$"


class PortalForm(FlaskForm):
    """A form of the portal: its answers are given to the service as a dict, never put on a model."""

    class Meta(FlaskForm.Meta):
        """Reads what was sent; a file is an answer only to a question that asks for one."""

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was sent, without the files nobody asked for."""
            sent = super().wrap_formdata(form, formdata)
            if not isinstance(sent, CombinedMultiDict):
                return sent
            asked = (FileField, MultipleFileField)
            files = MultiDict(
                (name, file)
                for name, file in request.files.items(multi=True)
                if isinstance(form._fields.get(name), asked)
            )
            return CombinedMultiDict((files, request.form))

    def answers(self) -> dict[str, Any]:
        """The answers by field name."""
        return {name: value for name, value in self.data.items() if name != "csrf_token"}


def strip(value: str | None) -> str | None:
    """The value without the spaces around it."""
    return value.strip() if value else value


def as_id(value: object) -> int | None:
    """The identifier a list gave, or None for anything else."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < LONGEST_ID else None


def name_field(label: str, missing: str, **render_kw: str) -> StringField:
    """A field for a person's name: letters of any script, apostrophes, hyphens, full stops and spaces."""
    return StringField(
        label,
        filters=[strip],
        validators=[
            DataRequired(missing),
            Length(max=LONGEST_NAME, message=_l("Names must be at most 120 characters long.")),
            Regexp(
                _A_NAME, message=_l("Names are made of letters, spaces, hyphens, apostrophes and full stops.")
            ),
        ],
        render_kw={"spellcheck": "false", **render_kw},
    )
