"""What a service is: a declaration the portal, the back office and the engine all read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from flask_babel import LazyString

from app.desk_kinds import CheckState
from app.forms.answers import shown
from app.forms.base import PortalForm
from app.forms.conditions import asked
from app.models import Account, Case
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
class DocumentNeed:
    """A document a service asks for: the form field it comes in, and its category.

    `required` may be a rule over the answers. A document that `may_follow` need not come with the request:
    it blocks only the carrying out of the decision. At most `most` files answer one need.
    """

    field: str
    category: str
    label: LazyString
    required: bool | Callable[[Mapping[str, Any]], bool] = True
    may_follow: bool = False
    most: int = 5

    def is_required(self, answers: Mapping[str, Any]) -> bool:
        """Whether these answers make the document necessary."""
        return self.required(answers) if callable(self.required) else self.required


@dataclass(frozen=True)
class Check:
    """What the machine found of one thing in a case: it advises who decides, and refuses nothing."""

    label: LazyString | str
    state: CheckState
    reason: str


@dataclass(frozen=True)
class Page:
    """A page of a few questions: its place in the address, its title, and the fields it asks."""

    slug: str
    title: LazyString
    fields: tuple[str, ...]


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

    def document_label(self, category: str) -> LazyString | str:
        """What a document of that category is called in this service."""
        return next((need.label for need in self.documents if need.category == category), category)

    def check(self, owner: Account) -> None:
        """Raise `RuleBroken` when this person cannot ask now."""

    def prepare(self, form: PortalForm) -> None:
        """Give a fresh form what it needs from the database, such as the choices of a list."""

    def prefill(self, owner: Account) -> Mapping[str, Any]:
        """What the administration holds already, by question: shown, and asked whether it is right."""
        return {}

    def answers(self, case: C) -> list[tuple[LazyString | str, str]]:
        """What the person wrote, as pairs of label and value: the questions that are columns of the model."""
        questions = self.correctable()
        given = {name: getattr(case, name) for name in questions}
        form = self.form(formdata=None, data=given, meta={"csrf": False})
        self.prepare(form)
        were_asked = asked(self.form.asked_if, given)
        return [
            (form[name].label.text, _in_one(shown(form[name]))) for name in questions if name in were_asked
        ]

    def fill(self, case: C, data: Mapping[str, Any]) -> None:
        """Write the form's answers into the case's own columns; other fields of the form are not answers."""
        own = {column.key for column in self.model.__table__.columns} | {"employer_id"}
        for name in (own - {"id"}) & set(data):
            setattr(case, name, data[name])

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

    def correctable(self) -> tuple[str, ...]:
        """The answers staff may complete or correct: the form's questions that are columns of it."""
        columns = set(self.model.__mapper__.columns.keys())
        return tuple(name for name in vars(self.form) if name in columns)

    def label_of(self, field: str) -> LazyString | str:
        """What a question of the form is called."""
        return getattr(self.form, field).args[0]

    def result(self, case: C) -> list[tuple[LazyString | str, str]]:
        """What the decision gave, as pairs of label and value, once it is carried out."""
        return []


def _in_one(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value)
