"""The door before a person's things: who opened what is noted, and without an open case a reason is asked."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import abort, flash, redirect, url_for
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
from app.formats import instant
from app.forms.staff import OpeningForm, ReviewForm
from app.models import AccessEntry, Document
from app.permissions import AUDITOR, LABELS
from app.services import SERVICES, access, agencies
from app.views import documents
from app.views.backoffice.form_page import Answer, FormPage
from app.views.backoffice.users import role_name
from app.views.backoffice_base import StaffInterface, StaffModelView


class Opening(FormPage):
    """What a view of a person's things adds: `enter` before showing anything, and the page of the reason."""

    endpoint: str

    def subject_of(self, pk: int) -> tuple[access.Subject, bool, str]:
        """Whose it is, whether it is a case still open, and its name in the record of openings."""
        raise NotImplementedError

    opened: Opened

    def enter(self, pk: int, opened: Opened | None = None, name: str | None = None) -> None:
        """Note the opening; whoever must give a reason first is led to its page."""
        access.record(current_user, opened or self.opened, *self._may_enter(pk, name))

    def again(self, pk: int, screen: Callable[[], str]) -> str:
        """A screen shown because its form was sent, and not to act: an opening like any other.

        Who had it open a moment ago, and wrote there, is asked for no reason, even when a colleague has
        meanwhile ended what was open.
        """
        subject, _is_open, name = self.subject_of(pk)
        if access.opened_lately(current_user, subject):
            access.record(current_user, self.opened, name, subject)
        else:
            self.enter(pk)
        page = screen()
        db.session.commit()
        return page

    def enter_document(self, pk: int, document: Document) -> None:
        """Note the opening of a document, likewise."""
        name, subject = self._may_enter(pk, document.filename)
        access.record(current_user, Opened.document, name, replace(subject, document=document.public_id))

    def _may_enter(self, pk: int, name: str | None) -> tuple[str, access.Subject]:
        subject, is_open, own_name = self.subject_of(pk)
        if access.needs_reason(current_user, subject, is_open):
            abort(redirect(url_for(f"{self.endpoint}.reason", pk=pk)))
        return name or own_name, subject

    @expose("/reason/<int:pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    def reason(self, pk: int) -> Answer:
        """Why somebody opens this without an open case; then it opens."""
        subject, _is_open, name = self.subject_of(pk)
        form, shown = OpeningForm(), url_for(f"{self.endpoint}.show", pk=pk)

        def write() -> str:
            access.record(current_user, self.opened, name, subject, form.reason.data)
            return _("Your reason is noted.")

        intro = [
            _("No case of this person is open in your service. Say why you open this."),
            _("The person reads your reason, your role and agency; a supervisor reviews it with your name."),
        ]
        back = url_for(f"{self.endpoint}.list")
        return self.ask(
            form, _l("Why do you open this?"), write, shown, intro=intro, back=back, button=_("Open")
        )


class WithAProof(Opening):
    """What a view of requests adds that came with a document to prove who asks."""

    row: Any

    @expose("/document/<int:pk>", methods=["GET"])
    @has_access
    @permission_name("download")
    def document(self, pk: int) -> Response:
        """The proof that came with the request."""
        document = self.row(pk).document or abort(404)
        self.enter_document(pk, document)
        response = documents.send(document)
        db.session.commit()
        return response


def name_shown(name: str) -> str:
    """What was opened, as the staff read it: a service where a request was entered for somebody."""
    return str(SERVICES[name].title) if name in SERVICES else name


class ToReview(BaseFilter):
    """Supervisors review the openings that needed a reason, of their agency; auditors read them all."""

    def apply(self, query: Query, value: Any) -> Query:
        """Keep those."""
        if current_user.has_role(AUDITOR):
            return query
        query = query.filter(AccessEntry.reason.is_not(None))
        if agencies.sees_all(current_user):
            return query
        return query.filter(AccessEntry.agency_id == current_user.agency_id)


class AccessView(FormPage, StaffModelView):
    """Who opened what, with names: for review and for auditors."""

    datamodel = StaffInterface(AccessEntry)
    nothing_yet = _l("No opening waits for a review.")
    base_permissions = ["can_list", "can_show", "can_step"]
    base_filters = [["id", ToReview, None]]
    base_order = ("id", "desc")
    list_title = _l("Openings to review")
    list_columns = ["id", "opened_at", "account", "role", "opened", "name", "reason", "review"]
    show_columns = [*list_columns, "agency"]
    search_columns = ["opened_at", "name", "reason", "role"]
    words = {"role": LABELS}
    label_columns = {
        "id": _l("Number"),
        "opened_at": _l("Opened on"),
        "account": _l("Who"),
        "role": _l("Role"),
        "opened": _l("What"),
        "name": _l("Which"),
        "reason": _l("Reason"),
        "review": _l("Review"),
    }
    formatters_columns = {"opened_at": instant, "role": role_name, "name": name_shown}

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """One opening, and its review."""
        return self._page(self.row(pk))

    @expose("/review/<int:pk>", methods=["GET"])
    @has_access
    @permission_name("show")
    def review_page(self, pk: int) -> Response:
        """The address of a refused review, opened again."""
        return redirect(url_for("AccessView.show", pk=self.row(pk).id))

    @expose("/review/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def review(self, pk: int) -> Response:
        """Note a second look."""
        entry, form = self.row(pk), ReviewForm()
        if not form.validate():
            flash(_("Say whether the reason holds."), "warning")
            return redirect(url_for("AccessView.show", pk=pk))
        is_justified = form.is_justified.data == "yes"
        return self.act(
            lambda: access.review(entry, is_justified, form.note.data or "", current_user),
            _("Review noted."),
            url_for("AccessView.show", pk=pk),
        )

    def _page(self, entry: AccessEntry) -> str:
        may_review = self.appbuilder.sm.has_access("can_step", self.class_permission_name)
        db.session.refresh(entry, ["review"])
        return str(
            self.render_template(
                "backoffice/opening.html",
                entry=entry,
                role=role_name(entry.role),
                form=ReviewForm() if may_review and not entry.review and entry.reason else None,
            )
        )
