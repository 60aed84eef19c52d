"""What hangs on an insured person and on their account, table by table: the one list that merging follows.

A test holds that each foreign key to `insured_person` stands here, and each column that says whose account
something is of.
"""

from dataclasses import dataclass
from enum import Enum, auto

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


class Fate(Enum):
    """What becomes of the rows when two persons are merged."""

    moves = auto()
    closes = auto()
    """It moves, and what was in force ends on that day: the survivor has one of their own."""

    stays = auto()
    """It says what was; whoever looks for it follows the merge."""


@dataclass(frozen=True)
class Hanging:
    """The rows of a table that belong to somebody by one of its columns."""

    table: str
    column: str
    fate: Fate
    label: LazyString | None = None
    """What the rows are, for who compares two persons."""


OF_PERSON = (
    Hanging("registration", "person_id", Fate.moves),
    Hanging("record_change", "person_id", Fate.moves),
    Hanging("new_employment", "person_id", Fate.moves),
    Hanging("employment", "person_id", Fate.moves, _l("Employments")),
    Hanging("dependant", "person_id", Fate.moves, _l("Dependants")),
    Hanging("spouse", "person_id", Fate.moves, _l("Spouses")),
    Hanging("identity_paper", "person_id", Fate.moves, _l("Identity documents")),
    Hanging("person_name", "person_id", Fate.closes, _l("Names")),
    Hanging("person_address", "person_id", Fate.closes, _l("Addresses")),
    Hanging("former_fact", "person_id", Fate.moves),
    Hanging("record_correction", "person_id", Fate.moves),
    Hanging("certificate", "person_id", Fate.moves, _l("Certificates")),
    Hanging("declared_interest", "person_id", Fate.moves),
    Hanging("possible_duplicate", "person_id", Fate.stays),
    Hanging("former_number", "person_id", Fate.stays),
    Hanging("link_attempt", "person_id", Fate.stays),
    Hanging("access_entry", "person_id", Fate.stays),
    Hanging("person_merge", "survivor_id", Fate.stays),
    Hanging("person_merge", "merged_id", Fate.stays),
    Hanging("insured_person", "merged_into_id", Fate.stays),
)
OF_ACCOUNT = (
    Hanging("case", "owner_id", Fate.moves, _l("Requests")),
    Hanging("document", "owner_id", Fate.moves, _l("Documents")),
    Hanging("upload", "owner_id", Fate.moves),
    Hanging("draft", "owner_id", Fate.moves, _l("Drafts")),
    Hanging("conversation", "owner_id", Fate.moves, _l("Messages")),
    Hanging("letter", "recipient_id", Fate.moves, _l("Letters")),
    Hanging("notice", "account_id", Fate.moves),
    Hanging("file_lock", "account_id", Fate.moves, _l("Locks")),
    Hanging("support_task", "account_id", Fate.moves),
    Hanging("declared_interest", "relative_id", Fate.moves),
)
"""An account's own doors (password, second factor, sessions) stay with it: it is closed. Its key goes on
opening what it sealed in the audit chain, and ends with the survivor's when the person is purged.
"""
