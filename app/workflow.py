"""The one life cycle as data: statuses, actors, steps and the declared workflows.

A lawyer can read the tables of `app/workflows.py`, which are made of these. No database, no request.
"""

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


class Status(StrEnum):
    """Where a case stands; each member carries its label, the tone of its tag, and its meaning."""

    draft = "draft"
    submitted = "submitted"
    awaiting_employer = "awaiting_employer"
    under_review = "under_review"
    info_requested = "info_requested"
    proposed = "proposed"
    approved = "approved"
    carried_out = "carried_out"
    rejected = "rejected"
    withdrawn = "withdrawn"
    lapsed = "lapsed"
    decision_withdrawn = "decision_withdrawn"

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

    @property
    def next_step(self) -> LazyString | None:
        """What comes next and who does it; None when nothing does."""
        return _NEXT.get(self)


_LABELS = {
    Status.draft: (_l("Draft"), "grey", _l("You have not sent this request yet.")),
    Status.submitted: (
        _l("Submitted"),
        "blue",
        _l("We have received your request. A case officer will read it next; you have nothing to do."),
    ),
    Status.awaiting_employer: (
        _l("Awaiting the employer"),
        "turquoise",
        _l("We have asked your employer to confirm what you wrote; you have nothing to do."),
    ),
    Status.under_review: (
        _l("Under review"),
        "yellow",
        _l("A case officer is reading your request and will decide next; you have nothing to do."),
    ),
    Status.info_requested: (
        _l("Information requested"),
        "red",
        _l("We need something more from you before we can decide. Your answer is next."),
    ),
    Status.proposed: (
        _l("Proposed"),
        "yellow",
        _l("A case officer has proposed a decision; a second person checks it next. You have nothing to do."),
    ),
    Status.approved: (
        _l("Approved"),
        "green",
        _l("Your request is approved. We are carrying out the decision; you have nothing to do."),
    ),
    Status.carried_out: (_l("Carried out"), "green", _l("Your request is approved and all is done.")),
    Status.rejected: (_l("Rejected"), "red", _l("Your request is rejected. You may appeal.")),
    Status.withdrawn: (_l("Withdrawn"), "grey", _l("You withdrew this request. Nothing more happens.")),
    Status.lapsed: (
        _l("Lapsed"),
        "grey",
        _l("We had no answer in time, so this request is closed. You may send a new one."),
    ),
    Status.decision_withdrawn: (
        _l("Decision withdrawn"),
        "grey",
        _l("The administration took back its decision. You may appeal."),
    ),
}

_NEXT = {
    Status.submitted: _l("A case officer reads your request and decides"),
    Status.awaiting_employer: _l("Your employer confirms what you wrote"),
    Status.under_review: _l("The case officer decides"),
    Status.info_requested: _l("You send what we asked for"),
    Status.proposed: _l("A second person checks the proposal and decides"),
    Status.approved: _l("We carry out the decision"),
}
_STAGE = {
    Status.draft: 0,
    Status.submitted: 1,
    Status.awaiting_employer: 2,
    Status.under_review: 3,
    Status.info_requested: 3,
    Status.proposed: 4,
}
_LAST_STAGE = 5


def goes_back(source: Status, target: Status) -> bool:
    """Whether a move takes a case to an earlier stage, as sending back or opening a decision again does."""
    return _STAGE.get(target, _LAST_STAGE) < _STAGE.get(source, _LAST_STAGE)


DECIDED = frozenset({Status.approved, Status.carried_out, Status.rejected, Status.decision_withdrawn})
WAITING = frozenset(
    {
        Status.submitted,
        Status.awaiting_employer,
        Status.under_review,
        Status.info_requested,
        Status.proposed,
    }
)
"""A decision is still to come."""

ENDED = frozenset(
    {Status.carried_out, Status.rejected, Status.withdrawn, Status.lapsed, Status.decision_withdrawn}
)
AFTER_DECISION = DECIDED | {Status.under_review, Status.proposed}
"""Where a case that was decided once may stand: decided, or opened again to be decided anew."""

AWAITING_OTHERS = frozenset({Status.awaiting_employer, Status.info_requested})
"""While the person or the employer is awaited, the administration's clock stands still."""


class Actor(StrEnum):
    """Who takes a step."""

    insured_person = "insured_person"
    employer = "employer"
    officer = "officer"
    approver = "approver"
    system = "system"

    @property
    def label(self) -> LazyString:
        """The actor in the reader's language."""
        return _ACTORS[self]


_ACTORS = {
    Actor.insured_person: _l("the insured person"),
    Actor.employer: _l("the employer"),
    Actor.officer: _l("a case officer"),
    Actor.approver: _l("a second officer"),
    Actor.system: _l("Guichet"),
}


class Told(StrEnum):
    """How a person told an officer what is entered for them."""

    counter = "counter"
    letter = "letter"
    telephone = "telephone"

    @property
    def label(self) -> LazyString:
        """The way in the reader's language, as an answer to “how?”."""
        return _TOLD[self]


_TOLD = {
    Told.counter: _l("at the counter"),
    Told.letter: _l("by letter"),
    Told.telephone: _l("by telephone"),
}

STAFF_ACTORS = frozenset({Actor.officer, Actor.approver})


class Outcome(StrEnum):
    """What a proposal asks the second person to decide."""

    approve = "approve"
    reject = "reject"
    withdraw_decision = "withdraw_decision"

    @property
    def label(self) -> LazyString:
        """The outcome in the reader's language."""
        return _OUTCOMES[self]


_OUTCOMES = {
    Outcome.approve: _l("Approval"),
    Outcome.reject: _l("Rejection"),
    Outcome.withdraw_decision: _l("Withdrawal of the decision"),
}


OUTCOME_OF = {
    Status.approved: Outcome.approve,
    Status.rejected: Outcome.reject,
    Status.decision_withdrawn: Outcome.withdraw_decision,
}
"""What a case that comes to one of these statuses was decided."""


@dataclass(frozen=True)
class Step:
    """One move of a case: its name, from where, to where, who may take it, who must explain.

    `label` is the button, `done` the line in the history, `notice` the letter that goes out. A step to
    `proposed` says the `outcome` it proposes; a step from `proposed` is possible for that outcome only.
    A step that `prepares` is a first pair of eyes: whoever took it is refused as the second. So is whoever
    took one `for_person`: an officer enters what the person told them, and says how.
    """

    name: str
    sources: frozenset[Status]
    target: Status
    actor: Actor
    label: LazyString
    done: LazyString
    needs_reason: bool = False
    notice: str | None = None
    outcome: Outcome | None = None
    for_person: bool = False

    @property
    def decides(self) -> bool:
        """Whether the step is a decision of the administration."""
        return self.target in DECIDED and self.actor in STAFF_ACTORS

    @property
    def prepares(self) -> bool:
        """Whether the step is a proposal that a second person must confirm."""
        return self.target is Status.proposed


@dataclass(frozen=True)
class Workflow:
    """The steps a service allows; what is not listed is refused."""

    name: str
    pairs_of_eyes: int
    steps: tuple[Step, ...]

    def step(self, name: str) -> Step | None:
        """The step of that name, or None."""
        return next((step for step in self.steps if step.name == name), None)

    def available(self, status: Status, actor: Actor, outcome: Outcome | None = None) -> tuple[Step, ...]:
        """The steps that actor may take on a case in that status, with that outcome proposed."""
        return tuple(
            step
            for step in self.steps
            if status in step.sources
            and step.actor is actor
            and (status is not Status.proposed or step.outcome in (None, outcome))
        )
