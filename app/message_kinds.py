"""Where a conversation stands, and how the e-mail of a notice fared: data, with labels; no database."""

from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


class ConversationState(StrEnum):
    """Who is to write next."""

    to_answer = "to_answer"
    waiting_person = "waiting_person"
    answered = "answered"

    @property
    def label(self) -> LazyString:
        """The state, for the staff."""
        return _STATES[self][0]

    @property
    def told(self) -> LazyString:
        """The state, for the person."""
        return _STATES[self][1]

    @property
    def tone(self) -> str:
        """The colour of its tag."""
        return _STATES[self][2]


_STATES = {
    ConversationState.to_answer: (_l("To be answered"), _l("Waiting for our answer"), "blue"),
    ConversationState.waiting_person: (_l("Waiting for the person"), _l("We wait for your answer"), "yellow"),
    ConversationState.answered: (_l("Answered"), _l("Answered"), "grey"),
}


class Delivery(StrEnum):
    """How the e-mail of a notice fared, or what took its place."""

    queued = "queued"
    sent = "sent"
    refused = "refused"
    paper = "paper"
    not_wanted = "not_wanted"
    no_address = "no_address"
    overtaken = "overtaken"

    @property
    def label(self) -> LazyString:
        """The state of the delivery, for the staff."""
        return _DELIVERIES[self][0]

    @property
    def tone(self) -> str:
        """The colour of its tag."""
        return _DELIVERIES[self][1]


_DELIVERIES = {
    Delivery.queued: (_l("E-mail in the queue"), "blue"),
    Delivery.sent: (_l("E-mail handed to the mail server"), "green"),
    Delivery.refused: (_l("E-mail not sent"), "red"),
    Delivery.paper: (_l("Letter on paper"), "green"),
    Delivery.not_wanted: (_l("No e-mail: the person does without"), "grey"),
    Delivery.no_address: (_l("No e-mail: the person has no address"), "grey"),
    Delivery.overtaken: (_l("No e-mail: no longer true when it was to leave"), "grey"),
}
