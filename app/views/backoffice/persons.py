"""Insured persons, to look at: each opening is noted, and asks for a reason without an open case."""

from flask_appbuilder import expose, has_access
from flask_babel import lazy_gettext as _l

from app.access_kinds import Opened
from app.extensions import db
from app.formats import day
from app.models import InsuredPerson
from app.services import access
from app.views.backoffice.openings import Opening
from app.views.backoffice_base import StaffInterface, StaffModelView


class InsuredPersonView(Opening, StaffModelView):
    """The insured persons."""

    datamodel = StaffInterface(InsuredPerson)
    base_permissions = ["can_list", "can_show", "can_step"]
    opened = Opened.record
    list_title = _l("Insured persons")
    show_title = _l("Insured person")
    list_columns = ["ssn", "family_name", "given_names", "birth_date", "registered_on"]
    show_columns = [*list_columns, "email"]
    search_columns = list_columns
    base_order = ("id", "desc")
    label_columns = {
        "ssn": _l("Social security number"),
        "family_name": _l("Family name"),
        "given_names": _l("Given names"),
        "birth_date": _l("Date of birth"),
        "registered_on": _l("Registered on"),
        "email": _l("E-mail address on record"),
    }
    formatters_columns = {"birth_date": day, "registered_on": day}

    def subject_of(self, pk: int) -> tuple[access.Subject, bool, str]:
        """The person; a record is never itself an open case."""
        person = self.row(pk)
        return access.Subject.of_person(person), False, person.ssn

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """The record."""
        self.enter(pk)
        page = str(super().show(pk))
        db.session.commit()
        return page
