"""The kinds of things of the staff's desk: data, with labels; no database, no request."""

from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


class RowOutcome(StrEnum):
    """How one case of a bulk act ended."""

    done = "done"
    refused = "refused"

    @property
    def label(self) -> LazyString:
        """The outcome in the reader's language."""
        return _OUTCOMES[self]


_OUTCOMES = {RowOutcome.done: _l("Done"), RowOutcome.refused: _l("Refused")}


class CheckState(StrEnum):
    """What an automatic check of a case says; the worst first."""

    failed = "failed"
    warned = "warned"
    passed = "passed"

    @property
    def label(self) -> LazyString:
        """The state in the reader's language."""
        return _CHECKS[self][0]

    @property
    def tone(self) -> str:
        """The colour of its tag."""
        return _CHECKS[self][1]


_CHECKS = {
    CheckState.failed: (_l("Fails"), "red"),
    CheckState.warned: (_l("To look at"), "yellow"),
    CheckState.passed: (_l("In order"), "green"),
}
