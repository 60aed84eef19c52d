"""A group of questions that is asked as often as needed: dependants, witnesses, periods abroad."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import Field, Form, MultipleFileField
from wtforms.utils import unset_value
from wtforms.validators import ValidationError

from app.forms.base import PortalForm
from app.forms.conditions import asked

MOST_ENTRIES = 20
_NO_NUMBER = -1


class Entry(PortalForm):
    """One entry of a group: a subclass declares its questions, as a form does."""

    number: int

    @classmethod
    def at(cls, group: str, number: int, **given: Any) -> "Entry":
        """The entry of that number, its inputs named after group and number."""
        entry = cls(prefix=f"{group}-{number}", meta={"csrf": False}, **given)
        entry.number = number
        entry.unasked = frozenset(set(entry.data) - asked(cls.asked_if, entry.data))
        return entry

    def asks(self) -> list[str]:
        """Its questions, in their order."""
        return [field.short_name for field in self]


class GroupWidget:
    """Draws nothing: only the components draw a group."""

    def __call__(self, field: "GroupField", **kwargs: Any) -> Markup:
        """Nothing."""
        return Markup("")


class GroupField(Field):
    """Entries with the same questions. `one` names an entry by its place, `more` is the button that adds one.

    The numbers of the entries are sent in inputs named as the group, the answers in `group-number-question`.
    """

    widget = GroupWidget()

    def __init__(
        self,
        label: Any = None,
        validators: Sequence[Any] = (),
        *,
        entry: type[Entry],
        one: LazyString,
        more: LazyString,
        most: int = MOST_ENTRIES,
        **kwargs: Any,
    ) -> None:
        self.own_errors: list[str] = []
        self.entries: list[Entry] = []
        self.entry, self.one, self.more, self.most = entry, one, more, most
        super().__init__(label, validators, **kwargs)

    @property
    def errors(self) -> list[str]:
        """What is wrong with the group itself, then in its entries."""
        found = [list(field.errors) for entry in self.entries for field in entry]
        return [*self.own_errors, *(message for messages in found for message in messages)]

    @errors.setter
    def errors(self, messages: Sequence[str]) -> None:
        self.own_errors = list(messages)

    @property
    def may_grow(self) -> bool:
        """Whether one more may be added."""
        return len(self.entries) < self.most

    def title(self, place: int) -> str:
        """What an entry is called, by its place from one."""
        return str(self.one) % {"number": place}

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Read the entries that were sent, or show those given; a group never shown begins with one."""
        if formdata is not None:
            numbers = dict.fromkeys(map(_as_number, formdata.getlist(self.name)))
            numbers.pop(_NO_NUMBER, None)
            there = [
                self.entry.at(self.name, number, formdata=formdata) for number in [*numbers][: self.most]
            ]
        else:
            given = data if isinstance(data, Sequence) else ()
            there = [self._given(number, facts) for number, facts in enumerate(given)]
        self.process_errors: list[str] = []
        self.raw_data = [str(entry.number) for entry in there]
        self._hold(there or ([self._given(0, {})] if formdata is None and data is unset_value else []))

    def validate(self, form: Form, extra_validators: Sequence[Any] = ()) -> bool:
        """The group's own rules, and those of each entry."""
        self.own_errors = []
        for rule in (*self.validators, *extra_validators):
            try:
                rule(form, self)
            except ValidationError as refusal:
                self.own_errors.append(str(refusal))
        return all([not self.own_errors, *[entry.validate() for entry in self.entries]])

    def takes_file(self, name: str) -> bool:
        """Whether an input of that name belongs to a question of an entry that asks for files."""
        place = place_of(name)
        question = getattr(self.entry, place[2], None) if place and place[0] == self.name else None
        return issubclass(getattr(question, "field_class", Field), MultipleFileField)

    def add(self) -> None:
        """One more entry, with nothing in it yet."""
        if self.may_grow:
            self._hold([*self.entries, self._given(self.next_number, {})])

    @property
    def next_number(self) -> int:
        """The number the next entry would have."""
        return max((entry.number for entry in self.entries), default=-1) + 1

    def remove(self, number: int) -> None:
        """Take the entry of that number away."""
        self._hold([entry for entry in self.entries if entry.number != number])

    def answered(self) -> Iterator[tuple[str, Field]]:
        """Each question that is asked, with the title of its entry."""
        for place, entry in enumerate(self.entries, start=1):
            for field in entry:
                if field.short_name not in entry.unasked:
                    yield self.title(place), field

    def _given(self, number: int, facts: Mapping[str, Any]) -> Entry:
        return self.entry.at(self.name, number, formdata=None, data=facts)

    def _hold(self, entries: list[Entry]) -> None:
        self.entries = entries
        self.data = [entry.answers() for entry in entries]


class EntryGiven:
    """Validator: there is at least one entry."""

    def __init__(self, message: Any = None) -> None:
        self.message = message or _l("Add at least one")

    def __call__(self, form: Form, field: GroupField) -> None:
        """Refuse an empty group with the message."""
        if not field.entries:
            raise ValidationError(str(self.message))


def place_of(name: str) -> tuple[str, int, str] | None:
    """Group, number and question of an input of a group, told from its name; None for any other."""
    found = re.fullmatch(r"([a-z_]+)-([0-9]{1,2})-([a-z_]+)", name)
    return (found[1], int(found[2]), found[3]) if found else None


def entry_of(form: PortalForm, name: str) -> Entry | None:
    """The entry of a form's group that an input belongs to; None for a question outside of any group."""
    place = place_of(name)
    group = form._fields.get(place[0]) if place else None
    if place is None or not isinstance(group, GroupField):
        return None
    return next((entry for entry in group.entries if entry.number == place[1]), None)


def _as_number(typed: str) -> int:
    return int(typed) if re.fullmatch(r"[0-9]{1,2}", typed) else _NO_NUMBER
