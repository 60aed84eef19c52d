"""The questions of the registration service."""

from flask_babel import lazy_gettext as _l
from wtforms import TelField
from wtforms.validators import InputRequired, Length, Regexp

from app.forms.account import A_PHONE
from app.forms.base import name_field, optional_name, strip
from app.forms.civil import (
    YES,
    AddressQuestions,
    MaritalQuestions,
    OriginQuestions,
    PaperQuestions,
    ParentQuestions,
    SexQuestion,
    check_birth_date,
    yes_or_no,
)
from app.forms.conditions import Answer
from app.forms.dependants import dependants_field
from app.forms.fields import DatePartsField, file_question
from app.forms.work import EMPLOYER_ASKED_IF, WorkQuestions
from app.record_kinds import MaritalStatus

_MARRIED = Answer("marital_status").is_(MaritalStatus.married.value)


class RegistrationForm(
    SexQuestion,
    OriginQuestions,
    PaperQuestions,
    MaritalQuestions,
    ParentQuestions,
    AddressQuestions,
    WorkQuestions,
):
    """Who I am, where I live, who employs me, for whom I provide."""

    given_names = name_field(_l("Given names"), _l("Enter your given names."), autocomplete="given-name")
    family_name = name_field(_l("Family name"), _l("Enter your family name."), autocomplete="family-name")
    name_at_birth = optional_name(_l("Name at birth, if it was another"))
    birth_date = DatePartsField(
        _l("Date of birth"),
        subject=_l("Date of birth"),
        validators=[InputRequired(_l("Enter your date of birth."))],
        render_kw={"autocomplete": "bday"},
    )
    phone = TelField(
        _l("Telephone number"),
        filters=[strip],
        validators=[
            InputRequired(_l("Enter your telephone number.")),
            Length(max=32, message=_l("This telephone number is too long.")),
            Regexp(A_PHONE, message=_l("Enter a telephone number, such as +237 6 77 12 34 56.")),
        ],
        render_kw={"autocomplete": "tel"},
    )
    has_dependants = yes_or_no(
        _l("Do you provide for children, parents or other relatives?"),
        _l("Say whether you provide for relatives."),
    )
    dependants = dependants_field()
    identity_document = file_question(
        _l("Identity document"), _l("Choose a picture or a PDF of your identity document.")
    )
    birth_certificate = file_question(
        _l("Birth certificate"), _l("Choose a picture or a PDF of your birth certificate.")
    )
    marriage_certificate = file_question(
        _l("Marriage certificate"), _l("Choose a picture or a PDF of your marriage certificate.")
    )
    work_contract = file_question(
        _l("Employment contract or attestation (optional)"), _l("Choose a picture or a PDF of your contract.")
    )
    photo = file_question(_l("Photograph (optional)"), _l("Choose a picture of yourself."))

    asked_if = {
        "spouse_given_names": _MARRIED,
        "spouse_family_name": _MARRIED,
        "spouse_birth_date": _MARRIED,
        "married_on": _MARRIED,
        "marriage_certificate": _MARRIED,
        "dependants": Answer("has_dependants").is_(YES),
        **EMPLOYER_ASKED_IF,
    }

    def validate_birth_date(self, field: DatePartsField) -> None:
        """A person is born in the past, and within living memory."""
        check_birth_date(field)
