"""What staff do on the case screen beside the steps: notes, corrections, assignment, transfer."""

from datetime import date
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Date, Integer, or_, select
from werkzeug.wrappers import Response

from app.extensions import db
from app.forms.base import as_id
from app.models import Account, Agency, Case, Employer
from app.permissions import roles_for
from app.services import SERVICES, agencies, casework
from app.services.base import RuleBroken
from app.workflow import Actor


class Casework:
    """The endpoints a case view adds; each goes through the view's own filters and asks for `can_step`."""

    endpoint: str

    def _visible(self, pk: int) -> Case:
        raise NotImplementedError

    @expose("/note/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def note(self, pk: int) -> Response:
        """Leave a note for staff."""
        case = self._visible(pk)
        return self._act(
            pk,
            _("Note written."),
            lambda: casework.note(SERVICES[case.service], case, request.form.get("note", ""), current_user),
        )

    @expose("/correct/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def correct(self, pk: int) -> Response:
        """Correct one answer, with a reason."""
        case = self._visible(pk)
        field = request.form.get("field", "")

        def write() -> None:
            value = _read(case, field, request.form.get(f"value-{field}", request.form.get("value", "")))
            reason = request.form.get("reason")
            casework.correct(SERVICES[case.service], case, field, value, reason, current_user)

        return self._act(pk, _("Answer corrected."), write)

    @expose("/assign/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def assign(self, pk: int) -> Response:
        """Give the case to an officer."""
        case = self._visible(pk)
        officer = db.session.get(Account, request.form.get("officer", 0, type=int)) or abort(404)
        return self._act(
            pk,
            _("Case handed to %(name)s.", name=officer.get_full_name()),
            lambda: casework.assign(SERVICES[case.service], case, officer, current_user),
        )

    @expose("/transfer/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def transfer(self, pk: int) -> Response:
        """Move the case to another agency."""
        case = self._visible(pk)
        agency = db.session.get(Agency, request.form.get("agency", 0, type=int)) or abort(404)
        return self._act(
            pk,
            _("Case transferred to agency %(code)s.", code=agency.code),
            lambda: casework.transfer(SERVICES[case.service], case, agency, current_user),
            stays=agencies.sees_all(current_user) or current_user.agency_id == agency.id,
        )

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


def _read(case: Case, field: str, typed: str) -> Any:
    """The typed value as the column holds it; `RuleBroken` when it cannot be."""
    column = case.__mapper__.columns.get(field)
    typed = typed.strip()
    if column is None:
        return typed
    try:
        if isinstance(column.type, Date):
            return date.fromisoformat(typed)
        if isinstance(column.type, Integer):
            return _existing(Employer, as_id(typed))
    except ValueError:
        raise RuleBroken(_("This value cannot be read.")) from None
    limit = getattr(column.type, "length", None)
    if not typed or (limit and len(typed) > limit):
        raise RuleBroken(_("This value is empty or too long."))
    return typed


def _existing(model: Any, number: int | None) -> int:
    if number is None or db.session.get(model, number) is None:
        raise RuleBroken(_("This value cannot be read."))
    return number
