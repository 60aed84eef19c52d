"""The one search box: what was typed, and what of it this member of the staff may see, by kind."""

from flask import request
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_login import current_user

from app.extensions import db
from app.services import SERVICES, person_search, search


class SearchView(BaseView):
    """Cases, insured persons and employers."""

    route_base = "/search"
    default_view = "index"
    base_permissions = ["can_show"]

    @expose("/")
    @has_access
    @permission_name("show")
    def index(self) -> str:
        """What was found, or how to search."""
        typed, may = request.args.get("q", ""), self.appbuilder.sm.has_access
        services = [slug for slug, service in SERVICES.items() if may("can_list", service.staff_view)]
        found = search.search(
            typed,
            current_user,
            services,
            persons=may("can_list", "InsuredPersonView"),
            employers=may("can_list", "EmployerView"),
        )
        page = self.render_template(
            "backoffice/search.html",
            typed=typed,
            found=found,
            services=SERVICES,
            most=search.MOST_SHOWN,
            masked=person_search.masked,
        )
        db.session.commit()
        return str(page)
