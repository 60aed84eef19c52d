"""Employers, who answers for them, and those people named beside the list."""

from typing import Any

from flask import url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.sqla.filters import BaseFilter
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Query
from werkzeug.wrappers import Response

from app.access_kinds import Opened
from app.employer_kinds import AgentState
from app.extensions import db
from app.formats import instant
from app.forms.employer import RefusalForm
from app.forms.staff import EmployerNumberForm, NewEmployerForm
from app.models import Case, EmployerAgent, ProposedEmployer
from app.record_kinds import ProposalState
from app.services import SERVICES, access, agencies, employer_agents, proposed_employers, search
from app.views.backoffice.form_page import Answer, FormPage
from app.views.backoffice.openings import WithAProof
from app.views.backoffice_base import StaffInterface, StaffModelView, choice_of


class EmployerAgentView(WithAProof, StaffModelView):
    """Who answers for employers; those to be approved first."""

    datamodel = StaffInterface(EmployerAgent)
    nothing_yet = _l("Nobody asks to answer for an employer.")
    base_permissions = ["can_list", "can_show", "can_step", "can_download"]
    opened = Opened.record
    base_order = ("asked_at", "desc")
    list_title = _l("Agents of employers")
    show_title = _l("Agent of an employer")
    list_columns = ["last_name", "first_name", "employer", "function", "state", "asked_at"]
    show_columns = list_columns
    search_columns = ["last_name", "first_name", "email", "state", "asked_at"]
    search_form_extra_fields = {"state": choice_of(AgentState, _l("State"))}
    label_columns = {
        "employer": _l("Employer"),
        "last_name": _l("Family name"),
        "first_name": _l("Given names"),
        "email": _l("E-mail address"),
        "function": _l("Function in the company"),
        "state": _l("State"),
        "asked_at": _l("Asked on"),
    }
    formatters_columns: dict[str, Any] = {"asked_at": instant}

    def subject_of(self, pk: int) -> tuple[access.Subject, bool, str]:
        """Whoever asked: the agent, or who invited them."""
        agent = self.row(pk)
        subject = access.Subject(agent.account_id or agent.asked_by_id)
        return subject, agent.state is AgentState.asked, agent.employer.name

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """Who they are, the proof, and the buttons."""
        self.enter(pk)
        agent = self.row(pk)
        page = self.render_template(
            "backoffice/employer_agent.html",
            agent=agent,
            may_act=self.appbuilder.sm.has_access("can_step", self.class_permission_name),
        )
        db.session.commit()
        return str(page)

    @expose("/approve/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def approve(self, pk: int) -> Response:
        """Let them answer for the employer."""
        agent = self.row(pk)
        done = _("%(name)s answers for the employer from now on.", name=agent.name)
        return self.act(lambda: employer_agents.approve(agent, current_user), done, self._page(pk))

    @expose("/refuse/<int:pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    def refuse(self, pk: int) -> Answer:
        """Refuse, with a reason."""
        agent, form, back = self.row(pk), RefusalForm(), self._page(pk)

        def write() -> str:
            employer_agents.refuse(agent, form.reason.data, current_user)
            return _("Access refused.")

        return self.ask(form, _l("Refuse this access"), write, back, back=back, button=_("Refuse"))

    @expose("/end/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def end(self, pk: int) -> Response:
        """End the access of an agent at once."""
        agent = self.row(pk)
        return self.act(lambda: employer_agents.end(agent, current_user), _("Access ended."), self._page(pk))

    def _page(self, pk: int) -> str:
        return url_for("EmployerAgentView.show", pk=pk)


class OfOwnCases(BaseFilter):
    """The employers named in cases this reader's agency works."""

    def apply(self, query: Query, value: Any) -> Query:
        """Keep those."""
        mine = select(Case.id).where(agencies.scope(current_user))
        return query.filter(ProposedEmployer.case_id.in_(mine))


class ProposedEmployerView(FormPage, StaffModelView):
    """Employers people named who are not in the list: tied to one, made one, or refused."""

    datamodel = StaffInterface(ProposedEmployer)
    nothing_yet = _l("Every employer that people named is known: nothing to check.")
    base_permissions = ["can_list", "can_show", "can_step"]
    base_filters = [["id", OfOwnCases, None]]
    base_order = ("proposed_at", "desc")
    list_title = _l("Proposed employers")
    show_title = _l("Proposed employer")
    list_columns = ["name", "address", "contact", "state", "proposed_at", "employer"]
    show_columns = list_columns
    search_columns = ["name", "address", "state", "proposed_at"]
    search_form_extra_fields = {"state": choice_of(ProposalState, _l("State"))}
    label_columns = {
        "name": _l("Name"),
        "address": _l("Address"),
        "contact": _l("Contact"),
        "state": _l("State"),
        "proposed_at": _l("Named on"),
        "employer": _l("Employer"),
    }
    formatters_columns: dict[str, Any] = {"proposed_at": instant}

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> str:
        """What the person wrote, employers with such a name, and the ways to decide."""
        proposal = self.row(pk)
        case = db.session.get_one(Case, proposal.case_id)
        return str(
            self.render_template(
                "backoffice/proposed_employer.html",
                proposal=proposal,
                case=case,
                case_view=SERVICES[case.service].staff_view,
                alike=search.employers_of(proposal.name),
                may_act=self.appbuilder.sm.has_access("can_step", self.class_permission_name),
            )
        )

    @expose("/match/<int:pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    def match(self, pk: int) -> Answer:
        """Tie it to an employer of the list."""
        proposal, form, back = self.row(pk), EmployerNumberForm(), self._page(pk)

        def write() -> str:
            proposed_employers.match(proposal, form.registration_number.data, current_user)
            return _("The request names this employer from now on.")

        return self.ask(form, _l("Tie to an employer"), write, back, back=back, button=_("Tie"))

    @expose("/create/<int:pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    def create(self, pk: int) -> Answer:
        """Make it an employer of its own."""
        proposal, back = self.row(pk), self._page(pk)
        form = NewEmployerForm(data={"name": proposal.name, "address": proposal.address})

        def write() -> str:
            facts = {name: value or None for name, value in form.answers().items()}
            proposed_employers.create(proposal, facts, current_user)
            return _("The employer is in the list from now on.")

        intro = [_("The person wrote this contact: %(contact)s", contact=proposal.contact)]
        return self.ask(form, _l("Make an employer"), write, back, back=back, intro=intro, button=_("Make"))

    @expose("/refuse/<int:pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    def refuse(self, pk: int) -> Answer:
        """Say that there is no such employer."""
        proposal, form, back = self.row(pk), RefusalForm(), self._page(pk)

        def write() -> str:
            proposed_employers.refuse(proposal, form.reason.data, current_user)
            return _("Refused: the case goes on without this employer.")

        return self.ask(form, _l("Refuse this employer"), write, back, back=back, button=_("Refuse"))

    def _page(self, pk: int) -> str:
        return url_for("ProposedEmployerView.show", pk=pk)
