"""Messages in the back office: the shared inbox of the officer's desks, one screen to answer on."""

import secrets
from typing import Any

from flask import Response as FlaskResponse
from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.sqla.filters import BaseFilter
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.orm import Query
from werkzeug.wrappers import Response

from app.access_kinds import Opened
from app.extensions import db
from app.formats import day, instant
from app.i18n import current_language
from app.message_kinds import ConversationState
from app.models import Account, Conversation, Document, MessageSubject
from app.services import SERVICES, access, message_desk, message_subjects, messages, notifications
from app.services.base import RuleBroken
from app.views import documents
from app.views.backoffice.openings import Opening
from app.views.backoffice_base import StaffInterface, StaffModelView, choice_of
from app.views.language import is_switching, was_checked


class OfOwnDesks(BaseFilter):
    """The conversations of the officer's desks, services and agency."""

    def apply(self, query: Query, value: Any) -> Query:
        """Keep those of who is signed in."""
        return query.filter(message_desk.visible_to(current_user))


def subject_name(subject: MessageSubject | None) -> str:
    """A subject in the reader's language."""
    return message_subjects.name(subject, current_language()) if isinstance(subject, MessageSubject) else ""


class ConversationView(Opening, StaffModelView):
    """The inbox, what is due first on top; a conversation is read and answered on one screen."""

    datamodel = StaffInterface(Conversation)
    nothing_yet = _l("No message waits at your desk.")
    base_permissions = ["can_list", "can_show", "can_step", "can_download"]
    base_filters = [["id", OfOwnDesks, None]]
    base_order = ("due_on", "asc")
    opened = Opened.message
    list_title = _l("Messages")
    list_columns = ["id", "state", "subject", "case", "owner", "last_at", "due_on", "officer"]
    search_columns = ["state", "due_on", "last_at"]
    search_form_extra_fields = {"state": choice_of(ConversationState, _l("State"))}
    label_columns = {
        "id": _l("Number"),
        "state": _l("State"),
        "subject": _l("Subject"),
        "case": _l("Case"),
        "owner": _l("Person"),
        "last_at": _l("Last message"),
        "due_on": _l("Due on"),
        "officer": _l("Officer"),
    }
    formatters_columns = {"last_at": instant, "due_on": day, "subject": subject_name}

    def subject_of(self, pk: int) -> tuple[access.Subject, bool, str]:
        """Whose conversation this is, and whether it is still open."""
        there = self.row(pk)
        subject = access.Subject(there.owner_id, None, there.case_id)
        is_open = message_desk.is_open_for(there, current_user)
        return subject, is_open, messages.title(there, current_language())

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """The conversation; opening it, as somebody who may answer, notes that it was read."""
        self.enter(pk)
        there = self.row(pk)
        if message_desk.may_work(there, current_user):
            messages.mark_read(there, current_user, is_staff=True)
        page = self._screen(there)
        db.session.commit()
        return page

    @expose("/answer/<int:pk>", methods=["GET"])
    @has_access
    @permission_name("show")
    def answer_page(self, pk: int) -> Response:
        """The address of a refused answer, opened again."""
        return redirect(url_for("ConversationView.show", pk=self.row(pk).id))

    @expose("/answer/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def answer(self, pk: int) -> Response | str | tuple[str, int]:
        """Send an answer, put a template in its place, or show the page in the other language."""
        there = self.row(pk)
        if is_switching():
            refusal = self._refusal(there) if was_checked() else None
            return self.again(pk, lambda: self._screen(there, error=refusal))
        if "_insert" in request.form:
            return self.again(pk, lambda: self._with_template(there))
        try:
            self._send(there)
            db.session.commit()
        except RuleBroken as refusal:
            message = str(refusal.message)
            db.session.rollback()
            return self.again(pk, lambda: self._screen(self.row(pk), error=message)), 422
        flash(_("Your answer is sent."), "success")
        return redirect(url_for("ConversationView.show", pk=pk))

    def _send(self, there: Conversation) -> None:
        message_desk.answer(
            there,
            self._typed(),
            current_user._get_current_object(),
            self._key(),
            awaits=request.form.get("awaits") == "y",
            last_seen=self._last_seen(),
        )

    def _refusal(self, there: Conversation) -> str | None:
        """Why the answer would be refused, in the language just chosen; nothing is written."""
        me = current_user._get_current_object()
        try:
            message_desk.check_answer(there, self._typed(), me, self._last_seen())
        except RuleBroken as refusal:
            return str(refusal.message)
        return None

    def _last_seen(self) -> int | None:
        """The last message of the page that was written on."""
        return request.form.get("last_seen", type=int)

    @expose("/note/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def note(self, pk: int) -> Response | str:
        """Leave a note for staff."""
        there, words = self.row(pk), request.form.get("note", "")
        if is_switching():
            return self.again(pk, lambda: self._screen(there))
        return self._act(pk, lambda by: message_desk.note(there, words, by), _("Note written."))

    @expose("/assign/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def assign(self, pk: int) -> Response:
        """Give the conversation to an officer."""
        there = self.row(pk)
        officer = db.session.get(Account, request.form.get("officer", 0, type=int)) or abort(404)
        done = _("Conversation handed to %(name)s.", name=officer.get_full_name())
        return self._act(pk, lambda by: message_desk.assign(there, officer, by), done)

    @expose("/settle/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def settle(self, pk: int) -> Response:
        """Nothing is to be answered."""
        there = self.row(pk)
        return self._act(pk, lambda by: message_desk.settle(there, by), _("No answer is due any more."))

    @expose("/document/<int:pk>/<public_id>", methods=["GET"])
    @has_access
    @permission_name("download")
    def document(self, pk: int, public_id: str) -> FlaskResponse:
        """A file that came with a message."""
        there = self.row(pk)
        document = _of(there, public_id)
        self.enter_document(pk, document)
        return documents.send(document, there.case)

    @expose("/document/<int:pk>/<public_id>/preview/<int:number>", methods=["GET"])
    @has_access
    @permission_name("download")
    def document_preview(self, pk: int, public_id: str, number: int) -> FlaskResponse:
        """A picture of one of its first pages."""
        there = self.row(pk)
        document = _of(there, public_id)
        self.enter_document(pk, document)
        return documents.send_preview(document, number, there.case)

    def _act(self, pk: int, write: Any, done: str) -> Response:
        me = current_user._get_current_object()
        return self.act(lambda: write(me), done, url_for("ConversationView.show", pk=pk))

    def _with_template(self, there: Conversation) -> str:
        """The words of the chosen template under what was typed already."""
        template = message_subjects.template_of(request.form.get("template", ""))
        if template is None:
            return self._screen(there, error=_("Choose a template."))
        language = there.owner.language
        values = {
            "person": there.owner.get_full_name(),
            "about": messages.title(there, language),
            "officer": current_user.get_full_name(),
        }
        words = message_subjects.fill(template, language, values)
        return self._screen(there, text="\n\n".join(filter(None, [messages.clean(self._typed()), words])))

    def _screen(self, there: Conversation, error: str | None = None, text: str | None = None) -> str:
        may_work = message_desk.may_work(there, current_user)
        return str(
            self.render_template(
                "backoffice/conversation.html",
                conversation=there,
                title=messages.title(there, current_language()),
                case_view=SERVICES[there.case.service].staff_view if there.case else None,
                may_work=may_work,
                colleagues=message_desk.colleagues(there) if may_work else [],
                templates=message_subjects.templates() if may_work else [],
                notices=notifications.of_messages(there),
                error=error,
                text=self._typed() if text is None else text,
                note=request.form.get("note", ""),
                awaits=request.form.get("awaits") == "y",
                key=self._key(),
                longest=messages.LONGEST,
            )
        )

    def _typed(self) -> str:
        return request.form.get("text", "")

    def _key(self) -> str:
        """The one-time key of the page; a new one for a fresh page."""
        return request.form.get("submission_key", "")[: messages.LONGEST_KEY] or secrets.token_urlsafe(24)


def _of(there: Conversation, public_id: str) -> Document:
    """A file of the conversation, or 404."""
    found = (document for message in there.messages for document in message.documents)
    return next((document for document in found if document.public_id == public_id), None) or abort(404)
