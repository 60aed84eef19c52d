"""What a service is: a declaration the portal, the back office and the engine all read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

from flask_babel import LazyString
from wtforms.fields.core import UnboundField

from app.columns import Encrypted
from app.desk_kinds import CheckState
from app.forms.answers import questions_of, rows_of
from app.forms.base import PortalForm
from app.forms.conditions import asked
from app.forms.fields import KeptFileField
from app.forms.groups import Entry, GroupField, place_of
from app.models import Account, Case, Document
from app.services import encrypted
from app.services.document_categories import OTHER
from app.services.likeness import Identity
from app.workflow import Step, Workflow


class RuleBroken(Exception):
    """A rule of social security forbids this; `message` says so to the person, in their language."""

    def __init__(self, message: LazyString | str) -> None:
        super().__init__(str(message))
        self.message = message


class NotAllowed(RuleBroken):
    """Who acts has not the role, or acts on what is not theirs, on themself, or twice."""


@dataclass(frozen=True)
class FiledAs:
    """A document that comes with a request, and the question it answers."""

    document: Document
    question: str


@dataclass(frozen=True)
class DocumentNeed:
    """A document a service asks for: the question it answers, and its category.

    The question of a group's entry is named `group.question`. `required` may be a rule over the answers, or
    over the entry's. A document that `may_follow` need not come with the request: it blocks only the carrying
    out of the decision. At most `most` files answer one need.
    """

    field: str
    category: str
    label: LazyString | str
    required: bool | Callable[[Mapping[str, Any]], bool] = True
    may_follow: bool = False
    most: int = 5

    @property
    def group(self) -> str:
        """The group the question is of, or nothing."""
        return self.field.rpartition(".")[0]

    @property
    def question(self) -> str:
        """The question, without its group."""
        return self.field.rpartition(".")[2]

    def is_required(self, answers: Mapping[str, Any]) -> bool:
        """Whether these answers make the document necessary."""
        return self.required(answers) if callable(self.required) else self.required

    def fields_of(self, form: PortalForm) -> list[KeptFileField]:
        """The fields of a form it may come in: one, or one of each entry of its group."""
        if not self.group:
            return [form[self.field]] if self.field in form else []
        return [entry[self.question] for entry in form[self.group].entries] if self.group in form else []

    def answers_to(self, name: str) -> bool:
        """Whether an input's name is of this question."""
        place = place_of(name)
        return name == self.field or (place is not None and f"{place[0]}.{place[2]}" == self.field)


@dataclass(frozen=True)
class Check:
    """What the machine found of one thing in a case: it advises who decides, and refuses nothing."""

    label: LazyString | str
    state: CheckState
    reason: str


@dataclass(frozen=True)
class Fact:
    """One fact of a case its employer is asked to confirm: its name, and the field by which they correct it.

    The person declared it in the column of that name; one that is not `declared` only the employer knows, and
    is asked to give. `read` makes the value again from the text a fact is kept as.
    """

    name: str
    field: UnboundField
    read: Callable[[str], Any] = str
    declared: bool = True

    @property
    def label(self) -> LazyString | str:
        """What the fact is called, to the employer and to staff."""
        return self.field.args[0]

    @property
    def question(self) -> str:
        """Its field in the employer's form, whose own names are others."""
        return f"fact_{self.name}"


@dataclass(frozen=True)
class Page:
    """A page of a few questions: its place in the address, its title, and the fields it asks."""

    slug: str
    title: LazyString
    fields: tuple[str, ...]


@dataclass(frozen=True)
class _Declared:
    """Of a service: its questions in order, its groups, the columns of its own table, and the secret ones."""

    questions: tuple[str, ...]
    groups: Mapping[str, type[Entry]]
    columns: frozenset[str]
    secrets: frozenset[str]


C = TypeVar("C", bound=Case)


class Service(Generic[C]):
    """One of the services of the counter; a subclass declares it and may add its effects."""

    slug: ClassVar[str]
    letters: ClassVar[str]
    title: ClassVar[LazyString]
    subtitle: ClassVar[LazyString]
    about: ClassVar[LazyString | None] = None
    """What the service is, in a sentence or two, where the subtitle does not say it all."""

    who_may: ClassVar[LazyString]
    to_have_ready: ClassVar[tuple[LazyString, ...]]
    minutes: ClassVar[int] = 5
    """How long it takes to fill in."""

    officers: ClassVar[tuple[str, ...]]
    """The roles that examine its cases, and may be the second pair of eyes."""

    listed: ClassVar[tuple[str, ...]] = ()
    """The answers that staff see in the list of cases and search by; each is a column of the model."""

    searched: ClassVar[tuple[str, ...]] = ()
    """Other answers that staff search by."""

    model: ClassVar[type[Case]]
    form: ClassVar[type[PortalForm]]
    pages: ClassVar[tuple[Page, ...]]
    workflow: ClassVar[Workflow]
    documents: ClassVar[tuple[DocumentNeed, ...]] = ()
    asks_employer: ClassVar[tuple[Fact, ...]] = ()
    """What the employer of a case is asked to confirm once it is submitted; nothing: they are not asked."""

    finds_duplicates: ClassVar[bool] = False
    """Whether its cases are compared with persons registered and with each other (`identity`)."""

    carried_out_at_once: ClassVar[bool] = True
    """Whether an approval is carried out in the same transaction, or by later work (a payment)."""

    @property
    def staff_view(self) -> str:
        """The name of its screens in the back office, and of the right to see them."""
        return f"{self.model.__name__}View"

    def page(self, slug: str) -> Page | None:
        """The page of that address, or None."""
        return next((page for page in self.pages if page.slug == slug), None)

    def document_label(self, case: Case, document: Document, name: str | None = None) -> LazyString | str:
        """What a document of a case is called here: by the question it answers, else by its category.

        `name` is the category's own: of a kind that no question asks for, or of none in particular.
        """
        filed = {link.document_id: (link.questions or "").split() for link in case.filed}
        answered = filed.get(document.id, [])
        for need in self.documents:
            is_of_kind = not answered and OTHER != document.category == need.category
            if is_of_kind or any(map(need.answers_to, answered)):
                return need.label
        return name or document.category

    def check(self, owner: Account) -> None:
        """Raise `RuleBroken` when this person cannot ask now."""

    def prepare(self, form: PortalForm) -> None:
        """Give a fresh form what it needs from the database, such as the choices of a list."""

    def prefill(self, owner: Account) -> Mapping[str, Any]:
        """What the administration holds already, by question: shown, and asked whether it is right."""
        return {}

    def computed(self, case: C) -> Mapping[str, Any] | None:
        """The stored result (`app.scheme.record`) that a decision on this case rests on; None without one.

        A letter whose template has `%(explanation)s` explains it, in the letter's language.
        """
        return None

    def answers(self, case: C) -> list[tuple[LazyString | str, str]]:
        """What the person wrote, as pairs of label and value: the questions that are columns of the model."""
        given = {name: self.value_of(case, name) for name in (*self.correctable(), *self.groups())}
        form = self.form(formdata=None, data=given, meta={"csrf": False})
        self.prepare(form)
        were_asked = asked(self.form.asked_if, given)
        rows = (rows_of(form[name], has_files=False) for name in self.questions() if name in were_asked)
        return [(label, _in_one(value)) for found in rows for label, value in found]

    def fill(self, case: C, data: Mapping[str, Any]) -> None:
        """Write the form's answers into the case's own columns; other fields of the form are not answers."""
        for name in {*self._declared.columns, *self.groups()} & set(data):
            self.write(case, name, data[name])
        for name in set(self.groups()) - set(data):
            setattr(case, name, [])  # it has none, and need not be asked

    def value_of(self, case: C, name: str) -> Any:
        """The answer to a question, a secret one opened; of a group, the answers of each entry.

        A question of one entry is named `group-number-question`, with the entry's place from nought.
        """
        place = place_of(name)
        if place is not None:
            return getattr(getattr(case, place[0])[place[1]], place[2])
        if name in self.groups():
            questions = questions_of(self.groups()[name])
            return [{key: getattr(row, key, None) for key in questions} for row in getattr(case, name)]
        if name in self.secrets():
            return encrypted.read(case, getattr(self.model, name))
        return getattr(case, name)

    def write(self, case: C, name: str, value: Any) -> None:
        """Put an answer where `value_of` finds it; a secret is sealed, bound to the case."""
        place = place_of(name)
        if place is not None:
            setattr(getattr(case, place[0])[place[1]], place[2], value)
        elif name in self.groups():
            kind = self._kind(name)
            setattr(case, name, [self._row(kind, number, facts) for number, facts in enumerate(value)])
        elif name in self.secrets():
            encrypted.put(case, getattr(self.model, name), value or None)
        else:
            setattr(case, name, value)

    def questions(self) -> tuple[str, ...]:
        """The questions in the order they are asked."""
        return self._declared.questions

    def groups(self) -> Mapping[str, type[Entry]]:
        """The questions that are asked as often as needed, with what one entry asks."""
        return self._declared.groups

    def secrets(self) -> frozenset[str]:
        """The questions whose answers are kept encrypted."""
        return self._declared.secrets

    @cached_property
    def _declared(self) -> "_Declared":
        """What follows from the declaration, worked out once: each answer of a case asks for it."""
        questions = tuple(name for page in self.pages for name in page.fields)
        found = ((name, getattr(self.form, name)) for name in questions)
        groups = {name: it.kwargs["entry"] for name, it in found if issubclass(it.field_class, GroupField)}
        own = {column.key for column in self.model.__table__.columns} - {"id"} | {"employer_id"}
        columns = self.model.__mapper__.columns
        secrets = frozenset(key for key in own if isinstance(columns[key].type, Encrypted))
        return _Declared(questions, groups, frozenset(own), secrets)

    @staticmethod
    def _row(kind: Any, number: int, facts: Mapping[str, Any]) -> Any:
        """An entry as a row: what is a column of it, and its place."""
        columns = set(kind.__mapper__.columns.keys())
        return kind(position=number, **{name: facts[name] for name in columns & set(facts)})

    def on_step(self, case: C, step: Step) -> None:
        """The effects of a step, inside its transaction: they only write rows."""

    def needs_two_pairs(self, case: C) -> bool:
        """Whether this case needs a second pair of eyes in a service that otherwise needs one."""
        return False

    def identity(self, case: C) -> Identity | None:
        """Whom a case is about, to look for duplicates; None when it does not say."""
        return None

    def checks(self, case: C) -> Sequence[Check]:
        """The service's own automatic checks of a case, beside those of `services/checks.py`."""
        return ()

    def correctable(self, case: C | None = None) -> tuple[str, ...]:
        """The answers staff may complete or correct: questions that are columns, and those of each entry."""
        columns = set(self.model.__mapper__.columns.keys())
        own = [name for name in self.questions() if name in columns]
        if case is None:
            return tuple(own)
        for group, entry in self.groups().items():
            kept = [name for name in questions_of(entry) if hasattr(self._kind(group), name)]
            numbers = range(len(getattr(case, group)))
            own += [f"{group}-{number}-{name}" for number in numbers for name in kept]
        return tuple(own)

    def _kind(self, group: str) -> Any:
        return getattr(self.model, group).property.mapper.class_

    def asking(self, name: str) -> tuple[type[PortalForm], str]:
        """The form and the question of it that an answer's name means."""
        place = place_of(name)
        return (self.groups()[place[0]], place[2]) if place else (self.form, name)

    def label_of(self, name: str) -> LazyString | str:
        """What a question of the form is called; one of an entry begins with the entry."""
        form, question = self.asking(name)
        label = getattr(form, question).args[0]
        place = place_of(name)
        if place is None:
            return label
        title = str(getattr(self.form, place[0]).kwargs["one"]) % {"number": place[1] + 1}
        return f"{title} – {label}"

    def employee(self, case: C) -> str:
        """The name by which an employer knows whom they are asked about."""
        return case.owner.get_full_name()

    def result(self, case: C) -> list[tuple[LazyString | str, str]]:
        """What the decision gave, as pairs of label and value, once it is carried out."""
        return []


def _in_one(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value)
