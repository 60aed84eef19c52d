"""How two persons are alike, and what was found of it: data, with labels; no database, no request."""

from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


class Likeness(StrEnum):
    """In what somebody who asks to be registered is like another."""

    identity_number = "identity_number"
    same_name = "same_name"
    close_name = "close_name"
    same_sound = "same_sound"
    same_birth_date = "same_birth_date"
    close_birth_date = "close_birth_date"

    @property
    def label(self) -> LazyString:
        """The likeness in the reader's language."""
        return _LIKENESSES[self]


_LIKENESSES = {
    Likeness.identity_number: _l("Same number of the identity document"),
    Likeness.same_name: _l("Same name"),
    Likeness.close_name: _l("Close name"),
    Likeness.same_sound: _l("Name that sounds the same"),
    Likeness.same_birth_date: _l("Same date of birth"),
    Likeness.close_birth_date: _l("Close date of birth"),
}


class Judgement(StrEnum):
    """What an officer found of a possible duplicate."""

    other = "other"
    same = "same"

    @property
    def label(self) -> LazyString:
        """The finding in the reader's language."""
        return _JUDGEMENTS[self]


_JUDGEMENTS = {
    Judgement.other: _l("Another person: set aside"),
    Judgement.same: _l("The same person: the case is attached to them"),
}
