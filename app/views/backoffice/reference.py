"""Generated screens for reference data, each with the history of its rows."""

from datetime import date
from enum import Enum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import Field
from wtforms.validators import InputRequired, Optional, ValidationError

from app.formats import day, instant
from app.forms.fields import DayField
from app.models import Agency, DocumentCategory, Employer, Holiday, ReferenceChange
from app.services import reference_changes
from app.views.backoffice_base import StaffInterface, StaffModelView


def not_before_its_beginning(form: Any, field: Field) -> None:
    """A period ends on or after the day it begins."""
    begins = form["valid_from"].data
    if field.data and begins and field.data < begins:
        raise ValidationError(_("The last day cannot be before the first."))


FULL = ["can_list", "can_show", "can_add", "can_edit", "can_delete"]


class ReferenceDataView(StaffModelView):
    """What the administrator keeps by itself: below a row, each of its changes with who made it."""

    base_permissions = FULL
    show_template = "backoffice/reference_show.html"

    def _show(self, pk: str) -> dict[str, Any]:
        """FAB's, and the changes of the row."""
        changes = reference_changes.of(self.row(pk))
        return super()._show(pk) | {"changes": changes, "label_of": self.label_of, "shown": self.shown}

    def label_of(self, column: str) -> str:
        """What a column is called on this screen."""
        return str(self.label_columns.get(column, column))

    def shown(self, column: str, value: Any) -> str:
        """A value of the history as the screen shows the column's own."""
        kept = self.datamodel.obj.__mapper__.columns[column].type.python_type
        if value is None or value == "":
            return "–"
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if issubclass(kept, date):
            return day(date.fromisoformat(value))
        if issubclass(kept, Enum):
            return str(kept(value).label)
        named = self.formatters_columns.get(column)
        return str(named(value)) if named else str(value)

    def pre_add(self, item: Any) -> None:
        """Say who adds it."""
        reference_changes.by(current_user)

    pre_update = pre_delete = pre_add


class EmployerView(ReferenceDataView):
    """The employers, kept by the administrator."""

    datamodel = StaffInterface(Employer)
    list_title = _l("Employers")
    show_title = _l("Employer")
    add_title = _l("Add an employer")
    edit_title = _l("Change an employer")
    list_columns = ["registration_number", "name", "active"]
    show_columns = list_columns
    add_columns = list_columns
    edit_columns = list_columns
    search_columns = list_columns
    base_order = ("name", "asc")
    label_columns = {
        "registration_number": _l("Registration number"),
        "name": _l("Name"),
        "active": _l("Active"),
    }


class HolidayView(ReferenceDataView):
    """The days that are no working days."""

    datamodel = StaffInterface(Holiday)
    list_title = _l("Holidays")
    show_title = _l("Holiday")
    add_title = _l("Add a holiday")
    edit_title = _l("Change a holiday")
    list_columns = ["day", "name_fr", "name_en"]
    show_columns = list_columns
    add_columns = list_columns
    edit_columns = list_columns
    search_columns = list_columns
    base_order = ("day", "asc")
    label_columns = {"day": _l("Day"), "name_fr": _l("Name in French"), "name_en": _l("Name in English")}
    formatters_columns = {"day": day}
    add_form_extra_fields = {"day": DayField(_l("Day"), validators=[InputRequired(_l("Enter a day."))])}
    edit_form_extra_fields = add_form_extra_fields


class AgencyView(ReferenceDataView):
    """The agencies; one that cases or officers belong to cannot be deleted."""

    datamodel = StaffInterface(Agency)
    list_title = _l("Agencies")
    show_title = _l("Agency")
    add_title = _l("Add an agency")
    edit_title = _l("Change an agency")
    list_columns = ["code", "name_fr", "name_en"]
    show_columns = list_columns
    add_columns = list_columns
    edit_columns = list_columns
    search_columns = list_columns
    base_order = ("code", "asc")
    label_columns = {"code": _l("Code"), "name_fr": _l("Name in French"), "name_en": _l("Name in English")}


class DocumentCategoryView(ReferenceDataView):
    """The kinds of documents people give, each from a day to a day."""

    datamodel = StaffInterface(DocumentCategory)
    list_title = _l("Kinds of documents")
    show_title = _l("Kind of document")
    add_title = _l("Add a kind of document")
    edit_title = _l("Change a kind of document")
    list_columns = ["code", "name_fr", "name_en", "has_expiry", "position", "valid_from", "valid_to"]
    show_columns = list_columns
    add_columns = list_columns
    edit_columns = [name for name in list_columns if name != "code"]
    search_columns = ["code", "name_fr", "name_en", "has_expiry"]
    base_order = ("position", "asc")
    label_columns = {
        "code": _l("Code"),
        "name_fr": _l("Name in French"),
        "name_en": _l("Name in English"),
        "has_expiry": _l("Says until when it is valid"),
        "position": _l("Place in the list"),
        "valid_from": _l("In force from"),
        "valid_to": _l("In force until"),
    }
    formatters_columns = {"valid_from": day, "valid_to": day}
    add_form_extra_fields = {
        "valid_from": DayField(_l("In force from"), validators=[InputRequired(_l("Enter a day."))]),
        "valid_to": DayField(_l("In force until"), validators=[Optional(), not_before_its_beginning]),
    }
    edit_form_extra_fields = add_form_extra_fields


_ACTIONS = {
    reference_changes.ADDED: _l("Added"),
    reference_changes.CHANGED: _l("Changed"),
    reference_changes.DELETED: _l("Deleted"),
}


def action_name(action: str) -> str:
    """What was done to a row."""
    return str(_ACTIONS.get(action, action))


def kind_name(kind: str) -> str:
    """The kind of row, by the title of its screen."""
    views = {view.datamodel.obj.__tablename__: view for view in ReferenceDataView.__subclasses__()}
    return str(views[kind].show_title) if kind in views else kind


def changes_as_text(changes: dict[str, list[Any]]) -> str:
    """The columns before and after, as they are kept."""
    return "\n".join(f"{column}: {before!s} → {after!s}" for column, (before, after) in changes.items())


class ReferenceChangeView(StaffModelView):
    """Each change of reference data, of rows that are gone too."""

    datamodel = StaffInterface(ReferenceChange)
    list_title = _l("Changes of reference data")
    show_title = _l("Change of reference data")
    list_columns = ["changed_at", "account", "action", "kind", "row_id"]
    show_columns = [*list_columns, "changes"]
    search_columns = ["changed_at", "action", "kind", "row_id"]
    base_order = ("id", "desc")
    label_columns = {
        "changed_at": _l("When"),
        "account": _l("Who"),
        "action": _l("What"),
        "kind": _l("Kind of row"),
        "row_id": _l("Number of the row"),
        "changes": _l("Before and after"),
    }
    formatters_columns = {
        "changed_at": instant,
        "action": action_name,
        "kind": kind_name,
        "changes": changes_as_text,
    }
