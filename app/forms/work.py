"""Questions on an employment: since when, as what, for whom; an employer of the list or one to be checked."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import ValidationError

from app import clock
from app.forms.civil import NO, YES, OccupationQuestion, day_field, line_field, not_in_future, yes_or_no
from app.forms.conditions import Answer, Condition
from app.forms.employer_field import EmployerField
from app.forms.fields import DatePartsField
from app.scheme import load

SCHEME = "demo"
WORK = (
    *("occupation", "employed_from", "employer_listed", "employer_id"),
    *("employer_name", "employer_address", "employer_contact"),
)
"""The questions of the page, in their order."""


class WorkQuestions(OccupationQuestion):
    """What somebody does, since when, and who employs them."""

    looks_elsewhere = True
    employed_from = day_field(_l("First day of work there"), _l("Enter your first day of work there."))
    employer_listed = yes_or_no(
        _l("Is your employer in our list?"), _l("Say whether your employer is in our list.")
    )
    employer_id = EmployerField(
        _l("Employer"),
        missing=_l("Choose your employer."),
        description=_l("Enter its name or a part of it."),
    )
    employer_name = line_field(_l("Name of your employer"), _l("Enter the name of your employer."))
    employer_address = line_field(
        _l("Address of your employer"), _l("Enter the address of your employer."), 300
    )
    employer_contact = line_field(
        _l("E-mail address or telephone number of your employer"),
        _l("Enter an e-mail address or a telephone number of your employer."),
    )

    def validate_employed_from(self, field: DatePartsField) -> None:
        """In the past, and not before the age of legal employment."""
        not_in_future(self, field)
        born = self.answer_to("birth_date")
        if field.data is None or not isinstance(born, date):
            return
        age = legal_age(field.data)
        if field.data < reaches(born, age):
            raise ValidationError(
                _("You were under %(age)s on that day: employment is legal from that age.", age=age)
            )


EMPLOYER_ASKED_IF: dict[str, Condition] = {
    "employer_id": Answer("employer_listed").is_(YES),
    "employer_name": Answer("employer_listed").is_(NO),
    "employer_address": Answer("employer_listed").is_(NO),
    "employer_contact": Answer("employer_listed").is_(NO),
}


def legal_age(on: date) -> int:
    """The age from which employment is legal on a day: a figure of the law."""
    return int(load(SCHEME).value("employment_age", min(on, clock.today())))


def reaches(born: date, age: int) -> date:
    """The day somebody reaches an age; who was born on 29 February does so on the 28th in other years."""
    last = 28 if (born.month, born.day) == (2, 29) else born.day
    return date(born.year + age, born.month, last)
