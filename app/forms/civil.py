"""Questions on a person's civil status, shared by what registers people and what changes their record."""

import re
from datetime import date
from functools import cache

from babel import Locale
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, Form, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Optional, Regexp, ValidationError

from app import clock
from app.forms.base import PortalForm, name_field, optional_name, strip
from app.forms.fields import DatePartsField
from app.record_kinds import MaritalStatus, PaperKind, Sex

OLDEST_YEARS = 120
LONGEST_LINE = 200
YES, NO = "yes", "no"
_A_PAPER = r"^[A-Za-z0-9][A-Za-z0-9 /\-]{3,29}$"
_NOT_A_COUNTRY = {"EU", "EZ", "UN", "ZZ", "XA", "XB"}


def choice(label: str, choices: list[SelectChoice], missing: str) -> RadioField:
    """Radios of which one must be chosen."""
    values = [it.value for it in choices]
    return RadioField(
        label,
        choices=choices,
        validate_choice=False,
        validators=[InputRequired(missing), AnyOf(values, message=missing)],
    )


def yes_or_no(label: str, missing: str) -> RadioField:
    """Yes or no."""
    return choice(label, [SelectChoice(YES, _l("Yes")), SelectChoice(NO, _l("No"))], missing)


def day_field(label: str, missing: str | None, **more: object) -> DatePartsField:
    """A date; optional where nothing is missing without it."""
    rule = InputRequired(missing) if missing else Optional()
    return DatePartsField(label, subject=label, validators=[rule], **more)


def line_field(label: str, missing: str | None, longest: int = LONGEST_LINE, **render_kw: str) -> StringField:
    """A line of text; optional where nothing is missing without it."""
    return StringField(
        label,
        filters=[strip],
        validators=[
            DataRequired(missing) if missing else Optional(),
            Length(max=longest, message=_l("This is too long.")),
        ],
        render_kw=render_kw,
    )


class CountryField(SelectField):
    """One of the countries; read back without going through them all."""

    @property
    def text(self) -> str:
        """The answer as it is read back."""
        return country_name(self.data) if self.data else ""


def country_field(label: str, missing: str) -> SelectField:
    """A country, in the words of the page's language."""
    return CountryField(
        label,
        choices=countries,
        validate_choice=False,
        validators=[InputRequired(missing), a_country],
    )


def countries() -> list[tuple[str, str]]:
    """The countries by name, after an empty line."""
    return [("", _("Choose a country")), *_known_countries(str(get_locale() or "en"))]


@cache
def _known_countries(language: str) -> list[tuple[str, str]]:
    names = Locale.parse(language).territories
    known = [(code, name) for code, name in names.items() if _is_country(code)]
    return sorted(known, key=lambda pair: pair[1].casefold())


def country_name(code: str | None) -> str:
    """A country in the words of the page's language."""
    return Locale.parse(str(get_locale() or "en")).territories.get(code or "", code or "")


def a_country(form: Form, field: Field) -> None:
    """Validator: one of the list."""
    if not _is_country(str(field.data)) or field.data not in Locale.parse("en").territories:
        raise ValidationError(_l("Choose a country of the list."))


def _is_country(code: str) -> bool:
    return re.fullmatch("[A-Z]{2}", code) is not None and code not in _NOT_A_COUNTRY


def not_in_future(form: Form, field: Field) -> None:
    """Validator: today or before, and within living memory."""
    if field.data is not None and field.data > clock.today():
        raise ValidationError(_l("This date must be in the past."))
    if field.data is not None and field.data.year < clock.today().year - OLDEST_YEARS:
        raise ValidationError(_l("This date must be less than 120 years ago."))


def check_birth_date(field: Field) -> None:
    """A person is born in the past, and within living memory."""
    today = clock.today()
    if field.data is None:
        return
    if field.data > today:
        raise ValidationError(_l("Your date of birth must be in the past."))
    if field.data < date(today.year - OLDEST_YEARS, 1, 1):
        raise ValidationError(_l("Your date of birth must be less than 120 years ago."))


def labelled(kind: type) -> list[SelectChoice]:
    """The members of an enumeration, with their labels."""
    return [SelectChoice(it.value, it.label) for it in kind]  # type: ignore[attr-defined]


class OriginQuestions(PortalForm):
    """Where somebody was born, and which country they are of."""

    birth_place = line_field(_l("Place of birth"), _l("Enter your place of birth."), 120)
    birth_country = country_field(_l("Country of birth"), _l("Choose your country of birth."))
    nationality = country_field(_l("Nationality"), _l("Choose your nationality."))


class SexQuestion(PortalForm):
    """The sex, as civil status has it."""

    sex = choice(_l("Sex"), labelled(Sex), _l("Say which sex your birth certificate states."))


class PaperQuestions(PortalForm):
    """An identity document: kind, number, until when it is valid."""

    paper_kind = choice(
        _l("Kind of identity document"), labelled(PaperKind), _l("Choose the kind of your identity document.")
    )
    paper_number = StringField(
        _l("Number of the document"),
        filters=[strip],
        validators=[
            DataRequired(_l("Enter the number of your identity document.")),
            Regexp(
                _A_PAPER,
                message=_l(
                    "The number of a document is 4 to 30 letters and digits; spaces and hyphens may stay."
                ),
            ),
        ],
        render_kw={"spellcheck": "false", "autocomplete": "off"},
    )
    paper_expires_on = day_field(_l("Valid until"), _l("Enter until when the document is valid."))

    def validate_paper_expires_on(self, field: DatePartsField) -> None:
        """A document that is no longer valid proves nothing."""
        if field.data is not None and field.data < clock.today():
            raise ValidationError(_l("This document has expired. Use one that is still valid."))


class MaritalQuestions(PortalForm):
    """Marital status, and the spouse of who is married."""

    marital_status = choice(_l("Marital status"), labelled(MaritalStatus), _l("Choose your marital status."))
    spouse_given_names = name_field(
        _l("Given names of your spouse"), _l("Enter the given names of your spouse.")
    )
    spouse_family_name = name_field(
        _l("Family name of your spouse"), _l("Enter the family name of your spouse.")
    )
    spouse_birth_date = day_field(
        _l("Your spouse’s date of birth"),
        _l("Enter your spouse’s date of birth."),
    )
    married_on = day_field(_l("Date of marriage"), _l("Enter the date of your marriage."))

    def validate_spouse_birth_date(self, field: DatePartsField) -> None:
        """Born in the past."""
        not_in_future(self, field)

    def validate_married_on(self, field: DatePartsField) -> None:
        """In the past, and after both were born."""
        not_in_future(self, field)
        born = [it for name in ("birth_date", "spouse_birth_date") if (it := self.answer_to(name))]
        if field.data is not None and any(field.data <= day for day in born):
            raise ValidationError(_l("The marriage must come after both of you were born."))


class AddressQuestions(PortalForm):
    """Where somebody lives."""

    address_line = line_field(_l("Address"), _l("Enter your address."), autocomplete="address-line1")
    address_town = line_field(_l("Town"), _l("Enter your town."), 120, autocomplete="address-level2")
    address_country = country_field(_l("Country"), _l("Choose the country you live in."))


class OccupationQuestion(PortalForm):
    """What somebody does for a living."""

    occupation = line_field(_l("Occupation"), None, 120, autocomplete="organization-title")


class ParentQuestions(PortalForm):
    """The names of the parents, where they are known."""

    mother_name = optional_name(_l("Your mother’s full name"))
    father_name = optional_name(_l("Your father’s full name"))
