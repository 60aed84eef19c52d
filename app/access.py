"""Who may open which page: the one table, read before each request (`app/gate.py`). Data only.

A page that is not here is not served, and the application does not start. `docs/access.md` is drawn from it,
and `tests/security/test_access.py` calls every page as everybody. Staff's screens name the permission each
page asks for; who holds a permission is said in `app/permissions.py`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.permissions import EMPLOYEE, EMPLOYER_AGENT, ROLES, STAFF, holders
from app.services import SERVICES
from app.services.base import Service

VISITOR = "visitor"
NOBODY: tuple[str, ...] = ()
SIGNED_IN = tuple(ROLES)
ANYONE = (VISITOR, *SIGNED_IN)
EMPLOYEES = (EMPLOYEE,)
AGENTS = (EMPLOYER_AGENT,)

READ, SEND = ("GET",), ("POST",)
BOTH = ("GET", "POST")


class Whose(StrEnum):
    """Of whose objects a page may tell or change.

    Where the address names an object, another's does not exist (404), and for another role none does.
    """

    PUBLIC = "nothing personal"
    OWN = "their own"
    NAMED = "one of their own that the address names"
    LISTED = "what the screen lists"
    CODE = "what the code they hold is for"
    MACHINE = "nothing personal; only for who holds the token of METRICS_TOKEN, else 404"


@dataclass(frozen=True)
class Page:
    """One endpoint with some of its methods (a HEAD is a GET): who may, and whose objects."""

    endpoint: str
    methods: tuple[str, ...]
    who: tuple[str, ...]
    whose: Whose


PUBLIC_PAGES = (
    Page("static", READ, ANYONE, Whose.PUBLIC),
    Page("root.index", READ, ANYONE, Whose.PUBLIC),
    Page("root.healthz", READ, ANYONE, Whose.PUBLIC),
    Page("root.livez", READ, ANYONE, Whose.PUBLIC),
    Page("root.show_metrics", READ, ANYONE, Whose.MACHINE),
    Page("public.accessibility", READ, ANYONE, Whose.PUBLIC),
    Page("public.help_page", READ, ANYONE, Whose.PUBLIC),
    Page("public.terms", READ, ANYONE, Whose.PUBLIC),
    Page("portal.home", READ, ANYONE, Whose.OWN),
    Page("journey.start", READ, ANYONE, Whose.OWN),
    Page("verify.ask", READ, ANYONE, Whose.PUBLIC),
    Page("verify.show", READ, ANYONE, Whose.CODE),
    Page("receipts.back_to_code", READ, ANYONE, Whose.PUBLIC),
    Page("receipts.compare", SEND, ANYONE, Whose.CODE),
)

ACCOUNT_PAGES = (
    Page("account.sign_in", BOTH, ANYONE, Whose.PUBLIC),
    Page("account.signed_out", READ, ANYONE, Whose.PUBLIC),
    Page("account.sign_out", SEND, ANYONE, Whose.OWN),
    Page("account.code", BOTH, ANYONE, Whose.OWN),
    Page("sign_up.ask", BOTH, ANYONE, Whose.PUBLIC),
    Page("sign_up.sent", READ, ANYONE, Whose.PUBLIC),
    Page("sign_up.confirm", BOTH, ANYONE, Whose.CODE),
    Page("sign_up.confirmed", READ, ANYONE, Whose.PUBLIC),
    Page("passwords.forgotten", BOTH, ANYONE, Whose.PUBLIC),
    Page("passwords.sent", READ, ANYONE, Whose.PUBLIC),
    Page("passwords.choose", BOTH, ANYONE, Whose.CODE),
    Page("emails.confirm", BOTH, ANYONE, Whose.CODE),
    Page("emails.undo", BOTH, ANYONE, Whose.CODE),
    Page("emails.not_my_app", BOTH, ANYONE, Whose.CODE),
    Page("emails.undone", READ, ANYONE, Whose.PUBLIC),
    Page("invitations.accept", BOTH, ANYONE, Whose.CODE),
    Page("not_me.ask", READ, ANYONE, Whose.CODE),
    Page("not_me.freeze", SEND, ANYONE, Whose.CODE),
    Page("employers_list.suggest", READ, SIGNED_IN, Whose.PUBLIC),
    Page("typed_again.show", READ, SIGNED_IN, Whose.OWN),
    Page("my_account.overview", READ, SIGNED_IN, Whose.OWN),
    Page("my_account.contacts", READ, SIGNED_IN, Whose.OWN),
    Page("my_account.email", BOTH, SIGNED_IN, Whose.OWN),
    Page("my_account.phone", BOTH, SIGNED_IN, Whose.OWN),
    Page("my_account.language", BOTH, SIGNED_IN, Whose.OWN),
    Page("my_account.notices", BOTH, SIGNED_IN, Whose.OWN),
    Page("my_account.password", BOTH, SIGNED_IN, Whose.OWN),
    Page("my_account.devices_signed_in", READ, SIGNED_IN, Whose.OWN),
    Page("my_account.sign_out_one", SEND, SIGNED_IN, Whose.OWN),
    Page("my_account.sign_out_everywhere", SEND, SIGNED_IN, Whose.OWN),
    Page("my_account.history", READ, SIGNED_IN, Whose.OWN),
    Page("second_factor.show", READ, SIGNED_IN, Whose.OWN),
    Page("second_factor.begin", BOTH, SIGNED_IN, Whose.OWN),
    Page("second_factor.set_up", BOTH, SIGNED_IN, Whose.OWN),
    Page("second_factor.prove", BOTH, SIGNED_IN, Whose.OWN),
    Page("second_factor.password", BOTH, SIGNED_IN, Whose.OWN),
    Page("second_factor.recovery_codes", BOTH, SIGNED_IN, Whose.OWN),
    Page("second_factor.new_codes", BOTH, SIGNED_IN, Whose.OWN),
    Page("second_factor.replace", BOTH, SIGNED_IN, Whose.OWN),
    Page("second_factor.remove", BOTH, SIGNED_IN, Whose.OWN),
    Page("my_file.index", READ, SIGNED_IN, Whose.OWN),
    Page("my_file.lock_page", READ, SIGNED_IN, Whose.OWN),
    Page("my_file.lock", SEND, SIGNED_IN, Whose.OWN),
    Page("my_file.openings", READ, SIGNED_IN, Whose.OWN),
    Page("my_file.copy", READ, SIGNED_IN, Whose.OWN),
    Page("my_file.ask_copy", SEND, SIGNED_IN, Whose.OWN),
    Page("my_file.download_copy", READ, SIGNED_IN, Whose.OWN),
    Page("my_file.close", BOTH, SIGNED_IN, Whose.OWN),
    Page("my_file.back_to_close", READ, SIGNED_IN, Whose.OWN),
    Page("my_file.keep", SEND, SIGNED_IN, Whose.OWN),
    Page("my_record.index", READ, EMPLOYEES, Whose.OWN),
    Page("my_record.change", BOTH, EMPLOYEES, Whose.OWN),
    Page("my_record.certificate", READ, EMPLOYEES, Whose.NAMED),
    Page("linking.ask", BOTH, EMPLOYEES, Whose.OWN),
    Page("linking.code", BOTH, EMPLOYEES, Whose.OWN),
    Page("linking.proof", BOTH, EMPLOYEES, Whose.OWN),
)

PORTAL_PAGES = (
    Page("journey.new", READ, EMPLOYEES, Whose.OWN),
    Page("journey.start_again", SEND, EMPLOYEES, Whose.OWN),
    Page("journey.ask", BOTH, EMPLOYEES, Whose.OWN),
    Page("journey.check", READ, EMPLOYEES, Whose.OWN),
    Page("journey.send", SEND, EMPLOYEES, Whose.OWN),
    Page("autosave.save", SEND, EMPLOYEES, Whose.OWN),
    Page("cases.show", READ, EMPLOYEES, Whose.NAMED),
    Page("cases.state", READ, EMPLOYEES, Whose.NAMED),
    Page("cases.events", READ, EMPLOYEES, Whose.NAMED),
    Page("cases.step_page", READ, EMPLOYEES, Whose.NAMED),
    Page("cases.step", SEND, EMPLOYEES, Whose.NAMED),
    Page("answers.answer", BOTH, EMPLOYEES, Whose.NAMED),
    Page("answers.autosave", SEND, EMPLOYEES, Whose.NAMED),
    Page("documents.mine", BOTH, EMPLOYEES, Whose.OWN),
    Page("documents.show", READ, EMPLOYEES, Whose.NAMED),
    Page("documents.show_again", SEND, EMPLOYEES, Whose.NAMED),
    Page("documents.form_page", READ, EMPLOYEES, Whose.NAMED),
    Page("documents.expiry", SEND, EMPLOYEES, Whose.NAMED),
    Page("documents.renew", SEND, EMPLOYEES, Whose.NAMED),
    Page("documents.row", READ, EMPLOYEES, Whose.NAMED),
    Page("documents.preview", READ, EMPLOYEES, Whose.NAMED),
    Page("documents.download", READ, EMPLOYEES, Whose.NAMED),
    Page("uploads.begin", SEND, EMPLOYEES, Whose.OWN),
    Page("uploads.state", READ, EMPLOYEES, Whose.NAMED),
    Page("uploads.add", SEND, EMPLOYEES, Whose.NAMED),
    Page("letters.show", READ, EMPLOYEES, Whose.NAMED),
    Page("letters.download", READ, EMPLOYEES, Whose.NAMED),
    Page("messages.index", READ, EMPLOYEES, Whose.OWN),
    Page("messages.new", BOTH, EMPLOYEES, Whose.OWN),
    Page("messages.about_case", BOTH, EMPLOYEES, Whose.NAMED),
    Page("messages.show", BOTH, EMPLOYEES, Whose.NAMED),
    Page("messages.archive", SEND, EMPLOYEES, Whose.NAMED),
    Page("messages.notice", READ, EMPLOYEES, Whose.NAMED),
    Page("messages.archive_notice", SEND, EMPLOYEES, Whose.NAMED),
    Page("messages.autosave", SEND, EMPLOYEES, Whose.NAMED),
    Page("receipts.show", READ, EMPLOYEES, Whose.NAMED),
    Page("receipts.download", READ, EMPLOYEES, Whose.NAMED),
    Page("receipts.download_pdf", READ, EMPLOYEES, Whose.NAMED),
)

AT_COUNTER = tuple(role for role in ROLES if any(role in one.officers for one in SERVICES.values()))
COUNTER_PAGES = (
    Page("counter.start", READ, AT_COUNTER, Whose.LISTED),
    Page("counter.new", READ, AT_COUNTER, Whose.LISTED),
    Page("counter.start_again", SEND, AT_COUNTER, Whose.LISTED),
    Page("counter.ask", BOTH, AT_COUNTER, Whose.LISTED),
    Page("counter.check", READ, AT_COUNTER, Whose.LISTED),
    Page("counter.send", SEND, AT_COUNTER, Whose.LISTED),
)
"""The journey as an officer walks it for the person they received."""

EMPLOYER_PAGES = (
    Page("employer_links.answer", BOTH, ANYONE, Whose.CODE),
    Page("employer_links.answered", READ, ANYONE, Whose.PUBLIC),
    Page("employer.access", BOTH, (*EMPLOYEES, *AGENTS), Whose.OWN),
    Page("employer.home", READ, AGENTS, Whose.OWN),
    Page("employer.answer", BOTH, AGENTS, Whose.NAMED),
    Page("employer.agents", READ, AGENTS, Whose.OWN),
    Page("employer.invite", BOTH, AGENTS, Whose.OWN),
    Page("employer.end_agent", SEND, AGENTS, Whose.NAMED),
)

STAFF_FRAME = (
    Page("StaffSignIn.login", READ, ANYONE, Whose.PUBLIC),
    Page("UtilView.back", READ, STAFF, Whose.OWN),
    Page("StaffSignIn.logout", READ, NOBODY, Whose.PUBLIC),
    Page("appbuilder.static", READ, NOBODY, Whose.PUBLIC),
)
"""What Flask-AppBuilder mounts by itself; who asks for nobody's page gets a 404."""

Screen = dict[str, tuple[tuple[str, ...], str]]
"""The pages of a staff view: its methods, and the permission of `app/permissions.py` it asks for."""

LOOKED_UP: Screen = {
    "list": (READ, "can_list"),
    "show": (READ, "can_show"),
    "export": (READ, "can_list"),
    "export_later": (BOTH, "can_list"),
}
KEPT: Screen = LOOKED_UP | {
    "add": (BOTH, "can_add"),
    "edit": (BOTH, "can_edit"),
    "delete": (SEND, "can_delete"),
}
OPENED: Screen = LOOKED_UP | {"reason": (BOTH, "can_step")}
"""What tells of a person: without an open case of theirs a reason is asked first."""

SOUGHT: Screen = {
    "list": (BOTH, "can_list"),
    "show": (READ, "can_show"),
    "reason": (BOTH, "can_step"),
}
"""Found by what one knows of them: no list to leaf through, none to take away."""

CASES: Screen = OPENED | {
    "step_page": (READ, "can_show"),
    "step": (SEND, "can_step"),
    "preview_page": (READ, "can_show"),
    "preview": (SEND, "can_step"),
    "note": (SEND, "can_step"),
    "correct": (BOTH, "can_step"),
    "speak_for": (BOTH, "can_step"),
    "assign": (SEND, "can_step"),
    "transfer": (SEND, "can_step"),
    "bulk": (BOTH, "can_step"),
    "document": (READ, "can_download"),
    "document_preview": (READ, "can_download"),
    "verify": (SEND, "can_step"),
    "receipt": (READ, "can_download"),
    "categorise": (SEND, "can_step"),
    "letter": (READ, "can_download"),
    "letter_pdf": (READ, "can_download"),
}
ASKING: Screen = {"ask_employer": (SEND, "can_step")}
COMPARING: Screen = {
    "duplicate": (READ, "can_show"),
    "judge": (SEND, "can_step"),
    "search_duplicates": (SEND, "can_step"),
}


def cases_of(service: Service[Any]) -> Screen:
    """The pages of a service's cases: those of every service, and what its declaration asks for."""
    asking = ASKING if service.asks_employer else {}
    return CASES | asking | (COMPARING if service.finds_duplicates else {})


PAPER: Screen = LOOKED_UP | {"pdf": (READ, "can_download")}
DESK: Screen = OPENED | {
    "answer_page": (READ, "can_show"),
    "answer": (SEND, "can_step"),
    "note": (SEND, "can_step"),
    "assign": (SEND, "can_step"),
    "settle": (SEND, "can_step"),
    "document": (READ, "can_download"),
    "document_preview": (READ, "can_download"),
}
LAW: Screen = {
    "list": (READ, "can_list"),
    "show": (READ, "can_show"),
    "changes": (READ, "can_show"),
    "evaluate": (BOTH, "can_evaluate"),
}

SCREENS: dict[str, Screen] = {
    "StaffHomeView": {"index": (READ, "can_show"), "next": (SEND, "can_step")},
    "SearchView": {"index": (READ, "can_show")},
    **{service.staff_view: cases_of(service) for service in SERVICES.values()},
    "EntryView": {"receive": (BOTH, "can_step"), "new_person": (BOTH, "can_step")},
    "ConversationView": DESK,
    "BulkRunView": LOOKED_UP,
    "ListExportView": {
        "list": (READ, "can_list"),
        "show": (READ, "can_show"),
        "take": (READ, "can_download"),
    },
    "InsuredPersonView": SOUGHT
    | {"convert": (BOTH, "can_step"), "alike": (READ, "can_show"), "correct": (BOTH, "can_step")},
    "EmploymentView": OPENED | {"correct": (BOTH, "can_step")},
    "RecordCorrectionView": OPENED | {"approve": (SEND, "can_step"), "refuse": (SEND, "can_step")},
    "MergeView": OPENED
    | {
        "propose": (BOTH, "can_step"),
        "approve": (SEND, "can_step"),
        "refuse": (SEND, "can_step"),
        "propose_undo": (BOTH, "can_step"),
        "undo": (SEND, "can_step"),
    },
    "NumberReservationView": LOOKED_UP | {"reserve": (BOTH, "can_step")},
    "SupportTaskView": OPENED
    | {
        "document": (READ, "can_download"),
        "link": (BOTH, "can_step"),
        "close": (BOTH, "can_step"),
    },
    "LockView": OPENED
    | {"find": (BOTH, "can_step"), "lift": (BOTH, "can_step"), "confirm": (SEND, "can_step")},
    "RecoveryView": OPENED | {"request": (BOTH, "can_step"), "confirm": (SEND, "can_step")},
    "ColleagueView": LOOKED_UP
    | {
        "invite": (BOTH, "can_step"),
        "agency": (SEND, "can_step"),
        "propose": (BOTH, "can_step"),
        "revoke": (SEND, "can_step"),
        "end_sessions": (SEND, "can_step"),
        "deactivate": (SEND, "can_step"),
        "reactivate": (SEND, "can_step"),
        "ask_factor_reset": (BOTH, "can_step"),
        "agree_factor_reset": (SEND, "can_step"),
        "refuse_factor_reset": (SEND, "can_step"),
    },
    "GrantView": LOOKED_UP | {"approve": (SEND, "can_step"), "refuse": (SEND, "can_step")},
    "DelegationView": LOOKED_UP
    | {"propose": (BOTH, "can_propose"), "approve": (SEND, "can_step"), "end": (SEND, "can_propose")},
    "InterestView": LOOKED_UP | {"record": (BOTH, "can_step"), "remove": (SEND, "can_step")},
    "AccessView": LOOKED_UP | {"review_page": (READ, "can_show"), "review": (SEND, "can_step")},
    "PrintQueueView": PAPER | {"posted_page": (READ, "can_show"), "posted": (SEND, "can_step")},
    "PostedLettersView": PAPER,
    "SchemeView": LAW,
    "EmployerView": KEPT,
    "EmployerAgentView": OPENED
    | {
        "document": (READ, "can_download"),
        "approve": (SEND, "can_step"),
        "refuse": (BOTH, "can_step"),
        "end": (SEND, "can_step"),
    },
    "ProposedEmployerView": LOOKED_UP
    | {"match": (BOTH, "can_step"), "create": (BOTH, "can_step"), "refuse": (BOTH, "can_step")},
    "HolidayView": KEPT,
    "AgencyView": KEPT,
    "DocumentCategoryView": KEPT,
    "LetterTemplateView": KEPT,
    "EvidenceView": LOOKED_UP,
    "MessageSubjectView": KEPT,
    "AnswerTemplateView": KEPT,
    "DelayView": {name: page for name, page in KEPT.items() if name != "edit"},
    "ReferenceChangeView": LOOKED_UP,
    "OutboxView": LOOKED_UP,
    "ChainCheckView": LOOKED_UP,
    "AuditTrailView": {"list": (READ, "can_list")},
    "SampleView": LOOKED_UP | {"draw": (BOTH, "can_draw")},
    "FourEyesView": {"list": (READ, "can_list")},
    "ChainRunView": LOOKED_UP | {"start": (SEND, "can_draw"), "start_page": (READ, "can_list")},
    "DevMailView": {"list": (READ, "can_list")},
}

STAFF_PAGES = tuple(
    Page(f"{view}.{name}", methods, holders(view, permission), Whose.LISTED)
    for view, screen in SCREENS.items()
    for name, (methods, permission) in screen.items()
)

SECTIONS = {
    "Everybody’s pages": PUBLIC_PAGES,
    "Accounts": ACCOUNT_PAGES,
    "The portal": PORTAL_PAGES,
    "The portal at the counter": COUNTER_PAGES,
    "The employers’ counter": EMPLOYER_PAGES,
    "The frame of the back office": STAFF_FRAME,
    "The back office": STAFF_PAGES,
}

TABLE: dict[tuple[str, str], Page] = {
    (page.endpoint, method): page for pages in SECTIONS.values() for page in pages for method in page.methods
}
