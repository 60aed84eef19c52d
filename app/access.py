"""Who may open which page: the one table, read before each request (`app/security/gate.py`). Data only.

A page that is not here is not served, and the application does not start. `docs/access.md` is drawn from it,
and `tests/security/test_access.py` calls every page as everybody. Staff's screens name the permission each
page asks for; who holds a permission is said in `app/permissions.py`.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.permissions import EMPLOYEE, ROLES, STAFF, holders

VISITOR = "visitor"
NOBODY: tuple[str, ...] = ()
SIGNED_IN = tuple(ROLES)
ANYONE = (VISITOR, *SIGNED_IN)
EMPLOYEES = (EMPLOYEE,)

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
    Page("public.accessibility", READ, ANYONE, Whose.PUBLIC),
    Page("public.help_page", READ, ANYONE, Whose.PUBLIC),
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
)

PORTAL_PAGES = (
    Page("journey.new", READ, EMPLOYEES, Whose.OWN),
    Page("journey.start_again", SEND, EMPLOYEES, Whose.OWN),
    Page("journey.ask", BOTH, EMPLOYEES, Whose.OWN),
    Page("journey.check", READ, EMPLOYEES, Whose.OWN),
    Page("journey.send", SEND, EMPLOYEES, Whose.OWN),
    Page("cases.show", READ, EMPLOYEES, Whose.NAMED),
    Page("cases.state", READ, EMPLOYEES, Whose.NAMED),
    Page("cases.events", READ, EMPLOYEES, Whose.NAMED),
    Page("cases.step_page", READ, EMPLOYEES, Whose.NAMED),
    Page("cases.step", SEND, EMPLOYEES, Whose.NAMED),
    Page("answers.answer", BOTH, EMPLOYEES, Whose.NAMED),
    Page("documents.download", READ, EMPLOYEES, Whose.NAMED),
    Page("letters.show", READ, EMPLOYEES, Whose.NAMED),
    Page("letters.download", READ, EMPLOYEES, Whose.NAMED),
    Page("receipts.show", READ, EMPLOYEES, Whose.NAMED),
    Page("receipts.download", READ, EMPLOYEES, Whose.NAMED),
    Page("receipts.download_pdf", READ, EMPLOYEES, Whose.NAMED),
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

LOOKED_UP: Screen = {"list": (READ, "can_list"), "show": (READ, "can_show")}
KEPT: Screen = LOOKED_UP | {
    "add": (BOTH, "can_add"),
    "edit": (BOTH, "can_edit"),
    "delete": (SEND, "can_delete"),
}
CASES: Screen = LOOKED_UP | {
    "step_page": (READ, "can_show"),
    "step": (SEND, "can_step"),
    "preview_page": (READ, "can_show"),
    "preview": (SEND, "can_step"),
    "note": (SEND, "can_step"),
    "correct": (SEND, "can_step"),
    "assign": (SEND, "can_step"),
    "transfer": (SEND, "can_step"),
    "document": (READ, "can_download"),
    "letter": (READ, "can_download"),
    "letter_pdf": (READ, "can_download"),
}
PAPER: Screen = LOOKED_UP | {"pdf": (READ, "can_download")}
LAW: Screen = LOOKED_UP | {"changes": (READ, "can_show"), "evaluate": (BOTH, "can_evaluate")}

SCREENS: dict[str, Screen] = {
    "StaffHomeView": {"index": (READ, "can_show")},
    "RegistrationView": CASES,
    "InsuredPersonView": LOOKED_UP,
    "PrintQueueView": PAPER | {"posted_page": (READ, "can_show"), "posted": (SEND, "can_step")},
    "PostedLettersView": PAPER,
    "SchemeView": LAW,
    "EmployerView": KEPT,
    "HolidayView": KEPT,
    "LetterTemplateView": KEPT,
    "OutboxView": LOOKED_UP,
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
    "The frame of the back office": STAFF_FRAME,
    "The back office": STAFF_PAGES,
}

TABLE: dict[tuple[str, str], Page] = {
    (page.endpoint, method): page for pages in SECTIONS.values() for page in pages for method in page.methods
}
