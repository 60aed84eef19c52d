"""Civil status as registration and changes of the record share it: what is asked, proved, and written."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.models import InsuredPerson, RecordChange, Registration
from app.record_kinds import Kinship, MaritalStatus
from app.services import records
from app.services.base import DocumentNeed

CivilCase = Registration | RecordChange
CIVIL_STATUS = "civil_status"
SPOUSE = ("spouse_given_names", "spouse_family_name", "spouse_birth_date", "married_on")
CHILD_CERTIFICATE = DocumentNeed(
    "dependants.birth_certificate",
    CIVIL_STATUS,
    _l("Birth certificate of the child"),
    lambda facts: facts.get("kinship") == Kinship.child.value,
)


def is_married(answers: Mapping[str, Any]) -> bool:
    """Rule of a document: the person says they are married."""
    return answers.get("marital_status") == MaritalStatus.married.value


def write_address(person: InsuredPerson, case: CivilCase) -> None:
    """The address of a case, where it has one."""
    if case.address_line and case.address_town and case.address_country:
        records.put_address(person, case.address_line, case.address_town, case.address_country, case)


def write_paper(person: InsuredPerson, case: CivilCase, number: str | None) -> None:
    """The identity document of a case, where it names one."""
    if case.paper_kind and number:
        records.put_paper(person, case.paper_kind, number, case.paper_expires_on, case)


def write_spouse(person: InsuredPerson, case: CivilCase) -> None:
    """The spouse of who is married; of who is no longer, the marriage ends."""
    if case.marital_status == MaritalStatus.married.value and case.married_on:
        facts = {
            "given_names": case.spouse_given_names,
            "family_name": case.spouse_family_name,
            "birth_date": case.spouse_birth_date,
        }
        records.put_spouse(person, facts, case.married_on, case)
    elif case.marital_status:
        records.end_marriage(person)
