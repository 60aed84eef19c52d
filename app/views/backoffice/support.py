"""Support tasks: what people asked an officer to verify, and what the machinery put before support."""

from typing import Any

from flask import url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app.access_kinds import Opened, TaskKind, TaskOutcome
from app.extensions import db
from app.formats import instant
from app.forms.staff import AnswerForm, LinkTaskForm
from app.models import SupportTask
from app.services import access, link_tasks, support
from app.views.backoffice.form_page import Answer
from app.views.backoffice.openings import WithAProof
from app.views.backoffice_base import StaffInterface, StaffModelView, choice_of
from app.views.step_up import step_up_required


class SupportTaskView(WithAProof, StaffModelView):
    """The tasks, the oldest open ones first."""

    datamodel = StaffInterface(SupportTask)
    nothing_yet = _l("No task waits for support.")
    base_permissions = ["can_list", "can_show", "can_step", "can_download"]
    opened = Opened.record
    base_order = ("opened_at", "desc")
    list_title = _l("Support tasks")
    list_columns = ["id", "kind", "account", "opened_at", "closed_at", "outcome"]
    show_columns = [*list_columns, "reason", "facts", "document", "answer", "closed_by"]
    search_columns = ["id", "kind", "opened_at", "closed_at"]
    search_form_extra_fields = {"kind": choice_of(TaskKind, _l("Kind"))}
    label_columns = {
        "id": _l("Number"),
        "kind": _l("Kind"),
        "account": _l("Account"),
        "opened_at": _l("Opened on"),
        "closed_at": _l("Closed on"),
        "outcome": _l("Outcome"),
    }
    formatters_columns: dict[str, Any] = {"opened_at": instant, "closed_at": instant}

    def subject_of(self, pk: int) -> tuple[access.Subject, bool, str]:
        """The person who asked."""
        task = self.row(pk)
        return access.Subject(task.account_id), task.closed_at is None, str(task.id)

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """What was asked, what we hold, and the ways to end it."""
        self.enter(pk)
        task = self.row(pk)
        page = self.render_template(
            "backoffice/support_task.html",
            task=task,
            person=support.person_named(task),
            may_act=self.appbuilder.sm.has_access("can_step", self.class_permission_name),
        )
        db.session.commit()
        return str(page)

    @expose("/link/<int:pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    @step_up_required
    def link(self, pk: int) -> Answer:
        """Link the account to an insured person."""
        self.enter(pk)
        task, form, back = self.row(pk), LinkTaskForm(), self._page(pk)
        if not form.is_submitted():
            db.session.commit()
            form.number.data = task.facts.get("number", "")

        def write() -> str:
            link_tasks.link(task, form.number.data, form.answer.data or "", current_user)
            return _("Account linked.")

        return self.ask(form, _l("Link this account"), write, back, back=back, button=_("Link"))

    @expose("/close/<int:pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    def close(self, pk: int) -> Answer:
        """End the task without a link: refused when the person asked, done when nobody did."""
        task, form, back = self.row(pk), AnswerForm(), self._page(pk)
        outcome = TaskOutcome.refused if task.kind is TaskKind.link else TaskOutcome.done

        def write() -> str:
            support.close(task, outcome, form.answer.data or "", current_user)
            return _("Task closed.")

        return self.ask(form, _l("Close this task"), write, back, back=back, button=_("Close"))

    def _page(self, pk: int) -> str:
        return url_for("SupportTaskView.show", pk=pk)
