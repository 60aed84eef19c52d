"""The employer's forms under the same hail: by the link, in the counter, agents, what staff do of employers."""

import pytest
from sqlalchemy import select

from app.employer_kinds import RequestState
from app.extensions import db
from app.models import EmployerAgent
from tests.employers import WITH_AN_AGENT, address_of, filed, in_counter, requests_of
from tests.views.test_employer_staff import asked_for_access, proposed
from tests.views.test_fuzz import STRANGE
from tests.views.test_fuzz_forms import hail, post

__all__ = ["post"]
IN_COUNTER = ("agents/invite", "access")
OF_STAFF = ("match", "create", "refuse")


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("reply", ["", "confirm", "correct", "dispute"])
def test_whatever_is_sent_by_the_link_is_answered(visitor, post, app, reply):
    number = filed(app)
    with app.app_context():
        address = address_of(app, number)
    hail(visitor(), post, app, f"{address}?reply={reply}" if reply else address)


@pytest.mark.long
def test_whatever_an_agent_sends_is_answered(visitor, post, app):
    number = filed(app, WITH_AN_AGENT)
    hail(visitor("employer"), post, app, in_counter(app, number))


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("page", IN_COUNTER)
def test_whatever_is_sent_of_agents_is_answered(visitor, post, app, page):
    hail(visitor("employer"), post, app, f"/en/employer/{page}")


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("act", OF_STAFF)
def test_whatever_staff_send_of_a_proposed_employer_is_answered(visitor, post, app, act):
    _case, number = proposed(app)
    hail(visitor("officer"), post, app, f"/staff/proposedemployerview/{act}/{number}")


@pytest.mark.long
def test_whatever_staff_send_of_an_agent_is_answered(visitor, post, app):
    asked_for_access(app)
    with app.app_context():
        number = db.session.scalars(select(EmployerAgent.id).where(EmployerAgent.last_name == "Zang")).one()
    hail(visitor("officer"), post, app, f"/staff/employeragentview/refuse/{number}")


@pytest.mark.parametrize("strange", STRANGE)
def test_each_strange_reason_is_kept_as_it_is_or_refused_beside_its_field(visitor, app, strange):
    number = filed(app)
    with app.app_context():
        address = address_of(app, number)
    employer = visitor()
    employer.open(address)
    employer.send(reply="dispute", reason=strange, answered_by="Rose Mbida", answered_function="Head")
    with app.app_context():
        (request,) = requests_of(number)
        if request.state is RequestState.open:
            assert employer.error_of("reason")
            assert employer.value_of("reason").strip() == strange.replace("\r\n", "\n").strip()
        else:
            assert " ".join(strange.split()) == " ".join((request.reason or "").split())
