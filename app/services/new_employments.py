"""New employment: somebody registered has another employer, who confirms it (service NE)."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.desk_kinds import CheckState
from app.formats import day
from app.forms.base import PortalForm
from app.forms.new_employments import NewEmploymentForm
from app.forms.work import WORK, legal_age, reaches
from app.models import Account, NewEmployment
from app.permissions import REGISTRATION_OFFICER, SUPERVISOR
from app.services import employers, employments, people
from app.services.base import Check, DocumentNeed, Page, RuleBroken, Service
from app.services.employment_facts import EMPLOYMENT_FACTS
from app.workflow import Status, Step
from app.workflows import REVIEW


class NewEmploymentService(Service[NewEmployment]):
    """The declaration of the service, and its effect: the employment is recorded."""

    slug = "new_employments"
    letters = "NE"
    title = _l("New employment")
    subtitle = _l("Tell us who employs me now")
    about = _l("Your new employer is asked to confirm it. Your number stays the same all your life.")
    who_may = _l("Whoever has a social security number and works for another employer.")
    to_have_ready = (_l("the name of your employer, and your first day of work there"),)
    officers = (REGISTRATION_OFFICER, SUPERVISOR)
    listed = ("employed_from", "occupation")
    model = NewEmployment
    form = NewEmploymentForm
    pages = (
        Page("work", _l("Your work"), WORK),
        Page("documents", _l("Your documents"), ("work_contract",)),
    )
    workflow = REVIEW
    asks_employer = EMPLOYMENT_FACTS
    documents = (
        DocumentNeed("work_contract", "employment", _l("Employment contract or attestation"), required=False),
    )

    def check(self, owner: Account) -> None:
        """Only who is registered; others name their employer when they register."""
        if people.of_account(owner) is None:
            raise RuleBroken(_l("You have no social security number yet: ask for your registration first."))

    def prepare(self, form: PortalForm) -> None:
        """The employers to choose from."""
        employers.offer(form)

    def fill(self, case: NewEmployment, data: Mapping[str, Any]) -> None:
        """The answers, and who is employed."""
        if case.person is None:
            person = people.of_account(case.owner)
            if person is None:
                raise RuleBroken(_l("This person has no social security number."))
            case.person = person
        super().fill(case, data)

    def checks(self, case: NewEmployment) -> Sequence[Check]:
        """The age of legal employment, the employments there are, and an employer who is not in the list."""
        return [*_age(case), *_others(case), *employments.check(case)]

    def employee(self, case: NewEmployment) -> str:
        """The name in the record."""
        return str(case.person)

    def on_step(self, case: NewEmployment, step: Step) -> None:
        """Submitting proposes an employer who is not in the list; approving records the employment, once."""
        if step.name == "submit":
            employments.propose_employer(case)
        if step.target is Status.approved and case.employment is None:
            case.employment = employments.record(case.person, case)

    def result(self, case: NewEmployment) -> list[tuple[LazyString | str, str]]:
        """What was recorded."""
        found = case.employment
        if found is None:
            return []
        employer = found.employer or found.proposed_employer
        return [(_l("Employment recorded"), f"{employer}, {day(found.started_on)}")]


def _age(case: NewEmployment) -> list[Check]:
    label, started = _l("Age of legal employment"), case.employed_from
    if started is None:
        return []
    age = legal_age(started)
    reached = reaches(case.person.birth_date, age)
    if started < reached:
        return [Check(label, CheckState.failed, _("Under %(age)s on the first day of work.", age=age))]
    return [Check(label, CheckState.passed, _("%(age)s was reached on %(day)s.", age=age, day=day(reached)))]


def _others(case: NewEmployment) -> list[Check]:
    """The same employment is not recorded twice."""
    label = _l("Employments in the record")
    same = [
        it
        for it in employments.of_person(case.person)
        if it.employer_id == case.employer_id and it.ended_on is None and it.case_id != case.id
    ]
    if case.employer_id and same:
        return [Check(label, CheckState.warned, _("This employer is in the record already, without an end."))]
    return [Check(label, CheckState.passed, _("None with this employer."))]
