"""The kinds of facts held on an insured person: data, with labels; no database, no request."""

from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


class Sex(StrEnum):
    """As civil status has it."""

    female = "female"
    male = "male"

    @property
    def label(self) -> LazyString:
        """The sex in the reader's language."""
        return _SEXES[self]


_SEXES = {Sex.female: _l("Female"), Sex.male: _l("Male")}


class MaritalStatus(StrEnum):
    """As civil status has it."""

    single = "single"
    married = "married"
    divorced = "divorced"
    widowed = "widowed"

    @property
    def label(self) -> LazyString:
        """The status in the reader's language."""
        return _STATUSES[self]


_STATUSES = {
    MaritalStatus.single: _l("Single"),
    MaritalStatus.married: _l("Married"),
    MaritalStatus.divorced: _l("Divorced"),
    MaritalStatus.widowed: _l("Widowed"),
}


class Kinship(StrEnum):
    """What a dependant is to the insured person; a spouse has a place of their own."""

    child = "child"
    parent = "parent"
    other = "other"

    @property
    def label(self) -> LazyString:
        """The kinship in the reader's language."""
        return _KINSHIPS[self]


_KINSHIPS = {Kinship.child: _l("Child"), Kinship.parent: _l("Parent"), Kinship.other: _l("Other relative")}


class PaperKind(StrEnum):
    """An identity document."""

    identity_card = "identity_card"
    passport = "passport"
    residence_permit = "residence_permit"

    @property
    def label(self) -> LazyString:
        """The document in the reader's language."""
        return _PAPERS[self]


_PAPERS = {
    PaperKind.identity_card: _l("National identity card"),
    PaperKind.passport: _l("Passport"),
    PaperKind.residence_permit: _l("Residence permit"),
}


class EmploymentState(StrEnum):
    """What is known of an employment: declared by the person, then what the employer said of it."""

    declared = "declared"
    confirmed = "confirmed"
    corrected = "corrected"
    disputed = "disputed"
    unanswered = "unanswered"

    @property
    def label(self) -> LazyString:
        """The state in the reader's language."""
        return _EMPLOYMENTS[self]


_EMPLOYMENTS = {
    EmploymentState.declared: _l("Declared by the person"),
    EmploymentState.confirmed: _l("Confirmed by the employer"),
    EmploymentState.corrected: _l("Corrected by the employer"),
    EmploymentState.disputed: _l("Disputed by the employer"),
    EmploymentState.unanswered: _l("The employer did not answer"),
}


class ProposalState(StrEnum):
    """What became of an employer who was not in the list."""

    to_check = "to_check"
    accepted = "accepted"
    refused = "refused"

    @property
    def label(self) -> LazyString:
        """The state in the reader's language."""
        return _PROPOSALS[self]


_PROPOSALS = {
    ProposalState.to_check: _l("To be checked"),
    ProposalState.accepted: _l("Accepted"),
    ProposalState.refused: _l("Refused"),
}


class PersonFact(StrEnum):
    """A fact of a person whose former values are kept one by one."""

    name_at_birth = "name_at_birth"
    sex = "sex"
    birth_date = "birth_date"
    birth_place = "birth_place"
    birth_country = "birth_country"
    nationality = "nationality"
    marital_status = "marital_status"
    mother_name = "mother_name"
    father_name = "father_name"
    occupation = "occupation"
