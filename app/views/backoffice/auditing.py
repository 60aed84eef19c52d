"""The auditor's screens: the trail, samples, the four-eyes report, verifications. They decide nothing."""

from datetime import date
from typing import Any

from flask import abort, redirect, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.delays import BULK_LOOK_SECONDS
from app.extensions import db
from app.formats import day, instant
from app.forms.desk import SampleForm
from app.models import AuditSample, ChainRun
from app.services import SERVICES, audit_trail, chain_runs, four_eyes, samples
from app.services.base import RuleBroken
from app.views.backoffice.form_page import Answer, FormPage
from app.views.backoffice_base import StaffInterface, StaffModelView


def _service_title(slug: str) -> str:
    return str(SERVICES[slug].title) if slug in SERVICES else slug


class AuditTrailView(BaseView):
    """Who did what: by person, case, member of the staff, period."""

    route_base = "/audittrail"
    default_view = "list"
    base_permissions = ["can_list"]

    @expose("/list/")
    @has_access
    def list(self) -> str | tuple[str, int]:
        """The form, and a page of what it finds."""
        typed = {name: request.args.get(name, "").strip()[:320] for name in _FIELDS}
        page, fault, found = max(request.args.get("page", 0, type=int), 0), None, None
        try:
            wanted = audit_trail.Wanted(
                typed["person"],
                typed["case"],
                typed["officer"],
                since=_a_day(typed["since"]),
                until=_a_day(typed["until"]),
            )
            if not wanted.is_empty:
                found = audit_trail.read(wanted, page, current_user)
        except RuleBroken as refusal:
            fault = str(refusal.message)
        shown = self.render_template(
            "backoffice/audit_trail.html", typed=typed, fault=fault, trail=found, page=page
        )
        db.session.commit()
        return (shown, 422) if fault else shown


_FIELDS = ("person", "case", "officer", "since", "until")


def _a_day(typed: str) -> date | None:
    """The day as year-month-day; `RuleBroken` when it is none."""
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise RuleBroken(_l("Enter a day as year-month-day, such as 2026-12-25.")) from None


class SampleView(FormPage, StaffModelView):
    """The samples that were drawn, and the way to draw one."""

    datamodel = StaffInterface(AuditSample)
    nothing_yet = _l("No sample was drawn yet. An auditor draws one with the button above.")
    base_permissions = ["can_list", "can_show", "can_draw"]
    base_order = ("id", "desc")
    list_title = _l("Samples")
    list_template = "backoffice/samples.html"
    list_columns = ["id", "drawn_at", "account", "service", "since", "until", "size", "population", "seed"]
    search_columns = ["drawn_at", "service", "seed"]
    label_columns = {
        "id": _l("Number"),
        "drawn_at": _l("Drawn on"),
        "account": _l("Drawn by"),
        "service": _l("Service"),
        "since": _l("Decided from"),
        "until": _l("Decided until"),
        "size": _l("Cases"),
        "population": _l("Out of"),
        "seed": _l("Seed"),
    }
    formatters_columns: dict[str, Any] = {
        "drawn_at": instant,
        "since": day,
        "until": day,
        "service": _service_title,
    }
    words = {"service": {slug: service.title for slug, service in SERVICES.items()}}

    @expose("/draw", methods=["GET", "POST"])
    @has_access
    @permission_name("draw")
    def draw(self) -> Answer:
        """Draw a sample."""
        form = SampleForm()
        form.service.choices = [(slug, str(service.title)) for slug, service in SERVICES.items()]
        to: list[str] = []

        def write() -> str:
            frame = samples.Frame(form.service.data, form.since.data, form.until.data)
            sample = samples.draw(frame, form.size.data, form.seed.data or "", current_user)
            to.append(url_for("SampleView.show", pk=sample.id))
            return _("The sample is drawn, and recorded in the audit chain.")

        intro = [_("The same seed and the same period give the same cases: anybody can repeat the draw.")]
        back = url_for("SampleView.list")
        return self.ask(form, _l("Draw a sample"), write, to.pop, intro=intro, back=back, button=_("Draw"))

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """The drawn cases, and whether the draw gives the same today."""
        sample = self.datamodel.get(pk, self._base_filters) or abort(404)
        return str(
            self.render_template(
                "backoffice/sample.html",
                sample=sample,
                service=SERVICES[sample.service],
                numbers=samples.numbers_of(sample),
                again=samples.again(sample),
            )
        )


class FourEyesView(BaseView):
    """Decisions that one person alone took where two were needed: expected to be none."""

    route_base = "/foureyes"
    default_view = "list"
    base_permissions = ["can_list"]

    @expose("/list/")
    @has_access
    def list(self) -> str:
        """The report, with the query that makes it."""
        return str(
            self.render_template(
                "backoffice/four_eyes.html",
                breaches=four_eyes.report(),
                query=four_eyes.QUERY.strip(),
                title_of=_service_title,
            )
        )


class ChainRunView(FormPage, StaffModelView):
    """Verifications of the audit chain that were asked for, with their progress and result."""

    datamodel = StaffInterface(ChainRun)
    nothing_yet = _l("No verification was asked for yet. An auditor begins one with the button above.")
    base_permissions = ["can_list", "can_show", "can_draw"]
    base_order = ("id", "desc")
    list_title = _l("Verifications")
    list_template = "backoffice/chain_runs.html"
    list_columns = ["id", "asked_at", "account", "total", "entries_read", "finished_at"]
    search_columns = ["asked_at", "finished_at"]
    label_columns = {
        "id": _l("Number"),
        "asked_at": _l("Asked on"),
        "account": _l("Asked by"),
        "total": _l("Entries when it was asked"),
        "entries_read": _l("Entries read"),
        "finished_at": _l("Finished on"),
    }
    formatters_columns = {"asked_at": instant, "finished_at": instant}

    @expose("/start", methods=["POST"])
    @has_access
    @permission_name("draw")
    def start(self) -> Response:
        """Have the chain verified."""
        return self.act(
            lambda: chain_runs.ask(current_user),
            _("The verification has begun."),
            url_for("ChainRunView.list"),
        )

    @expose("/start", methods=["GET"])
    @has_access
    @permission_name("list")
    def start_page(self) -> Response:
        """The address of the button, opened again: the list."""
        return redirect(url_for("ChainRunView.list"))

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """How far it has come, and what it found."""
        run = self.datamodel.get(pk, self._base_filters) or abort(404)
        look_again = None if run.finished_at else BULK_LOOK_SECONDS
        return str(self.render_template("backoffice/chain_run.html", run=run, look_again=look_again))
