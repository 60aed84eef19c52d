"""Insured persons: found by what one knows of them; each opening is noted, and asks for a reason."""

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app.access_kinds import Opened
from app.extensions import db
from app.formats import day
from app.forms.staff import OpeningForm, PersonSearchForm
from app.models import InsuredPerson
from app.permissions import CORRECTORS, COUNTER, MERGERS
from app.services import access, duplicates, numbers, person_record, person_search, record_corrections
from app.services.base import RuleBroken
from app.views.backoffice.form_page import Answer
from app.views.backoffice.records import Correcting, facts_of_person
from app.views.backoffice_base import StaffInterface, StaffModelView
from app.views.language import is_switching, was_checked
from app.views.stale import is_stale


class InsuredPersonView(Correcting, StaffModelView):
    """The insured persons."""

    datamodel = StaffInterface(InsuredPerson)
    base_permissions = ["can_list", "can_show", "can_step"]
    is_exported = False
    opened = Opened.record
    list_title = _l("Insured persons")
    show_title = _l("Insured person")
    list_columns = ["family_name", "given_names"]
    search_columns = ["ssn"]
    show_columns = ["ssn", *list_columns, "birth_date", "registered_on", "email"]
    show_template = "backoffice/person.html"
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

    @expose("/list/", methods=["GET", "POST"])
    @has_access
    def list(self) -> str | tuple[str, int]:
        """Nobody, until what was sent describes few; sent, since names do not belong into addresses."""
        form = PersonSearchForm()
        if request.method != "POST" or is_stale() or (is_switching() and not was_checked()):
            return self._search_page(form)
        if not form.validate():
            return self._search_page(form), 200 if is_switching() else 422
        try:
            found = person_search.find(person_search.Sought(**form.answers()), current_user)
            page = self._search_page(form, found)
            db.session.commit()
        except RuleBroken as refusal:
            return self._search_page(form, refusal=str(refusal.message)), 422
        return page

    def _search_page(
        self,
        form: PersonSearchForm,
        found: Sequence[InsuredPerson] | None = None,
        refusal: str | None = None,
    ) -> str:
        return str(
            self.render_template(
                "backoffice/persons.html",
                form=form,
                fields=[form[name] for name in form.order],
                heading=self.list_title,
                intro=[
                    _("Give the number, or the family name and the date of birth. Whoever is found reads it.")
                ],
                button=_("Search"),
                found=found,
                refusal=refusal,
                most=person_search.MOST_FOUND,
                masked=person_search.masked,
            )
        )

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """The record."""
        self.enter(pk)
        page = str(super().show(pk))
        db.session.commit()
        return page

    def render_template(self, template: str, **kwargs: Any) -> str:
        """FAB's; the record's page with what hangs on it, and what this officer may do."""
        if template == self.show_template:
            person = self.row(kwargs["pk"])
            kwargs |= {
                "record": person_record.of(person),
                "facts": facts_of_person(person),
                "corrections": record_corrections.of_person(person),
                "said": record_corrections.in_words,
                "label_of": record_corrections.label_of,
                "may_correct": current_user.has_role(*CORRECTORS) and person.merged_into_id is None,
                "person": person,
                "survivor": numbers.survivor_of(person),
                "may_open_employments": self.appbuilder.sm.has_access("can_show", "EmploymentView"),
                "may_merge": current_user.has_role(*MERGERS),
                "may_convert": current_user.has_role(*COUNTER),
            }
        return str(super().render_template(template, **kwargs))

    @expose("/alike/<int:pk>", methods=["GET"])
    @has_access
    @permission_name("show")
    def alike(self, pk: int) -> str:
        """Whom this person is alike; each of them reads that they were found."""
        self.enter(pk)
        person = self.row(pk)
        found = duplicates.of_person(person)
        for other, _alike in found:
            access.record(current_user, Opened.search, other.ssn, access.Subject.of_person(other))
        page = self.render_template(
            "backoffice/alike.html",
            person=person,
            found=found,
            masked=person_search.masked,
            may_merge=current_user.has_role(*MERGERS),
        )
        db.session.commit()
        return page

    @expose("/convert/<int:pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    def convert(self, pk: int) -> Answer:
        """Give a lasting number in place of the temporary one."""
        self.enter(pk)
        person, form, back = self.row(pk), OpeningForm(), url_for("InsuredPersonView.show", pk=pk)

        def write() -> str:
            number = numbers.convert(person, form.reason.data, current_user)
            return _("The number is now %(number)s; the temporary one still leads here.", number=number)

        intro = [_("Say which evidence completes the record. The person is told.")]
        heading = _l("Replace the temporary number")
        return self.ask(form, heading, write, back, back=back, intro=intro, button=_("Replace it"))

    @expose("/correct/<int:pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    def correct(self, pk: int) -> Answer:
        """Correct one fact of the record beside any request."""
        self.enter(pk)
        back = url_for("InsuredPersonView.show", pk=pk)
        return self.ask_correction(self.row(pk), None, back)
