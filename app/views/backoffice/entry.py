"""The door of the counter: who stands there, for what; then the journey's pages, walked in their name."""

from collections.abc import Callable

from flask import url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from app.forms.staff import EntryForm, NewPersonForm, ReceptionForm
from app.i18n import current_language
from app.models import Account
from app.permissions import roles_for
from app.services import SERVICES, counter, people
from app.views.backoffice.form_page import Answer, FormPage
from app.workflow import Actor


class EntryView(FormPage, BaseView):
    """A request entered for somebody else, by an officer of its service."""

    route_base = "/entry"
    default_view = "receive"
    base_permissions = ["can_step"]

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    def receive(self) -> Answer:
        """Somebody known by their account."""
        form = EntryForm()
        return self._received(
            form,
            lambda: people.account_known_by(form.known.data or ""),
            _l("Enter a request at the counter"),
            other={"href": url_for("EntryView.new_person"), "text": _("This person has no account")},
        )

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    def new_person(self) -> Answer:
        """Somebody without an account: one is opened for them, and letters go by post."""
        form = NewPersonForm()

        def opened() -> Account:
            told = form.answers()
            number = told["number"] or ""
            return counter.open_account(
                told["first_name"], told["last_name"], told["language"], number, current_user
            )

        back = url_for("EntryView.receive")
        return self._received(form, opened, _l("Enter a request for somebody without an account"), back=back)

    def _received(
        self, form: ReceptionForm, whom: Callable[[], Account], heading: str, **shown: object
    ) -> Answer:
        form.service.choices = [
            SelectChoice(slug, service.title)
            for slug, service in SERVICES.items()
            if current_user.has_role(*roles_for(slug, Actor.officer))
        ]
        to: list[str] = []

        def write() -> str:
            slug, owner = str(form.service.data), whom()
            counter.receive(SERVICES[slug], owner, form.reason.data or "", current_user)
            to.append(url_for("counter.start", lang=current_language(), owner=owner.id, slug=slug))
            return _("Noted. The person reads that you received them.")

        intro = [_("Compare the person with their paper first. They read what you write here.")]
        return self.ask(form, heading, write, lambda: to[0], intro=intro, button=_("Continue"), **shown)
