"""Cases in the back office: a generated list, one screen to decide on, and the steps."""

from datetime import datetime
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.sqla.filters import BaseFilter, FilterNotEqual
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import Date, literal_column
from sqlalchemy.orm import Query
from werkzeug.wrappers import Response

from app import clock
from app.access_kinds import Opened
from app.delays import MOMENT
from app.extensions import db
from app.files.states import Verdict
from app.formats import day, instant
from app.i18n import current_language
from app.models import IS_OVER, Case
from app.permissions import roles_for
from app.services import (
    SERVICES,
    access,
    agencies,
    case_reading,
    cases,
    checks,
    document_needs,
    employer_counter,
    eyes,
    letters,
    my_documents,
    person_search,
)
from app.services.base import RuleBroken, Service
from app.services.queues import QUEUES, Queue
from app.views.backoffice.bulk import BulkAct
from app.views.backoffice.casework import Casework, EmployerAsked, colleagues
from app.views.backoffice.documents import CaseDocuments, hidden_from
from app.views.backoffice.duplicates import CaseDuplicates, likeness_of
from app.views.backoffice.letters import CaseLetters
from app.views.backoffice.openings import Opening
from app.views.backoffice_base import StaffInterface, StaffModelView, choice_of
from app.views.language import is_switching, was_checked
from app.workflow import ENDED, STAFF_ACTORS, Actor, Status

WAITING_FIRST = "waiting_first"
_ASKED_FROM = (Status.submitted, Status.awaiting_employer, Status.under_review)
"""Where a case may stand when its officer has the employer asked."""


def _already(name: str, at: datetime | None) -> str:
    """Who decided before, and whether that was just now."""
    if at and clock.now() - at < MOMENT:
        return _("Decided a moment ago by %(name)s, on %(when)s.", name=name, when=instant(at))
    return _("Already decided by %(name)s, on %(when)s.", name=name, when=instant(at))


def _error_of_reason() -> str | None:
    """What is wrong with the reason as it stands, or None."""
    try:
        cases.check_reason(request.form.get("reason"), is_needed=True)
    except cases.ReasonMissing as refusal:
        return str(refusal.message)
    return None


class CaseInterface(StaffInterface):
    """Cases in the order staff take them up, unless they ask for another."""

    def apply_order_by(self, query: Query, order_column: str, *args: Any, **kwargs: Any) -> Query:
        """Those that wait for a decision first, the oldest due first."""
        if order_column != WAITING_FIRST:
            return super().apply_order_by(query, order_column, *args, **kwargs)
        return query.order_by(literal_column(IS_OVER), Case.due_on, Case.id)


class OfOwnAgency(BaseFilter):
    """The cases an officer's agency works, and those no agency has yet."""

    def apply(self, query: Query, value: Any) -> Query:
        """Keep those of who is signed in."""
        return query.filter(agencies.scope(current_user))


class InQueue(BaseFilter):
    """The queue of the workbench that the address names."""

    def apply(self, query: Query, value: Any) -> Query:
        """Keep its cases."""
        queue = chosen_queue()
        return query if queue is None else query.filter(queue.condition(current_user))


def chosen_queue() -> Queue | None:
    """The queue the address of a list names, or None."""
    return QUEUES.get(request.args.get("queue", ""))


class CaseView(Casework, CaseDocuments, CaseLetters, BulkAct, Opening, StaffModelView):
    """Every case service's screen: list and show are generated, a step is the only way to change."""

    nothing_yet = _l("No request has come yet. A new one shows here and on your workbench.")

    base_permissions = ["can_list", "can_show", "can_step", "can_download"]
    base_filters = [
        ["status", FilterNotEqual, Status.draft],
        ["agency_id", OfOwnAgency, None],
        ["id", InQueue, None],
    ]
    list_template = "backoffice/cases.html"
    base_order = (WAITING_FIRST, "asc")
    opened = Opened.case
    list_columns = ["reference", "status", "submitted_at", "due_on"]
    search_columns = ["reference", "status", "due_on", "submitted_at"]
    search_form_extra_fields = {"status": choice_of(Status, _l("Status"))}
    label_columns = {
        "reference": _l("Reference"),
        "status": _l("Status"),
        "submitted_at": _l("Submitted on"),
        "due_on": _l("Due on"),
    }
    formatters_columns = {"submitted_at": instant, "due_on": day}

    def render_template(self, template: str, **kwargs: Any) -> str:
        """FAB's, with the queue the list is narrowed to."""
        return str(
            super().render_template(
                template, view_name=self.endpoint, queue=chosen_queue(), queues=QUEUES, **kwargs
            )
        )

    def row(self, pk: int | str) -> Any:
        """The base's, read once a request: what it asks of the row is the same each time."""
        rows = g.setdefault("staff_rows", {})
        if pk not in rows:
            rows[pk] = super().row(pk)
        return rows[pk]

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """Everything to decide on one page."""
        self.enter(pk)
        page = self._screen(self.row(pk))
        db.session.commit()
        return page

    def subject_of(self, pk: int) -> tuple[access.Subject, bool, str]:
        """The owner of a case this officer can see."""
        case = self.row(pk)
        return access.Subject.of_case(case), case.status not in ENDED, case.reference or ""

    @expose("/step/<int:pk>", methods=["GET"])
    @has_access
    @permission_name("show")
    def step_page(self, pk: int) -> Response:
        """The address of a refused step, opened again: the case screen."""
        return redirect(url_for(f"{self.endpoint}.show", pk=self.row(pk).id))

    @expose("/step/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def step(self, pk: int) -> Response | str | tuple[str, int]:
        """Take a step on a case this officer can see; a refusal keeps what was typed."""
        case = self.row(pk)
        if is_switching():
            error = _error_of_reason() if was_checked() else None
            return self.again(pk, lambda: self._screen(case, error=error))
        try:
            event = cases.perform(
                SERVICES[case.service],
                case,
                request.form.get("step", ""),
                cases.By(current_user, self._acting_as(case)),
                request.form.get("reason"),
                request.form.get("version", type=int),
            )
            message = _(
                "%(reference)s: %(done)s.", reference=case.reference, done=self._done(case, event.step)
            )
            db.session.commit()
        except cases.ReasonMissing as refusal:
            message = str(refusal.message)
            db.session.rollback()
            return self.again(pk, lambda: self._screen(self.row(pk), error=message)), 422
        except RuleBroken as refusal:
            flash(self._explain(refusal), "warning")
            db.session.rollback()
        else:
            flash(message, "success")
        return redirect(url_for(f"{self.endpoint}.show", pk=pk))

    def _screen(self, case: Case, error: str | None = None) -> str:
        service = SERVICES[case.service]
        kinds, offices = case_reading.for_staff(service, case)
        look = eyes.look(case, current_user)
        steps = cases.available_to_staff(service, case, current_user, look)
        return self.render_template(
            "backoffice/case.html",
            case=case,
            service=service,
            view=self.endpoint,
            steps=[step for step in steps if not step.for_person],
            for_person=[step for step in steps if step.for_person],
            previews=letters.outcomes(steps),
            may_work=bool(current_user.has_role(*roles_for(service.slug, Actor.officer))),
            colleagues=colleagues(case),
            agencies=offices,
            error=error,
            reason=request.form.get("reason", ""),
            note=request.form.get("note", ""),
            verdicts=list(Verdict),
            categories=my_documents.choices(current_language(), kinds),
            hidden=hidden_from(current_user, case),
            lacking=document_needs.missing(service, case),
            ended=ENDED,
            notices=case.notices,
            conversation=case.conversation,
            checks=checks.run(service, case, current_user, look),
            asked=[(one, employer_counter.rows(one)) for one in case.employer_requests],
            may_ask_employer=bool(service.asks_employer and case.employer_id) and case.status in _ASKED_FROM,
            proposal=None if case.employer_id else case.proposed_employer,
            likeness_of=likeness_of,
            masked=person_search.masked,
        )

    def _acting_as(self, case: Case) -> Actor:
        """As officer or as second pair of eyes, whichever the step asked for is declared for."""
        step = SERVICES[case.service].workflow.step(request.form.get("step", ""))
        return step.actor if step and step.actor in STAFF_ACTORS else Actor.officer

    def _done(self, case: Case, name: str) -> str:
        step = SERVICES[case.service].workflow.step(name)
        return str(step.done) if step else name

    def _explain(self, refusal: RuleBroken) -> str:
        if isinstance(refusal, cases.AlreadyDecided) and refusal.by:
            return _already(refusal.by.get_full_name(), refusal.at)
        last = refusal.last if isinstance(refusal, cases.StepImpossible) else None
        if last is None or last.account is None or last.account_id == current_user.id:
            return str(refusal.message)
        return _(
            "%(name)s acted before you: %(done)s, on %(when)s.",
            name=last.account.get_full_name(),
            done=self._done(last.case, last.step),
            when=instant(last.happened_at),
        )


def view_of(service: Service[Any]) -> type[CaseView]:
    """A service's screens, made from its declaration."""
    searched = ("reference", *service.listed, *service.searched, "status", "due_on", "submitted_at")
    asking: tuple[type, ...] = (EmployerAsked,) if service.asks_employer else ()
    comparing: tuple[type, ...] = (CaseDuplicates,) if service.finds_duplicates else ()
    return type(
        service.staff_view,
        (*asking, *comparing, CaseView),
        {
            "__doc__": f"The cases of {service.slug}.",
            "datamodel": CaseInterface(service.model),
            "list_title": service.title,
            "list_columns": ["reference", *service.listed, "status", "submitted_at", "due_on"],
            "search_columns": list(searched),
            "label_columns": CaseView.label_columns
            | {name: service.label_of(name) for name in service.listed + service.searched},
            "formatters_columns": CaseView.formatters_columns | _formatters(service),
        },
    )


def _formatters(service: Service[Any]) -> dict[str, Any]:
    """Days as people read them."""
    columns = service.model.__mapper__.columns
    return {name: day for name in service.listed if isinstance(columns[name].type, Date)}
