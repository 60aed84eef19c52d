"""A colleague who lost telephone and recovery codes: asked by one administrator, agreed to by another."""

from typing import Any

from flask import url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.forms.staff import OpeningForm
from app.services import factor_resets
from app.views.backoffice.form_page import Answer, FormPage
from app.views.step_up import step_up_required


class FactorResets(FormPage):
    """What the users' screen adds: ask, agree, refuse."""

    endpoint: str
    row: Any

    @expose("/factor/<int:pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("step")
    @step_up_required
    def ask_factor_reset(self, pk: int) -> Answer:
        """Ask that the account's second factor end."""
        account, form, back = self.row(pk), OpeningForm(), self._shown(pk)

        def write() -> str:
            factor_resets.propose(account, form.reason.data, current_user)
            return _("Asked: another administrator must agree.")

        intro = [
            _("Make sure of who asks: see them, or call them on a number you know. Write how you did."),
            _("Their app, recovery codes, password and sessions end; they get a link for a new password."),
        ]
        heading = _("End the second factor of %(name)s", name=account.get_full_name())
        return self.ask(form, heading, write, back, back=back, intro=intro, button=_("Ask"))

    @expose("/factor/agree/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    @step_up_required
    def agree_factor_reset(self, pk: int) -> Response:
        """Agree, as a second administrator."""
        account, done = self.row(pk), _("The second factor is ended; a link was sent for a new password.")
        return self.act(lambda: factor_resets.approve(account, current_user), done, self._shown(pk))

    @expose("/factor/refuse/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def refuse_factor_reset(self, pk: int) -> Response:
        """Refuse, or take back what one asked."""
        account = self.row(pk)
        return self.act(lambda: factor_resets.refuse(account, current_user), _("Refused."), self._shown(pk))

    def _shown(self, pk: int) -> str:
        return url_for(f"{self.endpoint}.show", pk=pk)
