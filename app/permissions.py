"""Roles as data: what each may see and do in the back office, and which step needs which role.

Roles are code, not rows someone edits. FAB matches these patterns by prefix: each ends with `$`.
"""

from typing import Protocol

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.workflow import Actor

EMPLOYEE = "employee"
REGISTRATION_OFFICER = "registration_officer"
SUPERVISOR = "supervisor"
AUDITOR = "auditor"
ADMINISTRATOR = "administrator"

STAFF = (REGISTRATION_OFFICER, SUPERVISOR, AUDITOR, ADMINISTRATOR)
OFFICERS = {"registration": (REGISTRATION_OFFICER, SUPERVISOR)}
"""Who may take an officer's step, by service."""

APPROVERS = {"registration": (REGISTRATION_OFFICER, SUPERVISOR)}
"""Who may be the second pair of eyes, by service."""

LOOK = ("can_list$", "can_show$", "menu_access$", "can_download$")
WRITE = ("can_add$", "can_edit$", "can_delete$")

CASE_VIEWS = ("RegistrationView", "Registrations", "Cases")
LETTER_VIEWS = ("PrintQueueView", "Letters to print", "PostedLettersView", "Posted letters", "Letters")
TEMPLATE_VIEWS = ("LetterTemplateView", "Letter templates", "Reference data")
REFERENCE_VIEWS = (
    *("EmployerView", "Employers", "HolidayView", "Holidays", "DocumentCategoryView", "Kinds of documents"),
    *TEMPLATE_VIEWS,
)
PERSON_VIEWS = ("InsuredPersonView", "Insured persons")
OPERATIONS_VIEWS = ("OutboxView", "Outgoing work", "DevMailView", "Mailbox", "Operations")
LAW_VIEWS = ("SchemeView", "The law")
HOME = ("StaffHomeView",)
EVALUATE = ("can_evaluate$",)


def _allow(views: tuple[str, ...], permissions: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(f"{view}$", permission) for view in views for permission in permissions]


ROLES: dict[str, list[tuple[str, str]]] = {
    EMPLOYEE: [],
    REGISTRATION_OFFICER: [
        *_allow(CASE_VIEWS + PERSON_VIEWS + LETTER_VIEWS + TEMPLATE_VIEWS + LAW_VIEWS + HOME, LOOK),
        *_allow(("RegistrationView", "PrintQueueView"), ("can_step$",)),
        *_allow(("SchemeView",), EVALUATE),
    ],
    SUPERVISOR: [
        *_allow(CASE_VIEWS + PERSON_VIEWS + LETTER_VIEWS + REFERENCE_VIEWS + LAW_VIEWS + HOME, LOOK),
        *_allow(("RegistrationView", "PrintQueueView"), ("can_step$",)),
        *_allow(("SchemeView",), EVALUATE),
    ],
    AUDITOR: _allow(
        CASE_VIEWS + PERSON_VIEWS + LETTER_VIEWS + REFERENCE_VIEWS + LAW_VIEWS + OPERATIONS_VIEWS + HOME,
        LOOK,
    ),
    ADMINISTRATOR: [
        *_allow(REFERENCE_VIEWS + LAW_VIEWS + OPERATIONS_VIEWS + HOME, LOOK),
        *_allow(("EmployerView", "HolidayView", "DocumentCategoryView", "LetterTemplateView"), WRITE),
    ],
}


def roles_for(service: str, actor: Actor) -> tuple[str, ...]:
    """The roles that may act as `actor` in a service; none for steps the machinery takes."""
    if actor is Actor.officer:
        return OFFICERS[service]
    if actor is Actor.approver:
        return APPROVERS[service]
    return (EMPLOYEE,) if actor is Actor.insured_person else ()


QUALITIES = {
    SUPERVISOR: _l("Supervisor"),
    REGISTRATION_OFFICER: _l("Registration officer"),
}
"""In what quality a member of staff without a delegation signs, the highest first."""


class Holder(Protocol):
    """Whoever holds roles."""

    def has_role(self, *names: str) -> bool:
        """Whether they hold one of them."""


def quality_of(holder: Holder) -> LazyString | str:
    """The quality that goes with somebody's highest role."""
    return next((quality for role, quality in QUALITIES.items() if holder.has_role(role)), "")
