"""Roles of the staff: proposed by one, given by another, raced on PostgreSQL."""

import threading

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import Account, AuditEntry, RoleGrant
from app.permissions import (
    ADMINISTRATOR,
    AUDITOR,
    CLAIMS_OFFICER,
    EMPLOYEE,
    EMPLOYER_AGENT,
    STAFF,
    SUPERVISOR,
)
from app.services import grants, staff
from app.services.base import NotAllowed, RuleBroken
from tests.accounts import new_account
from tests.services.test_cases import account

WHY = "Replaces a colleague."


def proposed(role=CLAIMS_OFFICER, by="administrator", to=None):
    grant = grants.propose(to or new_account(), role, WHY, account(by))
    db.session.commit()
    return grant


def test_a_second_administrator_gives_the_role(english):
    grant = proposed()
    assert not grant.account.has_role(CLAIMS_OFFICER)
    grants.approve(grant, account("administrator2"))
    db.session.commit()
    assert grant.account.has_role(CLAIMS_OFFICER)
    stream = f"person:{grant.account_id}"
    actions = db.session.scalars(
        select(AuditEntry.action).where(AuditEntry.stream == stream).order_by(AuditEntry.seq)
    )
    assert list(actions) == ["propose_role", "approve_role"]


def test_nobody_approves_their_own_proposal(english):
    grant = proposed()
    with pytest.raises(NotAllowed, match="another administrator"):
        grants.approve(grant, account("administrator"))
    db.session.rollback()
    assert not grant.account.has_role(CLAIMS_OFFICER)


def test_nobody_approves_a_role_of_their_own(english):
    third = new_account(ADMINISTRATOR)
    grant = RoleGrant(
        account=third,
        role=SUPERVISOR,
        reason=WHY,
        proposed_by=account("administrator"),
        proposed_at=third.created_on,
    )
    db.session.add(grant)
    db.session.commit()
    with pytest.raises(NotAllowed, match="of their own"):
        grants.approve(grant, third)


@pytest.mark.parametrize("approver", ["administrator", "owner"])
def test_the_database_refuses_by_itself(english, approver):
    grant = proposed()
    by = account("administrator").id if approver == "administrator" else grant.account_id
    with pytest.raises(IntegrityError, match="ck_role_grant_four_eyes"):
        db.session.execute(
            text("UPDATE role_grant SET approved_by_id = :by, approved_at = now() WHERE id = :id"),
            {"by": by, "id": grant.id},
        )


@pytest.mark.parametrize("login", ["supervisor", "auditor", "officer", "support", "joseph"])
def test_only_administrators_touch_roles(english, login):
    other, grant = account(login), proposed()
    for act in (
        lambda: grants.propose(new_account(), SUPERVISOR, WHY, other),
        lambda: grants.approve(grant, other),
        lambda: grants.refuse(grant, other),
        lambda: grants.revoke(account("agent"), "registration_officer", other),
        lambda: staff.deactivate(account("agent"), other),
    ):
        with pytest.raises(NotAllowed):
            act()
        db.session.rollback()


@pytest.mark.parametrize(
    ("held", "role"), [(AUDITOR, SUPERVISOR), (SUPERVISOR, ADMINISTRATOR), (CLAIMS_OFFICER, AUDITOR)]
)
def test_who_runs_or_audits_the_house_holds_nothing_else(english, held, role):
    with pytest.raises(RuleBroken, match="holds no other role"):
        grants.propose(new_account(held), role, WHY, account("administrator"))


def test_two_proposals_that_exclude_each_other_are_not_both_given(english):
    fresh = new_account()
    first, second = proposed(AUDITOR, to=fresh), proposed(SUPERVISOR, to=fresh)
    grants.approve(first, account("administrator2"))
    db.session.commit()
    with pytest.raises(RuleBroken, match="holds no other role"):
        grants.approve(second, account("administrator2"))


@pytest.mark.parametrize("role", [EMPLOYEE, "nonsense", ""])
def test_only_roles_of_the_staff_are_granted(english, role):
    with pytest.raises(RuleBroken, match="of the list"):
        grants.propose(new_account(), role, WHY, account("administrator"))


def test_a_role_is_proposed_once(english):
    fresh = new_account()
    proposed(to=fresh)
    with pytest.raises(RuleBroken, match="already proposed"):
        proposed(to=fresh)


def test_a_role_taken_back_is_gone_at_once(english):
    fresh = new_account(CLAIMS_OFFICER, SUPERVISOR)
    grants.revoke(fresh, CLAIMS_OFFICER, account("administrator"))
    db.session.commit()
    assert [role.name for role in fresh.roles] == [SUPERVISOR]


def test_the_last_administrator_stays(english):
    one, two = account("administrator"), account("administrator2")
    grants.revoke(two, ADMINISTRATOR, one)
    with pytest.raises(RuleBroken, match="last administrator"):
        grants.revoke(one, ADMINISTRATOR, one)
    db.session.rollback()


def at_once(app, *acts):
    """Do these at the same moment, each in a transaction of its own; what each came to."""
    outcomes, start = [], threading.Barrier(len(acts))

    def run(act):
        with app.app_context():
            start.wait()
            try:
                act()
                db.session.commit()
                outcomes.append("done")
            except (RuleBroken, IntegrityError) as refusal:
                db.session.rollback()
                outcomes.append(type(refusal).__name__)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_approving_and_refusing_at_once_gives_one_answer(app):
    for _turn in range(10):
        with app.app_context():
            grant_id = proposed().id

        def settle(act, login, grant_id=grant_id):
            act(db.session.get(RoleGrant, grant_id), account(login))

        outcomes = at_once(
            app,
            lambda: settle(grants.approve, "administrator2"),
            lambda: settle(grants.refuse, "administrator"),
            lambda: settle(grants.approve, "administrator2"),
        )
        assert outcomes == ["RuleBroken", "RuleBroken", "done"]
        with app.app_context():
            grant = db.session.get(RoleGrant, grant_id)
            assert grant.account.has_role(CLAIMS_OFFICER) is (grant.approved_at is not None)


def test_two_administrators_who_close_each_other_leave_one(app):
    """The demonstration's two are the only ones: both deactivate the other at the same moment, ten times."""
    for _turn in range(10):
        outcomes = at_once(
            app,
            lambda: staff.deactivate(account("administrator2"), account("administrator")),
            lambda: staff.deactivate(account("administrator"), account("administrator2")),
        )
        assert outcomes == ["RuleBroken", "done"]
        with app.app_context():
            db.session.execute(Account.__table__.update().values(active=True))
            db.session.commit()


@pytest.mark.parametrize("role", STAFF)
def test_an_employers_agent_gets_no_role_of_the_staff(english, role):
    with pytest.raises(RuleBroken, match="two accounts"):
        proposed(role, to=new_account(EMPLOYEE, EMPLOYER_AGENT))


def test_who_became_an_employers_agent_meanwhile_gets_none_either(english):
    grant = proposed()
    grant.account.roles = [grants._role(EMPLOYER_AGENT)]
    db.session.commit()
    with pytest.raises(RuleBroken, match="two accounts"):
        grants.approve(grant, account("administrator2"))


@pytest.mark.parametrize("role", STAFF)
def test_nobody_of_the_staff_becomes_an_employers_agent(english, role):
    with pytest.raises(RuleBroken, match="two accounts"):
        grants.check_apart(new_account(role), EMPLOYER_AGENT)


@pytest.mark.parametrize(
    ("held", "more"),
    [(role, EMPLOYER_AGENT) for role in STAFF]
    + [(EMPLOYER_AGENT, role) for role in STAFF]
    + [(AUDITOR, CLAIMS_OFFICER), (CLAIMS_OFFICER, ADMINISTRATOR), (ADMINISTRATOR, AUDITOR)],
)
def test_the_database_keeps_roles_apart_whoever_writes_them(english, held, more):
    somebody = new_account(held)
    somebody.roles.append(grants._role(more))
    with pytest.raises(IntegrityError, match="cannot hold these roles together"):
        db.session.flush()
    db.session.rollback()


def test_two_that_are_kept_apart_at_once_are_one(app):
    """An officer's role and an agent's, given at the same instant by two who do not see each other."""
    with app.app_context():
        number = new_account().id
    together, came_to = threading.Barrier(2), []

    def give(role):
        with app.app_context():
            somebody = db.session.get_one(Account, number)
            somebody.roles.append(grants._role(role))
            together.wait()
            try:
                db.session.commit()
                came_to.append(role)
            except IntegrityError:
                db.session.rollback()

    threads = [threading.Thread(target=give, args=(role,)) for role in (CLAIMS_OFFICER, EMPLOYER_AGENT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(came_to) == 1
    with app.app_context():
        assert [role.name for role in db.session.get_one(Account, number).roles] == came_to
