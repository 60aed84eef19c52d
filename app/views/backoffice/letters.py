"""Letters in the back office: preview on the case screen, the letters of a case, and the print queue."""

from datetime import date
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.sqla.filters import BaseFilter
from flask_appbuilder.security.decorators import permission_name
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.orm import Query
from werkzeug.wrappers import Response

from app import clock
from app.access_kinds import Opened
from app.extensions import db
from app.formats import day, instant
from app.i18n import NAMES
from app.models import Case, Letter
from app.services import SERVICES, access, cases, letters
from app.services.base import RuleBroken
from app.views.backoffice_base import StaffInterface, StaffModelView
from app.views.letters import letter_of, send
from app.workflow import Outcome


class CaseLetters:
    """What a case view adds for letters; each endpoint goes through the view's own filters."""

    endpoint: str
    render_template: Any
    enter: Any
    row: Any

    @expose("/preview/<int:pk>", methods=["GET"])
    @has_access
    @permission_name("show")
    def preview_page(self, pk: int) -> Response:
        """The address of a preview, opened again: the case screen."""
        return redirect(url_for(f"{self.endpoint}.show", pk=self.row(pk).id))

    @expose("/preview/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def preview(self, pk: int) -> Response | str:
        """The letter this officer's decision would send, with the reason typed so far; nothing is written."""
        case = self.row(pk)
        steps = cases.available_to_staff(SERVICES[case.service], case, current_user)
        outcome = next((it for it in letters.outcomes(steps) if it == request.form.get("outcome")), None)
        if outcome is None:
            flash(_("You cannot decide this now."), "warning")
            return self.preview_page(pk)
        decided = letters.outcomes(step for step in steps if step.decides)
        try:
            sheet = self._sheet(case, outcome, is_signed=outcome in decided)
        except RuleBroken as refusal:
            flash(str(refusal.message), "warning")
            return self.preview_page(pk)
        return self._preview(case, outcome, sheet)

    @expose("/letter/<int:pk>/<number>", methods=["GET"])
    @has_access
    @permission_name("download")
    def letter(self, pk: int, number: str) -> str:
        """A letter of a case this officer can see."""
        letter = letter_of(self.row(pk), number)
        self.enter(pk, Opened.letter, number)
        back = url_for(f"{self.endpoint}.show", pk=pk)
        pdf = url_for(f"{self.endpoint}.letter_pdf", pk=pk, number=number)
        page = str(self.render_template("backoffice/letter.html", letter=letter, back=back, pdf=pdf))
        db.session.commit()
        return page

    @expose("/letter/<int:pk>/<number>.pdf", methods=["GET"])
    @has_access
    @permission_name("download")
    def letter_pdf(self, pk: int, number: str) -> Response:
        """The same as PDF."""
        letter = letter_of(self.row(pk), number)
        self.enter(pk, Opened.letter, number)
        response = send(letter)
        db.session.commit()
        return response

    def _sheet(self, case: Case, outcome: Outcome, is_signed: bool) -> letters.Sheet:
        """The letter with the reason typed, or else the one proposed; signed when this officer would sign."""
        reason = request.form.get("reason", "").strip() or (case.proposed_outcome and case.decision_reason)
        signatory = current_user if is_signed else None
        return letters.preview(SERVICES[case.service], case, outcome, reason or None, signatory)

    def _preview(self, case: Case, outcome: Outcome, sheet: letters.Sheet) -> str:
        with force_locale(sheet.language):
            html = self.render_template("letters/letter.html", letter=sheet)
        return self.render_template(
            "backoffice/letter_preview.html",
            case=case,
            view=self.endpoint,
            html=html,
            outcome=outcome,
            reason=request.form.get("reason", ""),
        )


class OnPaper(BaseFilter):
    """Letters for people without e-mail that are made: still to post, or posted."""

    def apply(self, query: Query, value: bool) -> Query:
        """`value`: whether they were posted."""
        posted = Letter.printed_at.is_not(None) if value else Letter.printed_at.is_(None)
        return query.filter(Letter.channel == letters.PAPER, Letter.made_at.is_not(None), posted)


class PaperView(StaffModelView):
    """The letters on paper, to look at and to print."""

    base_permissions = ["can_list", "can_show", "can_download"]
    list_columns = ["number", "recipient", "language", "written_at"]
    show_columns = [*list_columns, "html", "posted_on"]
    search_columns = ["number", "recipient", "language"]
    label_columns = {
        "number": _l("Number"),
        "recipient": _l("Recipient"),
        "language": _l("Language"),
        "written_at": _l("Date"),
        "posted_on": _l("Posted on"),
    }
    formatters_columns = {"written_at": instant, "posted_on": day, "language": NAMES.get}

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """The letter, its PDF, and where it may be marked as posted."""
        letter = self._noted(pk)
        page = self._screen(letter)
        db.session.commit()
        return page

    @expose("/pdf/<int:pk>", methods=["GET"])
    @has_access
    @permission_name("download")
    def pdf(self, pk: int) -> Response:
        """The PDF to print."""
        response = send(self._noted(pk))
        db.session.commit()
        return response

    def _noted(self, pk: int) -> Letter:
        """The letter, and that it was opened: printing it is the work itself, so no reason is asked."""
        letter = self.row(pk)
        subject = access.Subject(letter.recipient_id, None, letter.case_id)
        access.record(current_user, Opened.letter, letter.number, subject)
        return letter

    def _screen(self, letter: Letter, error: str | None = None, action: str | None = None) -> str:
        return self.render_template(
            "backoffice/letter.html",
            letter=letter,
            back=url_for(f"{self.endpoint}.list"),
            pdf=url_for(f"{self.endpoint}.pdf", pk=letter.id),
            posted_action=action,
            today=clock.today(),
            typed=request.form.get("posted_on"),
            error=error,
        )


class PrintQueueView(PaperView):
    """Letters to print and post; once posted, with the day, they leave the queue."""

    datamodel = StaffInterface(Letter)
    nothing_yet = _l("No letter waits to be printed.")
    base_permissions = [*PaperView.base_permissions, "can_step"]
    base_filters = [["printed_at", OnPaper, False]]
    base_order = ("written_at", "asc")
    list_title = _l("Letters to print")

    @expose("/posted/<int:pk>", methods=["GET"])
    @has_access
    @permission_name("show")
    def posted_page(self, pk: int) -> Response:
        """The address of a refusal, opened again: the letter."""
        return redirect(url_for(f"{self.endpoint}.show", pk=self.row(pk).id))

    @expose("/posted/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def posted(self, pk: int) -> Response | str | tuple[str, int]:
        """Mark the letter as posted on a day: the time to appeal runs from it."""
        letter = self.row(pk)
        try:
            letters.mark_posted(letter, _day(request.form.get("posted_on", "")), current_user)
            db.session.commit()
        except RuleBroken as refusal:
            db.session.rollback()
            return self._screen(self.row(pk), str(refusal.message)), 422
        done = _("Letter %(number)s posted on %(day)s.", number=letter.number, day=day(letter.posted_on))
        flash(done, "success")
        return redirect(url_for(f"{self.endpoint}.list"))

    def _screen(self, letter: Letter, error: str | None = None, action: str | None = None) -> str:
        """With the form, for whoever may post."""
        may_post = self.appbuilder.sm.has_access("can_step", self.class_permission_name)
        action = url_for(f"{self.endpoint}.posted", pk=letter.id) if may_post else None
        return super()._screen(letter, error, action)


class PostedLettersView(PaperView):
    """Letters that were posted, with the day: the tracking of paper."""

    datamodel = StaffInterface(Letter)
    nothing_yet = _l("No letter was posted yet. Those you post from the print queue come here.")
    base_filters = [["printed_at", OnPaper, True]]
    base_order = ("posted_on", "desc")
    list_title = _l("Posted letters")
    list_columns = [*PaperView.list_columns, "posted_on"]
    search_columns = [*PaperView.search_columns, "posted_on"]


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None
