"""The questions of a change of registered data: what changes first, then those pages alone."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from app.forms.base import name_field, optional_name
from app.forms.civil import (
    AddressQuestions,
    MaritalQuestions,
    OriginQuestions,
    PaperQuestions,
    SexQuestion,
    check_birth_date,
    day_field,
)
from app.forms.conditions import Answer, Condition
from app.forms.dependants import dependants_field
from app.forms.fields import DatePartsField, file_question
from app.record_kinds import MaritalStatus

NAME, BIRTH, SEX, NATIONALITY = "name", "birth", "sex", "nationality"
MARRIAGE, ADDRESS, PAPER, DEPENDANTS = "marriage", "address", "paper", "dependants"
CHANGES = {
    NAME: _l("My name"),
    BIRTH: _l("My date or place of birth"),
    SEX: _l("My sex"),
    NATIONALITY: _l("My nationality"),
    MARRIAGE: _l("My marital status or my spouse"),
    ADDRESS: _l("My address"),
    PAPER: _l("My identity document"),
    DEPENDANTS: _l("Those I provide for: add somebody"),
}
_MARRIED = Answer("marital_status").is_(MaritalStatus.married.value)
_NOTHING = _l("Choose what changes.")


def _if(change: str) -> Condition:
    return Answer("changes").is_(change)


class RecordChangeForm(SexQuestion, OriginQuestions, PaperQuestions, MaritalQuestions, AddressQuestions):
    """What changes, how it is written from now on, and what proves it."""

    changes = SelectMultipleField(
        _l("What changes?"),
        choices=[SelectChoice(code, label) for code, label in CHANGES.items()],
        validate_choice=False,
        description=_l("Choose all that change. You are asked only about those."),
        validators=[InputRequired(_NOTHING)],
    )
    given_names = name_field(_l("Given names"), _l("Enter your given names."), autocomplete="given-name")
    family_name = name_field(_l("Family name"), _l("Enter your family name."), autocomplete="family-name")
    name_at_birth = optional_name(_l("Name at birth, if it was another"))
    birth_date = day_field(_l("Date of birth"), _l("Enter your date of birth."))
    dependants = dependants_field()
    name_evidence = file_question(
        _l("What proves your name"), _l("Choose a picture or a PDF of what proves your name.")
    )
    birth_certificate = file_question(
        _l("Birth certificate"), _l("Choose a picture or a PDF of your birth certificate.")
    )
    sex_evidence = file_question(
        _l("What proves your sex"), _l("Choose a picture or a PDF of what proves your sex.")
    )
    nationality_evidence = file_question(
        _l("What proves your nationality"), _l("Choose a picture or a PDF of what proves your nationality.")
    )
    marriage_evidence = file_question(
        _l("What proves your marital status"),
        _l("Choose a picture or a PDF of what proves your marital status."),
    )
    address_evidence = file_question(
        _l("What proves your address"), _l("Choose a picture or a PDF of what proves your address.")
    )
    identity_document = file_question(
        _l("Identity document"), _l("Choose a picture or a PDF of your identity document.")
    )

    asked_if = {
        **dict.fromkeys(("given_names", "family_name", "name_at_birth", "name_evidence"), _if(NAME)),
        **dict.fromkeys(("birth_date", "birth_place", "birth_country", "birth_certificate"), _if(BIRTH)),
        **dict.fromkeys(("sex", "sex_evidence"), _if(SEX)),
        **dict.fromkeys(("nationality", "nationality_evidence"), _if(NATIONALITY)),
        **dict.fromkeys(("marital_status", "marriage_evidence"), _if(MARRIAGE)),
        "spouse_given_names": _MARRIED,
        "spouse_family_name": _MARRIED,
        "spouse_birth_date": _MARRIED,
        "married_on": _MARRIED,
        **dict.fromkeys(
            ("address_line", "address_town", "address_country", "address_evidence"), _if(ADDRESS)
        ),
        **dict.fromkeys(("paper_kind", "paper_number", "paper_expires_on", "identity_document"), _if(PAPER)),
        "dependants": _if(DEPENDANTS),
    }

    def validate_changes(self, field: SelectMultipleField) -> None:
        """Only what is offered."""
        if not set(field.data or ()) <= set(CHANGES):
            raise ValidationError(_NOTHING)

    def validate_birth_date(self, field: DatePartsField) -> None:
        """A person is born in the past, and within living memory."""
        check_birth_date(field)
