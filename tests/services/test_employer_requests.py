"""What an employer is asked: by any service that declares facts, reminded, given up, answered by who may."""

import json
import threading
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from wtforms import StringField

from app import clock
from app.employer_kinds import Reply, RequestState
from app.extensions import db
from app.jobs import nightly
from app.models import AuditEntry, Case, EmployerAgent, EmployerRequest, Employment, InsuredPerson, Outbox
from app.record_kinds import EmploymentState
from app.services import SERVICES, cases, checks, data_exports, employer_answers, employer_requests
from app.services.base import Fact, RuleBroken
from app.services.registration import RegistrationService
from app.workflow import Actor, Status
from tests.employers import ASKED_BY_LINK, UNREACHABLE, WITH_AN_AGENT, answer_of, answered, file_with, only_of
from tests.services.test_cases import account

SERVICE = SERVICES["registration"]


class Toy(RegistrationService):
    """A service that asks an employer about something else."""

    asks_employer = (
        Fact("family_name", StringField("Family name")),
        Fact("shoe_size", StringField("Shoe size"), int, declared=False),
    )


def words(case, reader="officer"):
    """The state and the sentence of the check of the employer's answer."""
    found = checks.run(SERVICES[case.service], case, account(reader))
    return next(
        (check.state.value, check.reason) for check in found if str(check.label) == "Employer’s answer"
    )


def nights(days, since):
    """The nightly jobs as they run that many days later."""
    with clock.frozen(since + timedelta(days=days)):
        nightly.go_on_without_employer(0)
        nightly.remind_employers(0)
        db.session.commit()


def mails_waiting():
    return db.session.scalars(select(Outbox.job).where(Outbox.job == "send_mailed_link")).all()


def test_any_service_declares_what_it_asks(english, monkeypatch):
    monkeypatch.setitem(SERVICES, "registration", Toy())
    case = cases.submit(
        SERVICES["registration"],
        account("joseph"),
        {"given_names": "A", "family_name": "Tabi", "birth_date": clock.today(), "employer_id": _number()},
        [],
        "key-toy",
        "en",
    )
    request = only_of(case.id)
    given = answer_of(Reply.correct, family_name="Tabbi", shoe_size="44")
    employer_answers.answer(request, given, None)
    assert [(it.name, it.declared, it.answered) for it in request.facts] == [
        ("family_name", "Tabi", "Tabbi"),
        ("shoe_size", None, "44"),
    ]
    assert words(case) == ("warned", "Family name: the person wrote Tabi, the employer says Tabbi")


def _number():
    return db.session.scalars(select(EmployerAgent.employer_id)).one()


def test_a_service_that_asks_nothing_waits_for_nobody(english, monkeypatch):
    monkeypatch.setattr(RegistrationService, "asks_employer", ())
    assert file_with().status is Status.submitted


@pytest.mark.parametrize(
    ("reply", "facts", "state", "says"),
    [
        (Reply.confirm, {}, "passed", "The employer confirms what the person wrote."),
        (
            Reply.correct,
            {"employed_from": "2026-02-01", "occupation": "Cook"},
            "warned",
            "Start date: the person wrote 2 March 2026, the employer says 1 February 2026",
        ),
        (Reply.dispute, {}, "failed", "The employer disputes it: She never worked here."),
    ],
)
def test_the_answer_is_a_check_of_the_case(english, reply, facts, state, says):
    case = file_with()
    answered(case, reply, **facts)
    assert words(case) == (state, says)


def test_a_question_that_is_open_is_a_check_too(english):
    assert words(file_with())[0] == "warned"


def test_an_employer_who_was_not_asked_is_a_check_too(english):
    assert words(file_with(UNREACHABLE)) == ("warned", "The employer was not asked: no address and no agent.")


def test_an_employer_is_reminded_once_at_ten_days(english):
    case = file_with()
    since = only_of(case.id).asked_at
    nights(9, since)
    assert only_of(case.id).reminded_at is None
    nights(10, since)
    nights(11, since)
    request = only_of(case.id)
    assert request.reminded_at == since + timedelta(days=10)
    assert request.link.data["notice"] == "employer_reminder"
    assert len(mails_waiting()) == 2


def test_at_twenty_days_an_officer_takes_it_on(english):
    case = file_with()
    since = only_of(case.id).asked_at
    nights(20, since)
    assert case.status is Status.awaiting_employer
    nights(21, since)
    db.session.refresh(case)
    assert case.status is Status.under_review
    assert only_of(case.id).state is RequestState.silent
    assert words(case)[0] == "warned"


def test_the_night_stays_quiet_after_an_answer(english):
    case = file_with()
    request = answered(case, Reply.confirm)
    nights(30, request.asked_at)
    assert case.status is Status.under_review
    assert request.state is RequestState.confirmed


def test_a_second_answer_is_refused_and_changes_nothing(english):
    request = answered(file_with(), Reply.confirm)
    with pytest.raises(RuleBroken, match="was answered"):
        employer_answers.answer(request, answer_of(Reply.dispute), None)
    assert request.state is RequestState.confirmed


def test_nobody_takes_the_employers_step_without_an_answer(english):
    case = file_with()
    for who in (None, account("officer"), account("employer"), account("joseph")):
        for request in (None, only_of(case.id)):
            with pytest.raises(cases.NotAllowed):
                cases.perform(SERVICE, case, "employer_answers", cases.By(who, Actor.employer, request))


def test_an_agent_of_another_employer_is_refused(english):
    case = file_with(ASKED_BY_LINK)
    with pytest.raises(cases.NotAllowed, match="do not answer for this employer"):
        employer_answers.answer(only_of(case.id), answer_of(Reply.confirm), account("employer"))


def test_an_agent_never_answers_about_themself(english):
    agent = account("employer")
    agent.roles.append(account("joseph").roles[0])
    db.session.flush()
    case = file_with(WITH_AN_AGENT, "employer")
    with pytest.raises(cases.NotAllowed, match="about yourself"):
        employer_answers.answer(only_of(case.id), answer_of(Reply.confirm), agent)
    tasks = select(Outbox).where(Outbox.job == "send_account_notice")
    told = [row.payload["notice"] for row in db.session.scalars(tasks)]
    assert "employer_task" not in told
    db.session.rollback()
    account("employer").roles = [role for role in account("employer").roles if role.name == "employer_agent"]
    db.session.commit()


def test_an_old_answer_moves_no_case_that_waits_again(english):
    case = file_with()
    old = answered(case, Reply.confirm)
    employer_answers.ask_again(SERVICE, case, account("officer"))
    with pytest.raises(cases.NotAllowed):
        cases.perform(SERVICE, case, "employer_answers", cases.By(None, Actor.employer, old))
    assert employer_requests.latest(case).state is RequestState.open


def test_an_officer_has_an_employer_asked_who_got_an_address(english):
    case = file_with(UNREACHABLE)
    with pytest.raises(RuleBroken, match="neither an e-mail address nor an agent"):
        employer_answers.ask_again(SERVICE, case, account("officer"))
    case.employer.email = "office@brasseries.example"
    employer_answers.ask_again(SERVICE, case, account("officer"))
    assert case.status is Status.awaiting_employer


@pytest.mark.parametrize("who", ["claims", "auditor", "administrator", "employer", "joseph"])
def test_nobody_else_has_an_employer_asked(english, who):
    case = file_with()
    answered(case, Reply.confirm)
    with pytest.raises(cases.NotAllowed):
        employer_answers.ask_again(SERVICE, case, account(who))


def test_a_decided_case_asks_nobody(english):
    case = file_with()
    answered(case, Reply.confirm)
    cases.perform(SERVICE, case, "reject", cases.By(account("officer"), Actor.officer), "No.")
    with pytest.raises(RuleBroken):
        employer_answers.ask_again(SERVICE, case, account("officer"))


def test_the_database_refuses_a_second_open_question_and_half_an_answer(english):
    case = file_with()
    for values in ({"state": RequestState.confirmed}, {"state": RequestState.disputed, "answered_as": "A"}):
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(update(EmployerRequest).values(values | {"ended_at": clock.now()}))
    last = {"employee": "A", "asked_at": clock.now(), "answer_by": clock.today()}
    second = insert(EmployerRequest).values(
        case_id=case.id, employer_id=case.employer_id, public_id="second", state="open", **last
    )
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(second)


def test_each_question_and_answer_is_in_the_chain_its_values_encrypted(english):
    case = file_with()
    answered(case, Reply.dispute)
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.stream == f"case:{case.id}")).all()
    assert {"ask_employer", "put_to_employer", "employer_answer", "employer_answers"} <= {
        entry.action for entry in entries
    }
    assert not [entry for entry in entries if "Cook" in entry.content or "never worked" in entry.content]


def test_the_persons_copy_of_their_data_holds_what_the_employer_said(english):
    case = file_with()
    answered(case, Reply.correct, employed_from="2026-02-01", occupation="Cook")
    data_exports.make(data_exports.ask(case.owner))
    with ZipFile(BytesIO(data_exports.content_of(case.owner))) as archive:
        (told,) = json.loads(archive.read("data.json"))["employer_answers"]
    assert told["employer"] == "Clinique des Palmiers"
    assert told["facts"]["employed_from"] == {"declared": "2026-03-02", "answered": "2026-02-01"}


@pytest.mark.parametrize(
    ("reply", "facts", "state", "wage"),
    [
        (Reply.confirm, {}, EmploymentState.confirmed, Decimal(250000)),
        (Reply.correct, {"employed_from": "2026-02-01", "occupation": "Cook"}, "corrected", Decimal(250000)),
        (Reply.dispute, {}, EmploymentState.disputed, None),
        (None, {}, EmploymentState.unanswered, None),
    ],
)
def test_an_approved_employment_says_what_the_employer_said(english, reply, facts, state, wage):
    case = file_with()
    if reply is None:
        nights(21, only_of(case.id).asked_at)
        db.session.refresh(case)
    else:
        answered(case, reply, **facts)
    cases.perform(SERVICE, case, "approve", cases.By(account("officer"), Actor.officer))
    (employment,) = db.session.scalars(select(Employment)).all()
    assert (employment.state, employment.monthly_wage) == (state, wage)
    assert str(employment.started_on) == "2026-03-02"


def test_an_employment_nobody_was_asked_about_is_declared(english):
    case = file_with(UNREACHABLE)
    cases.perform(SERVICE, case, "approve", cases.By(account("officer"), Actor.officer))
    assert db.session.scalars(select(Employment.state)).one() is EmploymentState.declared


def test_the_employer_of_a_new_employment_is_asked_the_same(english):
    person = InsuredPerson(
        ssn="10-0000777-00",
        given_names="Amina",
        family_name="Ngo-Mbock",
        birth_date=date(1990, 1, 1),
        registered_on=clock.today(),
        account=account("amina"),
    )
    db.session.add(person)
    db.session.commit()
    service = SERVICES["new_employments"]
    facts = {"employer_listed": "yes", "employer_id": _number(), "occupation": "Cook"}
    answers = {"employed_from": date(2026, 3, 2), **facts}
    case = cases.submit(service, account("amina"), answers, [], "key-new", "fr")
    request = only_of(case.id)
    assert case.status is Status.awaiting_employer
    assert request.employee == "Amina Ngo-Mbock"
    answered(case, Reply.confirm)
    cases.perform(service, case, "approve", cases.By(account("officer"), Actor.officer))
    assert case.employment.state is EmploymentState.confirmed
    assert case.employment.employer_id == request.employer_id


def test_of_four_answers_at_once_one_is_kept(app):
    with app.app_context():
        number = file_with().id
    outcomes, start = [], threading.Barrier(4)

    def answer() -> None:
        with app.app_context():
            request = only_of(number)
            start.wait()
            try:
                employer_answers.answer(request, answer_of(Reply.dispute), None)
                db.session.commit()
                outcomes.append("kept")
            except RuleBroken:
                db.session.rollback()
                outcomes.append("refused")

    threads = [threading.Thread(target=answer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept", "refused", "refused", "refused"]
    with app.app_context():
        assert [event.step for event in db.session.get_one(Case, number).events][2:] == ["employer_answers"]
