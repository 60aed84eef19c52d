"""The staff's accounts and their roles: invited, given by two, taken back by one."""

from typing import Any

from flask import abort, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.sqla.filters import BaseFilter
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import or_, select
from sqlalchemy.orm import Query, selectinload
from werkzeug.wrappers import Response

from app.extensions import db
from app.formats import instant
from app.forms.staff import InvitationForm, RoleForm
from app.i18n import current_language
from app.models import Account, Agency, RoleGrant
from app.permissions import LABELS, STAFF
from app.services import factor_resets, grants, second_factors, staff
from app.views.backoffice.factor_resets import FactorResets
from app.views.backoffice.form_page import Answer, FormPage
from app.views.backoffice_base import StaffInterface, StaffModelView
from app.views.step_up import step_up_required


def agency_choices() -> list[tuple[int | str, str]]:
    """The agencies by name, after the whole country."""
    rows = db.session.scalars(select(Agency).order_by(Agency.code))
    return [("", _("The whole country")), *((row.id, agency_name(row)) for row in rows)]


def agency_name(agency: Agency | None) -> str:
    """An agency's name in the reader's language; the whole country for none."""
    if agency is None:
        return _("The whole country")
    return agency.name_fr if current_language() == "fr" else agency.name_en


def role_name(role: str) -> str:
    """A role in the reader's language."""
    return str(LABELS.get(role, role))


class OfStaff(BaseFilter):
    """Accounts that hold or are proposed a role of the staff; the insured persons are not listed here."""

    def apply(self, query: Query, value: Any) -> Query:
        """Keep those."""
        holders = Account.roles.any(Role.name.in_(STAFF))
        proposed = Account.id.in_(select(RoleGrant.account_id).where(RoleGrant.ended_at.is_(None)))
        return query.filter(or_(holders, proposed))


class ColleagueView(FactorResets, StaffModelView):
    """The staff's accounts. The list reads no role: what each may do is on its own page."""

    datamodel = StaffInterface(Account)
    base_permissions = ["can_list", "can_show", "can_step"]
    base_filters = [["id", OfStaff, None]]
    base_order = ("last_name", "asc")
    list_title = _l("Users")
    list_template = "backoffice/users.html"
    list_columns = ["last_name", "first_name", "email", "active"]
    show_columns = [*list_columns, "roles", "agency_id", "last_login"]
    search_columns = list_columns
    label_columns = {
        "last_name": _l("Family name"),
        "first_name": _l("Given names"),
        "email": _l("E-mail address"),
        "active": _l("Active"),
    }

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """One account: roles, proposals, and what may be done."""
        account = self.row(pk)
        return self.render_template(
            "backoffice/user.html",
            account=account,
            roles=[role.name for role in account.roles if role.name in STAFF],
            grants=[grant for grant in grants.open_grants(account) if grant.approved_at is None],
            agency=agency_name(db.session.get(Agency, account.agency_id) if account.agency_id else None),
            agencies=agency_choices(),
            role_name=role_name,
            has_factor=second_factors.in_force(account) is not None,
            reset=factor_resets.open_one(account),
            may_act=self.appbuilder.sm.has_access("can_step", self.class_permission_name),
        )

    @expose("/invite", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    @step_up_required
    def invite(self) -> Answer:
        """Invite somebody by e-mail; the role waits for a second administrator."""
        form = InvitationForm()
        form.agency_id.choices = agency_choices()

        def write() -> str:
            answers = form.answers()
            if answers["agency_id"] is not None and db.session.get(Agency, answers["agency_id"]) is None:
                answers["agency_id"] = None
            grant = staff.invite(staff.Colleague(**answers), current_user)
            return _(
                "%(email)s is invited; another administrator must approve the role.",
                email=grant.account.email,
            )

        intro = [_("They get a link by e-mail, valid for 72 hours, to set a password of their own.")]
        back = url_for("ColleagueView.list")
        return self.ask(
            form, _l("Invite a colleague"), write, back, intro=intro, back=back, button=_("Invite")
        )

    @expose("/propose/<int:pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    @step_up_required
    def propose(self, pk: int) -> Answer:
        """Propose a role."""
        account, form, back = self.row(pk), RoleForm(), self._page(pk)

        def write() -> str:
            grants.propose(account, form.role.data, form.reason.data, current_user)
            return _("Role proposed: another administrator must approve it.")

        heading = _("Propose a role for %(name)s", name=account.get_full_name())
        return self.ask(form, heading, write, back, back=back, button=_("Propose"))

    @expose("/revoke/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    @step_up_required
    def revoke(self, pk: int) -> Response:
        """Take a role back at once."""
        account, role = self.row(pk), request.form.get("role", "")
        return self.act(
            lambda: grants.revoke(account, role, current_user),
            _("Role taken back: %(role)s.", role=role_name(role)),
            self._after(pk),
        )

    @expose("/deactivate/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    @step_up_required
    def deactivate(self, pk: int) -> Response:
        """Close the account and end its sessions."""
        account = self.row(pk)
        return self.act(
            lambda: staff.deactivate(account, current_user), _("Account deactivated."), self._page(pk)
        )

    @expose("/sign-out/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def end_sessions(self, pk: int) -> Response:
        """Sign them out everywhere."""
        account = self.row(pk)
        done = _("%(name)s is signed out everywhere.", name=account.get_full_name())
        return self.act(lambda: staff.end_sessions(account, current_user), done, self._page(pk))

    @expose("/reactivate/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    @step_up_required
    def reactivate(self, pk: int) -> Response:
        """Open the account again, or send a new link to who never set a password."""
        account = self.row(pk)
        return self.act(
            lambda: staff.reactivate(account, current_user),
            _("Account open, or link sent again."),
            self._page(pk),
        )

    @expose("/agency/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def agency(self, pk: int) -> Response:
        """Say which agency they work for."""
        account = self.row(pk)
        typed = request.form.get("agency", 0, type=int)
        agency = (db.session.get(Agency, typed) or abort(404)) if typed else None
        done = _("Agency: %(name)s.", name=agency_name(agency))
        return self.act(lambda: staff.move(account, agency, current_user), done, self._page(pk))

    def _page(self, pk: int) -> str:
        return url_for("ColleagueView.show", pk=pk)

    def _after(self, pk: int) -> str:
        """The account's page while it is still one of the staff, else the list."""
        return url_for("ColleagueView.list") if request.form.get("last") else self._page(pk)


class GrantView(FormPage, StaffModelView):
    """The roles proposed and given, with who did what."""

    datamodel = StaffInterface(RoleGrant)
    nothing_yet = _l("No role was proposed. Propose one on the page of a user.")
    base_permissions = ["can_list", "can_show", "can_step"]
    base_order = ("proposed_at", "desc")
    list_title = _l("Role grants")
    list_columns = ["account", "role", "proposed_by", "proposed_at", "approved_by", "approved_at", "ended_at"]
    show_columns = [*list_columns, "reason"]
    search_columns = ["role", "proposed_at", "approved_at", "ended_at"]
    words = {"role": LABELS}
    label_columns = {
        "account": _l("Account"),
        "role": _l("Role"),
        "proposed_by": _l("Proposed by"),
        "proposed_at": _l("Proposed on"),
        "approved_by": _l("Approved by"),
        "approved_at": _l("Approved on"),
        "ended_at": _l("Ended on"),
    }
    formatters_columns = {
        "role": role_name,
        "proposed_at": instant,
        "approved_at": instant,
        "ended_at": instant,
    }

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """One grant, with its reason, and the two buttons for who may settle it."""
        grant = self.row(pk)
        return self.render_template(
            "backoffice/grant.html",
            grant=grant,
            role=role_name(grant.role),
            may_act=self.appbuilder.sm.has_access("can_step", self.class_permission_name),
        )

    @expose("/approve/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    @step_up_required
    def approve(self, pk: int) -> Response:
        """Give the role, as a second administrator."""
        grant = self.row(pk)
        done = _("Role given: %(role)s.", role=role_name(grant.role))
        return self.act(lambda: grants.approve(grant, current_user), done, url_for("GrantView.show", pk=pk))

    @expose("/refuse/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def refuse(self, pk: int) -> Response:
        """End the proposal."""
        grant = self.row(pk)
        return self.act(
            lambda: grants.refuse(grant, current_user),
            _("Proposal refused."),
            url_for("GrantView.show", pk=pk),
        )


def staff_choices() -> list[tuple[int | str, str]]:
    """The active staff by name, after an empty line."""
    rows = db.session.scalars(
        select(Account)
        .where(Account.active.is_(True), Account.roles.any(Role.name.in_(STAFF)))
        .options(selectinload(Account.roles))
        .order_by(Account.last_name, Account.first_name)
    )
    return [("", _("Choose a member of the staff")), *((row.id, row.get_full_name()) for row in rows)]
