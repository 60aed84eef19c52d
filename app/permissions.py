"""Roles as data: what each may see and do in the back office, and which step needs which role.

Roles are code, not rows someone edits. FAB matches these patterns by prefix: each ends with `$`.
"""

import re
from functools import cache
from typing import Protocol

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.workflow import STAFF_ACTORS, Actor

EMPLOYEE = "employee"
EMPLOYER_AGENT = "employer_agent"
REPRESENTATIVE_PAYEE = "representative_payee"
REGISTRATION_OFFICER = "registration_officer"
CLAIMS_OFFICER = "claims_officer"
CONTRIBUTIONS_OFFICER = "contributions_officer"
FINANCE_OFFICER = "finance_officer"
COMPLIANCE_OFFICER = "compliance_officer"
SUPPORT_OFFICER = "support_officer"
MEDICAL_REFEREE = "medical_referee"
SUPERVISOR = "supervisor"
AUDITOR = "auditor"
ADMINISTRATOR = "administrator"

LABELS = {
    EMPLOYEE: _l("Employee"),
    EMPLOYER_AGENT: _l("Employer agent"),
    REPRESENTATIVE_PAYEE: _l("Representative payee"),
    REGISTRATION_OFFICER: _l("Registration officer"),
    CLAIMS_OFFICER: _l("Claims officer"),
    CONTRIBUTIONS_OFFICER: _l("Contributions officer"),
    FINANCE_OFFICER: _l("Finance officer"),
    COMPLIANCE_OFFICER: _l("Compliance officer"),
    SUPPORT_OFFICER: _l("Support officer"),
    MEDICAL_REFEREE: _l("Medical referee"),
    SUPERVISOR: _l("Supervisor"),
    AUDITOR: _l("Auditor"),
    ADMINISTRATOR: _l("Administrator"),
}
"""Each role in the reader's language."""

CASE_OFFICERS = (
    REGISTRATION_OFFICER,
    CLAIMS_OFFICER,
    CONTRIBUTIONS_OFFICER,
    FINANCE_OFFICER,
    COMPLIANCE_OFFICER,
    SUPPORT_OFFICER,
)
STAFF = (SUPERVISOR, *CASE_OFFICERS, MEDICAL_REFEREE, AUDITOR, ADMINISTRATOR)
"""The roles of the back office, the highest of a case's first."""

ALONE = frozenset({AUDITOR, ADMINISTRATOR})
"""Who holds one of these holds no other role of the staff: who runs or audits the house decides nothing."""

EVERYWHERE = frozenset({AUDITOR, ADMINISTRATOR})
"""They see every agency, whichever they belong to."""

SECOND_FACTOR_ROLES = (*STAFF, EMPLOYER_AGENT)
"""Who must have a second factor; others may."""

OFFICERS: dict[str, tuple[str, ...]] = {}
"""Who may take an officer's step, and be the second pair of eyes, by service; `admit` writes it."""

COUNTER = (SUPPORT_OFFICER, REGISTRATION_OFFICER, SUPERVISOR)
"""Who receives people at a counter: gives an account back, lifts a lock; always two of them."""

EMPLOYER_DESK = (REGISTRATION_OFFICER, CONTRIBUTIONS_OFFICER, SUPERVISOR)
"""Who approves the agents of employers, and checks the employers people named."""

MERGERS = (REGISTRATION_OFFICER, SUPERVISOR)
"""Who says that two records are one person's; always two of them."""

CORRECTORS = (REGISTRATION_OFFICER, SUPERVISOR)
"""Who corrects the record of a person or an employment beside any request."""

HELPERS = (SUPPORT_OFFICER, SUPERVISOR)
"""Who works the support tasks."""

READERS: dict[str, tuple[str, ...]] = {
    "medical": (MEDICAL_REFEREE, AUDITOR),
    "bank": (FINANCE_OFFICER, AUDITOR),
}
"""Which of the staff open the documents of a category; those of the others are open to who sees the case."""
DESKS: dict[str, tuple[str, ...]] = {
    "registration": (REGISTRATION_OFFICER, SUPPORT_OFFICER),
    "claims": (CLAIMS_OFFICER,),
    "contributions": (CONTRIBUTIONS_OFFICER,),
    "payments": (FINANCE_OFFICER,),
    "compliance": (COMPLIANCE_OFFICER,),
    "support": (SUPPORT_OFFICER,),
}
"""Who answers the messages of a subject, by its desk; supervisors read and answer at every desk."""

LOOK = ("can_list$", "can_show$", "menu_access$", "can_download$")
WRITE = ("can_add$", "can_edit$", "can_delete$")
STEP = ("can_step$",)

CASE_MENU = ("Cases",)
EVIDENCE = ("EvidenceView", "Expiring evidence")
LETTER_VIEWS = ("PrintQueueView", "Letters to print", "PostedLettersView", "Posted letters", "Letters")
TEMPLATE_VIEWS = ("LetterTemplateView", "Letter templates", "Reference data")
AGENCY_VIEWS = ("AgencyView", "Agencies")
REFERENCE_VIEWS = (
    *("EmployerView", "Employers", "HolidayView", "Holidays", "DocumentCategoryView", "Kinds of documents"),
    *TEMPLATE_VIEWS,
    *AGENCY_VIEWS,
    *("MessageSubjectView", "Subjects of messages", "AnswerTemplateView", "Answer templates"),
    *("DelayView", "Delays", "ReferenceChangeView", "Changes of reference data"),
)
EMPLOYER_VIEWS = (
    *("EmployerAgentView", "Agents of employers", "ProposedEmployerView", "Proposed employers", "People"),
)
PERSON_VIEWS = ("InsuredPersonView", "Insured persons", "People")
MERGE_VIEWS = ("MergeView", "Merges", "People")
RECORD_VIEWS = (
    *("EmploymentView", "Employments", "RecordCorrectionView", "Corrections of records", "People"),
)
NUMBER_VIEWS = ("NumberReservationView", "Reserved numbers")
COUNTER_VIEWS = ("LockView", "Locks", "RecoveryView", "Recoveries", "People")
TASK_VIEWS = ("SupportTaskView", "Support tasks", "People")
USER_VIEWS = ("ColleagueView", "Users", "GrantView", "Role grants", "Staff")
DELEGATION_VIEWS = ("DelegationView", "Delegations", "Staff")
INTEREST_VIEWS = ("InterestView", "Relatives and employers", "Staff")
REVIEW_VIEWS = ("AccessView", "Openings to review", "Staff")
OPERATIONS_VIEWS = (
    *("OutboxView", "Outgoing work", "DevMailView", "Mailbox", "Operations"),
    *("ChainCheckView", "Checks of the audit chain"),
)
MESSAGE_VIEWS = ("ConversationView", "Messages")
LAW_VIEWS = ("SchemeView", "The law")
HOME = ("StaffHomeView", "SearchView", "ListExportView", "Prepared files")
ENTRY_VIEWS = ("EntryView", "Entry at the counter", "People")
BULK_VIEWS = ("BulkRunView", "Bulk acts")
AUDIT_VIEWS = (
    *("AuditTrailView", "Audit trail", "SampleView", "Samples", "FourEyesView", "Four-eyes report"),
    *("ChainRunView", "Verifications", "Audit"),
)
DRAW = ("can_draw$",)
PROPOSE = ("can_propose$",)
EVALUATE = ("can_evaluate$",)


def _allow(views: tuple[str, ...], permissions: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(f"{view}$", permission) for view in views for permission in permissions]


_EVERY_OFFICER = [*_allow(LAW_VIEWS + HOME, LOOK), *_allow(("SchemeView",), EVALUATE)]
_AT_A_DESK = [*_allow(MESSAGE_VIEWS, LOOK), *_allow(("ConversationView",), STEP)]

_AT_EMPLOYERS = [
    *_allow(EMPLOYER_VIEWS + ("EmployerView", "Employers", "Reference data"), LOOK),
    *_allow(("EmployerAgentView", "ProposedEmployerView"), STEP),
]

ROLES: dict[str, list[tuple[str, str]]] = {
    EMPLOYEE: [],
    EMPLOYER_AGENT: [],
    REPRESENTATIVE_PAYEE: [],
    REGISTRATION_OFFICER: [
        *_EVERY_OFFICER,
        *_AT_A_DESK,
        *_AT_EMPLOYERS,
        *_allow(PERSON_VIEWS + LETTER_VIEWS + TEMPLATE_VIEWS + COUNTER_VIEWS + MERGE_VIEWS, LOOK),
        *_allow(RECORD_VIEWS, LOOK + STEP),
        *_allow(("PrintQueueView", "LockView", "RecoveryView", "InsuredPersonView", "MergeView"), STEP),
    ],
    CLAIMS_OFFICER: [*_EVERY_OFFICER, *_AT_A_DESK, *_allow(PERSON_VIEWS, LOOK + STEP)],
    CONTRIBUTIONS_OFFICER: [*_EVERY_OFFICER, *_AT_A_DESK, *_AT_EMPLOYERS, *_allow(PERSON_VIEWS, LOOK + STEP)],
    FINANCE_OFFICER: [*_EVERY_OFFICER, *_AT_A_DESK, *_allow(PERSON_VIEWS, LOOK + STEP)],
    COMPLIANCE_OFFICER: [*_EVERY_OFFICER, *_AT_A_DESK, *_allow(PERSON_VIEWS, LOOK + STEP)],
    SUPPORT_OFFICER: [
        *_EVERY_OFFICER,
        *_AT_A_DESK,
        *_allow(PERSON_VIEWS + COUNTER_VIEWS + TASK_VIEWS, LOOK),
        *_allow(("SupportTaskView", "LockView", "RecoveryView", "InsuredPersonView"), STEP),
    ],
    MEDICAL_REFEREE: [*_EVERY_OFFICER],
    SUPERVISOR: [
        *_EVERY_OFFICER,
        *_AT_A_DESK,
        *_AT_EMPLOYERS,
        *_allow(PERSON_VIEWS + LETTER_VIEWS + REFERENCE_VIEWS, LOOK),
        *_allow(COUNTER_VIEWS + TASK_VIEWS + INTEREST_VIEWS + REVIEW_VIEWS + DELEGATION_VIEWS, LOOK),
        *_allow(("PrintQueueView", "SupportTaskView", "LockView", "RecoveryView"), STEP),
        *_allow(("InsuredPersonView", "InterestView", "AccessView", "DelegationView"), STEP),
        *_allow(MERGE_VIEWS + RECORD_VIEWS, LOOK + STEP),
    ],
    AUDITOR: [
        *_allow(PERSON_VIEWS + LETTER_VIEWS + REFERENCE_VIEWS, LOOK),
        *_allow(COUNTER_VIEWS + TASK_VIEWS + INTEREST_VIEWS + REVIEW_VIEWS + DELEGATION_VIEWS, LOOK),
        *_allow(USER_VIEWS + LAW_VIEWS + OPERATIONS_VIEWS + HOME + MESSAGE_VIEWS + AUDIT_VIEWS, LOOK),
        *_allow(EMPLOYER_VIEWS + MERGE_VIEWS + RECORD_VIEWS + NUMBER_VIEWS, LOOK),
        *_allow(("SampleView", "ChainRunView"), DRAW),
    ],
    ADMINISTRATOR: [
        *_allow(REFERENCE_VIEWS + LAW_VIEWS + OPERATIONS_VIEWS + HOME, LOOK),
        *_allow(USER_VIEWS + DELEGATION_VIEWS + INTEREST_VIEWS, LOOK),
        *_allow(NUMBER_VIEWS, LOOK + STEP),
        *_allow(("EmployerView", "HolidayView", "LetterTemplateView", "AgencyView"), WRITE),
        *_allow(("DocumentCategoryView", "MessageSubjectView", "AnswerTemplateView", "DelayView"), WRITE),
        *_allow(("ColleagueView", "GrantView", "DelegationView", "InterestView"), STEP),
        *_allow(("DelegationView",), PROPOSE),
    ],
}


@cache
def role_allows(role: str, permission: str, view: str) -> bool:
    """Whether a role's table grants a permission on a view; an unknown role grants nothing."""
    return any(
        re.fullmatch(seen, view) and re.fullmatch(granted, permission)
        for seen, granted in ROLES.get(role, [])
    )


def holders(view: str, permission: str) -> tuple[str, ...]:
    """The roles that hold a permission on a view."""
    return tuple(role for role in ROLES if role_allows(role, permission, view))


def admit(service: str, view: str, officers: tuple[str, ...]) -> None:
    """Open a service's cases to its officers, to move, and to auditors, to read; when it is declared."""
    OFFICERS[service] = officers
    for role in (*officers, AUDITOR):
        ROLES[role] += _allow((view, *CASE_MENU, *EVIDENCE, *BULK_VIEWS), LOOK)
    for role in officers:
        ROLES[role] += _allow(ENTRY_VIEWS, LOOK)
        ROLES[role] += _allow((view, *HOME, "EntryView"), STEP)
    role_allows.cache_clear()


def roles_for(service: str, actor: Actor) -> tuple[str, ...]:
    """The roles that may act as `actor` in a service; none for steps the machinery takes."""
    if actor in STAFF_ACTORS:
        return OFFICERS[service]
    return (EMPLOYEE,) if actor is Actor.insured_person else ()


class Holder(Protocol):
    """Whoever holds roles."""

    def has_role(self, *names: str) -> bool:
        """Whether they hold one of them."""


def may_read(holder: Holder, category: str) -> bool:
    """Whether a member of the staff may open documents of a category."""
    return category not in READERS or holder.has_role(*READERS[category])


def desks_of(holder: Holder) -> tuple[str, ...]:
    """The desks whose messages somebody may read."""
    if holder.has_role(SUPERVISOR, AUDITOR):
        return tuple(DESKS)
    return tuple(desk for desk, roles in DESKS.items() if holder.has_role(*roles))


def staff_role(holder: Holder) -> str:
    """Somebody's highest role of the staff; empty for who has none."""
    return next((role for role in STAFF if holder.has_role(role)), "")


def quality_of(holder: Holder) -> LazyString | str:
    """The quality in which a member of staff without a delegation signs: that of the highest role."""
    role = staff_role(holder)
    return LABELS[role] if role else ""
