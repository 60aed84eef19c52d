"""The declared workflows: who may move a case from where to where, as tables a lawyer can read.

`docs/workflow.md` is drawn from them.
"""

from flask_babel import lazy_gettext as _l

from app.workflow import Actor, Outcome, Status, Step, Workflow

_S = Status
_READABLE = frozenset({_S.submitted, _S.under_review})
_REVISABLE = frozenset({_S.carried_out, _S.rejected})
_BEFORE_DECISION = frozenset(
    {_S.submitted, _S.awaiting_employer, _S.under_review, _S.info_requested, _S.proposed}
)
_PROPOSED = frozenset({_S.proposed})

SUBMISSION = (
    Step(
        "submit",
        frozenset({_S.draft}),
        _S.submitted,
        Actor.insured_person,
        _l("Submit"),
        _l("Request submitted"),
        notice="received",
    ),
    Step(
        "ask_employer",
        _READABLE,
        _S.awaiting_employer,
        Actor.system,
        _l("Ask the employer"),
        _l("Employer asked to confirm"),
    ),
    Step(
        "employer_answers",
        frozenset({_S.awaiting_employer}),
        _S.under_review,
        Actor.employer,
        _l("Answer"),
        _l("Employer answered"),
    ),
    Step(
        "employer_silent",
        frozenset({_S.awaiting_employer}),
        _S.under_review,
        Actor.system,
        _l("Go on without the employer"),
        _l("The employer did not answer in time; a case officer takes it on"),
    ),
    Step(
        "withdraw",
        _BEFORE_DECISION,
        _S.withdrawn,
        Actor.insured_person,
        _l("Withdraw my request"),
        _l("Request withdrawn"),
    ),
)

EXAMINATION = (
    Step(
        "take",
        frozenset({_S.submitted}),
        _S.under_review,
        Actor.officer,
        _l("Start the review"),
        _l("Review started"),
    ),
    Step(
        "request_information",
        _READABLE,
        _S.info_requested,
        Actor.officer,
        _l("Ask the person for information"),
        _l("Information requested"),
        needs_reason=True,
        notice="information_requested",
    ),
    Step(
        "answer",
        frozenset({_S.info_requested}),
        _S.under_review,
        Actor.insured_person,
        _l("Send my answer"),
        _l("Answer received"),
        needs_reason=True,
    ),
    Step(
        "answer_for",
        frozenset({_S.info_requested}),
        _S.under_review,
        Actor.officer,
        _l("Enter the person’s answer"),
        _l("Answer received, entered by an officer"),
        needs_reason=True,
        notice="answered_for",
        for_person=True,
    ),
    Step(
        "withdraw_for",
        _BEFORE_DECISION,
        _S.withdrawn,
        Actor.officer,
        _l("Withdraw the request for the person"),
        _l("Request withdrawn, entered by an officer"),
        needs_reason=True,
        notice="withdrawn_for",
        for_person=True,
    ),
    Step(
        "lapse",
        frozenset({_S.info_requested}),
        _S.lapsed,
        Actor.system,
        _l("Close for want of an answer"),
        _l("Closed: no answer in time"),
        notice="lapsed",
    ),
    Step(
        "carry_out",
        frozenset({_S.approved}),
        _S.carried_out,
        Actor.system,
        _l("Carry out"),
        _l("Decision carried out"),
    ),
)

ONE_PAIR = (
    Step(
        "approve",
        _READABLE,
        _S.approved,
        Actor.officer,
        _l("Approve"),
        _l("Request approved"),
    ),
    Step(
        "reject",
        _READABLE,
        _S.rejected,
        Actor.officer,
        _l("Reject"),
        _l("Request rejected"),
        needs_reason=True,
    ),
)

FIRST_PAIR = (
    Step(
        "propose_approval",
        _READABLE,
        _S.proposed,
        Actor.officer,
        _l("Propose to approve"),
        _l("Approval proposed"),
        outcome=Outcome.approve,
    ),
    Step(
        "propose_rejection",
        _READABLE,
        _S.proposed,
        Actor.officer,
        _l("Propose to reject"),
        _l("Rejection proposed"),
        needs_reason=True,
        outcome=Outcome.reject,
    ),
)

REVISION = (
    Step(
        "revise_to_approve",
        frozenset({_S.rejected}),
        _S.proposed,
        Actor.officer,
        _l("Revise: propose to approve"),
        _l("Revision proposed: approval"),
        needs_reason=True,
        outcome=Outcome.approve,
    ),
    Step(
        "revise_to_reject",
        frozenset({_S.carried_out}),
        _S.proposed,
        Actor.officer,
        _l("Revise: propose to reject"),
        _l("Revision proposed: rejection"),
        needs_reason=True,
        outcome=Outcome.reject,
    ),
    Step(
        "propose_withdrawal",
        _REVISABLE,
        _S.proposed,
        Actor.officer,
        _l("Propose to withdraw the decision"),
        _l("Withdrawal of the decision proposed"),
        needs_reason=True,
        outcome=Outcome.withdraw_decision,
    ),
)

SECOND_PAIR = (
    Step(
        "confirm_approval",
        _PROPOSED,
        _S.approved,
        Actor.approver,
        _l("Approve"),
        _l("Request approved"),
        outcome=Outcome.approve,
    ),
    Step(
        "confirm_rejection",
        _PROPOSED,
        _S.rejected,
        Actor.approver,
        _l("Reject"),
        _l("Request rejected"),
        outcome=Outcome.reject,
    ),
    Step(
        "confirm_withdrawal",
        _PROPOSED,
        _S.decision_withdrawn,
        Actor.approver,
        _l("Withdraw the decision"),
        _l("Decision withdrawn"),
        outcome=Outcome.withdraw_decision,
    ),
    Step(
        "send_back",
        _PROPOSED,
        _S.under_review,
        Actor.approver,
        _l("Send back"),
        _l("Proposal sent back"),
        needs_reason=True,
    ),
)

REVIEW = Workflow("review", 1, SUBMISSION + EXAMINATION + ONE_PAIR + FIRST_PAIR + REVISION + SECOND_PAIR)
"""One officer decides; two where the service asks for it, or where an earlier decision is revised."""

REVIEW_TWICE = Workflow("review_twice", 2, SUBMISSION + EXAMINATION + FIRST_PAIR + REVISION + SECOND_PAIR)
"""One officer proposes, another decides."""
