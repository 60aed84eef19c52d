"""Papers behind open requests that have expired or soon will: a list to work from."""

from typing import Any

from flask import g
from flask_appbuilder.models.sqla.filters import BaseFilter
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.orm import Query, selectinload

from app.formats import day
from app.i18n import current_language
from app.models import Case, Document
from app.services import document_categories, document_expiry
from app.views.backoffice_base import StaffInterface, StaffModelView


class BehindOpenRequests(BaseFilter):
    """The papers of requests that this reader may see."""

    def apply(self, query: Query, value: Any) -> Query:
        """Keep those, with their requests."""
        return query.filter(document_expiry.behind_open_cases(current_user)).options(
            selectinload(Document.cases), selectinload(Document.owner)
        )


class EvidenceView(StaffModelView):
    """Expired and expiring evidence; a newer version comes from the person, or is asked for in the case."""

    datamodel = StaffInterface(Document)
    nothing_yet = _l("No paper behind an open request has expired or soon will.")
    base_filters = [["id", BehindOpenRequests, None]]
    base_order = ("expires_on", "asc")
    list_title = _l("Expiring evidence")
    show_title = _l("Expiring evidence")
    list_columns = ["expires_on", "category", "owner", "cases"]
    show_columns = list_columns
    search_columns = ["expires_on"]
    label_columns = {
        "expires_on": _l("Valid until"),
        "category": _l("Kind of document"),
        "owner": _l("Account"),
        "cases": _l("Requests"),
    }
    formatters_columns = {
        "expires_on": day,
        "category": lambda code: _category(code),
        "cases": lambda cases: ", ".join(map(_reference, cases)),
    }


def _category(code: str) -> str:
    """Its name, all of them read once for a page."""
    if "document_categories" not in g:
        g.document_categories = document_categories.all_by_code()
    row = g.document_categories.get(code)
    return str(getattr(row, f"name_{current_language()}")) if row else code


def _reference(case: Case) -> str:
    return case.reference or ""
