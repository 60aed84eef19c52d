"""The forms of a journey: one page's from the browser or the draft, the whole from the draft."""

from collections.abc import Collection, Mapping
from typing import Any

from flask import g, request
from flask_babel import gettext as _
from werkzeug.datastructures import CombinedMultiDict, MultiDict

from app.forms.answers import Inputs, as_formdata, as_typed, questions_of, typed
from app.forms.base import PortalForm
from app.forms.conditions import asked
from app.forms.fields import KeptFileField
from app.forms.groups import GroupField, entry_of
from app.models import Document, Draft
from app.services import documents
from app.services.base import DocumentNeed, FiledAs, Page, RuleBroken, Service
from app.views import applicant
from app.views.language import is_switching

Refused = dict[KeptFileField, list[str]]
"""Why files were refused, by question."""

REMOVE = "_remove"
"""The button beside a file that takes it away; its value is the file's token."""

ADD, DROP = "_add", "_drop"
"""The buttons of a group: one more entry of the group named, or the entry `group-number` taken away."""


def posted(
    service: Service[Any], page: Page, draft: Draft | None, keeps_files: bool
) -> tuple[PortalForm, Refused]:
    """A page as it was sent, its files kept if they may be; those refused, all of them, with the reason."""
    sent: CombinedMultiDict[str, Any] = CombinedMultiDict((request.files, request.form))
    form = _of_page(service, page, draft, sent, _asked_now(service, page, draft))
    refused: Refused = {}
    for need, field in _files(service, form) if keeps_files else ():
        reasons = _keep_new(need, field)
        if reasons:
            refused[field] = reasons
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
            field.kept.append(documents.as_kept(documents.keep(applicant.current(), need.category, upload)))
        except RuleBroken as refusal:
            reasons.append(_("%(field)s: %(reason)s", field=name, reason=refusal.message))
    return reasons


def regroup(service: Service[Any], draft: Draft | None, form: PortalForm) -> bool:
    """Do what a group's button asks, to the form as it was sent; whether it was one."""
    added, dropped = request.form.get(ADD, ""), request.form.get(DROP, "")
    group, _hyphen, number = dropped.rpartition("-")
    if is_switching():
        return False
    if isinstance(form._fields.get(added), GroupField):
        form[added].add()
        _give_files(service, draft, form)
    elif isinstance(form._fields.get(group), GroupField) and number.isdecimal():
        form[group].remove(int(number))
    else:
        return False
    return True


def is_right(form: PortalForm, refused: Refused) -> bool:
    """Whether a page that was sent may go on; why files were refused stands beside their questions."""
    is_valid = form.validate()
    for field, reasons in refused.items():
        field.errors = [*field.errors, *reasons]
    return is_valid and not refused


def is_taking_away() -> bool:
    """Whether the button of one file was pressed, to take it away."""
    return REMOVE in request.form and not is_switching()


def of_draft(service: Service[Any], page: Page, draft: Draft | None) -> PortalForm:
    """A page with the answers of the draft, if it has any; else with what the administration holds."""
    known = as_formdata(_answers(draft), page.fields) if draft else None
    if known is None:
        known = as_formdata(prefilled(service, page, draft), page.fields)
    return _of_page(service, page, draft, known, asked_of_draft(service, draft))


def whole(service: Service[Any], draft: Draft) -> PortalForm:
    """All questions that are asked, with the draft's answers: what would be filed."""
    form = _bare(service, formdata=as_formdata(draft.answers, questions_of(service.form)))
    return _trimmed(service, draft, form, asked(form.asked_if, form.data))


def asked_pages(service: Service[Any], draft: Draft | None) -> list[Page]:
    """The pages that ask something, given the answers so far; the others are skipped."""
    questions = asked_of_draft(service, draft)
    return [page for page in service.pages if questions & set(page.fields)]


def asked_of_draft(service: Service[Any], draft: Draft | None) -> set[str]:
    """The questions that are asked, given the answers of the draft: found out once for the same answers."""
    answers = _answers(draft)
    known, names = g.get("asked_of_draft", (None, set[str]()))
    if known != (service.slug, answers):
        names = _asked(service, as_formdata(answers, questions_of(service.form)))
        g.asked_of_draft = (service.slug, answers), names
    return names


def first_wrong(service: Service[Any], form: PortalForm) -> Page | None:
    """The first page with an answer that is missing or no longer right, or None."""
    form.validate()
    return next((page for page in service.pages if set(page.fields) & set(form.errors)), None)


def first_unanswered(service: Service[Any], draft: Draft | None) -> Page | None:
    """The first page with a question that is asked and nobody answered yet, or None."""
    open_questions = asked_of_draft(service, draft) - set(_answers(draft))
    return next((page for page in service.pages if open_questions & set(page.fields)), None)


def is_answered(service: Service[Any], page: Page, draft: Draft | None) -> bool:
    """Whether each question the page asks has an answer."""
    return asked_of_draft(service, draft) & set(page.fields) <= set(_answers(draft))


def prefilled(service: Service[Any], page: Page, draft: Draft | None) -> dict[str, Inputs]:
    """What the administration holds for the questions of a page, while none of them was answered."""
    if set(page.fields) & set(_answers(draft)):
        return {}
    held = {name: value for name, value in service.prefill(applicant.current()).items() if value}
    names = asked_of_draft(service, draft) & set(page.fields) & set(held)
    if not names:
        return {}
    form = _bare(service, formdata=None, data=held)
    return {name: inputs for name in names if (inputs := as_typed(form[name]))}


def answers_of(form: PortalForm) -> dict[str, Inputs]:
    """What the draft keeps of a page that is right; silence does not answer a question that is not asked."""
    given = {field.name: typed(field, request.form) for field in form}
    return {name: inputs for name, inputs in given.items() if inputs or name not in form.unasked}


def half_answers_of(form: PortalForm, draft: Draft | None) -> dict[str, Inputs]:
    """What the draft keeps while a page is being filled in: an answer counts once something is typed."""
    known = _answers(draft)
    return {name: inputs for name, inputs in answers_of(form).items() if inputs or name in known}


def files_in(form: PortalForm) -> dict[str, Inputs]:
    """What the draft keeps of the files of a page, whether or not the rest is right."""
    kinds = KeptFileField | GroupField
    return {field.name: typed(field, request.form) for field in form if isinstance(field, kinds)}


def files_of(service: Service[Any], form: PortalForm) -> list[FiledAs]:
    """The documents a whole form names, each with its question; those refused are none."""
    fields = [field for _need, field in _files(service, form)]
    return [FiledAs(file.document, it.name) for it in fields for file in it.kept if not file.is_refused]


def documents_of(service: Service[Any], form: PortalForm) -> list[Document]:
    """The documents a form names that is no request's: they stand under their category."""
    return [it.document for it in files_of(service, form)]


def _answers(draft: Draft | None) -> Mapping[str, Inputs]:
    return draft.answers if draft else {}


def _asked_now(service: Service[Any], page: Page, draft: Draft | None) -> set[str]:
    """What is asked, given the page as it was sent and the draft for the other pages."""
    others = [name for name in questions_of(service.form) if name not in page.fields]
    known = as_formdata(_answers(draft), others) or MultiDict()
    return _asked(service, MultiDict([*request.form.items(multi=True), *known.items(multi=True)]))


def _asked(service: Service[Any], formdata: Any) -> set[str]:
    """The questions that are asked, given answers as a browser sends them."""
    form = _bare(service, formdata=formdata)
    return asked(form.asked_if, form.data)


def _of_page(
    service: Service[Any], page: Page, draft: Draft | None, formdata: Any, questions: set[str]
) -> PortalForm:
    """The questions a page asks, and those it asks as soon as another of its questions is answered so."""
    conditions = service.form.asked_if
    revealed = {
        name
        for name in page.fields
        if name in conditions and conditions[name].question in questions & set(page.fields)
    }
    form = _trimmed(
        service, draft, _bare(service, formdata=formdata), (questions | revealed) & set(page.fields)
    )
    form.unasked = frozenset(revealed - questions)
    return form


def _bare(service: Service[Any], **given: Any) -> PortalForm:
    """The form without what it needs to be drawn. The token of each POST was checked before any view."""
    return service.form(**given, meta={"csrf": False})


def _trimmed(
    service: Service[Any], draft: Draft | None, form: PortalForm, questions: Collection[str]
) -> PortalForm:
    """The form with those questions only, and with the files the person sent before."""
    for name in set(form.data) - set(questions):
        del form[name]
    service.prepare(form)
    _give_files(service, draft, form)
    return form


def _give_files(service: Service[Any], draft: Draft | None, form: PortalForm) -> None:
    """Tell the questions that ask for files, and were not told yet, what for, and what was sent before."""
    files = _files(service, form)
    form.elsewhere = known = _known_to(service, draft, form, files)
    fresh = [(need, field) for need, field in files if not field.category]
    _bring(fresh)
    for need, field in fresh:
        entry = entry_of(form, field.name)
        field.is_needed = not need.may_follow and need.is_required(entry.data if entry else known)


def _bring(files: list[tuple[DocumentNeed, KeptFileField]]) -> None:
    """Give the fields the files their tokens name, without the one taken away, and what may be used again."""
    if not files:
        return
    removed = request.form.get(REMOVE)
    tokens = {
        field.name: [token for token in field.kept_tokens if token != removed][: need.most]
        for need, field in files
    }
    named = {token for several in tokens.values() for token in several}
    there = documents.offered(applicant.current(), named, {need.category for need, _field in files})
    for need, field in files:
        mine = tokens[field.name]
        field.kept = [documents.as_kept(there[token]) for token in mine if token in there]
        field.category = need.category
        field.reusable = [
            document
            for token, document in there.items()
            if document.category == need.category and document.filed_at and token not in mine
        ]


def _known_to(
    service: Service[Any],
    draft: Draft | None,
    form: PortalForm,
    files: list[tuple[DocumentNeed, KeptFileField]],
) -> dict[str, Any]:
    """The answers a rule looks at: those of this form, and of the draft for the other pages."""
    here = dict(form.data)
    has_rule = any(callable(need.required) for need, _field in files)
    others = [name for name in questions_of(service.form) if name not in here]
    elsewhere = as_formdata(_answers(draft), others)
    if elsewhere is None or not (has_rule or form.looks_elsewhere):
        return dict.fromkeys(others) | here
    return dict(_bare(service, formdata=elsewhere).data) | here


def _files(service: Service[Any], form: PortalForm) -> list[tuple[DocumentNeed, KeptFileField]]:
    """Each question that asks for files, those of the entries of a group too, with what it is for."""
    return [(need, field) for need in service.documents for field in need.fields_of(form)]
