"""The clock table as staff read it: each delay from a day on, with its source."""

from typing import Any

from flask_appbuilder.models.filters import BaseFilter
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Query
from wtforms import Field, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, ValidationError

from app import clock
from app.formats import day
from app.forms.fields import DayField
from app.models import Delay
from app.services import SERVICES, delays
from app.services.base import RuleBroken
from app.views.backoffice.reference import ReferenceDataView
from app.views.backoffice_base import StaffInterface

LONGEST_DAYS = 3650
_LOOKS = {"class": "form-control"}
_HOLDERS = {
    delays.ANY: _l("Every service"),
    delays.RECOVERY: _l("Account recoveries"),
    delays.CLOSURE: _l("Requests to close an account"),
    delays.MESSAGES: _l("Messages"),
}
_NAMES = {
    delays.DECISION: _l("Decision promised"),
    delays.APPEAL: _l("Time to appeal"),
    delays.ANSWER: _l("Time for the person to answer"),
    delays.ANSWER_REMINDER: _l("Reminder to the person"),
    delays.EMPLOYER_REMINDER: _l("Reminder to the employer"),
    delays.EMPLOYER_ANSWER: _l("Time for the employer to answer"),
    delays.WAIT: _l("Waiting period"),
    delays.REPLY: _l("Reply promised"),
}
_UNITS = {"calendar": _l("Calendar days"), "working": _l("Working days")}


def holder_name(service: str) -> str:
    """Whose delay it is: a service, every service, or another duty of the house."""
    return str(SERVICES[service].title if service in SERVICES else _HOLDERS.get(service, service))


def delay_name(name: str) -> str:
    """What the delay is for."""
    return str(_NAMES.get(name, name))


def unit_name(unit: str) -> str:
    """How its days are counted."""
    return str(_UNITS.get(unit, unit))


def _holders() -> list[SelectChoice]:
    return [SelectChoice(slug, holder_name(slug)) for slug in (delays.ANY, *SERVICES, *list(_HOLDERS)[1:])]


def _of(words: dict[str, Any]) -> list[SelectChoice]:
    return [SelectChoice(code, word) for code, word in words.items()]


def not_in_the_past(form: Any, field: Field) -> None:
    """What is past was decided under the delay of its time."""
    if field.data and field.data < clock.today():
        raise ValidationError(_("A delay cannot begin in the past: enter today or a later day."))


class OfServicesThere(BaseFilter):
    """The delays of services and duties this installation has; the law tells of others to come."""

    def apply(self, query: Query, value: Any) -> Query:
        """Narrow the list."""
        return query.filter(Delay.service.in_([*SERVICES, *_HOLDERS]))


class DelayView(ReferenceDataView):
    """The delays: a new one begins on a day, and the one before it stays true for the time before."""

    datamodel = StaffInterface(Delay)
    base_permissions = ["can_list", "can_show", "can_add", "can_delete"]
    list_title = _l("Delays")
    show_title = _l("Delay")
    add_title = _l("Add a delay")
    list_columns = ["service", "name", "days", "unit", "valid_from", "source"]
    show_columns = list_columns
    add_columns = list_columns
    search_columns = ["service", "name", "valid_from"]
    base_filters = [["service", OfServicesThere, None]]
    base_order = ("service", "asc")
    label_columns = {
        "service": _l("Service"),
        "name": _l("Delay"),
        "days": _l("Number of days"),
        "unit": _l("Counted in"),
        "valid_from": _l("In force from"),
        "source": _l("Legal source"),
    }
    formatters_columns = {"service": holder_name, "name": delay_name, "unit": unit_name, "valid_from": day}
    add_form_extra_fields = {
        "service": SelectField(_l("Service"), choices=_holders, render_kw=_LOOKS),
        "name": SelectField(_l("Delay"), choices=lambda: _of(_NAMES), render_kw=_LOOKS),
        "days": IntegerField(
            _l("Number of days"),
            validators=[
                InputRequired(_l("Enter a number of days.")),
                NumberRange(1, LONGEST_DAYS, _l("Enter a number of days from 1 to 3650.")),
            ],
            render_kw=_LOOKS,
        ),
        "unit": SelectField(_l("Counted in"), choices=lambda: _of(_UNITS), render_kw=_LOOKS),
        "valid_from": DayField(
            _l("In force from"), validators=[InputRequired(_l("Enter a day.")), not_in_the_past]
        ),
    }

    def pre_delete(self, item: Delay) -> None:
        """Only what has not begun can be taken back."""
        if item.valid_from <= clock.today():
            raise RuleBroken(_l("This delay is in force or was: add another that follows it."))
        super().pre_delete(item)
