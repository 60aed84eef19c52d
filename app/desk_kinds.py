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
