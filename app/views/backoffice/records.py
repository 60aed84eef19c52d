"""Employments, and what officers correct in records: asked on one page, approved on another by a second."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.sqla.filters import BaseFilter
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.orm import Query
from werkzeug.wrappers import Response

from app.access_kinds import Opened
from app.extensions import db
from app.formats import day, instant
from app.forms.correction import Correction
from app.models import Employment, InsuredPerson, RecordCorrection
from app.permissions import CORRECTORS
from app.record_kinds import EmploymentState
from app.services import access, person_search, record_corrections
from app.views.backoffice.form_page import Answer
from app.views.backoffice.openings import Opening
from app.views.backoffice_base import StaffInterface, StaffModelView, choice_of


class Correcting(Opening):
    """The page of a correction, for the views of a record and of an employment."""

    def ask_correction(self, person: InsuredPerson, employment: Employment | None, back: str) -> Answer:
        """One fact asked again, with the reason; what is not the officer's to correct is said."""
        of = employment or person
        names = record_corrections.OF_EMPLOYMENT if employment else record_corrections.OF_PERSON
        name = request.values.get("field") or request.form.get("correction_of", "")
        if name not in names:
            flash(_("This fact cannot be corrected here."), "warning")
            return redirect(back)
        values = {one: getattr(of, one) for one in names}
        posted = request.form if request.method == "POST" else None
        kind = record_corrections.form_of(employment is not None)
        correction = Correction(kind, _nothing_to_prepare, name, values, 0, posted)

        def write() -> str:
            made = record_corrections.ask(
                person, employment, name, correction.value, correction.reason, current_user
            )
            if made.is_for_two:
                return _("Proposed: another officer must approve it.")
            return _("Corrected: what the record said before is kept.")

        said = record_corrections.words(kind, {name: values[name]})[name] or "–"
        intro = [_("The record says: %(value)s.", value=said)]
        if name not in record_corrections.AT_ONCE:
            intro.append(_("A second officer approves it; then the record says so, and the person is told."))
        heading = _l("Correct a fact of the record")
        return self.ask(correction.form, heading, write, back, back=back, intro=intro, button=_("Correct"))


def _nothing_to_prepare(form: Any) -> None:
    """These questions need nothing from the database."""


class WithEmployer(BaseFilter):
    """The employments with the employer that the address names."""

    def apply(self, query: Query, value: Any) -> Query:
        """Keep those."""
        number = request.args.get("employer", type=int)
        return query if number is None else query.filter(Employment.employer_id == number)


class EmploymentView(Correcting, StaffModelView):
    """Who works for whom. The list names no person: records are opened one by one, each opening is noted."""

    datamodel = StaffInterface(Employment)
    base_permissions = ["can_list", "can_show", "can_step"]
    base_filters = [["id", WithEmployer, None]]
    opened = Opened.record
    base_order = ("id", "desc")
    list_title = _l("Employments")
    show_title = _l("Employment")
    list_columns = ["id", "employer", "occupation", "started_on", "ended_on", "state"]
    show_columns = list_columns
    search_columns = ["id", "occupation", "started_on", "ended_on", "state"]
    search_form_extra_fields = {"state": choice_of(EmploymentState, _l("State"))}
    label_columns = {
        "id": _l("Number"),
        "employer": _l("Employer"),
        "occupation": _l("Occupation"),
        "started_on": _l("From"),
        "ended_on": _l("Until"),
        "state": _l("State"),
    }
    formatters_columns: dict[str, Any] = {"started_on": day, "ended_on": lambda on: day(on) if on else ""}

    def subject_of(self, pk: int) -> tuple[access.Subject, bool, str]:
        """The person employed; an employment is never itself an open case."""
        person = self.row(pk).person
        return access.Subject.of_person(person), False, person.ssn

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """The facts, each with the way to correct it, and what was corrected."""
        self.enter(pk)
        employment = self.row(pk)
        names = record_corrections.OF_EMPLOYMENT
        values = {name: getattr(employment, name) for name in names}
        page = self.render_template(
            "backoffice/employment.html",
            employment=employment,
            facts=_facts(values, is_employment=True),
            corrections=record_corrections.of_person(employment.person, employment),
            said=record_corrections.in_words,
            label_of=record_corrections.label_of,
            masked=person_search.masked,
            may_correct=current_user.has_role(*CORRECTORS),
        )
        db.session.commit()
        return str(page)

    @expose("/correct/<int:pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    def correct(self, pk: int) -> Answer:
        """Correct one fact of it, or write its end."""
        self.enter(pk)
        employment = self.row(pk)
        back = url_for("EmploymentView.show", pk=pk)
        return self.ask_correction(employment.person, employment, back)


class RecordCorrectionView(Opening, StaffModelView):
    """What officers corrected in records, and what waits for a second officer."""

    datamodel = StaffInterface(RecordCorrection)
    base_permissions = ["can_list", "can_show", "can_step"]
    opened = Opened.record
    base_order = ("id", "desc")
    list_title = _l("Corrections of records")
    list_columns = ["id", "asked_by", "asked_at", "decided_by", "decided_at", "is_refused"]
    show_columns = list_columns
    search_columns = ["id", "asked_at", "decided_at", "is_refused"]
    label_columns = {
        "id": _l("Number"),
        "asked_by": _l("Asked by"),
        "asked_at": _l("Asked on"),
        "decided_by": _l("Decided by"),
        "decided_at": _l("Decided on"),
        "is_refused": _l("Refused"),
    }
    formatters_columns = dict.fromkeys(["asked_at", "decided_at"], instant)

    def subject_of(self, pk: int) -> tuple[access.Subject, bool, str]:
        """The person; a correction that waits for a second officer is work."""
        correction = self.row(pk)
        is_open = correction.decided_at is None
        return access.Subject.of_person(correction.person), is_open, correction.person.ssn

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """Before and after, why, and the two buttons."""
        self.enter(pk)
        correction = self.row(pk)
        page = self.render_template(
            "backoffice/record_correction.html",
            correction=correction,
            label=record_corrections.label_of(correction.field, correction.employment_id is not None),
            said=record_corrections.in_words,
            masked=person_search.masked,
            may_act=current_user.has_role(*CORRECTORS),
        )
        db.session.commit()
        return str(page)

    @expose("/approve/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def approve(self, pk: int) -> Response:
        """Write it, as a second officer."""
        done = _("Corrected: what the record said before is kept.")
        return self._act(pk, record_corrections.approve, done)

    @expose("/refuse/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def refuse(self, pk: int) -> Response:
        """Leave the record as it is."""
        return self._act(pk, record_corrections.refuse, _("Refused: the record stays as it is."))

    def _act(self, pk: int, step: Any, done: str) -> Response:
        correction, page = self.row(pk), url_for("RecordCorrectionView.show", pk=pk)
        return self.act(lambda: step(correction, current_user), done, page)


def _facts(values: dict[str, Any], is_employment: bool) -> list[tuple[str, Any, str]]:
    """Name, label and value in words of each fact."""
    said = record_corrections.words(record_corrections.form_of(is_employment), values)
    return [(name, record_corrections.label_of(name, is_employment), said[name]) for name in values]


def facts_of_person(person: InsuredPerson) -> list[tuple[str, Any, str]]:
    """The same of a person's own facts."""
    return _facts({name: getattr(person, name) for name in record_corrections.OF_PERSON}, is_employment=False)
