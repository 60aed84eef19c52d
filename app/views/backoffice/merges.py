"""Two records of one person: one officer proposes to merge them, another approves; undone in the same way."""

from typing import Any

from flask import request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.access_kinds import Opened
from app.extensions import db
from app.formats import instant
from app.forms.records import MergeForm, ReservationForm
from app.forms.staff import OpeningForm
from app.models import InsuredPerson, NumberRange, NumberReservation, PersonMerge
from app.permissions import MERGERS
from app.services import access, comparing, merges, numbers
from app.services.base import RuleBroken
from app.views.backoffice.form_page import Answer, FormPage
from app.views.backoffice.openings import Opening
from app.views.backoffice_base import StaffInterface, StaffModelView


class MergeView(Opening, StaffModelView):
    """The merges proposed, approved, refused and undone."""

    datamodel = StaffInterface(PersonMerge)
    nothing_yet = _l(
        "No merge was proposed. Begin on the page of an insured person: look for possible duplicates there."
    )
    base_permissions = ["can_list", "can_show", "can_step"]
    base_order = ("id", "desc")
    list_title = _l("Merges")
    list_template = "backoffice/merges.html"
    list_columns = ["id", "proposed_by", "proposed_at", "approved_at", "refused_at", "undone_at"]
    show_columns = list_columns
    search_columns = ["id", "proposed_at", "approved_at", "refused_at", "undone_at"]
    label_columns = {
        "id": _l("Number"),
        "proposed_by": _l("Proposed by"),
        "proposed_at": _l("Proposed on"),
        "approved_at": _l("Approved on"),
        "refused_at": _l("Refused on"),
        "undone_at": _l("Undone on"),
    }
    formatters_columns = dict.fromkeys(["proposed_at", "approved_at", "refused_at", "undone_at"], instant)
    opened = Opened.record

    def subject_of(self, pk: int) -> tuple[access.Subject, bool, str]:
        """The person whose record stays; a merge that waits for somebody is work."""
        merge = self.row(pk)
        is_open = merge.approved_at is None and merge.refused_at is None
        is_open = is_open or (merge.undo_proposed_by_id is not None and merge.undone_at is None)
        return access.Subject.of_person(merge.survivor), is_open, merge.survivor.ssn

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """The two side by side, what hangs on each, and what is next. Both read that they were looked at."""
        self.enter(pk)
        merge = self.row(pk)
        access.record(current_user, self.opened, merge.merged.ssn, access.Subject.of_person(merge.merged))
        page = self.render_template(
            "backoffice/merge.html",
            merge=merge,
            lines=comparing.side_by_side(merge.survivor, merge.merged),
            hanging=[merges.hanging_on(person) for person in (merge.survivor, merge.merged)],
            may_act=current_user.has_role(*MERGERS),
        )
        db.session.commit()
        return str(page)

    @expose("/propose", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    def propose(self) -> Answer:
        """Propose one, by the two numbers."""
        form = MergeForm(data={name: _number_in(name) for name in ("survivor", "merged")})
        made: list[PersonMerge] = []

        def write() -> str:
            survivor, merged = _person(form.survivor.data), _person(form.merged.data)
            made.append(merges.propose(survivor, merged, form.reason.data, current_user))
            return _("Proposed: another officer must approve it.")

        intro = [
            _("Requests, documents, messages and everything else go to the record that stays."),
            _("The other number goes on leading there. You see the two side by side on the next page."),
        ]
        back = url_for("MergeView.list")
        return self.ask(
            form,
            _l("Merge two records of one person"),
            write,
            lambda: url_for("MergeView.show", pk=made[0].id),
            back=back,
            intro=intro,
            button=_("Propose"),
        )

    @expose("/approve/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def approve(self, pk: int) -> Response:
        """Merge, as a second officer."""
        return self._act(pk, merges.approve, _("Merged: the two numbers now lead to one record."))

    @expose("/refuse/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def refuse(self, pk: int) -> Response:
        """Leave the two as they are."""
        return self._act(pk, merges.refuse, _("Refused: the two stay as they are."))

    @expose("/propose-undo/<int:pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    def propose_undo(self, pk: int) -> Answer:
        """Say that they were two after all."""
        merge, form, back = self.row(pk), OpeningForm(), url_for("MergeView.show", pk=pk)

        def write() -> str:
            merges.propose_undo(merge, form.reason.data, current_user)
            return _("Proposed: another officer must approve it.")

        return self.ask(form, _l("Undo this merge"), write, back, back=back, button=_("Propose"))

    @expose("/undo/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def undo(self, pk: int) -> Response:
        """Put back what the merge changed, as a second officer."""
        return self._act(pk, merges.undo, _("Undone: each record holds what it held before."))

    def _act(self, pk: int, step: Any, done: str) -> Response:
        merge, page = self.row(pk), url_for("MergeView.show", pk=pk)
        return self.act(lambda: step(merge, current_user), done, page)


class NumberReservationView(FormPage, StaffModelView):
    """Places of the ranges of numbers that are never issued."""

    datamodel = StaffInterface(NumberReservation)
    nothing_yet = _l(
        "No numbers are reserved. Reserve a range before persons are brought in from another system."
    )
    base_permissions = ["can_list", "can_show", "can_step"]
    base_order = ("id", "desc")
    list_title = _l("Reserved numbers")
    show_title = _l("Reserved numbers")
    list_template = "backoffice/reservations.html"
    list_columns = ["region", "first", "last", "reason", "reserved_by", "reserved_at"]
    show_columns = list_columns
    search_columns = ["region", "reason", "reserved_at"]
    label_columns = {
        "region": _l("Range"),
        "first": _l("First place"),
        "last": _l("Last place"),
        "reason": _l("What for"),
        "reserved_by": _l("Reserved by"),
        "reserved_at": _l("Reserved on"),
    }
    formatters_columns = {"reserved_at": instant}

    @expose("/reserve", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    def reserve(self) -> Answer:
        """Reserve some, for numbers that a migration brings in."""
        form, back = ReservationForm(), url_for("NumberReservationView.list")
        ranges = db.session.query(NumberRange).order_by(NumberRange.region)
        form.region.choices = [(one.region, one.region) for one in ranges]

        def write() -> str:
            numbers.reserve(form.region.data, form.first.data, form.last.data, form.reason.data, current_user)
            return _("Reserved: no number is issued there.")

        heading = _l("Reserve numbers")
        return self.ask(form, heading, write, back, back=back, button=_("Reserve"))


def _number_in(name: str) -> str:
    """The number of the person the address names, to begin with."""
    person = db.session.get(InsuredPerson, request.args.get(name, 0, type=int))
    return person.ssn if person else ""


def _person(typed: str) -> InsuredPerson:
    found = numbers.whose(typed)
    if found is None:
        raise RuleBroken(_("Nobody has the number %(number)s.", number=typed))
    return found
