"""A staff form of ours on a page of its own, and the one-button forms of the screens beside it."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request
from flask_babel import LazyString
from werkzeug.wrappers import Response
from wtforms import Form

from app.extensions import db
from app.services.base import RuleBroken
from app.views.language import is_switching, was_checked

Answer = Response | str | tuple[str, int]


class FormPage:
    """Asks, checks, writes and goes on; a refusal shows the form again with what was typed."""

    render_template: Any

    def ask(
        self,
        form: Form,
        heading: LazyString | str,
        write: Callable[[], str],
        to: str | Callable[[], str],
        **shown: Any,
    ) -> Answer:
        """The form's page; `write` does the work and says what was done, then the browser goes `to`,
        which may be known only then. `shown` may name another `template`.
        """
        if request.method != "POST":
            return self._form(form, heading, None, shown)
        if is_switching():
            if was_checked():
                form.validate()
            return self._form(form, heading, None, shown)
        if not form.validate():
            return self._form(form, heading, None, shown), 422
        try:
            done = write()
            db.session.commit()
        except RuleBroken as refusal:
            db.session.rollback()
            return self._form(form, heading, str(refusal.message), shown), 422
        flash(done, "success")
        return redirect(to() if callable(to) else to)

    def act(self, write: Callable[[], Any], done: str, to: str) -> Response:
        """One button: do it, say so, go back; a refusal is said as well and nothing is written."""
        try:
            write()
            db.session.commit()
            flash(done, "success")
        except RuleBroken as refusal:
            db.session.rollback()
            flash(str(refusal.message), "warning")
        return redirect(to)

    def _form(self, form: Form, heading: LazyString | str, refusal: str | None, shown: dict[str, Any]) -> str:
        order = getattr(form, "order", None) or [name for name in form._fields if name != "csrf_token"]
        fields = [form[name] for name in order]
        page = {"template": "backoffice/form.html", "heading": heading, "refusal": refusal, **shown}
        return str(self.render_template(page.pop("template"), form=form, fields=fields, **page))
