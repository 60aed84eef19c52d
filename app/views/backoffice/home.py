"""The staff's first page: what waits, and how urgent it is."""

from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.views import IndexView
from flask_login import current_user
from sqlalchemy import func, select

from app import clock
from app.extensions import db
from app.models import Case
from app.services import SERVICES, agencies, audit_alarms, message_desk
from app.workflow import AWAITING_OTHERS, WAITING


class StaffHomeView(IndexView):
    """Counts by service, of one's own agency, of what waits for the staff: waiting, due today, overdue."""

    route_base = ""
    default_view = "index"
    base_permissions = ["can_show"]

    @expose("/")
    @has_access
    @permission_name("show")
    def index(self) -> str:
        """The page."""
        may_read = self.appbuilder.sm.has_access("can_list", "ConversationView")
        return self.render_template(
            "backoffice/home.html",
            queues=self._queues(),
            check=audit_alarms.last(),
            messages=message_desk.waiting(current_user) if may_read else None,
        )

    def _queues(self) -> list[dict[str, object]]:
        today = clock.today()
        rows = db.session.execute(
            select(
                Case.service,
                func.count().label("waiting"),
                func.count().filter(Case.due_on == today).label("due_today"),
                func.count().filter(Case.due_on < today).label("overdue"),
            )
            .where(Case.status.in_(WAITING - AWAITING_OTHERS), agencies.scope(current_user))
            .group_by(Case.service)
        )
        counts = {row.service: row for row in rows}
        may = self.appbuilder.sm.has_access
        return [
            {
                "service": service,
                "counts": counts.get(slug),
                "may_open": may("can_list", service.staff_view),
            }
            for slug, service in SERVICES.items()
        ]
