"""A message being written: the journey's form, draft, files and autosave, for a form that is no request's."""

import secrets
from typing import Any

from flask import render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app.extensions import db
from app.forms.base import PortalForm
from app.forms.messages import LONGEST_MESSAGE, MessageForm
from app.i18n import current_language
from app.models import Draft
from app.services import drafts, message_subjects, messages
from app.services.base import DocumentNeed, Page, Service
from app.services.document_categories import OTHER
from app.services.messages import Place
from app.views import questions

FILES = DocumentNeed("files", OTHER, _l("Files (optional)"), required=False, most=messages.MOST_FILES)
KEY = "submission_key"
SAVE = "_save"
"""The button that keeps the message for later, where no script does."""


class Writing(Service[Any]):
    """What the journey's questions need to know of a message; it is no service of the counter."""

    form = MessageForm
    documents = (FILES,)

    def prepare(self, form: PortalForm) -> None:
        """Give the form its subjects, and its files the draft they belong to."""
        if "subject" in form:
            form["subject"].choices = message_subjects.choices(current_language())
        if "files" in form:
            form["files"].service = self.slug


def of(place: Place) -> tuple[Writing, Page]:
    """The form of a message at that place: a new matter asks what it is about."""
    is_new = place == messages.NEW
    fields = ("subject", "text", "files") if is_new else ("text", "files")
    kind = type("Writing", (Writing,), {"slug": place.draft})
    return kind(), Page("message", _l("Your message"), fields)


def shown(place: Place, draft: Draft | None) -> PortalForm:
    """The form with what the draft holds."""
    service, page = of(place)
    return questions.of_draft(service, page, draft)


def posted(place: Place, draft: Draft | None, keeps_files: bool) -> tuple[PortalForm, questions.Refused]:
    """The form as it was sent, its files kept if they may be."""
    service, page = of(place)
    return questions.posted(service, page, draft, keeps_files)


def keep(place: Place, form: PortalForm, draft: Draft | None) -> Draft | None:
    """Keep what was typed so far, right or wrong, without the signs no text may hold."""
    typed = questions.half_answers_of(form, draft)
    kept = {
        question: {name: [messages.clean(text) for text in texts] for name, texts in inputs.items()}
        for question, inputs in typed.items()
    }
    saved = drafts.save(current_user, place.draft, kept)
    db.session.commit()
    return saved


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
