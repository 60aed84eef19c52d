"""Acts on many cases: asked from a narrowed list, worked in the background, told case by case."""

from typing import Any

from flask import abort, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.sqla.filters import BaseFilter
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy.orm import Query

from app.delays import BULK_LOOK_SECONDS
from app.extensions import db
from app.formats import instant
from app.forms.desk import BulkForm
from app.models import Account, BulkRun
from app.permissions import AUDITOR, SUPERVISOR
from app.services import SERVICES, bulk
from app.services.base import Service
from app.views.backoffice.casework import officers
from app.views.backoffice.form_page import Answer, FormPage
from app.views.backoffice_base import StaffInterface, StaffModelView
from app.views.step_up import step_up_required

ASSIGN = "assign:"
STEP = "step:"
ROWS = 100


class BulkAct(FormPage):
    """What a case view adds: one act on its whole list, as it is narrowed."""

    endpoint: str
    datamodel: Any
    filtered: Any

    @expose("/bulk", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    @step_up_required
    def bulk(self) -> Answer:
        """Choose the act and say why; the address says which list."""
        service = self._service()
        form, wanted = BulkForm(), self.filtered().with_entities(*self.datamodel.keys())
        form.act.choices = _acts(service)
        to: list[str] = []

        def write() -> str:
            act = _act(form.act.data)
            run = bulk.ask(service, wanted.statement, act, form.reason.data, current_user)
            to.append(url_for("BulkRunView.show", pk=run.id))
            return _("The work has begun.")

        number = wanted.order_by(None).limit(bulk.MOST_AT_ONCE + 1).count()
        intro = [
            ngettext("%(num)d case is in this list.", "%(num)d cases are in this list.", number),
            _("Each goes through the rules as if it were alone; those that are refused are listed with why."),
            _("The person reads the reason where the step gives one, as in a rejection."),
        ]
        narrowed: dict[str, Any] = request.args.to_dict()
        back = url_for(f"{self.endpoint}.list", **narrowed)
        return self.ask(
            form, _l("Act on the whole list"), write, to.pop, intro=intro, back=back, button=_("Begin")
        )

    def _service(self) -> Service[Any]:
        return next(one for one in SERVICES.values() if one.model is self.datamodel.obj)


def _acts(service: Service[Any]) -> list[tuple[str, str]]:
    """The steps of the staff, then the officers it may be handed to."""
    steps = [(STEP + step.name, str(step.label)) for step in bulk.steps_of(service)]
    handed = [
        (f"{ASSIGN}{one.id}", _("Hand to %(name)s", name=one.get_full_name()))
        for one in officers(service.slug, current_user.agency_id)
    ]
    return [("", _("Choose what is to be done")), *handed, *steps]


def _act(chosen: str) -> bulk.Act:
    if chosen.startswith(ASSIGN):
        return bulk.Act(officer=db.session.get(Account, int(chosen.removeprefix(ASSIGN))) or abort(404))
    return bulk.Act(step=chosen.removeprefix(STEP))


class OwnRuns(BaseFilter):
    """One's own bulk acts; supervisors and auditors see everybody's."""

    def apply(self, query: Query, value: Any) -> Query:
        """Keep those."""
        if current_user.has_role(SUPERVISOR, AUDITOR):
            return query
        return query.filter(BulkRun.account_id == current_user.id)


class BulkRunView(StaffModelView):
    """The acts on many cases, and what became of each case."""

    datamodel = StaffInterface(BulkRun)
    nothing_yet = _l("No bulk act yet. Narrow a list of cases, then act on the whole list.")
    base_filters = [["id", OwnRuns, None]]
    base_order = ("id", "desc")
    list_title = _l("Bulk acts")
    list_columns = ["id", "asked_at", "account", "service", "step", "officer", "total", "finished_at"]
    search_columns = ["asked_at", "finished_at", "service"]
    label_columns = {
        "id": _l("Number"),
        "asked_at": _l("Asked on"),
        "account": _l("Asked by"),
        "service": _l("Service"),
        "step": _l("Step"),
        "officer": _l("Handed to"),
        "total": _l("Cases"),
        "finished_at": _l("Finished on"),
    }
    formatters_columns = {
        "asked_at": instant,
        "finished_at": instant,
        "service": lambda slug: SERVICES[slug].title if slug in SERVICES else slug,
        "step": lambda name: _step_label(name),
    }
    words = {
        "service": {slug: service.title for slug, service in SERVICES.items()},
        "step": {step.name: step.label for one in SERVICES.values() for step in bulk.steps_of(one)},
    }

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """How far it has come, and the cases, the refused first."""
        run = self.datamodel.get(pk, self._base_filters) or abort(404)
        page = min(max(request.args.get("page", 0, type=int), 0), run.total // ROWS)
        return str(
            self.render_template(
                "backoffice/bulk_run.html",
                run=run,
                service=SERVICES[run.service],
                step=_step_label(run.step),
                progress=bulk.progress(run),
                rows=bulk.results(run, current_user, page, ROWS),
                page=page,
                pages=-(-run.total // ROWS),
                look_again=None if run.finished_at else BULK_LOOK_SECONDS,
            )
        )


def _step_label(name: str | None) -> str:
    """A step in the reader's language."""
    return str(BulkRunView.words["step"].get(name, name or ""))
