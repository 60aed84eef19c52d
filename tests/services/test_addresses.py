"""An address of e-mail that somebody left is free for somebody else: nothing of an account keeps it."""

import pytest
from sqlalchemy import func, select, update

from app import clock
from app.access_kinds import Paper
from app.extensions import db
from app.models import Account, Recovery
from app.permissions import CLAIMS_OFFICER
from app.services import recoveries, staff
from tests.accounts import new_account
from tests.services.test_cases import account

LEFT = "left@mail.example"


def invite(email):
    asked = staff.Colleague("Nadège", "Tchami", email, "fr", None, CLAIMS_OFFICER, "Joins the claims team.")
    grant = staff.invite(asked, account("administrator"))
    db.session.commit()
    return grant.account


def give_back(somebody, email):
    """From the counter to the end of the waiting period."""
    recovery = recoveries.request(somebody, email, Paper.passport, "12AB", account("support"))
    recoveries.confirm(recovery, account("helpdesk"))
    db.session.commit()
    db.session.execute(update(Recovery).values(due_on=clock.today().replace(year=2020)))
    db.session.commit()
    assert recoveries.complete_due() == 1
    return recovery


def leave(somebody):
    somebody.email = f"another-{somebody.id}@mail.example"
    db.session.commit()


@pytest.mark.parametrize("how", [invite, lambda email: give_back(new_account("employee"), email).account])
def test_an_address_that_was_left_is_given_to_another(english, how):
    leave(how(LEFT))
    again = invite(LEFT)
    leave(again)
    owner = new_account("employee")
    recovery = give_back(owner, LEFT)
    assert recovery.done_at is not None
    assert db.session.scalar(select(func.count()).where(Account.email == LEFT)) == 1
    assert owner.email == LEFT
