"""The law as staff read it: its figures with their history, what changed, and a what-if evaluation."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, request
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _

from app import clock
from app.forms import what_if
from app.i18n import current_language
from app.scheme import BadInput, Law, answer, explained, load, scheme_names
from app.scheme.comparing import differences, figures
from app.scheme.inputs import as_date
from app.scheme.questions import read_question
from app.views.language import is_switching, was_checked

REFUSED = 422
LONGEST_JSON = 200_000


@dataclass(frozen=True)
class Fault:
    """What was refused: the input, its id and label on the page when it has one, and the reason."""

    name: str
    reason: str
    id: str | None = None
    label: str | None = None


class SchemeView(BaseView):
    """Read-only: the law is changed by its files, and an evaluation here leaves no trace."""

    route_base = "/law"
    default_view = "list"
    base_permissions = ["can_list", "can_show", "can_evaluate"]

    @expose("/")
    @has_access
    def list(self) -> str:
        """The schemes at hand."""
        return self.render_template("backoffice/law_list.html", laws=[load(name) for name in scheme_names()])

    @expose("/<scheme>/")
    @has_access
    @permission_name("show")
    def show(self, scheme: str) -> str | tuple[str, int]:
        """A scheme's figures with their history, or as in force on a day."""
        law, faults = _law(scheme), dict[str, Fault]()
        on = _day("on", _("Day"), faults)
        rows = figures(law, current_language(), on)
        return self._page("backoffice/law_show.html", law, faults, rows=rows, on=on, unit=_unit(law))

    @expose("/<scheme>/changes")
    @has_access
    @permission_name("show")
    def changes(self, scheme: str) -> str | tuple[str, int]:
        """What changed in a scheme between two days."""
        law, faults = _law(scheme), dict[str, Fault]()
        before, after = _day("before", _("First day"), faults), _day("after", _("Second day"), faults)
        rows = differences(law, before, after, current_language()) if before and after else None
        return self._page("backoffice/law_changes.html", law, faults, rows=rows, before=before, after=after)

    @expose("/<scheme>/what-if", methods=["GET", "POST"])
    @has_access
    @permission_name("evaluate")
    def evaluate(self, scheme: str) -> str | tuple[str, int]:
        """Evaluate a benefit at any date for somebody imagined; nothing is stored."""
        law = _law(scheme)
        form = what_if.ask(law, _chosen_benefit(law), current_language(), _typed())
        if "as_json" in request.form:
            _put_as_json(form)
        faults, result = dict[str, Fault](), None
        if _is_evaluated(form):
            result = self._evaluated(form, faults)
        return self._page(
            "backoffice/law_what_if.html",
            law,
            faults,
            form=form,
            result=result,
            benefits=what_if.benefits(law, current_language()),
            is_json=_is_json(),
        )

    def _evaluated(self, form: what_if.WhatIf, faults: dict[str, Fault]) -> dict[str, Any] | None:
        """The explained result, or None with the fault noted."""
        try:
            asked = _pasted(form) if _is_json() else form.question()
            return explained(answer(asked), form.lang)
        except BadInput as refusal:
            fault = _fault_of_json(refusal, form.lang) if _is_json() else _fault(form, refusal)
            faults[fault.name] = fault
            return None

    def _page(self, template: str, law: Law, faults: dict[str, Fault], **shown: Any) -> str | tuple[str, int]:
        page = self.render_template(
            template,
            law=law,
            faults=faults,
            typed=request.values,
            can_evaluate=self.appbuilder.sm.has_access("can_evaluate", "SchemeView"),
            **shown,
        )
        return (page, REFUSED) if faults else page


def _law(name: str) -> Law:
    return load(name) if name in scheme_names() else abort(404)


def _day(name: str, label: str, faults: dict[str, Fault]) -> date | None:
    """The day of a filter: None when it is empty, or when it is refused and the fault noted."""
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        return as_date(what_if.iso_day(text), name)
    except BadInput as refusal:
        faults[name] = Fault(name, refusal.sentence(current_language()), name, label)
        return None


def _unit(law: Law) -> Callable[[dict[str, Any]], str]:
    """What a figure is counted in, in words."""
    names = {
        "amount": _("Amount in %(currency)s", currency=law.currency.symbol[current_language()]),
        "rate": _("Percentage"),
        "count": _("Whole number"),
        "number": _("Decimal number"),
    }
    counted = what_if.counted_in(current_language())
    return lambda row: counted.get(row["counts"] or "") or names[row["unit"]]


def _typed() -> dict[str, str]:
    """What was typed; on arriving, today."""
    if request.method == "POST":
        return {name: text for name, text in request.form.items() if name != "csrf_token"}
    return {"on": clock.today().isoformat()}


def _chosen_benefit(law: Law) -> str:
    """The benefit asked about, if the law knows it; else its first."""
    known = [name for name, _label in what_if.benefits(law, "en")]
    chosen = request.values.get("benefit", "")
    return chosen if chosen in known else known[0]


def _is_json() -> bool:
    """Whether the question is shown as JSON rather than asked field by field."""
    if "as_json" in request.form:
        return True
    return request.values.get("mode") == "json"


def _is_evaluated(form: what_if.WhatIf) -> bool:
    """Whether an answer is wanted: not on arriving, not when only the form itself was to change."""
    if request.method != "POST" or {"as_json", "more", "choose"} & set(request.form):
        return False
    if is_switching():
        return was_checked()
    return _is_json() or request.form.get("shown", form.benefit) == form.benefit


def _pasted(form: what_if.WhatIf) -> Any:
    """The question pasted as JSON; of the page's scheme unless it names another."""
    text = form.typed.get("json", "")
    if not text.strip():
        raise BadInput("(file)", "required")
    if len(text) > LONGEST_JSON:
        raise BadInput("(file)", "too_long", most=LONGEST_JSON)
    asked = read_question(text)
    return {"scheme": form.law.name, **asked} if isinstance(asked, dict) else asked


def _put_as_json(form: what_if.WhatIf) -> None:
    """Write what was typed as the JSON that asks the same."""
    try:
        form.typed["json"] = json.dumps(form.question(), ensure_ascii=False, indent=2)
    except BadInput:
        form.typed["json"] = ""


def _fault(form: what_if.WhatIf, refusal: BadInput) -> Fault:
    """A refusal beside the input it speaks of; beside none when the page has no such input."""
    name = form.input_of(refusal.field)
    place = form.named(name)
    return Fault(name, refusal.sentence(form.lang), *(place or (None, None)))


def _fault_of_json(refusal: BadInput, lang: str) -> Fault:
    """A refusal of what was pasted: beside the text, naming the field."""
    label = None if refusal.field.startswith("(") else refusal.field
    return Fault("json", refusal.sentence(lang), "json", label)
