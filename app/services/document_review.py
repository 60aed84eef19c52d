"""What staff say of a document; each opening is recorded."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app import clock, live
from app.delays import REFUSALS_GATHERED
from app.extensions import db
from app.files.states import FileState, Verdict
from app.models import Account, Case, Document
from app.permissions import may_read, roles_for
from app.services import audit, cases, document_categories, eyes, outbox
from app.services.base import NotAllowed, RuleBroken, Service
from app.workflow import ENDED, Actor, Status


def verify(
    service: Service[Any],
    case: Case,
    document: Document,
    verdict: Verdict,
    reason: str | None,
    account: Account,
) -> None:
    """Accept a document of a case, refuse it, or call it unreadable; the last two with a reason.

    Raises `NotAllowed`, `StepImpossible` once the case ended, `ReasonMissing`, `RuleBroken` before the checks
    are over. An approved case that waited only for this document is carried out.
    """
    _check_reader(service, case, account)
    _check_category(document, account)
    cases.lock(case)
    if case.status in ENDED:
        raise cases.StepImpossible(case)
    if document.state is not FileState.accepted:
        raise RuleBroken(_l("This file has not passed its checks: nobody can have read it."))
    explained = cases.check_reason(reason, is_needed=verdict is not Verdict.accepted)
    document.verdict, document.verdict_reason = verdict, explained
    document.verified_by, document.verified_at = account, clock.now()
    db.session.flush()
    _record_verdict(case, document, account)
    _follow(service, case, document)


def categorise(
    service: Service[Any], case: Case, document: Document, category: str, account: Account
) -> None:
    """Put a document of a case in its category; who may not read that one opens it no more.

    Raises `NotAllowed`, `StepImpossible` once the case ended, `RuleBroken` for one not in force.
    """
    _check_reader(service, case, account)
    _check_category(document, account)
    cases.lock(case)
    if case.status in ENDED:
        raise cases.StepImpossible(case)
    if category not in {row.code for row in document_categories.in_force()}:
        raise RuleBroken(_l("Choose a kind of the list."))
    if category == document.category:
        return
    facts = {"document": document.public_id, "from": document.category, "to": category}
    document.category = category
    audit.record(f"case:{case.id}", "categorise_document", account.id, facts)


def open_for(account: Account, document: Document, as_what: str, case: Case | None = None) -> None:
    """Record that an account opens a document (as file or preview), for the audit.

    Raises `NotAllowed` for staff whose role does not open documents of its category.
    """
    if account.id != document.owner_id:
        _check_category(document, account)
    stream = f"case:{case.id}" if case else f"person:{document.owner_id}"
    facts = {"document": document.public_id, "sha256": document.stored_sha256, "as": as_what}
    audit.record(stream, "read_document", account.id, facts)


def _check_reader(service: Service[Any], case: Case, account: Account) -> None:
    if not account.has_role(*roles_for(service.slug, Actor.officer)):
        raise NotAllowed(_l("Your role does not allow this step."))
    eyes.check_not_involved(case, account)


def _check_category(document: Document, account: Account) -> None:
    if not may_read(account, document.category):
        raise NotAllowed(_l("Your role does not open documents of this kind."))


def _record_verdict(case: Case, document: Document, account: Account) -> None:
    facts = {"document": document.public_id, "verdict": document.verdict}
    personal = {"reason": document.verdict_reason} if document.verdict_reason else None
    audit.record(f"case:{case.id}", "verify_document", account.id, facts, personal, document.owner_id)


def _follow(service: Service[Any], case: Case, document: Document) -> None:
    """Whoever gave a document that is not accepted is told; a case that waited for it alone goes on."""
    for served in document.cases:
        live.announce(served.public_id)
    if document.verdict is not Verdict.accepted:
        document.told_at = None
        told = outbox.write("tell_of_refused_documents", owner_id=document.owner_id)
        told.next_try_at = clock.now() + REFUSALS_GATHERED
    elif case.status is Status.approved and cases.may_carry_out(service, case):
        cases.perform(service, case, "carry_out", cases.MACHINERY)
