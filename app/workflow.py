"""The one life cycle as data: statuses, actors, steps and the declared workflows.

A lawyer can read the tables at the end of this page. No database, no request.
"""

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


class Status(StrEnum):
    """Where a case stands; each member carries its label and the tone of its tag."""

    draft = "draft"
    submitted = "submitted"
    under_review = "under_review"
    approved = "approved"
    carried_out = "carried_out"
    rejected = "rejected"
    withdrawn = "withdrawn"

    @property
    def label(self) -> LazyString:
        """The status in the reader's language."""
        return _LABELS[self][0]

    @property
    def tone(self) -> str:
        """The colour of the status tag."""
        return _LABELS[self][1]

    @property
    def meaning(self) -> LazyString:
        """What happened and who acts next, in plain words for the insured person."""
        return _LABELS[self][2]


_LABELS = {
    Status.draft: (_l("Draft"), "grey", _l("You have not sent this request yet.")),
    Status.submitted: (
        _l("Submitted"),
        "blue",
        _l("We have received your request. A case officer will read it next; you have nothing to do."),
    ),
    Status.under_review: (
        _l("Under review"),
        "yellow",
        _l("A case officer is reading your request and will decide next; you have nothing to do."),
    ),
    Status.approved: (
        _l("Approved"),
        "green",
        _l("Your request is approved. We are carrying out the decision; you have nothing to do."),
    ),
    Status.carried_out: (_l("Carried out"), "green", _l("Your request is approved and all is done.")),
    Status.rejected: (_l("Rejected"), "red", _l("Your request is rejected. You may appeal.")),
    Status.withdrawn: (_l("Withdrawn"), "grey", _l("You withdrew this request. Nothing more happens.")),
}

DECIDED = frozenset({Status.approved, Status.carried_out, Status.rejected})
OPEN_TO_STAFF = frozenset(set(Status) - {Status.draft})


class Actor(StrEnum):
    """Who takes a step."""

    insured_person = "insured_person"
    officer = "officer"
    system = "system"

    @property
    def label(self) -> LazyString:
        """The actor in the reader's language."""
        return _ACTORS[self]


_ACTORS = {
    Actor.insured_person: _l("the insured person"),
    Actor.officer: _l("a case officer"),
    Actor.system: _l("Guichet"),
}


@dataclass(frozen=True)
class Step:
    """One move of a case: its name, from where, to where, who may take it, who must explain.

    `label` is the button, `done` the line in the history, `notice` the letter that goes out.
    """

    name: str
    sources: frozenset[Status]
    target: Status
    actor: Actor
    label: LazyString
    done: LazyString
    needs_reason: bool = False
    notice: str | None = None

    @property
    def decides(self) -> bool:
        """Whether the step is a decision of the administration."""
        return self.target in DECIDED and self.actor is Actor.officer


@dataclass(frozen=True)
class Workflow:
    """The steps a service allows; what is not listed is refused."""

    name: str
    steps: tuple[Step, ...]

    def step(self, name: str) -> Step | None:
        """The step of that name, or None."""
        return next((step for step in self.steps if step.name == name), None)

    def available(self, status: Status, actor: Actor) -> tuple[Step, ...]:
        """The steps that actor may take on a case in that status."""
        return tuple(step for step in self.steps if status in step.sources and step.actor is actor)


def _step(
    name: str,
    sources: set[Status],
    target: Status,
    actor: Actor,
    label: LazyString,
    done: LazyString,
    *,
    needs_reason: bool = False,
    notice: str | None = None,
) -> Step:
    return Step(name, frozenset(sources), target, actor, label, done, needs_reason, notice)


_WAITING = {Status.submitted, Status.under_review}

REVIEW = Workflow(
    "review",
    (
        _step(
            "submit",
            {Status.draft},
            Status.submitted,
            Actor.insured_person,
            _l("Submit"),
            _l("Request submitted"),
            notice="received",
        ),
        _step(
            "take",
            {Status.submitted},
            Status.under_review,
            Actor.officer,
            _l("Start the review"),
            _l("Review started"),
        ),
        _step(
            "approve",
            _WAITING,
            Status.approved,
            Actor.officer,
            _l("Approve"),
            _l("Request approved"),
            notice="decided",
        ),
        _step(
            "reject",
            _WAITING,
            Status.rejected,
            Actor.officer,
            _l("Reject"),
            _l("Request rejected"),
            needs_reason=True,
            notice="decided",
        ),
        _step(
            "carry_out",
            {Status.approved},
            Status.carried_out,
            Actor.system,
            _l("Carry out"),
            _l("Decision carried out"),
        ),
        _step(
            "withdraw",
            _WAITING,
            Status.withdrawn,
            Actor.insured_person,
            _l("Withdraw my request"),
            _l("Request withdrawn"),
        ),
    ),
)
