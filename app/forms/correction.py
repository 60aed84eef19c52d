"""Correcting one answer of a request: the question as the service asks it, with its own rules, and why."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.forms.answers import as_formdata, as_typed, questions_of, sent
from app.forms.base import PortalForm, as_id, strip

LOOKS = {"class": "form-control", "autocomplete": "off"}
LONGEST_REASON = 4000
_EXPLAINS = ("csrf_token", "correction_of", "correction_version", "correction_reason")


class Explained(PortalForm):
    """What a correction says beside the answer; the names are longer than any question's."""

    correction_of = HiddenField()
    correction_version = HiddenField()
    correction_reason = TextAreaField(
        _l("Reason"),
        filters=[strip],
        validators=[
            DataRequired(_l("Give the reason: the person will read it.")),
            Length(max=LONGEST_REASON, message=_l("The reason must be at most 4,000 characters long.")),
        ],
        render_kw={**LOOKS, "rows": 3},
    )


class Correction:
    """One question of a service's form asked again; the other answers stand, for rules that look at them."""

    def __init__(
        self,
        asks: type[PortalForm],
        prepare: Callable[[PortalForm], None],
        name: str,
        answers: Mapping[str, Any],
        version: int,
        posted: MultiDict[str, str] | None,
        full_name: str = "",
    ) -> None:
        """`full_name` is the answer's, where the question is one of a group's entry."""
        kind = type("CorrectionForm", (Explained, asks), {"order": (name, "correction_reason")})
        stands = kind(
            formdata=None, data=answers, correction_of=full_name or name, correction_version=str(version)
        )
        prepare(stands)
        self.form = stands if posted is None else kind(formdata=_sent(stands, name, answers, posted))
        prepare(self.form)
        self.form.unasked = frozenset(questions_of(asks)) - {name}
        self.form.elsewhere = dict(answers)
        self._question = self.form[name]
        self._question.render_kw = LOOKS

    @property
    def value(self) -> Any:
        """The answer as it was typed now."""
        return self._question.data

    @property
    def reason(self) -> str:
        """Why."""
        return str(self.form["correction_reason"].data)

    @property
    def version(self) -> int | None:
        """The case's version on the page the officer read."""
        return as_id(self.form["correction_version"].data)


def _sent(
    stands: PortalForm, name: str, answers: Mapping[str, Any], posted: MultiDict[str, str]
) -> MultiDict[str, str]:
    """What was posted of the question and of the explanation, and the other answers as they stand."""
    inputs = {other: as_typed(stands[other]) for other in answers if other != name}
    inputs[name] = sent(stands[name], posted)
    whole = MultiDict(as_formdata(inputs, inputs) or {})
    for key in _EXPLAINS:
        whole.setlist(key, posted.getlist(key))
    return whole
