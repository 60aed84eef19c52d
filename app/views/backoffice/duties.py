"""Who may sign, and what keeps somebody from a case: delegations, relatives and employers of the staff."""

from flask import abort, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.extensions import db
from app.formats import day, instant
from app.forms.staff import DelegationForm, InterestForm
from app.models import Account, DeclaredInterest, Delegation
from app.services import SERVICES, delegations, interests
from app.views.backoffice.form_page import Answer, FormPage
from app.views.backoffice.letter_templates import service_name
from app.views.backoffice.users import staff_choices
from app.views.backoffice_base import StaffInterface, StaffModelView
from app.views.step_up import step_up_required


def _account(number: int | None) -> Account:
    return db.session.get(Account, number or 0) or abort(404)


class DelegationView(FormPage, StaffModelView):
    """Delegations of signature, with who proposed and who approved."""

    datamodel = StaffInterface(Delegation)
    nothing_yet = _l("Nobody signs under a delegation yet: propose one.")
    base_permissions = ["can_list", "can_show", "can_step", "can_propose"]
    base_order = ("valid_from", "desc")
    list_title = _l("Delegations of signature")
    list_template = "backoffice/delegations.html"
    list_columns = ["account", "service", "valid_from", "valid_to", "approved_at"]
    show_columns = [*list_columns, "quality_fr", "quality_en", "proposed_by", "approved_by"]
    search_columns = ["service", "valid_from", "valid_to"]
    label_columns = {
        "account": _l("Who signs"),
        "service": _l("Service"),
        "valid_from": _l("First day"),
        "valid_to": _l("Last day"),
        "approved_at": _l("Approved on"),
    }
    formatters_columns = {
        "service": service_name,
        "valid_from": day,
        "valid_to": day,
        "approved_at": instant,
    }

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """One delegation, and the buttons."""
        return self.render_template(
            "backoffice/delegation.html",
            delegation=self.row(pk),
            service_name=service_name,
        )

    @expose("/propose", methods=["GET", "POST"])
    @has_access
    @permission_name("propose")
    @step_up_required
    def propose(self) -> Answer:
        """Propose one; a second person approves it."""
        form = DelegationForm()
        form.account_id.choices = staff_choices()
        form.service.choices = [
            ("", _("Every service")),
            *((slug, it.title) for slug, it in SERVICES.items()),
        ]

        def write() -> str:
            qualities = (form.quality_fr.data, form.quality_en.data)
            period = (form.valid_from.data, form.valid_to.data)
            account = _account(form.account_id.data)
            delegations.propose(account, form.service.data or None, qualities, period, current_user)
            return _("Delegation proposed: somebody else must approve it.")

        back = url_for("DelegationView.list")
        return self.ask(form, _l("Propose a delegation"), write, back, back=back, button=_("Propose"))

    @expose("/approve/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    @step_up_required
    def approve(self, pk: int) -> Response:
        """Put it in force."""
        delegation = self.row(pk)
        return self.act(
            lambda: delegations.approve(delegation, current_user),
            _("Delegation approved."),
            url_for("DelegationView.show", pk=pk),
        )

    @expose("/end/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("propose")
    def end(self, pk: int) -> Response:
        """End it."""
        delegation = self.row(pk)
        return self.act(
            lambda: delegations.end(delegation, current_user),
            _("Delegation ended."),
            url_for("DelegationView.list"),
        )


class InterestView(FormPage, StaffModelView):
    """Relatives and employers of the staff: on those they never decide."""

    datamodel = StaffInterface(DeclaredInterest)
    nothing_yet = _l(
        "Nothing is declared. Record a relative or an employer when a colleague tells you of one."
    )
    base_permissions = ["can_list", "can_show", "can_step"]
    base_order = ("id", "desc")
    list_title = _l("Relatives and employers")
    show_title = _l("Relatives and employers")
    list_template = "backoffice/interests.html"
    show_template = "backoffice/interest.html"
    list_columns = ["account", "relative", "person", "employer"]
    show_columns = list_columns
    search_columns = ["id"]
    label_columns = {
        "id": _l("Number"),
        "account": _l("Member of the staff"),
        "relative": _l("Relative (account)"),
        "person": _l("Relative (insured person)"),
        "employer": _l("Employer"),
    }

    @expose("/record", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    def record(self) -> Answer:
        """Record one."""
        form = InterestForm()
        form.account_id.choices = staff_choices()

        def write() -> str:
            account = _account(form.account_id.data)
            interests.record(account, form.relative.data or "", form.employer.data or "", current_user)
            return _("Recorded: this person no longer decides on them.")

        back = url_for("InterestView.list")
        return self.ask(form, _l("Record a relative or an employer"), write, back, back=back)

    @expose("/remove/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    @step_up_required
    def remove(self, pk: int) -> Response:
        """Remove one that no longer holds."""
        interest = self.row(pk)
        return self.act(
            lambda: interests.remove(interest, current_user), _("Removed."), url_for("InterestView.list")
        )
