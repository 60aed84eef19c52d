"""“Is this right?”: what the administration holds already is shown and confirmed instead of asked again."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request

from app.forms.answers import rows_of
from app.forms.prefill import NO, YES, RightForm
from app.models import Draft
from app.services.base import Page, Service
from app.views import questions
from app.views.language import is_switching, was_checked

__all__ = ["NO", "YES", "answer", "ask", "is_to_confirm"]


def is_to_confirm(service: Service[Any], page: Page, draft: Draft | None) -> bool:
    """Whether something known is to be confirmed first; not when the person said they want to change it."""
    return "change" not in request.args and bool(questions.prefilled(service, page, draft))


def answer() -> str | None:
    """Yes or no as the person said; None while it is only shown, read in the other language, or left open."""
    if request.method != "POST" or is_switching():
        return None
    form = RightForm(meta={"csrf": False})
    return str(form.is_right.data) if form.validate() else None


def ask(draft: Draft | None, place: Mapping[str, Any]) -> str:
    """The page that shows what is known, and asks."""
    service, page = place["service"], place["page"]
    form = RightForm(meta={"csrf": False})
    if request.method == "POST" and (was_checked() or not is_switching()):
        form.validate()
    known = questions.of_draft(service, page, draft)
    names = questions.prefilled(service, page, draft)
    fields = [known[name] for name in page.fields if name in names]
    facts = [{"label": label, "value": value} for field in fields for label, value in rows_of(field)]
    extra = {"_checked": "1"} if form.errors else {}
    return render_template("portal/confirm.html", form=form, facts=facts, extra=extra, **place)
