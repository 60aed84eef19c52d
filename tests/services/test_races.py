"""Two at once, by threads on PostgreSQL: one wins, the other is told who, and all is written once."""

import json
import threading

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import IntegrityError

from app import clock
from app.extensions import db
from app.models import (
    Agency,
    AuditEntry,
    Case,
    CaseCorrection,
    CaseEvent,
    Certificate,
    Decision,
    Employment,
    FormerFact,
    IdentityPaper,
    Letter,
    Outbox,
    PersonAddress,
    PersonName,
    Registration,
    Spouse,
)
from app.services import cases, casework
from app.services.base import NotAllowed
from app.workflow import Actor
from tests.jobs.test_schedule import waits
from tests.processes import until
from tests.services.test_cases import REASON, SERVICE, account, bring_to, file_case
from tests.services.test_four_eyes import (
    PREPARING,
    TWICE,
    decide_by_sql,
    keep_decision_by_sql,
    propose_by_sql,
)
from tests.trials import trials

RACES = trials(short=5, full=50)
SECONDS = 20


def at_once(app, case_id, *acts):
    """Each act in a transaction of its own, begun before any of them writes; what each came to, in their order."""
    start, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        with app.app_context():
            case = db.session.get(Case, case_id)
            assert case.owner, case.officer or case.agency
            try:
                outcomes[place] = act(case, start) or "done"
                db.session.commit()
            except (cases.StepImpossible, cases.CaseChanged, NotAllowed) as refusal:
                by = getattr(refusal, "by", None) or getattr(getattr(refusal, "last", None), "account", None)
                outcomes[place] = (
                    f"{type(refusal).__name__} {by.username.partition('@')[0] if by else ''}".strip()
                )
                db.session.rollback()
            except IntegrityError:
                outcomes[place] = "refused by the database"
                db.session.rollback()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def taking(name, login, actor=Actor.officer, service=SERVICE):
    """An act: that step by that account."""

    def act(case, start):
        by = cases.By(account(login), actor)
        start.wait()
        cases.perform(service, case, name, by, REASON)

    return act


def correcting(field, value, login, service=SERVICE):
    """An act: that correction by that account."""

    def act(case, start):
        by = account(login)
        assert getattr(case, field)
        start.wait()
        casework.correct(service, case, field, value, REASON, by)

    return act


def count(query):
    return db.session.scalar(select(func.count()).select_from(query.subquery()))


def told(case_id, actions):
    """How often the chain of a case tells of these actions."""
    in_chain = AuditEntry.stream == f"case:{case_id}", AuditEntry.action.in_(actions)
    return count(select(AuditEntry.seq).where(*in_chain))


def check_all_once(case_id, names, filed):
    """One of these steps was taken, once: one event, one entry, one decision, one letter, one message."""
    events = select(CaseEvent.id).where(CaseEvent.case_id == case_id, CaseEvent.step.in_(names))
    letters = select(Letter.id).where(Letter.case_id == case_id)
    assert count(events) == 1
    assert told(case_id, names) == 1
    assert count(select(Decision.id).where(Decision.case_id == case_id)) == 1
    assert count(letters) == 1
    [work] = db.session.scalars(select(Outbox).where(Outbox.id > filed)).all()
    assert (work.job, work.payload) == ("make_letter", {"letter_id": db.session.scalar(letters)})


def last_work():
    return db.session.scalar(select(func.max(Outbox.id)))


@pytest.mark.long
def test_fifty_races_of_two_officers(app):
    for turn in range(RACES):
        with app.app_context():
            case_id, filed = file_case(key=f"race-{turn}").id, last_work()
        outcomes = at_once(app, case_id, taking("reject", "officer"), taking("reject", "agent"))
        assert sorted(outcomes) in (["AlreadyDecided agent", "done"], ["AlreadyDecided officer", "done"])
        with app.app_context():
            check_all_once(case_id, ["reject"], filed)
            decided = db.session.get(Case, case_id).decided_by.username.partition("@")[0]
        assert f"AlreadyDecided {decided}" in outcomes


def forget(case):
    """Take away the person a case made, so that the next turn may make one again."""
    person, case.person = case.person, None
    for kept in (Certificate, Employment, IdentityPaper, PersonAddress, PersonName, Spouse, FormerFact):
        db.session.execute(delete(kept).where(kept.person_id == person.id))
    db.session.delete(person)
    db.session.commit()


def test_an_approval_against_a_rejection(app):
    """The number is issued if and only if the approval won."""
    for turn in range(10):
        with app.app_context():
            case_id, filed = file_case(key=f"race-{turn}").id, last_work()
        outcomes = at_once(app, case_id, taking("approve", "officer"), taking("reject", "agent"))
        assert sorted(outcomes)[1] == "done"
        with app.app_context():
            check_all_once(case_id, ["approve", "reject"], filed)
            case = db.session.get(Registration, case_id)
            assert (case.person is not None) is (outcomes[0] == "done")
            if case.person is not None:
                forget(case)


@pytest.mark.long
def test_fifty_races_of_two_approvers(app, two_pairs):
    for turn in range(RACES):
        with app.app_context():
            case_id = file_case(key=f"race-{turn}").id
            cases.perform(
                TWICE,
                db.session.get(Case, case_id),
                "propose_rejection",
                cases.By(account("agent"), Actor.officer),
                REASON,
            )
            db.session.commit()
            filed = last_work()
        acts = [
            taking("confirm_rejection", login, Actor.approver, TWICE) for login in ("officer", "supervisor")
        ]
        outcomes = at_once(app, case_id, *acts)
        assert sorted(outcomes) in (["AlreadyDecided officer", "done"], ["AlreadyDecided supervisor", "done"])
        with app.app_context():
            check_all_once(case_id, ["confirm_rejection"], filed)


@pytest.mark.long
def test_fifty_races_of_two_proposers(app):
    for turn in range(RACES):
        with app.app_context():
            case_id = file_case(key=f"race-{turn}").id
        outcomes = at_once(
            app, case_id, taking("propose_approval", "officer"), taking("propose_rejection", "agent")
        )
        with app.app_context():
            [event] = db.session.scalars(
                select(CaseEvent).where(CaseEvent.case_id == case_id, CaseEvent.step != "submit")
            )
            winner = event.account.username.partition("@")[0]
            assert sorted(outcomes) == [f"StepImpossible {winner}", "done"]
            assert told(case_id, ["propose_approval", "propose_rejection"]) == 1


@pytest.mark.long
def test_fifty_races_of_one_person_who_prepares_and_approves(app, two_pairs):
    """The same officer corrects an answer and confirms the colleague's proposal at the same moment."""
    for turn in range(RACES):
        with app.app_context():
            case_id = file_case(key=f"race-{turn}").id
            propose = cases.By(account("agent"), Actor.officer)
            cases.perform(TWICE, db.session.get(Case, case_id), "propose_rejection", propose, REASON)
            db.session.commit()
            filed = last_work()
        outcomes = at_once(
            app,
            case_id,
            correcting("family_name", "Tabe", "officer", TWICE),
            taking("confirm_rejection", "officer", Actor.approver, TWICE),
        )
        assert outcomes in (["done", "NotAllowed"], ["StepImpossible officer", "done"])
        with app.app_context():
            corrected = told(case_id, ["correct"])
            assert corrected + told(case_id, ["confirm_rejection"]) == 1
            assert count(select(CaseCorrection.id).where(CaseCorrection.case_id == case_id)) == corrected
            if not corrected:
                check_all_once(case_id, ["confirm_rejection"], filed)


@pytest.mark.long
@pytest.mark.parametrize("prepares", ["corrects", "proposes"])
def test_fifty_races_past_the_engine_never_make_one_person_of_two(app, two_pairs, prepares):
    """By SQL alone: the database lets at most one of the two pass."""
    for turn in range(RACES):
        with app.app_context():
            case_id = file_case(key=f"race-{turn}").id
            propose_by_sql(case_id, "agent")
            db.session.commit()

        def prepare(case, start):
            PREPARING[prepares](case.id, "officer")
            start.wait()

        def decide(case, start):
            decide_by_sql(case.id, "officer")
            start.wait()

        outcomes = at_once(app, case_id, prepare, decide)
        assert outcomes.count("done") <= 1
        with app.app_context():
            decided = count(select(Decision.id).where(Decision.case_id == case_id))
            assert decided == (outcomes[1] == "done")


DECIDING = {
    "decides": decide_by_sql,
    "keeps a decision": lambda case_id, login: keep_decision_by_sql(case_id, login, clock.now()),
}
"""The second says nothing on the case itself, whose row is then locked by the check alone."""


@pytest.mark.parametrize("prepares", PREPARING)
@pytest.mark.parametrize(
    ("decides", "is_decider_first"), [("decides", True), ("decides", False), ("keeps a decision", False)]
)
def test_a_check_done_before_the_commit_still_holds_at_the_commit(
    app, two_pairs, prepares, decides, is_decider_first
):
    """Each has its rows checked at once, before the other's are there to be seen: the second waits, and is refused."""
    with app.app_context():
        case = file_case()
        bring_to(case, ("take",), TWICE)
        case_id = case.id
        propose_by_sql(case_id, "agent")
        db.session.commit()
    acts = [PREPARING[prepares], DECIDING[decides]]
    first, second = reversed(acts) if is_decider_first else acts
    outcome = []

    def follow():
        with app.app_context():
            outcome.append(checked_at_once(second, case_id))

    other = threading.Thread(target=follow)
    with app.app_context():
        first(case_id, "officer")
        db.session.execute(CHECK_NOW)
        other.start()
        assert until(lambda: outcome or waits(), SECONDS)
        db.session.commit()
    other.join(SECONDS)
    assert outcome == ["four_eyes_preparer"]


CHECK_NOW = text("SET CONSTRAINTS ALL IMMEDIATE")


def checked_at_once(act, case_id):
    """Do it, have it checked, commit: the rule that refused it, or "done"."""
    try:
        act(case_id, "officer")
        db.session.execute(CHECK_NOW)
        db.session.commit()
    except IntegrityError as refusal:
        db.session.rollback()
        return refusal.orig.diag.constraint_name
    return "done"


def test_two_corrections_at_once_each_tell_what_stood_before(app):
    for turn in range(20):
        with app.app_context():
            case_id = file_case(key=f"race-{turn}").id
        outcomes = at_once(
            app,
            case_id,
            correcting("family_name", "Tabe", "officer"),
            correcting("family_name", "Tabah", "agent"),
        )
        assert outcomes == ["done", "done"]
        with app.app_context():
            case = db.session.get(Registration, case_id)
            first, second = case.corrections
            assert (first.before, second.before, second.after) == ("Tabi", first.after, case.family_name)
            assert {first.after, second.after} == {"Tabe", "Tabah"}


def test_a_decision_reads_what_was_corrected_a_moment_before(app):
    """Whichever comes first, the number never goes to a name that was corrected already."""
    for turn in range(10):
        with app.app_context():
            case_id = file_case(key=f"race-{turn}").id
        outcomes = at_once(
            app, case_id, correcting("family_name", "Tabe", "agent"), taking("approve", "officer")
        )
        assert outcomes in (["done", "done"], ["StepImpossible", "done"])
        with app.app_context():
            case = db.session.get(Registration, case_id)
            assert (
                case.person.family_name == case.family_name == ("Tabe" if outcomes[0] == "done" else "Tabi")
            )
            forget(case)


def test_two_who_hand_over_at_once_come_one_after_the_other(app):
    def handing(to, login):
        def act(case, start):
            officer, by = account(to), account(login)
            start.wait()
            casework.assign(SERVICE, case, officer, by)

        return act

    for turn in range(20):
        with app.app_context():
            case_id = file_case(key=f"race-{turn}").id
        assert at_once(app, case_id, handing("agent", "officer"), handing("officer", "agent")) == ["done"] * 2
        with app.app_context():
            last = db.session.scalars(
                select(AuditEntry)
                .where(AuditEntry.stream == f"case:{case_id}", AuditEntry.action == "assign")
                .order_by(AuditEntry.seq)
            ).all()
            assert len(last) == 2
            assert (
                json.loads(last[1].content)["subject"]["officer"] == db.session.get(Case, case_id).officer_id
            )


def test_a_case_transferred_a_moment_before_is_not_ones_own_any_more(app):
    def moving(case, start):
        agency, by = db.session.scalars(select(Agency).where(Agency.code == "YDE")).one(), account("officer")
        start.wait()
        casework.transfer(SERVICE, case, agency, by)

    def handing(case, start):
        by = account("agent")
        start.wait()
        casework.assign(SERVICE, case, by, by)

    for turn in range(20):
        with app.app_context():
            case_id = file_case(key=f"race-{turn}").id
        outcomes = at_once(app, case_id, moving, handing)
        assert outcomes in (["done", "done"], ["done", "NotAllowed"])
        with app.app_context():
            case = db.session.get(Case, case_id)
            assert (case.agency.code, case.officer_id) == ("YDE", None)


def test_a_stale_officer_is_replaced_all_the_same(app):
    """Handing over to the officer one still believes in charge is written, not taken for no change."""
    with app.app_context():
        case_id = file_case().id
        bring_to(db.session.get(Case, case_id), ("take",))
        case = db.session.get(Case, case_id)
        assert case.officer.username.startswith("officer")
        with app.app_context():
            casework.assign(SERVICE, db.session.get(Case, case_id), account("agent"), account("officer"))
            db.session.commit()
        casework.assign(SERVICE, case, account("officer"), account("officer"))
        db.session.commit()
        assert db.session.scalar(select(Case.officer_id).where(Case.id == case_id)) == account("officer").id
