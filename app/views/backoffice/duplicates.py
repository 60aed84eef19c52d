"""Possible duplicates of a case's author, for staff: compared side by side, set aside or attached."""

from typing import Any

from flask import abort, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.access_kinds import Opened
from app.extensions import db
from app.forms.records import JudgementForm
from app.likeness_kinds import Judgement, Likeness
from app.models import Case, PossibleDuplicate
from app.permissions import roles_for
from app.services import SERVICES, access, agencies, comparing, judging
from app.services.base import NotAllowed
from app.views.backoffice.form_page import Answer, FormPage
from app.workflow import Actor

Other = tuple[Any, Opened, str, access.Subject]
"""Somebody alike, and how a look at them is noted."""


class CaseDuplicates(FormPage):
    """The endpoints a case view adds; each goes through the view's own filters."""

    endpoint: str
    enter: Any
    row: Any
    render_template: Any

    @expose("/duplicate/<int:pk>/<int:alike>", methods=["GET"])
    @has_access
    @permission_name("show")
    def duplicate(self, pk: int, alike: int) -> Answer:
        """The two side by side. Who is looked at reads it."""
        self.enter(pk)
        case = self.row(pk)
        found = _of(case, alike)
        other = self._other(found)
        access.record(current_user, *other[1:])
        db.session.commit()
        if found.judgement or not current_user.has_role(*roles_for(case.service, Actor.officer)):
            shown = self._shown(pk, found, other)
            return str(self.render_template("backoffice/duplicate_read.html", **shown))
        return self.judge_page(pk, found, other)

    @expose("/duplicate/<int:pk>/<int:alike>", methods=["POST"])
    @has_access
    @permission_name("step")
    def judge(self, pk: int, alike: int) -> Answer:
        """Say what was found."""
        found = _of(self.row(pk), alike)
        return self.judge_page(pk, found, self._other(found))

    def judge_page(self, pk: int, found: PossibleDuplicate, other: Other) -> Answer:
        """The form beside the two."""
        case, form, shown = self.row(pk), JudgementForm(), self._shown(pk, found, other)

        def write() -> str:
            judgement = Judgement(form.judgement.data)
            service = SERVICES[case.service]
            judging.judge(service, case, found, judgement, form.reason.data, current_user)
            return _("Noted: two people must now decide this case.")

        heading = shown.pop("heading")
        template = "backoffice/duplicate.html"
        return self.ask(
            form, heading, write, shown["back"], template=template, button=_("Note what I found"), **shown
        )

    def _shown(self, pk: int, found: PossibleDuplicate, other: Other) -> dict[str, Any]:
        case = self.row(pk)
        return {
            "heading": _l("Are they the same person?"),
            "back": url_for(f"{self.endpoint}.show", pk=pk, _anchor="duplicates"),
            "lines": comparing.side_by_side(case, other[0]),
            "one": case.reference,
            "of_other": other[2],
            "likeness": likeness_of(found),
            "judged": found,
        }

    @expose("/search-duplicates/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def search_duplicates(self, pk: int) -> Response:
        """Look once more."""
        case = self.row(pk)
        found: list[int] = []
        return self.act(
            lambda: found.append(judging.search_again(SERVICES[case.service], case, current_user)),
            _("Searched again: what is new is in the list."),
            url_for(f"{self.endpoint}.show", pk=pk, _anchor="duplicates"),
        )

    def _other(self, found: PossibleDuplicate) -> Other:
        """Who the author of the case is like, and how the look at them is noted."""
        if found.person is not None:
            return found.person, Opened.record, found.person.ssn, access.Subject.of_person(found.person)
        other = db.session.get_one(Case, found.other_case_id)
        try:
            agencies.check(other, current_user)
        except NotAllowed:
            abort(403)
        return other, Opened.case, other.reference or "", access.Subject.of_case(other)


def likeness_of(found: PossibleDuplicate) -> str:
    """In what they are alike, in words."""
    return ", ".join(str(Likeness(one).label) for one in found.likeness)


def _of(case: Case, number: int) -> PossibleDuplicate:
    found = db.session.get(PossibleDuplicate, number)
    return found if found is not None and found.case_id == case.id else abort(404)
