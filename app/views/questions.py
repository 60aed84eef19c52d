"""The forms of a journey: one page's from the browser or the draft, the whole from the draft."""

from collections.abc import Collection
from typing import Any

from flask import request
from flask_login import current_user
from werkzeug.datastructures import CombinedMultiDict

from app.forms.answers import Inputs, as_formdata, questions_of, typed
from app.forms.base import PortalForm
from app.forms.fields import KeptFileField
from app.models import Document, Draft
from app.services import documents
from app.services.base import Page, RuleBroken, Service

Refused = dict[str, str]
"""Why a file was refused, by field."""


def posted(service: Service[Any], page: Page) -> tuple[PortalForm, Refused]:
    """A page as it was sent, its files kept; those refused, with the reason."""
    form = _form(service, CombinedMultiDict((request.files, request.form)), page.fields)
    refused = {}
    for category, field in _files(service, form):
        try:
            if field.data:
                field.kept = documents.as_kept(documents.keep(current_user, category, field.data))
        except RuleBroken as refusal:
            refused[field.name] = str(refusal.message)
    return form, refused


def of_draft(service: Service[Any], page: Page, draft: Draft | None) -> PortalForm:
    """A page with the answers of the draft, if it has any."""
    return _form(service, as_formdata(draft.answers, page.fields) if draft else None, page.fields)


def whole(service: Service[Any], draft: Draft) -> PortalForm:
    """All questions with the draft's answers: what would be filed."""
    questions = questions_of(service.form)
    return _form(service, as_formdata(draft.answers, questions), questions)


def first_wrong(service: Service[Any], form: PortalForm) -> Page | None:
    """The first page with an answer that is missing or no longer right, or None."""
    form.validate()
    return next((page for page in service.pages if set(page.fields) & set(form.errors)), None)


def first_unanswered(service: Service[Any], draft: Draft | None) -> Page | None:
    """The first page with a question nobody answered yet, or None."""
    answered = set(draft.answers) if draft else set()
    return next((page for page in service.pages if not set(page.fields) <= answered), None)


def answers_of(form: PortalForm) -> dict[str, Inputs]:
    """What the draft keeps of a page that is right."""
    return {field.name: typed(field, request.form) for field in form}


def files_of(service: Service[Any], form: PortalForm) -> list[Document]:
    """The documents a whole form names."""
    tokens = [field.kept.token for _category, field in _files(service, form) if field.kept]
    found = (documents.kept(current_user, token) for token in tokens)
    return [document for document in found if document is not None]


def _form(service: Service[Any], formdata: Any, questions: Collection[str]) -> PortalForm:
    """Those questions only. The token of each POST was checked before any view: the form needs none."""
    form = service.form(formdata=formdata, meta={"csrf": False})
    service.prepare(form)
    for name in set(form.data) - set(questions):
        del form[name]
    for _category, field in _files(service, form):
        document = documents.kept(current_user, field.kept_token) if field.kept_token else None
        field.kept = documents.as_kept(document) if document else None
    return form


def _files(service: Service[Any], form: PortalForm) -> list[tuple[str, KeptFileField]]:
    return [(need.category, form[need.field]) for need in service.documents if need.field in form]
