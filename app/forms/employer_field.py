"""The question who employs somebody: an employer of the list, found by the name that is typed.

Thousands of employers fit into no list a person could read. Scripts suggest some while one types
(`static/js/employers.js`); without them the page is shown again with those that match, to choose from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import Field, Form
from wtforms.utils import unset_value
from wtforms.validators import StopValidation
from wtforms.widgets import html_params

from app.forms.base import as_id

LONGEST_TYPED = 200
MOST_SHOWN = 10


class Employer(Protocol):
    """An employer as far as the field knows one."""

    @property
    def id(self) -> Any:
        """The number."""

    @property
    def name(self) -> Any:
        """The name."""


@dataclass(frozen=True)
class Listed:
    """An employer that was found; `label` tells it from another of the same name."""

    id: int
    name: str
    label: str


class EmployerList(Protocol):
    """Where a field looks employers up."""

    def one(self, number: int) -> Employer | None:
        """The active employer of that number, or None."""

    def like(self, typed: str) -> Sequence[Listed]:
        """The active employers of such a name, the likeliest first; one more than shown: there are more."""


class EmployerWidget:
    """Draws the inputs bare, where no component draws them."""

    def __call__(self, field: "EmployerField", **kwargs: Any) -> Markup:
        """The text, then those found as radios, or the one chosen."""
        attributes = {"type": "text", "id": field.id, "name": f"{field.name}-name", "value": field.typed}
        attributes |= {"autocomplete": "off", "maxlength": LONGEST_TYPED, **(field.render_kw or {}), **kwargs}
        text = Markup("<input {}>").format(Markup(html_params(**attributes)))  # noqa: S704 (it escapes)
        found = Markup("").join(
            Markup(
                '<div class="radio"><label><input type="radio" name="{}" value="{}"> {}</label></div>'
            ).format(field.name, one.id, one.label)
            for one in field.matches
        )
        return text + Markup("<div data-found>{}{}</div>").format(self.kept(field), found)

    @staticmethod
    def kept(field: "EmployerField") -> Markup:
        """Hidden: by which words the employers on the page were found, and which one is chosen."""
        hidden = Markup('<input type="hidden" name="{}" value="{}">')
        if field.data is None and not field.matches:
            return Markup("")
        chosen = hidden.format(field.name, field.data) if field.data is not None else Markup("")
        return hidden.format(f"{field.name}-found", field.typed) + chosen


class EmployerField(Field):
    """Whose data are the number of an employer of the list, or None.

    Inputs: `NAME-name` what was typed, `NAME` which employer, and `NAME-found` by which words that employer
    was found: when other words were typed since, the choice of before does not count.
    """

    widget = EmployerWidget()

    def __init__(self, label: Any = None, validators: Any = (), *, missing: Any, **kwargs: Any) -> None:
        self.missing = missing
        self.typed = ""
        self.chosen: Employer | None = None
        self.matches: Sequence[Listed] = ()
        self.has_more = False
        self._is_unknown = False
        super().__init__(label, validators, **kwargs)

    @property
    def inputs(self) -> tuple[str, str, str]:
        """The names of its inputs."""
        return self.name, f"{self.name}-name", f"{self.name}-found"

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Read what was sent, else take the number given."""
        super().process(None, data, extra_filters)
        if formdata is None:
            return
        number, self.typed, found = ((formdata.get(name) or "").strip() for name in self.inputs)
        self.raw_data = [number or self.typed]
        is_meant = bool(number) and self.typed == found
        self.data = as_id(number) if is_meant else None
        self._is_unknown = is_meant and self.data is None

    def look_up(self, employers: EmployerList) -> None:
        """Name the employer chosen, or find those that are meant; the one of exactly that name is chosen."""
        if self.data is not None:
            self._choose(employers.one(self.data))
        elif self.typed and not self._is_unknown:
            found = employers.like(self.typed)
            exact = [one for one in found if one.name.casefold() == self.typed.casefold()]
            if len(exact) == 1:
                self._choose(exact[0])
            else:
                self.matches, self.has_more = found[:MOST_SHOWN], len(found) > MOST_SHOWN

    def pre_validate(self, form: Form) -> None:
        """One employer of the list, no more and no less."""
        if self.data is None:
            raise StopValidation(str(self._what_is_wrong()))

    @property
    def text(self) -> str:
        """The answer as it is read back."""
        return self.typed if self.data is not None else ""

    def _choose(self, employer: Employer | None) -> None:
        self.chosen = employer
        self._is_unknown = employer is None
        self.data = employer.id if employer else None
        self.typed = employer.name if employer else ""

    def _what_is_wrong(self) -> Any:
        if self._is_unknown:
            return _l("Choose an employer of the list.")
        if not self.typed:
            return self.missing
        if self.matches:
            return _l("Say which of these employers it is.")
        return _l("No employer of this name is in our list. Check how it is written.")
