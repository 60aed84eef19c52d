"""A message or an answer being written: the journey's form, draft, files, autosave for what is no request."""

import secrets
from typing import Any

from flask import Response, jsonify, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import clock
from app.extensions import db
from app.formats import time_of_day
from app.forms.answer import AnswerForm, ForPersonForm
from app.forms.base import PortalForm
from app.forms.documents import GiveForm, RenewForm
from app.forms.messages import LONGEST_MESSAGE, MessageForm
from app.i18n import current_language
from app.models import Case, Document, Draft
from app.services import answers, drafts, message_subjects, messages, my_documents
from app.services.base import DocumentNeed, Page, Service
from app.services.document_categories import OTHER
from app.services.messages import Place
from app.views import questions
from app.views.language import is_switching, was_checked
from app.views.stale import is_stale
from app.workflow import Step

KEY = "submission_key"
SAVE = "_save"
"""The button that keeps the message for later, where no script does."""


class Writing(Service[Any]):
    """What the journey's questions need to know of a text with files; it is no service of the counter."""

    def prepare(self, form: PortalForm) -> None:
        """Give the form its lists, and its files the draft they belong to."""
        if "subject" in form:
            form["subject"].choices = message_subjects.choices(current_language())
        if "category" in form:
            form["category"].choices = my_documents.choices(current_language())
        for need in self.documents:
            form[need.field].service = self.slug


class WritingMessage(Writing):
    """A message to the administration."""

    form = MessageForm
    documents = (
        DocumentNeed("files", OTHER, _l("Files (optional)"), required=False, most=messages.MOST_FILES),
    )


class WritingAnswer(Writing):
    """The answer to a request for information."""

    form = AnswerForm
    documents = (
        DocumentNeed("documents", OTHER, _l("New documents"), required=False, most=answers.MOST_FILES),
    )


class WritingForPerson(Writing):
    """What an officer enters as the person told them, with the papers they gave."""

    form = ForPersonForm
    documents = (DocumentNeed("documents", OTHER, _l("Documents"), required=False, most=answers.MOST_FILES),)


class GivingDocuments(Writing):
    """Documents given without a request."""

    form = GiveForm
    documents = (DocumentNeed("files", OTHER, _l("Files"), most=my_documents.MOST_FILES),)


class Renewing(Writing):
    """The newer version of a document: of the same kind, and nothing given before."""

    form = RenewForm


Text = tuple[Writing, Page]


def of(place: Place) -> Text:
    """The form of a message at that place: a new matter asks what it is about."""
    is_new = place == messages.NEW
    fields = ("subject", "text", "files") if is_new else ("text", "files")
    return _named(WritingMessage, place.draft), Page("message", _l("Your message"), fields)


def of_answer(case: Case) -> Text:
    """The form of the answer about a case."""
    return _named(WritingAnswer, answers.draft_of(case)), Page(
        "answer", _l("Your answer"), ("answer", "documents", "category")
    )


def for_person(case: Case, step: Step) -> Text:
    """The form of a step an officer takes for the person."""
    fields = ("told", "evidence", "words", "documents")
    return _named(WritingForPerson, f"{step.name}:{case.public_id}"), Page(step.name, step.label, fields)


def of_documents() -> Text:
    """The form of documents given without a request."""
    return _named(GivingDocuments, drafts.GIVEN), Page(
        "documents", _l("Give a document"), ("category", "files")
    )


def of_renewal(document: Document) -> Text:
    """The form of a document's newer version."""
    draft, needs = my_documents.draft_of_renewal(document), needs_of_renewal(document)
    return _named(Renewing, draft, documents=needs), Page("renewal", _l("The newer version"), ("file",))


def needs_of_renewal(document: Document) -> tuple[DocumentNeed, ...]:
    """One file of the document's own kind."""
    return (DocumentNeed("file", document.category, _l("The newer version"), most=1),)


def shown(text: Text, draft: Draft | None) -> PortalForm:
    """The form with what the draft holds."""
    return questions.of_draft(*text, draft)


def posted(text: Text, draft: Draft | None, keeps_files: bool) -> tuple[PortalForm, questions.Refused]:
    """The form as it was sent, its files kept if they may be."""
    return questions.posted(*text, draft, keeps_files)


def taken(text: Text, draft: Draft | None) -> tuple[PortalForm, bool]:
    """The form as it was sent, its files kept, and whether it may be acted on; else it is shown again."""
    form, refused = posted(text, draft, keeps_files=not is_stale())
    db.session.commit()
    if questions.is_taking_away():
        keep(text, form, draft)
        return form, False
    if is_switching() and not was_checked():
        return form, False
    is_right = questions.is_right(form, refused)
    if is_switching():
        return form, False
    if not is_right:
        keep(text, form, draft)
    return form, is_right


def keep(text: Text, form: PortalForm, draft: Draft | None) -> Draft | None:
    """Keep what was typed so far, right or wrong, without the signs no text may hold."""
    typed = questions.half_answers_of(form, draft)
    kept = {
        question: {name: [messages.clean(one) for one in texts] for name, texts in inputs.items()}
        for question, inputs in typed.items()
    }
    saved = drafts.save(current_user, text[0].slug, kept)
    db.session.commit()
    return saved


def saved(text: Text) -> Response:
    """Keep what was typed so far, as the page's script asks; the sentence it shows."""
    before = drafts.of(current_user, text[0].slug)
    form, _refused = posted(text, before, keeps_files=False)
    kept = keep(text, form, before)
    return jsonify(saved=_("Saved at %(time)s", time=time_of_day(clock.now())) if kept else "")


def key() -> str:
    """The one-time key of this page, as it was sent; a new one for a fresh page."""
    sent = request.form.get(KEY, "")
    return sent if 0 < len(sent) <= messages.LONGEST_KEY and sent.isprintable() else secrets.token_urlsafe(24)


def page(template: str, place: Place, form: PortalForm, **facts: Any) -> str:
    """A page with the form of a message on it."""
    extra = {KEY: key()} | ({"_checked": "1"} if form.errors else {})
    return render_template(
        template,
        form=form,
        fields=of(place)[1].fields,
        extra=extra,
        longest=LONGEST_MESSAGE,
        autosave_url=url_for("messages.autosave", draft=place.draft),
        **facts,
    )


def _named(kind: type[Writing], draft: str, **facts: Any) -> Writing:
    return type(kind.__name__, (kind,), {"slug": draft, **facts})()
