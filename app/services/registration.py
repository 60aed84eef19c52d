"""Registration: an employee becomes an insured person with a social security number (service RG)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.desk_kinds import CheckState
from app.forms.base import PortalForm
from app.forms.registration import RegistrationForm
from app.forms.work import WORK
from app.models import Account, InsuredPerson, Registration
from app.permissions import REGISTRATION_OFFICER, SUPERVISOR
from app.services import (
    certificates,
    civil,
    document_needs,
    duplicates,
    employers,
    employments,
    numbers,
    people,
    records,
)
from app.services.base import Check, DocumentNeed, Page, RuleBroken, Service
from app.services.civil import CHILD_CERTIFICATE, CIVIL_STATUS, SPOUSE, is_married
from app.services.employment_facts import EMPLOYMENT_FACTS
from app.services.likeness import Identity
from app.workflow import Status, Step
from app.workflows import REVIEW


class RegistrationService(Service[Registration]):
    """The declaration of the service, and its one effect: the number."""

    slug = "registration"
    letters = "RG"
    title = _l("Registration")
    subtitle = _l("Get or update my social security number")
    about = _l(
        "Registration makes you an insured person. You receive your social security number, which you keep"
        " all your life and which your employers use to declare your contributions."
    )
    who_may = _l("Any employee who has no social security number yet.")
    to_have_ready = (
        _l("your identity document, as a picture or a PDF"),
        _l("your birth certificate, and your marriage certificate if you are married"),
        _l("the name of your employer, and your first day of work there"),
        _l("the birth certificate of each child you provide for"),
    )
    minutes: ClassVar[int] = 15
    officers = (REGISTRATION_OFFICER, SUPERVISOR)
    listed = ("family_name", "given_names")
    searched = ("birth_date",)
    model = Registration
    form = RegistrationForm
    pages = (
        Page("you", _l("Who you are"), ("given_names", "family_name", "name_at_birth", "sex", "birth_date")),
        Page(
            "origin",
            _l("Where you come from"),
            ("birth_place", "birth_country", "nationality", "mother_name", "father_name"),
        ),
        Page("paper", _l("Your identity document"), ("paper_kind", "paper_number", "paper_expires_on")),
        Page("family", _l("Your family"), ("marital_status", "has_dependants")),
        Page("spouse", _l("Your spouse"), SPOUSE),
        Page("dependants", _l("Those you provide for"), ("dependants",)),
        Page(
            "contact",
            _l("Where to reach you"),
            ("address_line", "address_town", "address_country", "phone"),
        ),
        Page("work", _l("Your work"), WORK),
        Page("documents", _l("Your documents"), ("identity_document",)),
        Page(
            "proofs",
            _l("Other documents"),
            ("birth_certificate", "marriage_certificate", "work_contract", "photo"),
        ),
    )
    workflow = REVIEW
    finds_duplicates = True
    asks_employer = EMPLOYMENT_FACTS
    documents = (
        DocumentNeed("identity_document", "identity", _l("Identity document")),
        DocumentNeed("birth_certificate", CIVIL_STATUS, _l("Birth certificate")),
        DocumentNeed("marriage_certificate", CIVIL_STATUS, _l("Marriage certificate"), is_married),
        CHILD_CERTIFICATE,
        DocumentNeed("work_contract", "employment", _l("Employment contract or attestation"), required=False),
        DocumentNeed("photo", "other", _l("Photograph"), required=False, most=1),
    )

    def check(self, owner: Account) -> None:
        """One account, one person, one number."""
        if people.of_account(owner) is not None:
            raise RuleBroken(_l("You already have a social security number."))

    def prefill(self, owner: Account) -> Mapping[str, Any]:
        """The telephone number of the account, once the person gave one there."""
        return {"phone": owner.phone}

    def prepare(self, form: PortalForm) -> None:
        """The employers to choose from."""
        employers.offer(form)

    def checks(self, case: Registration) -> Sequence[Check]:
        """One person, one number: a second request of who has one cannot be approved."""
        label, person = _l("Social security number"), people.of_account(case.owner)
        if person is None:
            found = Check(label, CheckState.passed, _("This person has none yet."))
        elif person == case.person:
            found = Check(label, CheckState.passed, _("Issued by this case."))
        else:
            found = Check(label, CheckState.failed, _("This person already has a social security number."))
        return [found, *employments.check(case)]

    def employee(self, case: Registration) -> str:
        """The name the person gave."""
        return f"{case.given_names} {case.family_name}"

    def identity(self, case: Registration) -> Identity:
        """The names they bear or bore, the date of birth, the number of the identity document."""
        names = [(case.given_names, case.family_name)]
        if case.name_at_birth:
            names.append((case.given_names, case.name_at_birth))
        paper = self.value_of(case, "paper_number")
        return Identity(tuple(names), case.birth_date, records.paper_number(paper) if paper else None)

    def on_step(self, case: Registration, step: Step) -> None:
        """An approval issues the number, once, and writes the record; the case is then carried out.

        The number is a temporary one while documents are to follow, replaced when the case is carried out.
        """
        if step.name == "submit":
            employments.propose_employer(case)
        if step.target is Status.approved and case.person is None:
            if people.of_account(case.owner) is not None:
                raise RuleBroken(_l("This person already has a social security number."))
            case.person = self._register(case)
        if step.target is Status.carried_out and case.person and case.person.has_temporary_number:
            numbers.convert(case.person, "", None)
            certificates.issue(case.person, case, case.language)

    def _register(self, case: Registration) -> InsuredPerson:
        """The person with everything that was approved, and their certificate once the number is to last."""
        is_temporary = bool(document_needs.missing(self, case))
        person = duplicates.attach(case) or people.register(case, is_temporary)
        civil.write_address(person, case)
        civil.write_paper(person, case, self.value_of(case, "paper_number"))
        civil.write_spouse(person, case)
        records.add_dependants(person, case.dependants, case)
        employments.record(person, case)
        if not person.has_temporary_number:
            certificates.issue(person, case, case.language)
        return person

    def result(self, case: Registration) -> list[tuple[LazyString | str, str]]:
        """The number that was issued."""
        return [(_l("Social security number"), case.person.ssn)] if case.person else []
