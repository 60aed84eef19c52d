"""What happened to a case is only added to: by the engine once and in order, and by no other hand."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app import clock
from app.extensions import db
from app.models import AuditEntry, Case, CaseEvent, Decision
from app.services import cases, casework, decisions
from app.workflow import Actor, Status
from tests.services.test_cases import REASON, SERVICE, account, bring_to, file_case
from tests.services.test_four_eyes import decide_by_sql, event_by_sql, insert, propose_by_sql, refused

LIFE = (
    *("take", "request_information", "answer", "approve"),
    *("propose_withdrawal", "send_back", "propose_rejection", "confirm_rejection"),
)
REVISED = ("reject", "revise_to_approve")


@pytest.fixture
def case(context):
    return file_case()


def test_each_step_is_told_once_in_the_chain_and_in_the_history(case):
    """Every step, nested ones too; a decision is one row, and no less or more is said of it."""
    bring_to(case, LIFE)
    taken = ["submit", *LIFE]
    taken.insert(taken.index("approve") + 1, "carry_out")
    assert [event.step for event in case.events] == taken
    in_stream = (
        select(AuditEntry.action).where(AuditEntry.stream == f"case:{case.id}").order_by(AuditEntry.seq)
    )
    entries = db.session.scalars(in_stream).all()
    papers = ("issue_receipt", "issue_certificate")
    assert [action for action in entries if action not in papers] == taken
    assert [decision.decided_at for decision in case.decisions] == [
        event.happened_at for event in case.events if event.step in ("approve", "confirm_rejection")
    ]


CHANGES = [
    "UPDATE \"case\" SET service = 'claims'",
    "UPDATE \"case\" SET reference = 'RG-2026-000001-X'",
    "UPDATE \"case\" SET submitted_at = submitted_at - interval '1 day'",
    "UPDATE \"case\" SET submission_key = 'another'",
    'UPDATE "case" SET employer_id = (SELECT max(id) FROM employer WHERE id <> employer_id)',
    "UPDATE case_event SET account_id = NULL",
    "UPDATE case_event SET reason = 'x' WHERE false",
    "DELETE FROM case_event",
    "TRUNCATE case_event",
    "UPDATE case_correction SET account_id = 1",
    "DELETE FROM case_correction",
    "TRUNCATE case_correction",
    "DELETE FROM decision",
    "TRUNCATE decision CASCADE",
    "UPDATE decision SET decided_by_id = (SELECT max(id) FROM ab_user)",
    "UPDATE decision SET decided_at = now()",
    "UPDATE decision SET outcome = 'approve'",
    "UPDATE decision SET reason = 'x'",
    "UPDATE decision SET id = id + 1",
]


@pytest.mark.parametrize("statement", CHANGES)
def test_what_happened_is_neither_changed_nor_taken_out(case, statement):
    casework.correct(SERVICE, case, "family_name", "Tabe", REASON, account("officer"))
    bring_to(case, ("reject",))
    with pytest.raises(IntegrityError, match="only added to"):
        db.session.execute(text(statement))


def test_whose_case_it_is_changes_by_an_approved_merge_alone(case):
    given = "UPDATE \"case\" SET owner_id = (SELECT id FROM ab_user WHERE email = 'amina@demo.example')"
    with pytest.raises(IntegrityError, match="by an approved merge alone"):
        db.session.execute(text(given))


def test_a_decision_gains_its_notification_once(case):
    bring_to(case, ("reject",))
    decision = case.decisions[0]
    decisions.mark_notified(decision, "paper")
    db.session.commit()
    at, how, until = decision.notified_at, decision.notified_how, decision.appeal_by
    decisions.mark_notified(decision, "counter")
    db.session.commit()
    assert (decision.notified_at, decision.notified_how, decision.appeal_by) == (at, how, until)
    later = until + timedelta(days=30)
    for name, value in [("appeal_by", later), ("notified_how", "email"), ("notified_at", clock.now())]:
        with pytest.raises(IntegrityError, match="only added to"):
            db.session.execute(Decision.__table__.update().values(**{name: value}))
        db.session.rollback()
    with pytest.raises(IntegrityError, match="only added to"):
        db.session.execute(
            Decision.__table__.update().values(appeal_by=None, notified_how=None, notified_at=None)
        )


def test_a_preparers_decision_row_is_refused(case):
    """A decision is checked by its own row, also when the case itself says nothing of it."""
    bring_to(case, ("take",))
    propose_by_sql(case.id, "officer")
    now = clock.now()
    event_by_sql(case.id, "officer", "confirm_approval", Status.approved, now, Actor.approver)
    insert(Decision, case_id=case.id, outcome="approve", decided_by_id=account("officer").id, decided_at=now)
    refused("four_eyes_preparer")


def test_an_owners_decision_row_is_refused(case):
    bring_to(case, ("take",))
    now = clock.now()
    event_by_sql(case.id, "joseph", "approve", Status.approved, now)
    insert(Decision, case_id=case.id, outcome="approve", decided_by_id=case.owner_id, decided_at=now)
    refused("four_eyes_owner")


@pytest.mark.parametrize("target", [None, Status.under_review, Status.rejected])
def test_a_decision_row_without_its_step_is_refused(case, target):
    bring_to(case, ("take",))
    now = clock.now()
    if target:
        event_by_sql(case.id, "officer", "approve", target, now)
    insert(Decision, case_id=case.id, outcome="approve", decided_by_id=account("officer").id, decided_at=now)
    refused("decision_taken")


def test_a_decided_case_without_its_decision_row_is_refused(case):
    values = {"status": "approved", "decided_by_id": account("officer").id, "decided_at": clock.now()}
    db.session.execute(Case.__table__.update().values(**values))
    refused("decision_kept")


@pytest.mark.parametrize("actor", [Actor.officer, Actor.approver, Actor.insured_person])
def test_a_step_of_a_person_names_who_took_it(case, actor):
    with pytest.raises(IntegrityError, match="ck_case_event_somebody"):
        event_by_sql(case.id, None, "take", Status.under_review, actor=actor)


@pytest.mark.parametrize("name", ["withdraw", "request_information", "lapse"])
@pytest.mark.parametrize(
    "way", [REVISED, (*REVISED, "send_back"), ("propose_rejection", "confirm_rejection")]
)
def test_a_decided_case_never_comes_to_nothing(case, way, name):
    """Neither the person nor the staff nor a night undoes a decision by the back door."""
    bring_to(case, way)
    step = SERVICE.workflow.step(name)
    who = {Actor.insured_person: "joseph", Actor.officer: "officer", Actor.system: None}[step.actor]
    by = cases.By(account(who) if who else None, step.actor)
    with pytest.raises(cases.StepImpossible):
        cases.perform(SERVICE, case, name, by, REASON)
    assert name not in {each.name for each in cases.available(SERVICE, case, by)}


@pytest.mark.parametrize(
    "status", ["draft", "submitted", "awaiting_employer", "info_requested", "withdrawn", "lapsed"]
)
def test_the_database_keeps_a_decided_case_decided(case, status):
    bring_to(case, (*REVISED, "send_back"))
    awaits = status in ("awaiting_employer", "info_requested")
    values = {"status": status, "clock_stopped_at": clock.now() if awaits else None}
    db.session.execute(Case.__table__.update().values(**values))
    refused("decided_for_good")


def test_the_database_takes_no_decision_on_a_case_that_came_to_nothing(case):
    bring_to(case, Status.withdrawn)
    now = clock.now()
    event_by_sql(case.id, "officer", "approve", Status.approved, now)
    insert(Decision, case_id=case.id, outcome="approve", decided_by_id=account("officer").id, decided_at=now)
    refused("decided_for_good")


def test_submitting_and_deciding_in_one_transaction_is_no_undoing(case):
    decide_by_sql(case.id, "officer")
    db.session.commit()
    assert (
        db.session.scalars(select(CaseEvent.step).where(CaseEvent.case_id == case.id)).all()[-1] == "approve"
    )
