"""The kinds of things people and staff do about access: data, with labels; no database, no request."""

from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


class TaskKind(StrEnum):
    """Why a support officer is asked."""

    link = "link"
    link_paused = "link_paused"
    recovery_frozen = "recovery_frozen"
    recovery_stopped = "recovery_stopped"

    @property
    def label(self) -> LazyString:
        """The kind in the reader's language."""
        return _TASKS[self]


_TASKS = {
    TaskKind.link: _l("Link an account to an insured person"),
    TaskKind.link_paused: _l("Linking paused after five failures"),
    TaskKind.recovery_frozen: _l("Account recovery frozen by a warning"),
    TaskKind.recovery_stopped: _l("Account recovery that could not be carried out"),
}


class TaskOutcome(StrEnum):
    """How a support task ended."""

    done = "done"
    refused = "refused"

    @property
    def label(self) -> LazyString:
        """The outcome in the reader's language."""
        return _TASK_OUTCOMES[self]


_TASK_OUTCOMES = {TaskOutcome.done: _l("Done"), TaskOutcome.refused: _l("Refused")}


class LockKind(StrEnum):
    """What a person's lock stops."""

    everything = "everything"
    bank = "bank"

    @property
    def label(self) -> LazyString:
        """The lock in the reader's language."""
        return _LOCKS[self]


_LOCKS = {
    LockKind.everything: _l("No change online"),
    LockKind.bank: _l("No change of bank details"),
}


class Opened(StrEnum):
    """What of a person's somebody of the staff opened."""

    record = "record"
    case = "case"
    document = "document"
    letter = "letter"
    message = "message"
    search = "search"
    lock = "lock"
    recovery = "recovery"
    counter = "counter"

    @property
    def label(self) -> LazyString:
        """What was opened, for the staff."""
        return _OPENED[self][0]

    @property
    def told(self) -> LazyString:
        """What was opened, for the person whose it is."""
        return _OPENED[self][1]


_OPENED = {
    Opened.record: (_l("Record of an insured person"), _l("Your record as an insured person")),
    Opened.case: (_l("Case"), _l("A request of yours")),
    Opened.document: (_l("Document"), _l("A document of yours")),
    Opened.letter: (_l("Letter"), _l("A letter to you")),
    Opened.message: (_l("Message"), _l("Your messages")),
    Opened.search: (_l("Name and number, found by a search"), _l("Your name and number, found by a search")),
    Opened.lock: (_l("Lock on a file"), _l("The lock on your file")),
    Opened.recovery: (_l("Account recovery"), _l("The recovery of your account")),
    Opened.counter: (
        _l("Request entered at the counter"),
        _l("You, at the counter: a request entered for you"),
    ),
}


class Paper(StrEnum):
    """The identity paper an officer looked at."""

    identity_card = "identity_card"
    passport = "passport"
    residence_permit = "residence_permit"
    driving_licence = "driving_licence"

    @property
    def label(self) -> LazyString:
        """The paper in the reader's language."""
        return _PAPERS[self]


_PAPERS = {
    Paper.identity_card: _l("National identity card"),
    Paper.passport: _l("Passport"),
    Paper.residence_permit: _l("Residence permit"),
    Paper.driving_licence: _l("Driving licence"),
}
