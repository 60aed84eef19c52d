"""Registration: an employee becomes an insured person with a social security number (service RG)."""

from collections.abc import Sequence

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.desk_kinds import CheckState
from app.formats import day
from app.forms.base import PortalForm
from app.forms.registration import RegistrationForm
from app.models import Account, Registration
from app.permissions import REGISTRATION_OFFICER, SUPERVISOR
from app.services import document_needs, duplicates, employers, encrypted, numbers, people
from app.services.base import Check, DocumentNeed, Page, RuleBroken, Service
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
        _l("the name of your employer"),
    )
    officers = (REGISTRATION_OFFICER, SUPERVISOR)
    listed = ("family_name", "given_names")
    searched = ("birth_date",)
    model = Registration
    form = RegistrationForm
    pages = (
        Page("you", _l("Who you are"), ("given_names", "family_name", "birth_date")),
        Page("work", _l("Your work"), ("employer_id",)),
        Page("documents", _l("Your documents"), ("identity_document",)),
    )
    workflow = REVIEW
    finds_duplicates = True
    documents = (DocumentNeed("identity_document", "identity", _l("Identity document")),)

    def check(self, owner: Account) -> None:
        """One account, one person, one number."""
        if people.of_account(owner) is not None:
            raise RuleBroken(_l("You already have a social security number."))

    def prepare(self, form: PortalForm) -> None:
        """The employers to choose from."""
        form.employer_id.choices = employers.choices()

    def answers(self, case: Registration) -> list[tuple[LazyString | str, str]]:
        """What the person wrote."""
        return [
            (_l("Given names"), case.given_names),
            (_l("Family name"), case.family_name),
            (_l("Date of birth"), day(case.birth_date)),
            (_l("Employer"), case.employer.name if case.employer else ""),
        ]

    def checks(self, case: Registration) -> Sequence[Check]:
        """One person, one number: a second request of who has one cannot be approved."""
        label, person = _l("Social security number"), people.of_account(case.owner)
        if person is None:
            return [Check(label, CheckState.passed, _("This person has none yet."))]
        if person == case.person:
            return [Check(label, CheckState.passed, _("Issued by this case."))]
        return [Check(label, CheckState.failed, _("This person already has a social security number."))]

    def identity(self, case: Registration) -> Identity:
        """The names they bear or bore, the date of birth, the number of the identity document."""
        names = [(case.given_names, case.family_name)]
        if case.name_at_birth:
            names.append((case.given_names, case.name_at_birth))
        paper = encrypted.read(case, Registration.paper_number)
        return Identity(tuple(names), case.birth_date, duplicates.plain_paper(paper) if paper else None)

    def on_step(self, case: Registration, step: Step) -> None:
        """Approval issues the number, once: a temporary one while documents are to follow, replaced when the
        case is carried out.
        """
        if step.target is Status.approved and case.person is None:
            if people.of_account(case.owner) is not None:
                raise RuleBroken(_l("This person already has a social security number."))
            is_temporary = bool(document_needs.missing(self, case))
            case.person = duplicates.attach(case) or people.register(
                case.owner, case.given_names, case.family_name, case.birth_date, is_temporary
            )
        if step.target is Status.carried_out and case.person and case.person.has_temporary_number:
            numbers.convert(case.person, "", None)

    def result(self, case: Registration) -> list[tuple[LazyString | str, str]]:
        """The number that was issued."""
        return [(_l("Social security number"), case.person.ssn)] if case.person else []
