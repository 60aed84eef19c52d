"""What staff do on the case screen beside the steps: notes, corrections, assignment, transfer."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Response as FlaskResponse
from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from app.extensions import db
from app.forms.base import PortalForm
from app.forms.correction import Correction
from app.models import Account, Agency, Case, EmployerFact
from app.permissions import roles_for
from app.services import (
    SERVICES,
    agencies,
    cases,
    casework,
    counter,
    documents,
    employer_answers,
    employer_requests,
    spoken_for,
)
from app.services.base import RuleBroken, Service
from app.views import applicant, questions, receipts, writing
from app.views.backoffice.form_page import Answer, FormPage
from app.views.cases import information_asked
from app.views.language import is_switching, was_checked
from app.workflow import Actor, Status, Step, Told

_EMPLOYERS = "employer"
"""What an address says that opens the form with the employer's value."""


class Casework(FormPage):
    """The endpoints a case view adds; each goes through the view's own filters and asks for `can_step`."""

    endpoint: str
    row: Any
    enter: Any
    again: Any
    _screen: Any

    @expose("/note/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def note(self, pk: int) -> Response | str:
        """Leave a note for staff."""
        case = self.row(pk)
        if is_switching():
            return str(self.again(pk, lambda: self._screen(case)))
        return self._act(
            pk,
            _("Note written."),
            lambda: casework.note(SERVICES[case.service], case, request.form.get("note", ""), current_user),
        )

    @expose("/correct/<int:pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    def correct(self, pk: int) -> Answer:
        """Correct one answer, by the question the person was asked, with a reason."""
        case, back = self.row(pk), url_for(f"{self.endpoint}.show", pk=pk)
        name = request.values.get("field") or request.form.get("correction_of", "")
        service = SERVICES[case.service]
        if name not in service.correctable(case):
            flash(_("This answer cannot be corrected."), "warning")
            return redirect(back)
        offered = employer_requests.corrected(service, case, name)
        is_taken = offered is not None and request.args.get("value") == _EMPLOYERS
        correction = _correction(service, case, name, {name: offered[1]} if offered and is_taken else {})

        def write() -> str:
            written = casework.correct(
                service, case, name, correction.value, correction.reason, current_user, correction.version
            )
            return (
                _("Answer corrected.") if written else _("The answer says this already: nothing was changed.")
            )

        heading = _("Correct an answer of %(reference)s", reference=case.reference)
        shown = _beside(service, offered[0], url_for(request.endpoint or "", pk=pk)) if offered else {}
        return self.ask(correction.form, heading, write, back, back=back, button=_("Correct"), **shown)

    @expose("/speak_for/<int:pk>/<name>", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    def speak_for(self, pk: int, name: str) -> Answer:
        """A step taken for the person, with how they told it and the papers they gave."""
        case, back = self.row(pk), url_for(f"{self.endpoint}.show", pk=pk)
        service, owner = SERVICES[case.service], case.owner
        step = service.workflow.step(name)
        if step is None or not step.for_person:
            abort(404)
        if step not in cases.available_to_staff(service, case, current_user):
            flash(_("This step is not possible at this stage, or not for you."), "warning")
            return redirect(back)
        applicant.speak_for(owner)
        text = writing.for_person(case, step)
        page = partial(self._for_person, case, step)
        if request.method != "POST":
            return page(writing.shown(text, None))
        form, refused = writing.posted(text, None, keeps_files=True)
        db.session.commit()
        if questions.is_taking_away() or (is_switching() and not was_checked()):
            return page(form)
        if not questions.is_right(form, refused) or is_switching():
            return page(form), (200 if is_switching() else 422)
        try:
            documents.hold(owner)
            told = form.answers()
            said = spoken_for.ForPerson(Told(told["told"]), told["evidence"])
            papers = questions.documents_of(text[0], form)
            counter.speak_for(service, case, name, said, told["words"], papers, current_user, _version())
            db.session.commit()
        except RuleBroken as refusal:
            db.session.rollback()
            return page(form, str(refusal.message)), 422
        flash(_("%(reference)s: %(done)s.", reference=case.reference, done=step.done), "success")
        return redirect(back)

    def _for_person(self, case: Case, step: Step, form: PortalForm, refusal: str | None = None) -> str:
        return str(
            self.render_template(
                "backoffice/for_person.html",
                case=case,
                step=step,
                form=form,
                fields=[form["evidence"], form["words"]],
                refusal=refusal,
                version=_version() or case.version,
                asked=information_asked(case) if case.status is Status.info_requested else None,
                back=url_for(f"{self.endpoint}.show", pk=case.id),
            )
        )

    @expose("/assign/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def assign(self, pk: int) -> Response:
        """Give the case to an officer."""
        case = self.row(pk)
        officer = db.session.get(Account, request.form.get("officer", 0, type=int)) or abort(404)
        return self._act(
            pk,
            _("Case handed to %(name)s.", name=officer.get_full_name()),
            lambda: casework.assign(SERVICES[case.service], case, officer, current_user, _version()),
        )

    @expose("/transfer/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def transfer(self, pk: int) -> Response:
        """Move the case to another agency."""
        case = self.row(pk)
        agency = db.session.get(Agency, request.form.get("agency", 0, type=int)) or abort(404)
        return self._act(
            pk,
            _("Case transferred to agency %(code)s.", code=agency.code),
            lambda: casework.transfer(SERVICES[case.service], case, agency, current_user, _version()),
            stays=agencies.sees_all(current_user) or current_user.agency_id == agency.id,
        )

    @expose("/receipt/<int:pk>.pdf", methods=["GET"])
    @has_access
    @permission_name("download")
    def receipt(self, pk: int) -> FlaskResponse:
        """The receipt on paper, to be given to who stands at the counter."""
        case = self.row(pk)
        self.enter(pk)
        return receipts.send_pdf(case.receipt)

    def _act(self, pk: int, done: str, write: Any, stays: bool = True) -> Response:
        """Do it, say so, and go back to the case, or to the list when it is no longer one's own."""
        page = url_for(f"{self.endpoint}.show", pk=pk)
        try:
            write()
            db.session.commit()
            flash(done, "success")
        except RuleBroken as refusal:
            db.session.rollback()
            flash(str(refusal.message), "warning")
            return redirect(page)
        return redirect(page if stays else url_for(f"{self.endpoint}.list"))


class EmployerAsked:
    """The endpoint a case view adds where its service asks the employer."""

    row: Any
    _act: Any

    @expose("/ask_employer/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def ask_employer(self, pk: int) -> Response:
        """Have the case's employer asked, or asked again."""
        case = self.row(pk)
        return self._act(
            pk,
            _("The employer was asked."),
            lambda: employer_answers.ask_again(SERVICES[case.service], case, current_user),
        )


def colleagues(case: Case) -> list[Account]:
    """The active accounts that may work a case: of its service, and of its agency or of the whole country."""
    return officers(case.service, case.agency_id)


def officers(service: str, agency_id: int | None) -> list[Account]:
    """The active accounts that work a service, in an agency (all of them for none) or the whole country."""
    may = Account.roles.any(Role.name.in_(roles_for(service, Actor.officer)))
    found = select(Account).where(Account.active.is_(True), may)
    if agency_id is not None:
        found = found.where(or_(Account.agency_id.is_(None), Account.agency_id == agency_id))
    return list(db.session.scalars(found.order_by(Account.id)))


def _beside(service: Service[Any], fact: EmployerFact, page: str) -> dict[str, Any]:
    """What the form shows of a fact the employer corrected: both values, and the way to take theirs."""
    wrote = employer_requests.in_words(service, fact, fact.declared)
    says = employer_requests.in_words(service, fact, fact.answered)
    query = urlencode({"field": fact.name, "value": _EMPLOYERS})
    return {
        "intro": [
            _("The person wrote: %(value)s.", value=wrote),
            _("The employer says: %(value)s.", value=says),
        ],
        "other": {"href": f"{page}?{query}", "text": _("Take the employer’s value")},
    }


def _correction(service: Service[Any], case: Case, name: str, offered: Mapping[str, Any]) -> Correction:
    posted = request.form if request.method == "POST" else None
    form, question = service.asking(name)
    place = name.removesuffix(question)
    names = [it for it in service.correctable(case if place else None) if it.startswith(place)]
    answers = {it.removeprefix(place): service.value_of(case, it) for it in names} | dict(offered)
    prepare = service.prepare if not place else _nothing_to_prepare
    return Correction(form, prepare, question, answers, case.version, posted, name)


def _nothing_to_prepare(form: PortalForm) -> None:
    """An entry's questions need nothing from the database."""


def _version() -> int | None:
    """The case's version on the page this was sent from."""
    return request.form.get("version", type=int)
