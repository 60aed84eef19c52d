"""The pages of the employers' counter, and those staff have about employers, in their states."""

from dataclasses import replace

from flask import Flask
from playwright.sync_api import Page, expect

from app import clock
from app.employer_kinds import Reply
from app.extensions import db
from app.models import Account, ProposedEmployer
from app.services import employer_agents
from tests.browser import people
from tests.browser.states import AGENT, FRESH, NOBODY, OFFICER, SEND, State, World
from tests.employers import ASKED_BY_LINK, WITH_AN_AGENT, address_of, answered, employer, file_with, only_of
from tests.services.test_cases import account

LINK = "/{lang}/employer/answer/{link}"
INVITE, ACCESS = "/{lang}/employer/agents/invite", "/{lang}/employer/access"


def with_employers(app: Flask, world: World) -> World:
    """Questions open by link and in the counter, one answered, an agent and an employer to decide on."""
    persons = people.new_employees(app, 4)
    with app.app_context():
        owners = [db.session.get_one(Account, person.id) for person in persons]
        asked = file_with(WITH_AN_AGENT, key="key-asked", owner=owners[0])
        linked = file_with(ASKED_BY_LINK, key="key-linked", owner=owners[1]).id
        over = file_with(WITH_AN_AGENT, key="key-over", owner=owners[2])
        answered(over, Reply.correct, employed_from="2026-02-01", occupation="Cook")
        beside = file_with("", key="key-beside", owner=owners[3])
        named = {"name": "Boulangerie Bonne Mi", "address": "Rue de la Joie", "contact": "m@mado.example"}
        proposal = ProposedEmployer(case_id=beside.id, proposed_at=clock.now(), **named)
        db.session.add(proposal)
        (place,) = employer_agents.places(account("employer"))
        invited = employer_agents.Invited("Rose", "Mbida", "rose@mountview.example", "en", "Payroll")
        agent = employer_agents.invite(place, invited)
        db.session.commit()
        found = {
            "asked_request": only_of(asked.id).public_id,
            "over_request": only_of(over.id).public_id,
            "over_number": over.id,
            "agent_number": agent.id,
            "proposal_number": proposal.id,
            "employer_number": employer(WITH_AN_AGENT).id,
        }
    return replace(world, more=world.more | found | {"link": address_of(app, linked).rpartition("/")[2]})


def _send(page: Page) -> None:
    page.click(SEND)


def _correct_without_a_wage(page: Page) -> None:
    page.click("input[name=reply][value=correct]")
    expect(page.locator("#fact_occupation")).to_be_visible()
    _send(page)


def _make_of_nothing(page: Page) -> None:
    page.click("#model_form button[type=submit]")


EMPLOYERS = (
    State("employer, asked by a link", NOBODY, LINK),
    State("employer, correcting without a wage", NOBODY, LINK, _correct_without_a_wage, refused=True),
    State("employer, a link of nobody", NOBODY, "/{lang}/employer/answer/x", answers=404),
    State("employer, answered", NOBODY, "/{lang}/employer/answered"),
    State("employers' counter", AGENT, "/{lang}/employer/"),
    State("employers' counter, a question", AGENT, "/{lang}/employer/requests/{asked_request}"),
    State("employers' counter, an answer", AGENT, "/{lang}/employer/requests/{over_request}"),
    State("employers' counter, agents", AGENT, "/{lang}/employer/agents"),
    State("employers' counter, invitation", AGENT, INVITE),
    State("employers' counter, nobody invited", AGENT, INVITE, _send, refused=True),
    State("employers' counter, access", FRESH, ACCESS),
    State("employers' counter, nothing said", FRESH, ACCESS, _send, refused=True),
    State("staff, an employer's answer", OFFICER, "/staff/registrationview/show/{over_number}"),
    State("staff, employer", OFFICER, "/staff/employerview/show/{employer_number}"),
    State("staff, agents of employers", OFFICER, "/staff/employeragentview/list/"),
    State("staff, agent of an employer", OFFICER, "/staff/employeragentview/show/{agent_number}"),
    State("staff, proposed employers", OFFICER, "/staff/proposedemployerview/list/"),
    State("staff, proposed employer", OFFICER, "/staff/proposedemployerview/show/{proposal_number}"),
    State(
        "staff, an employer made of nothing",
        OFFICER,
        "/staff/proposedemployerview/create/{proposal_number}",
        _make_of_nothing,
        answers=422,
        refused=True,
    ),
)
