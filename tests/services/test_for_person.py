"""What an officer enters as the person told them: who may, when, what it makes of the officer, and what stays."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.access_kinds import LockKind
from app.extensions import db
from app.models import Agency, AuditEntry, CaseEvent, DeclaredInterest, Notice
from app.services import audit, bulk, cases, four_eyes, locks, spoken_for
from app.services.base import RuleBroken
from app.workflow import Actor, Status, Told
from app.workflows import REVIEW, REVIEW_TWICE
from tests.services.test_cases import REASON, SERVICE, account, bring_to, file_case, give
from tests.services.test_four_eyes import TWICE, confirm, decide_by_sql, event_by_sql, refused, step

SAID = spoken_for.ForPerson(Told.letter, "Letter of 20 November 2026.")
WORDS = "Here is page 2."
STEPS = ("answer_for", "withdraw_for")


def speak(case, name, login="officer", said=SAID, words=WORDS, service=SERVICE):
    by = cases.By(account(login), Actor.officer)
    event = cases.perform(service, case, name, by, words, for_person=said)
    db.session.commit()
    return event


@pytest.fixture
def asked(english):
    case = file_case()
    bring_to(case, Status.info_requested)
    return case


def nothing_written(case):
    db.session.rollback()
    assert case.status is Status.info_requested
    assert [event.step for event in case.events if event.told] == []


@pytest.mark.parametrize(
    ("name", "target"), [("answer_for", Status.under_review), ("withdraw_for", Status.withdrawn)]
)
@pytest.mark.parametrize("told", list(Told))
def test_it_is_a_step_of_the_officer_with_how_it_was_told(asked, name, target, told):
    event = speak(asked, name, "agent", spoken_for.ForPerson(told, f" {SAID.evidence} "))
    assert asked.status is target
    assert (event.actor, event.account, event.told) == (Actor.officer, account("agent"), told)
    assert (event.reason, event.evidence) == (WORDS, SAID.evidence)
    assert asked.officer == account("officer")  # who took it for the person has not taken the case


def test_an_answer_starts_the_clock_again(asked):
    speak(asked, "answer_for")
    assert asked.clock_stopped_at is None


def test_it_is_told_to_the_person_at_once(asked):
    speak(asked, "answer_for")
    speak(asked, "withdraw_for")
    told = select(Notice.name).where(Notice.account_id == asked.owner_id).order_by(Notice.id.desc()).limit(2)
    assert db.session.scalars(told).all() == ["withdrawn_for", "answered_for"]


@pytest.mark.parametrize("name", STEPS)
def test_the_chain_tells_it_and_keeps_the_words_encrypted(asked, name):
    speak(asked, name)
    wanted = select(AuditEntry).where(AuditEntry.stream == f"case:{asked.id}", AuditEntry.action == name)
    entry = db.session.scalars(wanted).one()
    assert entry.actor_id == account("officer").id
    assert '"told":"letter"' in entry.content
    assert WORDS not in entry.content
    assert SAID.evidence not in entry.content
    assert audit.personal_of(entry) == {"reason": WORDS, "evidence": SAID.evidence}


def test_the_reason_of_any_step_is_in_the_chain_encrypted(asked):
    wanted = select(AuditEntry).where(AuditEntry.action == "request_information")
    entry = db.session.scalars(wanted).one()
    assert REASON not in entry.content
    assert audit.personal_of(entry) == {"reason": REASON}


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize(
    ("said", "words"),
    [
        (None, WORDS),
        (spoken_for.ForPerson(Told.counter, "  "), WORDS),
        (spoken_for.ForPerson(Told.counter, "x" * 1001), WORDS),
        (SAID, "  "),
        (SAID, None),
        (SAID, "x" * 4001),
    ],
)
def test_without_how_or_words_it_is_refused(asked, name, said, words):
    with pytest.raises(RuleBroken):
        speak(asked, name, said=said, words=words)
    nothing_written(asked)


def test_the_longest_words_and_evidence_are_taken(asked):
    event = speak(asked, "answer_for", said=spoken_for.ForPerson(Told.counter, "x" * 1000), words="x" * 4000)
    assert (len(event.evidence), len(event.reason)) == (1000, 4000)


@pytest.mark.parametrize(
    ("name", "actor", "login"),
    [("take", Actor.officer, "officer"), ("withdraw", Actor.insured_person, "joseph")],
)
def test_no_other_step_is_taken_for_somebody(english, name, actor, login):
    case = file_case()
    with pytest.raises(cases.NotAllowed):
        cases.perform(SERVICE, case, name, cases.By(account(login), actor), WORDS, for_person=SAID)
    db.session.rollback()
    assert case.status in (Status.submitted, Status.awaiting_employer)


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("login", ["joseph", "peter", "claims", "auditor", "administrator", "support"])
def test_only_an_officer_of_the_service_speaks_for_somebody(asked, name, login):
    with pytest.raises(cases.NotAllowed):
        speak(asked, name, login)
    nothing_written(asked)


@pytest.mark.parametrize("name", STEPS)
def test_nobody_speaks_for_themself(asked, name):
    officer = account("officer")
    give(asked, officer)
    db.session.commit()
    with pytest.raises(cases.NotAllowed):
        speak(asked, name)
    nothing_written(asked)


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("interest", ["relative_id", "employer_id"])
def test_nobody_speaks_where_they_have_an_interest(asked, name, interest):
    whose = asked.owner_id if interest == "relative_id" else asked.employer_id
    db.session.add(DeclaredInterest(account_id=account("officer").id, **{interest: whose}))
    db.session.commit()
    with pytest.raises(cases.NotAllowed):
        speak(asked, name)
    nothing_written(asked)
    assert cases.available_to_staff(SERVICE, asked, account("officer")) == ()


@pytest.mark.parametrize("name", STEPS)
def test_another_agencys_officer_does_not_speak(asked, name):
    other = select(Agency).where(Agency.id != account("officer").agency_id).limit(1)
    asked.agency = db.session.scalars(other).one()
    db.session.commit()
    with pytest.raises(cases.NotAllowed):
        speak(asked, name)
    nothing_written(asked)


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("told", list(Told))
def test_a_locked_file_hears_them_at_the_counter_alone(asked, name, told):
    """A letter or a voice may be anybody's; who stands at the counter has shown a paper."""
    locks.set_lock(asked.owner, LockKind.everything)
    db.session.commit()
    said = spoken_for.ForPerson(told, SAID.evidence)
    if told is Told.counter:
        assert speak(asked, name, said=said).told is told
        return
    with pytest.raises(locks.FileLocked):
        speak(asked, name, said=said)
    nothing_written(asked)


def test_once_decided_nothing_is_withdrawn_or_answered(english):
    case = file_case()
    bring_to(case, Status.rejected)
    for name in STEPS:
        with pytest.raises(cases.StepImpossible):
            speak(case, name)
        db.session.rollback()
    bring_to(case, ("revise_to_approve",))
    with pytest.raises(cases.StepImpossible):
        speak(case, "withdraw_for", "supervisor")


def test_where_two_decide_who_answered_for_them_is_a_first_pair_of_eyes(english, two_pairs):
    case = file_case(service=TWICE)
    bring_to(case, ("request_information",), TWICE)
    speak(case, "answer_for", "agent", service=TWICE)
    step(case, "propose_approval", "officer")
    assert [it.name for it in cases.available_to_staff(TWICE, case, account("agent"))] == ["withdraw_for"]
    with pytest.raises(cases.NotAllowed):
        confirm(case, "agent")
    db.session.rollback()
    decide_by_sql(case.id, "agent")
    refused("four_eyes_preparer")
    confirm(case, "supervisor")
    assert case.status is Status.carried_out
    assert four_eyes.report() == []


def test_the_database_lets_no_decider_speak_for_them_afterwards(english, two_pairs):
    case = file_case(service=TWICE)
    bring_to(case, ("propose_rejection", "confirm_rejection"), TWICE)
    event_by_sql(case.id, "agent", "answer_for", Status.under_review)
    db.session.rollback()
    values = {"told": Told.letter, "evidence": SAID.evidence, "step": "answer_for", "actor": Actor.officer}
    values |= {"case_id": case.id, "from_status": Status.info_requested, "to_status": Status.under_review}
    values |= {"account_id": account("agent").id, "happened_at": case.decided_at, "reason": WORDS}
    db.session.execute(CaseEvent.__table__.insert().values(**values))
    refused("four_eyes_preparer")


def test_a_breach_past_engine_and_triggers_stands_in_the_report(english, two_pairs):
    case = file_case(service=TWICE)
    bring_to(case, ("request_information",), TWICE)
    speak(case, "answer_for", "agent", service=TWICE)
    step(case, "propose_approval", "officer")
    db.session.execute(text("SET LOCAL session_replication_role = replica"))
    event_by_sql(case.id, "agent", "confirm_approval", Status.approved, actor=Actor.approver)
    db.session.execute(text("UPDATE case_event SET from_status = 'proposed' WHERE step = 'confirm_approval'"))
    db.session.commit()
    assert [(breach.account, breach.how) for breach in four_eyes.report()] == [
        (account("agent").get_full_name(), "entered")
    ]


@pytest.mark.parametrize(
    "change", ["told = 'letter'", "told = NULL", "evidence = NULL", "actor = 'insured_person'"]
)
def test_the_database_keeps_how_beside_on_what(asked, change):
    step_of = "take" if change == "told = 'letter'" else "answer_for"
    if step_of == "answer_for":
        speak(asked, "answer_for")
    else:
        step_of = "request_information"
    db.session.execute(text("ALTER TABLE case_event DISABLE TRIGGER case_event_is_kept"))
    with pytest.raises(IntegrityError, match="ck_case_event_told"):
        db.session.execute(text(f"UPDATE case_event SET {change} WHERE step = '{step_of}'"))
    db.session.rollback()


def test_it_is_no_act_on_a_whole_list(english):
    offered = {step.name for step in bulk.steps_of(SERVICE)}
    assert "take" in offered
    assert offered.isdisjoint(STEPS)
    for workflow in (REVIEW, REVIEW_TWICE):
        assert {step.name for step in workflow.steps if step.for_person} == set(STEPS)
