"""Form fields that WTForms lacks: a date typed in three parts, and files that outlive a refused form."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from wtforms import DateField, DecimalField, Field, Form
from wtforms.utils import unset_value
from wtforms.validators import StopValidation

ACCEPT = "application/pdf,image/*,.pdf,.jpg,.jpeg,.png,.heic,.tif,.tiff"
"""What a file chooser offers: on a telephone this also opens the camera. The content alone decides later."""

KINDS_HINT = _l(
    "PDF, JPEG, PNG, HEIC or TIFF, up to 10 MB each. You can send several files, or take pictures."
)
PARTS = ("day", "month", "year")

_INCOMPLETE = {
    ("day",): _l("%(subject)s must include a day"),
    ("month",): _l("%(subject)s must include a month"),
    ("year",): _l("%(subject)s must include a year"),
    ("day", "month"): _l("%(subject)s must include a day and a month"),
    ("day", "year"): _l("%(subject)s must include a day and a year"),
    ("month", "year"): _l("%(subject)s must include a month and a year"),
}
_NOT_REAL = _l("%(subject)s must be a real date")
_SHORT_YEAR = _l("%(subject)s must have a year of 4 digits")
_SHAPE = {
    "day": re.compile(r"[0-9]{1,2}"),
    "month": re.compile(r"[0-9]{1,2}"),
    "year": re.compile(r"[0-9]{4}"),
}
_INPUT = Markup('<input id="{}" name="{}" value="{}" type="text" inputmode="numeric">')


class DatePartsWidget:
    """Draws the three inputs bare, where no component draws them."""

    def __call__(self, field: "DatePartsField", **kwargs: Any) -> Markup:
        """The three inputs, in their order."""
        inputs = (
            _INPUT.format(f"{field.id}-{part}", f"{field.name}-{part}", field.parts[part]) for part in PARTS
        )
        return Markup(" ").join(inputs)


class DatePartsField(Field):
    """A date typed as day, month and year. Whatever is posted gives a date, or a message; never an exception.

    `parts` keeps what was typed, `bad_parts` names the inputs to put right. The message for an empty date
    comes from the form, by `InputRequired(…)`; `subject` names the date in the other messages.
    """

    widget = DatePartsWidget()

    def __init__(
        self, label: Any = None, validators: Any = None, *, subject: Any = None, **kwargs: Any
    ) -> None:
        self.subject = subject or _l("The date")
        self.parts: dict[str, str] = dict.fromkeys(PARTS, "")
        self._wrong: tuple[str, ...] = ()
        super().__init__(label, validators, **kwargs)

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Read the three inputs when a form was posted, else show the date given."""
        super().process(None, data, extra_filters)
        if formdata is None:
            self._show(self.data)
            return
        self.parts = {part: formdata.get(f"{self.name}-{part}") or "" for part in PARTS}
        # WTForms' Optional and InputRequired look at the first raw value: blank when nothing was typed.
        self.raw_data = [" ".join(self._typed().values()).strip()]
        self._read()

    @property
    def bad_parts(self) -> tuple[str, ...]:
        """The inputs to mark: those that could not be read, or all of a date refused for another reason."""
        return self._wrong or (PARTS if self.errors else ())

    @property
    def first_bad_part(self) -> str:
        """The input an error summary leads to."""
        return next(iter(self.bad_parts), PARTS[0])

    def pre_validate(self, form: Form) -> None:
        """Ask nothing more of a date that could not be read."""
        if self.process_errors:
            raise StopValidation

    def _typed(self) -> Mapping[str, str]:
        return {part: text.strip() for part, text in self.parts.items()}

    def _show(self, value: date | None) -> None:
        if value is not None:
            self.parts = {"day": str(value.day), "month": str(value.month), "year": f"{value.year:04}"}

    def _read(self) -> None:
        self.data = None
        typed = self._typed()
        if not any(typed.values()):
            return
        missing = tuple(part for part in PARTS if not typed[part])
        if missing:
            self._refuse(missing, _INCOMPLETE[missing])
            return
        wrong = tuple(part for part in PARTS if not _SHAPE[part].fullmatch(typed[part]))
        if wrong:
            self._refuse(wrong, _SHORT_YEAR if wrong == ("year",) else _NOT_REAL)
            return
        try:
            self.data = date(int(typed["year"]), int(typed["month"]), int(typed["day"]))
        except ValueError:
            self._refuse(PARTS, _NOT_REAL)

    def _refuse(self, parts: tuple[str, ...], message: Any) -> None:
        self._wrong = parts
        self.process_errors = [str(message) % {"subject": self.subject}]


class DayField(DateField):
    """A day in one input, for staff; what was typed stays when it is refused."""

    def __init__(self, label: Any = None, validators: Sequence[Any] | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {"class": "form-control s-input--date"})
        super().__init__(label, validators, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day, or say how one is written."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(_l("Enter a day as year-month-day, such as 2026-12-25."))) from None


class AmountField(DecimalField):
    """An amount of money, typed with or without spaces between the thousands; what was typed stays."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the amount, or say how one is written."""
        typed = "".join((valuelist[0] if valuelist else "").split()).replace(",", ".")
        if not typed:
            return
        if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,2})?", typed):
            raise ValueError(str(_l("Enter an amount in digits, such as 250 000.")))
        self.data = Decimal(typed)


class KeptFileField(MultipleFileField):
    """Files that need not be chosen again when the rest of the form was refused.

    The view stores what arrived and puts it into `kept` (with `name`, `token`, `is_refused`), and into
    `reusable` what was given before and may be chosen again; the
    tokens come back in hidden inputs `<name>-kept` and are read as `kept_tokens`. Only the view may decide
    what a token opens, and whether a file is needed (`is_needed`).
    """

    def __init__(self, label: Any = None, validators: Sequence[Any] | None = None, **kwargs: Any) -> None:
        self.errors: Sequence[str]
        self.kept: list[Any] = []
        self.kept_tokens: list[str] = []
        self.is_needed = True
        self.category = ""
        self.service = ""
        self.reusable: list[Any] = []
        super().__init__(label, validators, **kwargs)

    @property
    def uploads(self) -> list[FileStorage]:
        """The files that were sent now."""
        return [file for file in self.data or [] if isinstance(file, FileStorage) and file.filename]

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Read the files, and the tokens of those already kept."""
        super().process(formdata, data, extra_filters)
        if formdata is not None:
            tokens = formdata.getlist(f"{self.name}-kept")
            self.kept_tokens = list(dict.fromkeys(token for token in tokens if isinstance(token, str)))

    def post_validate(self, form: Form, validation_stopped: bool) -> None:
        """Files that the checks refused must be removed or replaced."""
        for file in self.kept:
            if file.is_refused:
                said = _("%(field)s: %(reason)s", field=file.name, reason=file.reason)
                self.errors = [*self.errors, said]


class FileGiven:
    """Validator: at least one good file was sent now or before, where the answers make one necessary."""

    def __init__(self, message: Any = None) -> None:
        self.message = message or _l("Choose a file")

    def __call__(self, form: Form, field: KeptFileField) -> None:
        """Stop with the message when there is no file at all."""
        is_given = field.uploads or any(not file.is_refused for file in field.kept)
        if field.is_needed and not is_given:
            raise StopValidation(str(self.message))


def file_question(label: Any, missing: Any) -> KeptFileField:
    """A question answered with files, as every service asks it."""
    return KeptFileField(
        label, validators=[FileGiven(missing)], description=KINDS_HINT, render_kw={"accept": ACCEPT}
    )
