"""The employers' counter: who gets in and how, what they see and answer there, and how access ends."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.employer_kinds import AgentState, RequestState
from app.extensions import db
from app.models import Account, Case, DeclaredInterest, EmployerAgent
from app.permissions import EMPLOYER_AGENT
from tests.accounts import PASSWORD
from tests.employers import (
    ASKED_BY_LINK,
    CONFIRMED,
    CORRECTED,
    DISPUTED,
    WITH_AN_AGENT,
    employer,
    filed,
    in_counter,
    link_in,
    only_of,
)
from tests.services.test_cases import account
from tests.visitor import a_file

HOME, AGENTS, INVITE, ACCESS = (f"/en/employer/{page}" for page in ("", "agents", "agents/invite", "access"))
INVITED = {
    "first_name": "Rose",
    "last_name": "Mbida",
    "email": "rose@mountview.example",
    "function": "Payroll",
    "language": "en",
}
LIST, SHOW = "/staff/employeragentview/list/", "/staff/employeragentview/show/{}"


@pytest.fixture
def agent(visitor):
    return visitor("employer")


def invited(app):
    with app.app_context():
        found = select(EmployerAgent.id).where(EmployerAgent.email == INVITED["email"])
        return db.session.scalar(found.order_by(EmployerAgent.id.desc()).limit(1))


def place(number):
    return db.session.get_one(EmployerAgent, number)


def roles_of(email):
    found = db.session.scalars(select(Account).where(Account.email == email)).unique().one()
    return {role.name for role in found.roles}


def invite(agent, **changes):
    agent.open(INVITE)
    agent.send(**INVITED | changes)


def decide(staff, number, act):
    """Press one of the buttons of the officer's screen."""
    staff.open(SHOW.format(number))
    staff.send(f"form[action='/staff/employeragentview/{act}/{number}']")


def ask(person, number=ASKED_BY_LINK, **changes):
    person.open(ACCESS)
    person.send(**{"number": number, "function": "Manager", "proof": a_file()} | changes)


def test_the_counter_lists_what_waits_and_takes_the_answer(agent, app):
    case_id = filed(app, WITH_AN_AGENT)
    agent.open(HOME)
    assert "Joseph Tabi" in agent.text
    agent.open(in_counter(app, case_id))
    assert agent.page.select_one("[name=answered_by]") is None
    agent.send(**CORRECTED)
    assert "Thank you" in agent.text
    with app.app_context():
        request = only_of(case_id)
        assert request.state is RequestState.corrected
        assert request.answered_by_id == account("employer").id
        assert request.answered_as == "Solange Mbappé (Directrice du personnel)"
        assert db.session.get_one(Case, case_id).events[-1].account_id == account("employer").id
    agent.open(in_counter(app, case_id))
    assert "1 February 2026" in agent.text
    assert agent.page.select_one("#main-form") is None


def test_what_was_answered_meanwhile_is_only_shown(agent, visitor, app):
    case_id = filed(app, WITH_AN_AGENT)
    agent.open(in_counter(app, case_id))
    form, address = agent.page, agent.url
    assert form.select_one("#main-form") is not None
    colleague = visitor("employer")
    colleague.open(address)
    colleague.send(**DISPUTED)
    agent.go_back(form, address)
    agent.send(to=address, **CONFIRMED)
    with app.app_context():
        assert only_of(case_id).state is RequestState.disputed


def test_another_employers_question_does_not_exist(agent, app):
    case_id = filed(app, ASKED_BY_LINK)
    agent.open(HOME)
    assert "Joseph Tabi" not in agent.text
    agent.open(in_counter(app, case_id))
    assert agent.status == 404
    agent.open(HOME)
    agent.open("/en/account/language")
    agent.post(in_counter(app, case_id), {"csrf_token": agent.token()} | CONFIRMED)
    assert agent.status == 404
    with app.app_context():
        assert only_of(case_id).state is RequestState.open


def test_a_question_about_the_agent_themself_does_not_exist(agent, app):
    with app.app_context():
        solange = account("employer")
        solange.roles.append(account("joseph").roles[0])
        db.session.commit()
    case_id = filed(app, WITH_AN_AGENT, "employer")
    agent.open(HOME)
    assert "Joseph Tabi" not in agent.text
    agent.open(in_counter(app, case_id))
    assert agent.status == 404


def test_agents_are_told_without_a_name(app, work, mailbox):
    filed(app, WITH_AN_AGENT)
    work()
    (mail,) = [path.read_text() for path in mailbox.iterdir() if "To: employer@demo" in path.read_text()]
    assert "/fr/employer/requests/" in link_in(mail)
    assert "Joseph" not in mail


def test_who_answers_for_nobody_sees_nothing_of_the_counter(visitor):
    for who in ("joseph", "officer"):
        browser = visitor(who)
        for page in (HOME, AGENTS, INVITE):
            browser.open(page)
            assert browser.status == 403


# --- the first agent --------------------------------------------------------------------------------------


def test_the_first_agent_asks_with_a_proof_and_an_officer_approves(visitor, app, work, mailbox):
    person, officer = visitor("joseph"), visitor("contributions")
    ask(person)
    assert "An officer will look at your proof" in person.text
    with app.app_context():
        number = db.session.scalars(
            select(EmployerAgent.id).where(EmployerAgent.state == AgentState.asked)
        ).one()
        assert EMPLOYER_AGENT not in roles_of("joseph@demo.example")
    work()
    officer.open(LIST)
    assert "Clinique des Palmiers" in officer.text
    officer.open(SHOW.format(number))
    assert "identity.png" in officer.text
    assert officer.client.get(f"/staff/employeragentview/document/{number}").status_code == 200
    decide(officer, number, "approve")
    with app.app_context():
        assert place(number).is_first
        assert place(number).state is AgentState.active
        assert EMPLOYER_AGENT in roles_of("joseph@demo.example")
    work()
    assert any("To: joseph@demo" in path.read_text() for path in mailbox.iterdir())
    again = visitor("joseph")
    again.open(HOME)
    assert "/second-factor" in again.url


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"number": ""}, "number", "Enter the registration number of the employer."),
        ({"number": "E-404"}, "number", "No employer has this registration number."),
        ({"function": ""}, "function", "Say what you are in the company."),
        ({"proof": None}, "proof", "Choose a picture or a PDF of your proof."),
    ],
)
def test_what_is_missing_for_access_is_said(visitor, app, typed, field, message):
    person = visitor("joseph")
    ask(person, **typed)
    assert person.error_of(field) == message
    with app.app_context():
        asked = select(EmployerAgent.id).where(EmployerAgent.state == AgentState.asked)
        assert db.session.scalars(asked).all() == []


def test_access_is_asked_for_once(visitor):
    person = visitor("joseph")
    ask(person)
    ask(person)
    assert "was proposed already" in person.error_of("number")


def test_staff_do_not_become_agents(visitor):
    officer = visitor("officer")
    officer.open(ACCESS)
    assert officer.status == 403


def test_a_refusal_gives_its_reason_and_no_access(visitor, app):
    person, officer = visitor("joseph"), visitor("contributions")
    ask(person)
    with app.app_context():
        number = db.session.scalars(
            select(EmployerAgent.id).where(EmployerAgent.state == AgentState.asked)
        ).one()
    officer.open(f"/staff/employeragentview/refuse/{number}")
    officer.send("#model_form", reason=" ")
    assert officer.status == 422
    officer.send("#model_form", reason="This is no proof.")
    with app.app_context():
        assert place(number).refusal == "This is no proof."
        assert EMPLOYER_AGENT not in roles_of("joseph@demo.example")
    decide_again = f"/staff/employeragentview/approve/{number}"
    officer.post(decide_again, {"csrf_token": officer.token()})
    assert "A colleague decided on this before you." in officer.text
    person.open(ACCESS)
    assert "Reason: This is no proof." in person.text
    ask(person)
    assert "An officer will look at your proof" in person.text


# --- invited agents ---------------------------------------------------------------------------------------


def test_an_invited_agent_is_approved_then_sets_password_and_second_factor(
    agent, visitor, app, work, mailbox
):
    invite(agent)
    assert "An officer will look at your invitation" in agent.text
    number = invited(app)
    with app.app_context():
        assert place(number).account_id is None
    decide(visitor("contributions"), number, "approve")
    work()
    (mail,) = [path.read_text() for path in mailbox.iterdir() if "rose@mountview" in path.read_text()]
    newcomer = visitor()
    newcomer.open(link_in(mail))
    newcomer.send(password=PASSWORD)
    newcomer.open("/en/sign-in")
    newcomer.send(email=INVITED["email"], password=PASSWORD)
    newcomer.open(HOME)
    assert "/second-factor" in newcomer.url
    with app.app_context():
        assert roles_of(INVITED["email"]) == {EMPLOYER_AGENT}


def test_an_invited_person_with_an_account_keeps_it(agent, visitor, app):
    invite(agent, email="Joseph@demo.example")
    with app.app_context():
        number = db.session.scalars(
            select(EmployerAgent.id).where(EmployerAgent.state == AgentState.asked)
        ).one()
    decide(visitor("contributions"), number, "approve")
    with app.app_context():
        assert place(number).account_id == account("joseph").id
        assert roles_of("joseph@demo.example") == {"employee", EMPLOYER_AGENT}


def test_an_address_of_the_staff_is_not_made_an_agent(agent, visitor, app):
    invite(agent, email="officer@demo.example")
    assert "An officer will look at your invitation" in agent.text
    with app.app_context():
        number = db.session.scalars(
            select(EmployerAgent.id).where(EmployerAgent.state == AgentState.asked)
        ).one()
    officer = visitor("contributions")
    decide(officer, number, "approve")
    assert "An account of the staff cannot answer for an employer." in officer.text


def test_an_agent_gets_no_role_of_the_staff(visitor):
    administrator = visitor("administrator")
    administrator.open("/staff/colleagueview/invite")
    facts = {"first_name": "S", "last_name": "M", "email": "employer@demo.example", "language": "fr"}
    administrator.send("#model_form", **facts, role="claims_officer", reason="Help")
    assert "An employer’s agent holds no role of the staff" in administrator.text


def test_only_the_first_agent_invites(agent, app):
    with app.app_context():
        db.session.scalars(select(EmployerAgent)).one().is_first = False
        db.session.commit()
    agent.open(INVITE)
    assert agent.status == 403
    agent.open(AGENTS)
    assert "Invite an agent" not in agent.text


@pytest.mark.parametrize("who", ["claims", "auditor", "administrator", "support"])
def test_only_the_desk_of_employers_approves(agent, visitor, app, who):
    invite(agent)
    number = invited(app)
    staff = visitor(who)
    staff.open("/en/account/language")
    staff.post(f"/staff/employeragentview/approve/{number}", {"csrf_token": staff.token()})
    assert staff.status == 403
    with app.app_context():
        assert place(number).state is AgentState.asked


def test_an_officer_with_an_interest_in_the_employer_approves_nobody(agent, visitor, app):
    invite(agent)
    with app.app_context():
        number = employer(WITH_AN_AGENT).id
        db.session.add(DeclaredInterest(account_id=account("contributions").id, employer_id=number))
        db.session.commit()
    officer = visitor("contributions")
    decide(officer, invited(app), "approve")
    assert "You have declared an interest" in officer.text
    with app.app_context():
        assert place(invited(app)).state is AgentState.asked


# --- the end ----------------------------------------------------------------------------------------------


def accepted(app, agent, visitor):
    invite(agent, email="joseph@demo.example")
    with app.app_context():
        number = db.session.scalars(
            select(EmployerAgent.id).where(EmployerAgent.state == AgentState.asked)
        ).one()
    decide(visitor("contributions"), number, "approve")
    return number


def test_the_first_agent_ends_the_access_of_another_at_once(agent, visitor, app):
    number = accepted(app, agent, visitor)
    agent.open(AGENTS)
    with app.app_context():
        public_id = place(number).public_id
    agent.send(f"form[action='/en/employer/agents/{public_id}/end']")
    with app.app_context():
        assert place(number).state is AgentState.ended
        assert roles_of("joseph@demo.example") == {"employee"}


def test_an_agent_who_is_not_the_first_ends_only_their_own(agent, visitor, app):
    number = accepted(app, agent, visitor)
    with app.app_context():
        first = db.session.scalars(select(EmployerAgent).where(EmployerAgent.is_first.is_(True))).one()
        first.is_first, place(number).is_first = False, False
        db.session.commit()
        public_id = place(number).public_id
    agent.open(AGENTS)
    assert agent.page.select_one(f"form[action$='{public_id}/end']") is None
    agent.post(f"/en/employer/agents/{public_id}/end", {"csrf_token": agent.token()})
    assert "Only the first agent" in agent.text
    with app.app_context():
        assert place(number).state is AgentState.active


def test_an_agent_of_another_employer_cannot_be_ended(agent, app):
    with app.app_context():
        there = EmployerAgent(
            employer_id=employer(ASKED_BY_LINK).id,
            account_id=account("joseph").id,
            first_name="A",
            last_name="B",
            email="a@b.example",
            language="en",
            function="C",
            is_first=True,
            asked_by_id=account("joseph").id,
            asked_at=clock.now() - timedelta(days=1),
        )
        db.session.add(there)
        db.session.commit()
        public_id = there.public_id
    agent.open(AGENTS)
    agent.post(f"/en/employer/agents/{public_id}/end", {"csrf_token": agent.token()})
    assert agent.status == 404


def test_an_officer_ends_an_access(agent, visitor, app):
    number = accepted(app, agent, visitor)
    supervisor = visitor("supervisor")
    supervisor.open(SHOW.format(number))
    supervisor.send("#model_form", reason="The employer asks for it by letter.")
    decide(supervisor, number, "end")
    with app.app_context():
        assert place(number).state is AgentState.ended
        assert place(number).ended_by_id == account("supervisor").id
