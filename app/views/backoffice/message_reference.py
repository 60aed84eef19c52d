"""What people may write about, and the words officers may answer with: kept by the administrator."""

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.formats import day
from app.forms.fields import DayField
from app.models import AnswerTemplate, MessageSubject
from app.permissions import DESKS, LABELS
from app.services import SERVICES, message_subjects
from app.services.messages import LONGEST
from app.views.backoffice.letter_templates import KnownFields
from app.views.backoffice.reference import ReferenceDataView, not_before_its_beginning
from app.views.backoffice_base import StaffInterface

_LOOKS = {"class": "form-control"}
_PERIOD = {
    "valid_from": DayField(_l("In force from"), validators=[InputRequired(_l("Enter a day."))]),
    "valid_to": DayField(_l("In force until"), validators=[Optional(), not_before_its_beginning]),
}
_LABELS = {
    "code": _l("Code"),
    "name_fr": _l("Name in French"),
    "name_en": _l("Name in English"),
    "valid_from": _l("In force from"),
    "valid_to": _l("In force until"),
}


def desk_name(desk: str) -> str:
    """A desk by the roles that answer there."""
    return ", ".join(str(LABELS[role]) for role in DESKS.get(desk, ())) or desk


def _desks() -> list[SelectChoice]:
    return [SelectChoice(desk, desk_name(desk)) for desk in DESKS]


def _services() -> list[SelectChoice]:
    none = SelectChoice("", _l("No service"))
    return [none, *(SelectChoice(slug, service.title) for slug, service in SERVICES.items())]


def service_of(slug: str | None) -> str:
    """The title of a service, or nothing."""
    return str(SERVICES[slug].title) if slug in SERVICES else ""


class MessageSubjectView(ReferenceDataView):
    """The subjects of messages, each with the desk that answers."""

    datamodel = StaffInterface(MessageSubject)
    list_title = _l("Subjects of messages")
    show_title = _l("Subject of messages")
    add_title = _l("Add a subject of messages")
    edit_title = _l("Change a subject of messages")
    list_columns = ["code", "name_fr", "name_en", "desk", "service", "position", "valid_from", "valid_to"]
    show_columns = list_columns
    add_columns = list_columns
    edit_columns = [name for name in list_columns if name != "code"]
    search_columns = ["code", "name_fr", "name_en"]
    base_order = ("position", "asc")
    label_columns = _LABELS | {
        "desk": _l("Who answers"),
        "service": _l("Service"),
        "position": _l("Place in the list"),
    }
    formatters_columns = {"valid_from": day, "valid_to": day, "desk": desk_name, "service": service_of}
    add_form_extra_fields = _PERIOD | {
        "desk": SelectField(_l("Who answers"), choices=_desks, render_kw=_LOOKS),
        "service": SelectField(
            _l("Service"), choices=_services, coerce=lambda slug: slug or None, render_kw=_LOOKS
        ),
    }
    edit_form_extra_fields = add_form_extra_fields


def _body_help() -> str:
    known = (f"%({name})s ({meaning})" for name, meaning in message_subjects.FIELDS.items())
    return _("Merge fields: %(fields)s.", fields=", ".join(known))


def _body(label: LazyString, language: str) -> TextAreaField:
    checks = [DataRequired(), KnownFields(message_subjects.FIELDS), Length(max=LONGEST)]
    looks = {"lang": language, "rows": 10, **_LOOKS}
    return TextAreaField(label, checks, description=LazyString(_body_help), render_kw=looks)


class AnswerTemplateView(ReferenceDataView):
    """The words officers may answer with; an answer already sent keeps its own."""

    datamodel = StaffInterface(AnswerTemplate)
    list_title = _l("Answer templates")
    show_title = _l("Answer template")
    add_title = _l("Add an answer template")
    edit_title = _l("Change an answer template")
    list_columns = ["code", "name_fr", "name_en", "valid_from", "valid_to"]
    show_columns = ["code", "name_fr", "body_fr", "name_en", "body_en", "valid_from", "valid_to"]
    add_columns = show_columns
    edit_columns = [name for name in show_columns if name != "code"]
    search_columns = ["code", "name_fr", "name_en"]
    base_order = ("code", "asc")
    label_columns = _LABELS | {"body_fr": _l("Answer in French"), "body_en": _l("Answer in English")}
    formatters_columns = {"valid_from": day, "valid_to": day}
    add_form_extra_fields = _PERIOD | {
        "body_fr": _body(_l("Answer in French"), "fr"),
        "body_en": _body(_l("Answer in English"), "en"),
    }
    edit_form_extra_fields = add_form_extra_fields
