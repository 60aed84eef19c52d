"""What the addresses of the employers' counter and of the staff's screens about employers name."""

from app import clock
from app.extensions import db
from app.models import EmployerAgent, ProposedEmployer
from app.services import mailed_links
from tests.employers import ASKED_BY_LINK, WITH_AN_AGENT, employer, file_with, only_of
from tests.services.test_cases import account

OF = {"joseph": WITH_AN_AGENT, "amina": ASKED_BY_LINK}
"""The employers of the two people whose objects are tried; the demonstration's agent answers for the first."""


def in_counter(login: str) -> dict[str, str]:
    """A question, and somebody who asked to answer, at one's employer: public ids by endpoint."""
    case = file_with(OF[login], login, f"key-counter-{login}")
    return {
        "employer.answer": only_of(case.id).public_id,
        "employer.end_agent": an_agent(OF[login]).public_id,
    }


def an_agent(number: str, **more: object) -> EmployerAgent:
    """Somebody an agent proposed, on whom nobody decided."""
    agent = EmployerAgent(
        employer=employer(number),
        first_name="A",
        last_name="B",
        email=f"access-{number}-{bool(more)}@work.example",
        language="en",
        function="C",
        is_first=False,
        asked_by=account("employer"),
        asked_at=clock.now(),
        **more,
    )
    db.session.add(agent)
    db.session.flush()
    return agent


def on_screens(document) -> dict[str, int]:
    """The rows of the screens about employers, by view."""
    case = file_with("", "peter", "key-proposed")
    proposal = ProposedEmployer(
        case_id=case.id, name="Access", address="A", contact="B", proposed_at=clock.now()
    )
    db.session.add(proposal)
    db.session.flush()
    agent = an_agent(ASKED_BY_LINK, document=document)
    return {"EmployerAgentView": agent.id, "ProposedEmployerView": proposal.id}


def token() -> str:
    """What a mailed link to an employer ends in."""
    case = file_with(ASKED_BY_LINK, "chantal", "key-link")
    return mailed_links.token(only_of(case.id).link)
