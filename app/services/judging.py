"""An officer compares a case with a possible duplicate: set aside with a reason, or the same person."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app import clock
from app.extensions import db
from app.likeness_kinds import Judgement
from app.models import Account, Case, PossibleDuplicate
from app.services import audit, cases, casework, duplicates, eyes
from app.services.base import RuleBroken, Service
from app.workflow import DECIDED, ENDED


def search_again(service: Service[Any], case: Case, account: Account) -> int:
    """Look once more, for an officer who asks; how many were new. Raises `NotAllowed`, `StepImpossible`."""
    _begin(service, case, account)
    found = duplicates.find(service, case)
    audit.record(f"case:{case.id}", "search_duplicates", account.id, {"found": found})
    return found


def judge(
    service: Service[Any],
    case: Case,
    duplicate: PossibleDuplicate,
    judgement: Judgement,
    reason: str | None,
    account: Account,
) -> None:
    """Say of a possible duplicate, once, that it is another person or the same; two must then decide.

    Raises `NotAllowed`, `StepImpossible` after a decision, `ReasonMissing`, or `RuleBroken` when it was
    judged before, or is no person with whom the account could be joined.
    """
    _begin(service, case, account)
    db.session.refresh(duplicate, with_for_update={"of": PossibleDuplicate})
    if duplicate.judgement is not None:
        raise RuleBroken(_l("A colleague compared these two before you."))
    if judgement is Judgement.same:
        _check_joinable(case, duplicate, account)
    duplicate.reason = cases.check_reason(reason, is_needed=True)
    duplicate.judgement, duplicate.judged_by, duplicate.judged_at = judgement, account, clock.now()
    db.session.flush()
    cases.note_pairs(service, case)
    facts = {
        "duplicate": duplicate.id,
        "judgement": judgement,
        "person": duplicate.person_id,
        "case": duplicate.other_case_id,
    }
    said = {"reason": duplicate.reason}
    audit.record(f"case:{case.id}", "judge_duplicate", account.id, facts, said, case.owner_id)


def _begin(service: Service[Any], case: Case, account: Account) -> None:
    casework.begin(service, case, account)
    if not service.finds_duplicates or case.status in DECIDED | ENDED:
        raise cases.StepImpossible(case)


def _check_joinable(case: Case, duplicate: PossibleDuplicate, account: Account) -> None:
    """One case, one person; and one account for each person."""
    if duplicate.person is None:
        raise RuleBroken(_l("Two requests of one person: reject one of them."))
    eyes.check_not_relative(duplicate.person, account)
    if duplicate.person.account_id is not None:
        raise RuleBroken(
            _l("This person has an account already: reject the request, and give that account back.")
        )
    if any(one.judgement is Judgement.same for one in case.duplicates):
        raise RuleBroken(_l("The case is attached to another person already."))
