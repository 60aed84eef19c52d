"""Employers affiliated with the administration."""

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.forms.base import PortalForm
from app.models import Employer


def choices() -> list[tuple[int | str, str]]:
    """The active employers for a list, by name, after an empty line."""
    rows = db.session.execute(
        select(Employer.id, Employer.name).where(Employer.active.is_(True)).order_by(Employer.name)
    )
    return [("", _("Choose an employer")), *((row.id, row.name) for row in rows)]


def offer(form: PortalForm) -> None:
    """Give a form that asks for an employer those of the list."""
    if "employer_id" in form:
        form["employer_id"].choices = choices()
