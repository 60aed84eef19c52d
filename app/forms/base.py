"""What every portal form shares."""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import FileField, MultipleFileField, StringField
from wtforms.validators import DataRequired, Length, Optional, Regexp

from app.forms.conditions import Condition

LONGEST_NAME = 120
LONGEST_ID = 10
_A_NAME = r"^[^\W\d_](?:[^\W\d_]|[\u0300-\u036f]|[ '’.\-])*$"


class PortalForm(FlaskForm):
    """A form of the portal: its answers are given to the service as a dict, never put on a model.

    `asked_if` names the questions that are asked under a condition only. `unasked` are those this form holds
    though they are not asked now: shown where a page may reveal them, never required, never an answer.
    """

    asked_if: ClassVar[Mapping[str, Condition]] = {}
    looks_elsewhere: ClassVar[bool] = False
    """Whether a rule of it looks at answers of other pages, by `answer_to`."""

    elsewhere: Mapping[str, Any] = {}
    unasked: frozenset[str] = frozenset()
    _fields: dict[str, Any]

    class Meta(FlaskForm.Meta):
        """Reads what was sent; a file is an answer only to a question that asks for one."""

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was sent, without the files nobody asked for."""
            sent = super().wrap_formdata(form, formdata)
            if not isinstance(sent, CombinedMultiDict):
                return sent
            fields = form._fields.values()
            files = MultiDict(
                (name, file)
                for name, file in request.files.items(multi=True)
                if any(_asks_for_file(field, name) for field in fields)
            )
            return CombinedMultiDict((files, request.form))

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the questions that are asked, and no other."""
        every = self._fields
        self._fields = {name: field for name, field in every.items() if name not in self.unasked}
        try:
            return bool(super().validate(extra_validators))
        finally:
            self._fields = every

    def answer_to(self, name: str) -> Any:
        """The answer to a question of this page, or of another page as far as it is known."""
        return self._fields[name].data if name in self._fields else self.elsewhere.get(name)

    def answers(self) -> dict[str, Any]:
        """The answers by field name."""
        left_out = self.unasked | {"csrf_token"}
        return {name: value for name, value in self.data.items() if name not in left_out}


def _asks_for_file(field: Any, name: str) -> bool:
    """Whether a question asks for the file that came under a name; a group answers for its entries."""
    if isinstance(field, FileField | MultipleFileField):
        return bool(field.name == name)
    return hasattr(field, "takes_file") and bool(field.takes_file(name))


def strip(value: str | None) -> str | None:
    """The value without the spaces around it."""
    return value.strip() if value else value


def as_id(value: object) -> int | None:
    """The identifier a list gave, or None for anything else."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < LONGEST_ID else None


def optional_name(label: str, **render_kw: str) -> StringField:
    """A name that may be left out."""
    return _name(label, Optional(), **render_kw)


def name_field(label: str, missing: str, **render_kw: str) -> StringField:
    """A field for a person's name: letters of any script, apostrophes, hyphens, full stops and spaces."""
    return _name(label, DataRequired(missing), **render_kw)


def _name(label: str, needed: DataRequired | Optional, **render_kw: str) -> StringField:
    return StringField(
        label,
        filters=[strip],
        validators=[
            needed,
            Length(max=LONGEST_NAME, message=_l("Names must be at most 120 characters long.")),
            Regexp(
                _A_NAME, message=_l("Names are made of letters, spaces, hyphens, apostrophes and full stops.")
            ),
        ],
        render_kw={"spellcheck": "false", **render_kw},
    )
