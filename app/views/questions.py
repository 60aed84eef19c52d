"""The forms of a journey: one page's from the browser or the draft, the whole from the draft."""

from collections.abc import Collection
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import CombinedMultiDict

from app.forms.answers import Inputs, as_formdata, questions_of, typed
from app.forms.base import PortalForm
from app.forms.fields import KeptFileField
from app.models import Document, Draft
from app.services import documents, drafts
from app.services.base import DocumentNeed, Page, RuleBroken, Service

Refused = dict[str, list[str]]
"""Why files were refused, by field."""

REMOVE = "_remove"
"""The button beside a file that takes it away; its value is the file's token."""


def posted(service: Service[Any], page: Page) -> tuple[PortalForm, Refused]:
    """A page as it was sent, its files kept; those refused, all of them, with the reason."""
    form = _form(service, CombinedMultiDict((request.files, request.form)), page.fields)
    refused: Refused = {}
    for need, field in _files(service, form):
        reasons = _keep_new(need, field)
        if reasons:
            refused[field.name] = reasons
    return form, refused


def _keep_new(need: DocumentNeed, field: KeptFileField) -> list[str]:
    """Keep each file that was sent now; why some were not."""
    reasons = []
    for upload in field.uploads:
        if len(field.kept) >= need.most:
            reasons.append(_("You can send at most %(most)s files here.", most=need.most))
            break
        name = documents.clean_name(upload.filename or "")
        try:
            field.kept.append(documents.as_kept(documents.keep(current_user, need.category, upload)))
        except RuleBroken as refusal:
            reasons.append(f"{name}: {refusal.message}")
    return reasons


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


def files_in(form: PortalForm) -> dict[str, Inputs]:
    """What the draft keeps of the files of a page, whether or not the rest is right."""
    return {field.name: typed(field, request.form) for field in form if isinstance(field, KeptFileField)}


def files_of(service: Service[Any], form: PortalForm) -> list[Document]:
    """The documents a whole form names; those refused are none."""
    kept = [file for _need, field in _files(service, form) for file in field.kept]
    return [file.document for file in kept if not file.is_refused]


def _form(service: Service[Any], formdata: Any, questions: Collection[str]) -> PortalForm:
    """Those questions only. The token of each POST was checked before any view: the form needs none."""
    form = service.form(formdata=formdata, meta={"csrf": False})
    service.prepare(form)
    for name in set(form.data) - set(questions):
        del form[name]
    for need, field in _files(service, form):
        _bring(need, field)
        field.is_needed = not need.may_follow and need.is_required(_answers(service, form, need))
    return form


def _bring(need: DocumentNeed, field: KeptFileField) -> None:
    """Give a field the files its tokens name, without the one taken away, and those it may use again."""
    removed = request.form.get(REMOVE)
    tokens = [token for token in field.kept_tokens if token != removed][: need.most]
    found = (documents.kept(current_user, token) for token in tokens)
    field.kept = [documents.as_kept(document) for document in found if document is not None]
    field.category = need.category
    field.reusable = [
        document
        for document in documents.reusable(current_user, need.category)
        if document.public_id not in {file.token for file in field.kept}
    ]


def _answers(service: Service[Any], form: PortalForm, need: DocumentNeed) -> dict[str, Any]:
    """The answers a rule looks at: those of this form, and of the draft for the other pages."""
    asked = dict(form.data)
    if not callable(need.required) or len(asked) == len(questions_of(service.form)):
        return asked
    draft = drafts.of(current_user, service.slug)
    if draft is None:
        return asked
    questions = questions_of(service.form)
    other = service.form(formdata=as_formdata(draft.answers, questions), meta={"csrf": False})
    service.prepare(other)
    return dict(other.data) | asked


def _files(service: Service[Any], form: PortalForm) -> list[tuple[DocumentNeed, KeptFileField]]:
    return [(need, form[need.field]) for need in service.documents if need.field in form]
