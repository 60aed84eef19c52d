"""Every notice, declared once: its templates (`templates/email/<name>/`), where it leads, who may do without.

In the inbox of the portal all listed ones are kept; a person may do without the e-mail of some groups only.
"""

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


class Group(StrEnum):
    """Notices that are chosen, or always sent, together."""

    decisions = "decisions"
    questions = "questions"
    documents = "documents"
    safety = "safety"
    messages = "messages"
    reminders = "reminders"
    receipts = "receipts"

    @property
    def label(self) -> LazyString:
        """What the group tells of."""
        return _GROUPS[self][0]

    @property
    def why_always(self) -> LazyString | None:
        """Why its e-mail cannot be switched off; None when it can."""
        return _GROUPS[self][1]


_BY_LAW = _l("Always: the law wants you to be told.")
_GROUPS: dict[Group, tuple[LazyString, LazyString | None]] = {
    Group.decisions: (_l("Decisions on your requests"), _BY_LAW),
    Group.questions: (
        _l("Questions you must answer in time, and requests closed without an answer"),
        _BY_LAW,
    ),
    Group.documents: (
        _l("Documents we could not accept, or that expire soon"),
        _l("Always: without them your request stands still."),
    ),
    Group.safety: (
        _l("The safety of your account and of your file"),
        _l("Always: it warns you of what somebody else may do."),
    ),
    Group.messages: (_l("Messages we wrote to you"), None),
    Group.reminders: (_l("Reminders of drafts and of questions not answered"), None),
    Group.receipts: (_l("Requests that have arrived"), None),
}
OPTIONAL = tuple(group for group in Group if group.why_always is None)
ALWAYS = tuple(group for group in Group if group.why_always is not None)


@dataclass(frozen=True)
class Kind:
    """One notice. `way` names the link to its page; `is_listed`: it is a line of its own in the inbox."""

    name: str
    group: Group
    way: LazyString
    is_listed: bool = True


_REQUEST = _l("Open the request")
_FILE = _l("Open my file")
_ACCOUNT = _l("Open my account")
_DECLARED = (
    Kind("received", Group.receipts, _REQUEST),
    Kind("information_requested", Group.questions, _l("Read what we ask for, and answer")),
    Kind("answer_reminder", Group.reminders, _l("Read what we ask for, and answer")),
    Kind("lapsed", Group.questions, _REQUEST),
    Kind("answered_for", Group.safety, _REQUEST),
    Kind("withdrawn_for", Group.safety, _REQUEST),
    Kind("decided", Group.decisions, _l("Read the decision")),
    Kind("draft_reminder", Group.reminders, _l("Go on with my request")),
    Kind("documents_refused", Group.documents, _l("Open my documents")),
    Kind("documents_expiring", Group.documents, _l("Open my documents")),
    Kind("message", Group.messages, _l("Read the message"), is_listed=False),
    Kind("data_ready", Group.safety, _FILE),
    Kind("closure_asked", Group.safety, _FILE),
    Kind("closure_stopped", Group.safety, _FILE),
    Kind("account_closed", Group.safety, _FILE),
    Kind("file_locked", Group.safety, _FILE),
    Kind("lock_lifted", Group.safety, _FILE),
    Kind("linked", Group.safety, _FILE),
    Kind("number_converted", Group.safety, _FILE),
    Kind("record_corrected", Group.safety, _l("Open my record")),
    Kind("numbers_merged", Group.safety, _FILE),
    Kind("merge_undone", Group.safety, _FILE),
    Kind("link_refused", Group.safety, _FILE),
    Kind("agent_approved", Group.safety, _l("Open the employers’ counter")),
    Kind("agent_refused", Group.safety, _ACCOUNT),
    Kind("agent_ended", Group.safety, _ACCOUNT),
    Kind("new_device", Group.safety, _ACCOUNT),
    Kind("password_changed", Group.safety, _ACCOUNT),
    Kind("phone_changed", Group.safety, _ACCOUNT),
    Kind("email_changed", Group.safety, _ACCOUNT),
    Kind("recovery_code_used", Group.safety, _ACCOUNT),
    Kind("second_factor_removed", Group.safety, _ACCOUNT),
    Kind("recovery_requested", Group.safety, _ACCOUNT),
    Kind("recovery_done", Group.safety, _ACCOUNT),
)
KINDS = {kind.name: kind for kind in _DECLARED}
ONLY_MAILED = frozenset(
    {
        *("confirm_sign_up", "account_exists", "reset_password", "confirm_email", "email_change_asked"),
        *("link_code", "recovery_link", "invitation", "chain_alarm"),
        *("second_factor_set_up", "factor_reset", "agent_invitation"),
        *("employer_asked", "employer_reminder", "employer_task", "employer_task_reminder"),
    }
)
"""Mail that carries a link or a code of its own, or goes to the staff: it has no line in any inbox."""


def group_of(name: str) -> Group | None:
    """The group of a notice; None for what is only mailed."""
    return KINDS[name].group if name in KINDS else None
