"""The workbench: the staff's first page, and the button that hands over the next case."""

from typing import Any

from flask import flash, redirect, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.views import IndexView
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.extensions import db
from app.services import SERVICES, alerts, message_desk, workbench
from app.services.base import RuleBroken
from app.views import charts


class StaffHomeView(IndexView):
    """One's own work, what is urgent, what waits for others, and how the flow goes; of one's own agency."""

    route_base = ""
    default_view = "index"
    base_permissions = ["can_show", "can_step"]

    @expose("/")
    @has_access
    @permission_name("show")
    def index(self) -> str:
        """The page."""
        loads, weeks = workbench.loads(current_user), workbench.weeks(current_user)
        may = self.appbuilder.sm.has_access
        return self.render_template(
            "backoffice/home.html",
            alerts=alerts.of(current_user),
            messages=message_desk.waiting(current_user) if may("can_list", "ConversationView") else None,
            shorts=workbench.short_lists(current_user),
            services=SERVICES,
            may_take=may("can_step", "StaffHomeView"),
            queues=[
                {
                    "service": service,
                    "load": loads.get(slug, workbench.Load()),
                    "may_open": may("can_list", service.staff_view),
                }
                for slug, service in SERVICES.items()
            ],
            medians=workbench.medians(list(SERVICES)),
            weeks=weeks,
            flow=charts.bars([(week.came, week.decided) for week in weeks]),
            ages=_ages(loads),
        )

    @expose("/next", methods=["POST"])
    @has_access
    @permission_name("step")
    def next(self) -> Response:
        """Take the oldest due case that nobody works."""
        try:
            case = workbench.next_case(current_user)
            db.session.commit()
        except RuleBroken as refusal:
            db.session.rollback()
            flash(str(refusal.message), "warning")
            return redirect(url_for("StaffHomeView.index"))
        if case is None:
            flash(_("No case waits for an officer: every one is in somebody’s hands."), "info")
            return redirect(url_for("StaffHomeView.index"))
        flash(_("%(reference)s is yours.", reference=case.reference), "success")
        return redirect(url_for(f"{SERVICES[case.service].staff_view}.show", pk=case.id))


def _ages(loads: dict[str, workbench.Load]) -> list[dict[str, Any]]:
    """The rows of the chart of ages: each service with its parts and their widths."""
    longest = max((sum(load.bands) for load in loads.values()), default=0)
    return [
        {
            "service": service,
            "counts": loads[slug].bands if slug in loads else workbench.Load().bands,
            "parts": charts.parts(loads[slug].bands if slug in loads else (), longest),
        }
        for slug, service in SERVICES.items()
    ]
