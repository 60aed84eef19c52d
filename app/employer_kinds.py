"""What employers are asked, and who answers for them: data, with labels; no database, no request."""

from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


class Reply(StrEnum):
    """What an employer says of the facts they are asked about."""

    confirm = "confirm"
    correct = "correct"
    dispute = "dispute"

    @property
    def label(self) -> LazyString:
        """The choice, for the employer."""
        return _REPLIES[self]


_REPLIES = {
    Reply.confirm: _l("All of this is right"),
    Reply.correct: _l("Something is wrong: I write what is right"),
    Reply.dispute: _l("This person does not work for us, or I cannot answer this"),
}


class RequestState(StrEnum):
    """Where the question to an employer stands, or how it ended."""

    open = "open"
    confirmed = "confirmed"
    corrected = "corrected"
    disputed = "disputed"
    silent = "silent"
    replaced = "replaced"
    ended = "ended"

    @property
    def label(self) -> LazyString:
        """The state in the reader's language."""
        return _STATES[self][0]

    @property
    def tone(self) -> str:
        """The colour of its tag."""
        return _STATES[self][1]

    @property
    def is_answered(self) -> bool:
        """Whether the employer answered."""
        return self in ANSWERED


_STATES = {
    RequestState.open: (_l("Waiting for the employer"), "turquoise"),
    RequestState.confirmed: (_l("Confirmed"), "green"),
    RequestState.corrected: (_l("Corrected"), "yellow"),
    RequestState.disputed: (_l("Disputed"), "red"),
    RequestState.silent: (_l("No answer in time"), "grey"),
    RequestState.replaced: (_l("Replaced by another question"), "grey"),
    RequestState.ended: (_l("No longer needed"), "grey"),
}
ANSWERED = frozenset({RequestState.confirmed, RequestState.corrected, RequestState.disputed})


class AgentState(StrEnum):
    """Whether somebody may answer for an employer."""

    asked = "asked"
    active = "active"
    refused = "refused"
    ended = "ended"

    @property
    def label(self) -> LazyString:
        """The state in the reader's language."""
        return _AGENTS[self][0]

    @property
    def tone(self) -> str:
        """The colour of its tag."""
        return _AGENTS[self][1]


_AGENTS = {
    AgentState.asked: (_l("To be approved"), "blue"),
    AgentState.active: (_l("Active"), "green"),
    AgentState.refused: (_l("Refused"), "red"),
    AgentState.ended: (_l("Ended"), "grey"),
}
