"""The files of long lists that one has had prepared: how far they are, and the way to take them."""

from typing import Any

from flask import Response, abort, current_app, stream_with_context
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.sqla.filters import BaseFilter
from flask_appbuilder.security.decorators import permission_name
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.orm import Query

from app import clock
from app.delays import BULK_LOOK_SECONDS
from app.extensions import db
from app.formats import file_size, instant
from app.models import ListExport
from app.services import list_exports
from app.views.backoffice_base import XLSX, StaffInterface, StaffModelView

MEDIA = {"csv": "text/csv", "xlsx": XLSX}


class OwnExports(BaseFilter):
    """One's own files whose days are not over: nobody takes a list another one may see."""

    def apply(self, query: Query, value: Any) -> Query:
        """Keep those."""
        return query.filter(ListExport.account_id == current_user.id, ListExport.expires_at > clock.now())


class ListExportView(StaffModelView):
    """One's own prepared files."""

    datamodel = StaffInterface(ListExport)
    is_exported = False
    base_permissions = ["can_list", "can_show", "can_download"]
    base_filters = [["id", OwnExports, None]]
    base_order = ("id", "desc")
    list_title = _l("Prepared files")
    nothing_yet = _l(
        "A list of more than 10,000 records can be prepared as a file: the button is above the list."
    )
    list_columns = ["view", "file_format", "total", "asked_at", "made_at", "size", "expires_at"]
    search_columns = ["asked_at"]
    label_columns = {
        "view": _l("List"),
        "file_format": _l("File format"),
        "total": _l("Records"),
        "asked_at": _l("Asked on"),
        "made_at": _l("Ready on"),
        "size": _l("Size"),
        "expires_at": _l("Kept until"),
    }
    formatters_columns = {
        "view": lambda name: title_of(name),
        "file_format": str.upper,
        "asked_at": instant,
        "made_at": instant,
        "size": lambda size: file_size(size) if size else "",
        "expires_at": instant,
    }

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """How far it has come; the way to take it once it is there."""
        export = self.row(pk)
        is_over = list_exports.is_over(export)
        look_again = BULK_LOOK_SECONDS if export.made_at is None and not is_over else None
        return str(
            self.render_template(
                "backoffice/list_export.html",
                export=export,
                title=title_of(export.view),
                is_over=is_over,
                look_again=look_again,
            )
        )

    @expose("/take/<int:pk>", methods=["GET"])
    @has_access
    @permission_name("download")
    def take(self, pk: int) -> Response:
        """The file, to who asked for it alone, as long as they may see what they saw then."""
        export = self.row(pk)
        if not self.appbuilder.sm.has_access("can_list", export.view):
            abort(403)
        try:
            pieces = list_exports.content_of(export)
        except FileNotFoundError:
            abort(404)
        named = f"{export.view.removesuffix('View').lower()}.{export.file_format}"
        said = {"Content-Disposition": f"attachment; filename={named}", "Content-Length": str(export.size)}
        kind = MEDIA[export.file_format]
        db.session.commit()
        return Response(stream_with_context(pieces), mimetype=kind, headers=said)


def title_of(name: str) -> str:
    """What the list of a staff view is called."""
    views = {type(view).__name__: view for view in current_app.extensions["appbuilder"].baseviews}
    return str(getattr(views.get(name), "list_title", name))
