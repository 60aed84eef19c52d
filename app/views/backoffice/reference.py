"""Generated screens for reference data."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field
from wtforms.validators import InputRequired, Optional, ValidationError

from app.formats import day
from app.forms.fields import DayField
from app.models import Agency, DocumentCategory, Employer, Holiday
from app.views.backoffice_base import StaffInterface, StaffModelView


def not_before_its_beginning(form: Any, field: Field) -> None:
    """A period ends on or after the day it begins."""
    begins = form["valid_from"].data
    if field.data and begins and field.data < begins:
        raise ValidationError(_("The last day cannot be before the first."))


FULL = ["can_list", "can_show", "can_add", "can_edit", "can_delete"]


class EmployerView(StaffModelView):
    """The employers, kept by the administrator."""

    datamodel = StaffInterface(Employer)
    base_permissions = FULL
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


class HolidayView(StaffModelView):
    """The days that are no working days."""

    datamodel = StaffInterface(Holiday)
    base_permissions = FULL
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


class AgencyView(StaffModelView):
    """The agencies; one that cases or officers belong to cannot be deleted."""

    datamodel = StaffInterface(Agency)
    base_permissions = FULL
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


class DocumentCategoryView(StaffModelView):
    """The kinds of documents people give, each from a day to a day."""

    datamodel = StaffInterface(DocumentCategory)
    base_permissions = FULL
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
