"""What two officers do together for a person at the counter: lift a lock, give an account back."""

from typing import Any

from flask import url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.sqla.filters import BaseFilter
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.orm import Query
from werkzeug.wrappers import Response

from app.access_kinds import Opened, Paper
from app.extensions import db
from app.formats import day, instant
from app.forms.staff import FindLockForm, OpeningForm, RecoveryForm
from app.models import FileLock, Recovery
from app.services import access, locks, people, recoveries
from app.views.backoffice.form_page import Answer
from app.views.backoffice.openings import Opening
from app.views.backoffice_base import StaffInterface, StaffModelView
from app.views.step_up import step_up_required


class InForce(BaseFilter):
    """The locks nobody lifted yet."""

    def apply(self, query: Query, value: Any) -> Query:
        """Keep those."""
        return query.filter(FileLock.lifted_at.is_(None))


class LockView(Opening, StaffModelView):
    """The locks in force; one officer proposes to lift, another confirms."""

    datamodel = StaffInterface(FileLock)
    nothing_yet = _l(
        "Nobody has locked their file. Who asks at the counter to lift a lock is found by the button above."
    )
    base_permissions = ["can_list", "can_show", "can_step"]
    base_filters = [["id", InForce, None]]
    base_order = ("locked_at", "desc")
    list_title = _l("Locks")
    list_template = "backoffice/locks.html"
    list_columns = ["id", "account", "kind", "locked_at", "lift_proposed_at"]
    show_columns = [*list_columns, "lift_proposed_by", "lift_reason", "lifted_at"]
    search_columns = ["id", "locked_at"]
    label_columns = {
        "id": _l("Number"),
        "account": _l("Account"),
        "kind": _l("Lock"),
        "locked_at": _l("Locked on"),
        "lift_proposed_at": _l("Lifting proposed on"),
    }
    formatters_columns: dict[str, Any] = {"locked_at": instant, "lift_proposed_at": instant}
    opened = Opened.lock

    def subject_of(self, pk: int) -> tuple[access.Subject, bool, str]:
        """Whose file is locked; a lock in force is work of the counter."""
        lock = self.row(pk)
        return access.Subject(lock.account_id), True, str(lock.id)

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """One lock, and what is next."""
        self.enter(pk)
        may_act = self.appbuilder.sm.has_access("can_step", self.class_permission_name)
        page = str(self.render_template("backoffice/lock.html", lock=self.row(pk), may_act=may_act))
        db.session.commit()
        return page

    @expose("/find", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    def find(self) -> Answer:
        """The lock of who stands at the counter."""
        form, back, found = FindLockForm(), url_for("LockView.list"), []

        def write() -> str:
            found.append(locks.strictest(people.account_known_by(form.known.data)))
            return _("This file is locked.")

        def to() -> str:
            return url_for("LockView.show", pk=found[0].id)

        return self.ask(form, _l("Find a person’s lock"), write, to, back=back, button=_("Search"))

    @expose("/lift/<int:pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    @step_up_required
    def lift(self, pk: int) -> Answer:
        """Propose to lift, having seen the person and their identity paper."""
        lock, form, back = self.row(pk), OpeningForm(), url_for("LockView.show", pk=pk)

        def write() -> str:
            locks.propose_lift(lock, form.reason.data, current_user)
            return _("Proposed: another officer must confirm it.")

        intro = [_("Write which identity paper you saw, and what the person asked for.")]
        heading = _l("Propose to lift this lock")
        return self.ask(form, heading, write, back, back=back, intro=intro, button=_("Propose"))

    @expose("/confirm/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    @step_up_required
    def confirm(self, pk: int) -> Response:
        """Lift, as a second officer."""
        lock, page = self.row(pk), url_for("LockView.list")
        return self.act(lambda: locks.confirm_lift(lock, current_user), _("The lock is lifted."), page)


class RecoveryView(Opening, StaffModelView):
    """Accounts being given back; one officer asks, another confirms, then everybody waits."""

    datamodel = StaffInterface(Recovery)
    nothing_yet = _l(
        "No account waits to be given back. When somebody has lost their e-mail and telephone, begin above."
    )
    base_permissions = ["can_list", "can_show", "can_step"]
    base_order = ("requested_at", "desc")
    list_title = _l("Account recoveries")
    list_template = "backoffice/recoveries.html"
    list_columns = ["id", "account", "requested_by", "requested_at", "due_on", "done_at", "frozen_at"]
    show_columns = [*list_columns, "paper", "last_digits", "new_email", "confirmed_by", "confirmed_at"]
    search_columns = ["id", "requested_at", "due_on", "done_at", "frozen_at"]
    label_columns = {
        "id": _l("Number"),
        "account": _l("Account"),
        "requested_by": _l("Requested by"),
        "requested_at": _l("Requested on"),
        "due_on": _l("Waiting until"),
        "done_at": _l("Done on"),
        "frozen_at": _l("Frozen on"),
    }
    formatters_columns: dict[str, Any] = {
        "requested_at": instant,
        "due_on": day,
        "done_at": instant,
        "frozen_at": instant,
    }
    opened = Opened.recovery

    def subject_of(self, pk: int) -> tuple[access.Subject, bool, str]:
        """Whose account is given back; one under way is work of the counter."""
        recovery = self.row(pk)
        is_open = recovery.done_at is None and recovery.frozen_at is None
        return access.Subject(recovery.account_id), is_open, str(recovery.id)

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """One recovery, and what is next."""
        may_act = self.appbuilder.sm.has_access("can_step", self.class_permission_name)
        self.enter(pk)
        page = str(self.render_template("backoffice/recovery.html", recovery=self.row(pk), may_act=may_act))
        db.session.commit()
        return page

    @expose("/request", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    @step_up_required
    def request(self) -> Answer:
        """Open a recovery, with the person and their paper before one's eyes."""
        form, back = RecoveryForm(), url_for("RecoveryView.list")

        def write() -> str:
            account, answers = people.account_known_by(form.known.data), form.answers()
            paper = Paper(answers["paper"])
            recoveries.request(account, answers["new_email"], paper, answers["last_digits"], current_user)
            return _("Requested: another officer must confirm it. Every address known was warned.")

        intro = [_("Compare the person, the paper and the record first. A second officer does it again.")]
        heading = _l("Give an account back")
        return self.ask(form, heading, write, back, back=back, intro=intro, button=_("Request"))

    @expose("/confirm/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    @step_up_required
    def confirm(self, pk: int) -> Response:
        """Confirm, as a second officer."""
        recovery, page = self.row(pk), url_for("RecoveryView.show", pk=pk)
        done = _("Confirmed: the waiting period begins.")
        return self.act(lambda: recoveries.confirm(recovery, current_user), done, page)
