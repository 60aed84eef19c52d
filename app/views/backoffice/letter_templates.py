"""The words of decision letters, kept by the administrator: both languages, from a day on."""

from collections.abc import Container
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, Form, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from app.formats import day
from app.models import LetterTemplate
from app.services import SERVICES, letter_templates
from app.views.backoffice.reference import ReferenceDataView
from app.views.backoffice_base import StaffInterface
from app.workflow import Outcome

LONGEST_BODY = 20_000
_LOOKS = {"class": "form-control"}


class KnownFields:
    """Refuses what looks like a merge field and is none, and says which."""

    def __init__(self, known: Container[str] = letter_templates.FIELDS) -> None:
        self.known = known

    def __call__(self, form: Form, field: Field) -> None:
        """Check the words of one field."""
        unknown = letter_templates.unknown_fields(field.data or "", self.known)
        if unknown:
            named = ", ".join(unknown)
            raise ValidationError(_("Unknown merge field: %(fields)s. Choose one of the list.", fields=named))


class OwnParagraph:
    """Refuses a field that stands for a whole part of the letter where it shares a paragraph."""

    def __call__(self, form: Form, field: Field) -> None:
        """Check the words of one body."""
        crowded = letter_templates.crowded_fields(field.data or "")
        if crowded:
            named = ", ".join(dict.fromkeys(crowded))
            raise ValidationError(_("Give %(fields)s a paragraph to itself.", fields=named))


def service_name(slug: str) -> str:
    """The title of a service; every service for `*`."""
    return str(SERVICES[slug].title) if slug in SERVICES else _("Every service")


def _services() -> list[SelectChoice]:
    every = SelectChoice(letter_templates.ANY, _l("Every service"))
    return [every, *(SelectChoice(slug, service.title) for slug, service in SERVICES.items())]


def _outcomes() -> list[SelectChoice]:
    return [SelectChoice(outcome.value, outcome.label) for outcome in Outcome]


def _body_help() -> str:
    """How to write a letter, and each merge field with what it stands for."""
    known = (f"%({name})s ({meaning})" for name, meaning in letter_templates.FIELDS_OF_BODY.items())
    return _(
        "Paragraphs stand apart by an empty line; a line that begins with # and a space is a heading."
        " A paragraph whose merge field has no value is left out. Merge fields: %(fields)s.",
        fields=", ".join(known),
    )


def _fields() -> dict[str, Any]:
    help_of_body = LazyString(_body_help)
    subject = [DataRequired(), KnownFields(), Length(max=200)]
    of_body = KnownFields(letter_templates.FIELDS_OF_BODY)
    body = [DataRequired(), of_body, OwnParagraph(), Length(max=LONGEST_BODY)]
    return {
        "service": SelectField(_l("Service"), choices=_services, render_kw=_LOOKS),
        "outcome": SelectField(_l("Decision"), choices=_outcomes, coerce=Outcome, render_kw=_LOOKS),
        "subject_fr": StringField(_l("Subject in French"), subject, render_kw=_looks("fr")),
        "body_fr": _area(_l("Letter in French"), body, help_of_body, "fr"),
        "subject_en": StringField(_l("Subject in English"), subject, render_kw=_looks("en")),
        "body_en": _area(
            _l("Letter in English"), body, _l("The same merge fields as in the French letter."), "en"
        ),
    }


def _area(label: Any, validators: list[Any], description: Any, language: str) -> TextAreaField:
    looks = {**_looks(language), "rows": 16}
    return TextAreaField(label, validators, description=description, render_kw=looks)


def _looks(language: str) -> dict[str, Any]:
    return {"lang": language, **_LOOKS}


class LetterTemplateView(ReferenceDataView):
    """The templates; a letter already written keeps the words it was written with."""

    datamodel = StaffInterface(LetterTemplate)
    list_title = _l("Letter templates")
    show_title = _l("Letter template")
    add_title = _l("Add a letter template")
    edit_title = _l("Change a letter template")
    list_columns = ["service", "outcome", "valid_from", "subject_fr", "subject_en"]
    show_columns = ["service", "outcome", "valid_from", "subject_fr", "body_fr", "subject_en", "body_en"]
    add_columns = show_columns
    edit_columns = show_columns
    add_form_extra_fields = _fields()
    edit_form_extra_fields = _fields()
    search_columns = ["service", "valid_from", "subject_fr", "subject_en"]
    base_order = ("service", "asc")
    label_columns = {
        "service": _l("Service"),
        "outcome": _l("Decision"),
        "valid_from": _l("Valid from"),
        "subject_fr": _l("Subject in French"),
        "subject_en": _l("Subject in English"),
        "body_fr": _l("Letter in French"),
        "body_en": _l("Letter in English"),
    }
    formatters_columns = {"valid_from": day, "service": service_name}
