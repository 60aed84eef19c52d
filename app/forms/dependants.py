"""The questions on a dependant, asked for each."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.forms.base import name_field
from app.forms.civil import choice, day_field, labelled, not_in_future
from app.forms.conditions import Answer
from app.forms.fields import DatePartsField, file_question
from app.forms.groups import Entry, EntryGiven, GroupField
from app.record_kinds import Kinship, Sex


class DependantEntry(Entry):
    """One dependant; a child's birth certificate proves it."""

    given_names = name_field(_l("Given names"), _l("Enter the given names of the dependant."))
    family_name = name_field(_l("Family name"), _l("Enter the family name of the dependant."))
    birth_date = day_field(_l("Date of birth"), _l("Enter the date of birth of the dependant."))
    sex = choice(_l("Sex"), labelled(Sex), _l("Choose the sex of the dependant."))
    kinship = choice(
        _l("What this person is to you"), labelled(Kinship), _l("Say what the dependant is to you.")
    )
    birth_certificate = file_question(
        _l("Birth certificate of the child"), _l("Choose a picture or a PDF of the birth certificate.")
    )

    asked_if = {"birth_certificate": Answer("kinship").is_(Kinship.child.value)}

    def validate_birth_date(self, field: DatePartsField) -> None:
        """Born in the past."""
        not_in_future(self, field)


def dependants_field(**more: Any) -> GroupField:
    """As many dependants as the person has."""
    return GroupField(
        _l("Dependants"),
        entry=DependantEntry,
        one=_l("Dependant %(number)s"),
        more=_l("Add another dependant"),
        validators=[EntryGiven(_l("Add at least one dependant."))],
        **more,
    )
