"""Our corrections of Flask-AppBuilder, and only them; each names the defect it mends (docs/decisions/)."""

import copy
from enum import Enum
from typing import Any
from urllib.parse import urlencode

from flask import (
    Flask,
    Response,
    abort,
    flash,
    g,
    get_template_attribute,
    has_request_context,
    redirect,
    request,
    send_file,
    url_for,
)
from flask_appbuilder import AppBuilder, ModelView, expose, has_access
from flask_appbuilder.babel.views import LocaleView
from flask_appbuilder.models.filters import Filters
from flask_appbuilder.models.sqla import filters
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.urltools import get_filter_args
from flask_appbuilder.validators import Unique
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from jinja2 import pass_context
from jinja2.runtime import Context
from sqlalchemy import String, inspect
from sqlalchemy.orm import Query
from werkzeug.wrappers import Response as BaseResponse
from wtforms import Field, Form, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation

from app.extensions import db
from app.services import exports, list_exports
from app.services.base import RuleBroken
from app.views.language import is_switching, was_checked

READ_ONLY = ["can_list", "can_show"]
STAFF_PREFIX = "/staff"
MOST_COUNTED = 10_000
"""A list says "more than" beyond this, and its pages end there: a search finds sooner than paging."""

MOST_ON_A_PAGE = 100
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNSAFE_ROUTES = {"action", "action_post", "download"}
"""FAB's actions fetch rows without `base_filters`, its download serves any file: they have no address."""

WRITE_ROUTES = {"add", "edit", "delete"}


class StaffAppBuilder(AppBuilder):
    """Mounts every view of FAB's and ours under `/staff`."""

    def register_blueprint(
        self, baseview: Any, endpoint: str | None = None, static_folder: str | None = None
    ) -> None:
        """Put the staff prefix before the view's own path; FAB's language page is replaced by ours."""
        if isinstance(baseview, LocaleView):
            return
        base = baseview.route_base
        if base is None:
            base = "/" + type(baseview).__name__.lower()
        baseview.route_base = STAFF_PREFIX + base
        super().register_blueprint(baseview, endpoint=endpoint, static_folder=static_folder)


class StaffInterface(SQLAInterface):
    """Sorting by a column that cannot be sorted is ignored instead of failing."""

    def apply_order_by(self, query: Query, order_column: str, *args: Any, **kwargs: Any) -> Query:
        """Order by real columns only."""
        known = order_column in self.obj.__mapper__.column_attrs
        return super().apply_order_by(query, order_column if known else "", *args, **kwargs)

    def query_count(
        self, query: Query, filters: Filters | None = None, select_columns: list[str] | None = None
    ) -> int:
        """Count no further than people page: FAB counts every row of every column at each page."""
        rows = self._apply_inner_all(query, filters, select_columns=select_columns, aliases_mapping={})
        keys = rows.enable_eagerloads(False).order_by(None).with_entities(*self.keys())
        return int(keys.limit(MOST_COUNTED + 1).count())

    def keys(self) -> list[Any]:
        """The attributes of the primary key, as of this very class."""
        mapper = inspect(self.obj)
        return [getattr(self.obj, mapper.get_property_by_column(one).key) for one in mapper.primary_key]

    def is_nullable(self, col_name: str) -> bool:
        """FAB asks for a tick in every yes-or-no column that cannot be empty: "no" is an answer too."""
        return self.is_boolean(col_name) or super().is_nullable(col_name)

    @staticmethod
    def _get_attr_value(item: Any, col: str) -> Any:
        """An enum is shown by its label, not by its raw value; a state with a tone as its tag."""
        value: Any = getattr(item, col, None)
        label, tone = getattr(value, "label", None), getattr(value, "tone", None)
        if isinstance(value, Enum) and label and tone:
            return get_template_attribute("components/staff/status.html", "status")(label, tone)
        if isinstance(value, Enum) and label:
            return str(label)
        return SQLAInterface._get_attr_value(item, col)


def not_blank(form: Any, field: Field) -> None:
    """Refuse a text of spaces only."""
    if not str(field.data or "").strip():
        raise StopValidation(_("Fill in this field."))


def say_taken_in_the_readers_language(form: type[Form]) -> None:
    """FAB's validator keeps its message in the language of whoever met it first, for everyone."""
    for field in vars(form).values():
        for validator in getattr(field, "kwargs", {}).get("validators", ()):
            if isinstance(validator, Unique):
                validator.message = _l("This value is already taken.")


def choice_of(kind: type[Enum], label: LazyString) -> SelectField:
    """A search field for an enum: by label, and blank first (FAB's has neither)."""
    members = [SelectChoice(member.value, member.label) for member in kind]  # type: ignore[attr-defined]
    choices = [SelectChoice("", _l("Any")), *members]
    return SelectField(label, choices=choices, validate_choice=False)


def ask_for_each_reader(app: Flask) -> None:
    """FAB asks with two constants, which Jinja answers once, when it compiles a page: for one reader."""
    asked = app.jinja_env.filters["is_item_visible"]

    @pass_context
    def is_item_visible(_reader: Context, permission: str, view: str) -> bool:
        """Whether who reads this page may do that."""
        return bool(asked(permission, view))

    app.jinja_env.filters["is_item_visible"] = is_item_visible


def name_filters() -> None:
    """Give FAB's search filters names of ours: its French has mistakes, and some are missing."""
    for filter_class, name in _FILTER_NAMES.items():
        filter_class.name = name


_FILTER_NAMES = {
    filters.FilterStartsWith: _l("starts with"),
    filters.FilterNotStartsWith: _l("does not start with"),
    filters.FilterEndsWith: _l("ends with"),
    filters.FilterNotEndsWith: _l("does not end with"),
    filters.FilterContains: _l("contains"),
    filters.FilterNotContains: _l("does not contain"),
    filters.FilterEqual: _l("is equal to"),
    filters.FilterNotEqual: _l("is not equal to"),
    filters.FilterGreater: _l("is greater than"),
    filters.FilterSmaller: _l("is smaller than"),
    filters.FilterIn: _l("is one of"),
    filters.FilterNotIn: _l("is none of"),
    filters.FilterRelationOneToManyEqual: _l("is linked to"),
    filters.FilterRelationOneToManyNotEqual: _l("is not linked to"),
    filters.FilterRelationManyToManyEqual: _l("is among"),
}


class StaffModelView(ModelView):
    """The base of every generated screen: read-only unless a view opts in with one visible line."""

    base_permissions = READ_ONLY
    is_exported = True
    validators_columns: dict[str, list[Any]] = {}
    page_size = 25
    add_row_message = _l("Added.")
    edit_row_message = _l("Saved.")
    delete_row_message = _l("Deleted.")
    add_integrity_error_message = _l("Not added: another record already has one of these values.")
    edit_integrity_error_message = _l("Not saved: another record already has one of these values.")
    delete_integrity_error_message = _l("Not deleted: other records use this one.")
    database_error_message = _l("The database refused this. Nothing was changed.")
    nothing_yet: LazyString | str = _l("What is recorded here appears by itself: there is nothing to do.")
    """What an empty list says: why it is, and what to do."""

    words: dict[str, Any] = {}
    """For columns that hold a code: what each code is called."""

    _template_filters: Filters | None = None

    def __init__(self, **kwargs: Any) -> None:
        """Give an address only to what the view allows: FAB routes add, edit and delete always."""
        closed = {name for name in WRITE_ROUTES if f"can_{name}" not in self.base_permissions}
        kept = set() if self.is_exported else {"export", "export_later"}
        self.exclude_route_methods = UNSAFE_ROUTES | closed | kept
        # A list for each: FAB adds a column's longest length to it.
        must_be = {name: [not_blank] for name in self._texts_that_must_be()}
        self.validators_columns = must_be | self.validators_columns
        super().__init__(**kwargs)
        for form in (self.add_form, self.edit_form):
            say_taken_in_the_readers_language(form)

    def _get_list_widget(self, **kwargs: Any) -> dict[str, Any]:
        """FAB's, with a page that exists and is no longer than people read."""
        size = min(max(kwargs.get("page_size") or self.page_size, 1), MOST_ON_A_PAGE)
        page = min(max(kwargs.get("page") or 0, 0), MOST_COUNTED // size)
        shown = {"page": page, "page_size": size, "most": MOST_COUNTED}
        empty = {"nothing_yet": self.nothing_yet, "is_narrowed": bool(self._filtered_by())}
        return super()._get_list_widget(**kwargs | shown | empty)

    def filtered(self) -> Query:
        """The rows of the list as it is narrowed now: by the base filters and the search, in no order."""
        get_filter_args(self._filters)
        joined = self._filters.get_joined_filters(self._base_filters) if self._filters else self._base_filters
        query = self.datamodel.apply_filters(self.datamodel.session.query(self.datamodel.obj), joined)
        return query.enable_eagerloads(False)

    @expose("/export", methods=["GET"])
    @has_access
    @permission_name("list")
    def export(self) -> BaseResponse:
        """The whole list as it is narrowed, as CSV or XLSX: whoever may list may export."""
        file_format = "xlsx" if request.args.get("as") == "xlsx" else "csv"
        wanted, sheet = self._in_order(), self._exported()
        name = type(self).__name__
        if file_format == "xlsx":
            try:
                exports.check_length(wanted)
            except RuleBroken as refusal:
                flash(str(refusal.message), "warning")
                return redirect(self._as_narrowed())
            file = exports.workbook(sheet)
        exports.record(name, self._filtered_by(), current_user, file_format)
        db.session.commit()
        named = f"{name.removesuffix('View').lower()}.{file_format}"
        if file_format == "xlsx":
            return send_file(file, mimetype=XLSX, as_attachment=True, download_name=named)
        said = {"Content-Disposition": f"attachment; filename={named}", "X-Accel-Buffering": "no"}
        return Response(exports.lines(sheet), mimetype="text/csv", headers=said)

    @expose("/export_later", methods=["GET", "POST"])
    @has_access
    @permission_name("list")
    def export_later(self) -> BaseResponse:
        """Have the list as narrowed made into a file in the background; opened or stale: the list again."""
        if request.method == "GET" or is_switching():
            return redirect(self._as_narrowed())
        try:
            asked = list_exports.Asked(
                type(self).__name__, self._filtered_by(), request.form.get("as", "csv"), self._exported()
            )
            begun = list_exports.ask(asked, self._in_order(), current_user)
            db.session.commit()
        except RuleBroken as refusal:
            db.session.rollback()
            flash(str(refusal.message), "warning")
            return redirect(self._as_narrowed())
        return redirect(url_for("ListExportView.show", pk=begun.id))

    def _in_order(self) -> Query:
        """The rows of the list as it is narrowed now, in the order of their keys."""
        return self.filtered().order_by(*self.datamodel.keys())

    def _exported(self) -> exports.Sheet:
        """The list as it is narrowed now, with the columns and words it shows."""
        columns = [
            exports.Column(
                str(self.label_columns.get(name, name)),
                getattr(self.datamodel.obj, name),
                self.words.get(name),
            )
            for name in self.list_columns
        ]
        return exports.sheet(self.datamodel.obj, self._in_order(), columns)

    def _filtered_by(self) -> list[str]:
        """The columns the list is narrowed by, without the values."""
        return sorted({name.split("_", 3)[-1] for name in request.args if name.startswith("_flt_")})

    def _as_narrowed(self) -> str:
        """The address of the list as it is narrowed now."""
        narrowed = urlencode({one: value for one, value in request.args.items() if one != "as"})
        return f"{url_for(f'{self.endpoint}.list')}?{narrowed}"

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: str) -> Any:
        """FAB's, which a link does not reach."""
        return super().delete(pk)

    def row(self, pk: int | str) -> Any:
        """The row of that number among those the list shows; 404 for any other."""
        return self.datamodel.get(pk, self._base_filters) or abort(404)

    def _texts_that_must_be(self) -> list[str]:
        """The text columns that cannot be empty."""
        columns = self.datamodel.obj.__mapper__.columns
        return [column.key for column in columns if isinstance(column.type, String) and not column.nullable]

    def _add(self) -> Any:
        """FAB's, unless the form is only to be shown again (`is_switching`)."""
        return self._form_again(self.add_form, None) if is_switching() else super()._add()

    def _edit(self, pk: str) -> Any:
        """FAB's, unless the form is only to be shown again (`is_switching`)."""
        return self._form_again(self.edit_form, pk) if is_switching() else super()._edit(pk)

    def _form_again(self, form_class: Any, pk: str | None) -> dict[str, Any]:
        """The same form with what was typed, and its messages when it showed any; nothing is written."""
        form = form_class.refresh()
        form._id = pk
        if was_checked():
            form.validate()
        if pk is None:
            return self._get_add_widget(form=form)
        return self._get_edit_widget(form=form)

    @property
    def _filters(self) -> Filters | None:
        """FAB keeps one search per process, so that two officers mix theirs (FAB #2366): one per request."""
        template = self._template_filters
        if template is None or not has_request_context():
            return template
        searches = g.setdefault("staff_searches", {})
        key = type(self).__name__
        if key not in searches:
            searches[key] = copy.copy(template)
            searches[key].clear_filters()
        return searches[key]

    @_filters.setter
    def _filters(self, value: Filters | None) -> None:
        self._template_filters = value
