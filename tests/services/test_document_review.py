"""Documents and decisions: a required one blocks the approval, one that may follow only the carrying out."""

from dataclasses import replace

import pytest
from flask_babel import force_locale
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app import clock
from app.extensions import db
from app.files.states import FileState, Verdict
from app.models import AuditEntry, Document
from app.services import SERVICES, cases, document_review
from app.services.base import NotAllowed, RuleBroken
from app.workflow import Actor, Status
from tests.services.test_cases import account, file_case

SERVICE = SERVICES["registration"]


@pytest.fixture
def case(context):
    """A request whose document passed the checks, and that nobody has read yet."""
    case = file_case()
    document = case.documents[0]
    document.verdict = document.verified_by_id = document.verified_at = None
    db.session.commit()
    return case


def approve(case, login="officer"):
    return cases.perform(SERVICE, case, "approve", cases.By(account(login), Actor.officer))


def judge(case, verdict, reason=None, login="officer"):
    document_review.verify(SERVICE, case, case.documents[0], verdict, reason, account(login))
    db.session.commit()


def need(monkeypatch, **changes):
    """The service's need, declared otherwise."""
    monkeypatch.setattr(type(SERVICE), "documents", (replace(SERVICE.documents[0], **changes),))


def test_an_approval_waits_for_the_document(case):
    with (
        force_locale("en"),
        pytest.raises(RuleBroken, match="Not possible before these documents are accepted: Id"),
    ):
        approve(case)
    judge(case, Verdict.accepted)
    approve(case)
    assert case.status is Status.carried_out


@pytest.mark.parametrize("verdict", [Verdict.refused, Verdict.unreadable])
def test_a_document_not_accepted_blocks_too_and_a_refusal_of_the_request_stays_possible(case, verdict):
    judge(case, verdict, "The photograph is too dark.")
    with pytest.raises(RuleBroken):
        approve(case)
    cases.perform(SERVICE, case, "reject", cases.By(account("officer"), Actor.officer), "No proof.")
    assert case.status is Status.rejected


def test_a_document_that_may_follow_blocks_only_the_carrying_out(case, monkeypatch):
    need(monkeypatch, may_follow=True)
    approve(case)
    db.session.commit()
    assert case.status is Status.approved
    with pytest.raises(RuleBroken):
        cases.perform(SERVICE, case, "carry_out", cases.MACHINERY)
    judge(case, Verdict.accepted)
    assert case.status is Status.carried_out


@pytest.mark.parametrize(
    ("rule", "passes"), [(lambda a: a["family_name"] == "Tabi", False), (lambda a: False, True)]
)
def test_a_rule_over_the_answers_says_whether_a_document_is_required(case, monkeypatch, rule, passes):
    need(monkeypatch, required=rule)
    if passes:
        approve(case)
        assert case.status is Status.carried_out
    else:
        with pytest.raises(RuleBroken):
            approve(case)


@pytest.mark.parametrize("verdict", [Verdict.refused, Verdict.unreadable])
def test_a_document_is_not_refused_without_a_reason(case, verdict):
    with pytest.raises(cases.ReasonMissing):
        judge(case, verdict, "  ")
    assert case.documents[0].verdict is None


def test_nobody_judges_what_has_not_passed_the_checks(case):
    case.documents[0].state = FileState.checking
    db.session.commit()
    with force_locale("en"), pytest.raises(RuleBroken, match="has not passed its checks"):
        judge(case, Verdict.accepted)


@pytest.mark.parametrize("login", ["auditor", "administrator", "peter", "joseph"])
def test_only_officers_judge(case, login):
    with pytest.raises(NotAllowed):
        judge(case, Verdict.accepted, login=login)
    assert case.documents[0].verdict is None


def test_a_verdict_is_in_the_audit_chain(case):
    judge(case, Verdict.unreadable, "Too dark.")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "verify_document")).one()
    assert '"verdict":"unreadable"' in entry.content
    assert "Too dark" not in entry.content, "a reason is personal, and encrypted"


def test_a_document_of_an_ended_case_is_not_judged_any_more(case):
    cases.perform(SERVICE, case, "withdraw", cases.By(case.owner, Actor.insured_person))
    with pytest.raises(cases.StepImpossible):
        judge(case, Verdict.accepted)


def test_the_database_refuses_half_a_verdict_and_ones_own(case):
    document = case.documents[0]
    for changes in (
        {"verdict": Verdict.accepted},
        {"verdict": Verdict.refused, "verified_by_id": account("officer").id, "verified_at": clock.now()},
        {"verdict": Verdict.accepted, "verified_by_id": case.owner_id, "verified_at": clock.now()},
        {"state": FileState.refused},
        {"stored_sha256": None},
    ):
        with pytest.raises(IntegrityError):
            db.session.execute(update(Document).where(Document.id == document.id).values(**changes))
        db.session.rollback()
