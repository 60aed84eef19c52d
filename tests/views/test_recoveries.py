"""An account given back at the counter: two officers, a waiting period, warnings that freeze it."""

import re
from datetime import date, timedelta

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app import clock
from app.access_kinds import Paper
from app.delays import NOT_ME_KEPT
from app.extensions import db
from app.models import (
    Account,
    AuditEntry,
    DeclaredInterest,
    InsuredPerson,
    Invitation,
    Recovery,
    SecondFactor,
    SupportTask,
    WebSession,
)
from app.services import people, recoveries, second_factors
from app.services.base import NotAllowed, RuleBroken
from tests.accounts import enter, new_account
from tests.services.test_cases import account
from tests.services.test_grants import at_once

NEW = "marie@new.example"
OLD, RECORD = "marie@old.example", "marie@record.example"
FORM = {"known": OLD, "paper": "passport", "last_digits": "12AB", "new_email": NEW}


@pytest.fixture
def marie(app):
    with app.app_context():
        fresh = new_account("employee", email=OLD)
        db.session.add(
            InsuredPerson(
                ssn=people.number_of(160),
                given_names="Marie",
                family_name="Essama",
                birth_date=date(1990, 1, 1),
                registered_on=date(2020, 1, 1),
                account_id=fresh.id,
                email=RECORD,
            )
        )
        db.session.commit()
        return fresh.id


def request(visitor, **changes):
    first = visitor("support")
    first.open("/staff/recoveryview/request?language=en")
    first.send(form="#model_form", **FORM | changes)
    return first


def the_one(app):
    with app.app_context():
        return db.session.scalars(select(Recovery.id)).one()


def confirm(visitor, pk, login="helpdesk"):
    second = visitor(login)
    second.open(f"/staff/recoveryview/show/{pk}?language=en")
    second.send(form="form[action*='/confirm/']")
    return second


def nights(app, days):
    """What the night's job does so many days from now."""
    with app.app_context(), clock.frozen(clock.now() + timedelta(days=days)):
        return recoveries.complete_due()


def mails(mailbox):
    return [path.read_text().replace("=\n", "").replace("=3D", "=") for path in mailbox.iterdir()]


def link_in(mailbox, page):
    return next(
        found.group() for mail in mails(mailbox) if (found := re.search(rf"/en/{page}/[\w.-]+", mail))
    )


def test_from_the_counter_to_the_new_password(visitor, app, marie, work, mailbox):
    before = visitor()
    enter(before, OLD)
    request(visitor)
    pk = the_one(app)
    work()
    assert {found for mail in mails(mailbox) for found in re.findall(r"^To: (\S+)", mail, re.M)} == {
        OLD,
        RECORD,
        NEW,
    }
    confirm(visitor, pk)
    assert nights(app, 0) == 0
    assert nights(app, 8) == 1
    with app.app_context():
        given = db.session.get(Account, marie)
        assert (given.email, given.password) == (NEW, None)
        assert people.of_account(given).email == NEW
        assert db.session.scalar(select(func.count()).where(WebSession.account_id == marie)) == 0
        actions = set(
            db.session.scalars(select(AuditEntry.action).where(AuditEntry.stream == f"person:{marie}"))
        )
    assert {"request_recovery", "confirm_recovery", "complete_recovery", "invite"} <= actions
    before.open("/en/my-file/")
    assert "/sign-in" in before.url
    for message in mailbox.iterdir():
        message.unlink()
    with clock.frozen(clock.now() + timedelta(days=8)):
        work()
    person = visitor()
    person.open(link_in(mailbox, "invitations"))
    person.send(password="encore une autre phrase")
    enter(person, NEW, "encore une autre phrase")
    person.open("/en/my-file/")
    assert person.status == 200


def test_the_second_factor_ends_with_a_recovery_and_not_before(visitor, app, marie):
    with app.app_context():
        second_factors.begin(db.session.get_one(Account, marie)).confirmed_at = clock.now()
        db.session.commit()
    request(visitor)
    confirm(visitor, the_one(app))
    factors = select(func.count()).where(SecondFactor.account_id == marie)
    with app.app_context():
        assert db.session.scalar(factors) == 1
    nights(app, 8)
    with app.app_context():
        assert db.session.scalar(factors) == 0


def test_the_waiting_period_is_the_clock_tables(visitor, app, marie):
    request(visitor)
    confirm(visitor, the_one(app))
    assert nights(app, 2) == 0
    with app.app_context():
        assert db.session.get(Account, marie).email == OLD


def test_nothing_happens_without_the_second_officer(visitor, app, marie):
    first = request(visitor)
    first.open(f"/staff/recoveryview/show/{the_one(app)}")
    first.send(form="form[action*='/confirm/']")
    assert "You requested this: another officer must confirm it." in first.text
    assert nights(app, 30) == 0


def test_the_database_wants_two(english):
    fresh = new_account("employee")
    recoveries.request(fresh, NEW, Paper.passport, "1234", account("support"))
    db.session.commit()
    with pytest.raises(IntegrityError, match="ck_recovery_four_eyes"):
        db.session.execute(
            text(
                "UPDATE recovery SET confirmed_by_id = requested_by_id, confirmed_at = now(), due_on = now()"
            )
        )


def freeze(visitor, link):
    nobody = visitor()
    nobody.open(link)
    assert nobody.status == 200
    return nobody


def test_this_was_not_me_freezes_without_signing_in(visitor, app, marie, work, mailbox):
    request(visitor)
    pk = the_one(app)
    confirm(visitor, pk)
    work()
    nobody = freeze(visitor, link_in(mailbox, "not-me"))
    with app.app_context():
        assert db.session.get(Recovery, pk).frozen_at is None
    nobody.send(form="form[action*='/not-me/']")
    assert "It is stopped." in nobody.text
    assert nights(app, 30) == 0
    with app.app_context():
        assert db.session.get(Account, marie).email == OLD
        assert db.session.scalars(select(SupportTask.kind)).all() == ["recovery_frozen"]


def test_this_was_not_me_after_the_end_closes_the_account(visitor, app, marie, work, mailbox):
    request(visitor)
    confirm(visitor, the_one(app))
    nights(app, 8)
    with clock.frozen(clock.now() + timedelta(days=8)):
        work()
    freeze(visitor, link_in(mailbox, "not-me")).send(form="form[action*='/not-me/']")
    with app.app_context():
        assert db.session.get(Account, marie).active is False
    thief = visitor()
    thief.open(link_in(mailbox, "invitations"))
    assert thief.status == 404


@pytest.mark.parametrize("token", ["x", "1", "MQ.x", "a/b"])
def test_a_link_nobody_signed_freezes_nothing(visitor, token):
    nobody = visitor()
    nobody.open(f"/en/not-me/{token}")
    assert nobody.status == 404


def test_an_invitations_link_freezes_nothing(visitor, app, marie):
    from app.security import links

    request(visitor)
    with app.app_context():
        token = links.sign(links.INVITATION, the_one(app))
    nobody = visitor()
    nobody.open(f"/en/not-me/{token}")
    assert nobody.status == 404


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"known": "nobody@work.example"}, "No account has this number or e-mail address."),
        ({"known": "officer@demo.example"}, "opened again by an administrator"),
        ({"new_email": "joseph@demo.example"}, "Another account has this e-mail address."),
        ({"new_email": "nonsense"}, "Enter an e-mail address such as"),
        ({"paper": ""}, "Choose a paper."),
        ({"last_digits": "1"}, "Enter the last four letters or digits."),
    ],
)
def test_a_wrong_request_is_refused_and_kept(visitor, app, marie, changes, message):
    first = request(visitor, **changes)
    assert first.status == 422
    assert message in first.text
    assert first.value_of("known") == changes.get("known", OLD)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Recovery)) == 0


def test_one_recovery_at_a_time(visitor, app, marie):
    request(visitor)
    with app.app_context():
        number = people.number_of(160)
    again = request(visitor, known=number, new_email="other@new.example")
    assert "A recovery of this account is under way already." in again.text


def test_an_officer_gives_back_no_relatives_account(english):
    fresh = new_account("employee")
    db.session.add(DeclaredInterest(account_id=account("support").id, relative_id=fresh.id))
    db.session.commit()
    with pytest.raises(NotAllowed):
        recoveries.request(fresh, NEW, Paper.passport, "1234", account("support"))


@pytest.mark.parametrize("login", ["joseph", "claims", "auditor", "administrator", "doctor"])
def test_nobody_else_gives_accounts_back(visitor, app, marie, login):
    other = visitor(login)
    other.open("/en/sign-in")
    other.post("/staff/recoveryview/request", {"csrf_token": other.token(), **FORM})
    assert other.status == 403


def test_freezing_and_completing_at_once_come_to_one_end(app):
    for turn in range(5):
        with app.app_context():
            fresh = new_account("employee")
            found = recoveries.request(
                fresh, f"new-{turn}@new.example", Paper.passport, "1234", account("support")
            )
            db.session.commit()
            recoveries.confirm(found, account("helpdesk"))
            db.session.commit()
            db.session.execute(Recovery.__table__.update().values(due_on=date(2020, 1, 1)))
            db.session.commit()
            pk, account_id = found.id, fresh.id
        outcomes = at_once(
            app, recoveries.complete_due, lambda pk=pk: recoveries.freeze(db.session.get(Recovery, pk))
        )
        assert outcomes == ["done", "done"]
        with app.app_context():
            found, given = db.session.get(Recovery, pk), db.session.get(Account, account_id)
            assert found.frozen_at is not None
            assert given.active is (found.done_at is None)


def test_two_confirmations_at_once_are_one(app):
    with app.app_context():
        fresh = new_account("employee")
        pk = recoveries.request(fresh, NEW, Paper.passport, "1234", account("support")).id
        db.session.commit()

    def second(login):
        recoveries.confirm(db.session.get(Recovery, pk), account(login))

    assert at_once(app, lambda: second("helpdesk"), lambda: second("officer")) == [
        RuleBroken.__name__,
        "done",
    ]


def agreed(visitor, app):
    """A recovery two officers agreed to."""
    request(visitor)
    pk = the_one(app)
    confirm(visitor, pk)
    return pk


def test_who_lost_only_the_telephone_keeps_their_address(visitor, app, marie):
    with app.app_context():
        second_factors.begin(db.session.get_one(Account, marie)).confirmed_at = clock.now()
        db.session.commit()
    first = request(visitor, new_email=OLD)
    assert "another officer must confirm it" in first.text
    confirm(visitor, the_one(app))
    assert nights(app, 8) == 1
    with app.app_context():
        assert db.session.get_one(Account, marie).email == OLD
        assert db.session.scalar(select(func.count()).where(SecondFactor.account_id == marie)) == 0


@pytest.mark.parametrize("meanwhile", ["closed", "staff", "taken"])
def test_what_changed_meanwhile_ends_it_and_calls_support(visitor, app, marie, meanwhile):
    pk = agreed(visitor, app)
    with app.app_context():
        given = db.session.get_one(Account, marie)
        if meanwhile == "closed":
            given.active = False
        if meanwhile == "staff":
            given.roles.append(db.session.scalars(select(Role).where(Role.name == "administrator")).one())
        if meanwhile == "taken":
            new_account("employee", email=NEW)
        second_factors.begin(given).confirmed_at = clock.now()
        db.session.commit()
        before = (given.email, given.password, given.active)
    nights(app, 8)
    nights(app, 9)
    with app.app_context():
        given, found = db.session.get_one(Account, marie), db.session.get_one(Recovery, pk)
        assert (given.email, given.password, given.active) == before
        assert second_factors.in_force(given) is not None
        assert (found.done_at, found.frozen_at is None) == (None, False)
        assert db.session.scalars(select(SupportTask.kind)).all() == ["recovery_stopped"]
        assert db.session.scalar(select(func.count()).select_from(Invitation)) == 0
        assert "stop_recovery" in db.session.scalars(select(AuditEntry.action)).all()


def test_a_closed_account_is_not_given_back(visitor, app, marie):
    with app.app_context():
        db.session.get_one(Account, marie).active = False
        db.session.commit()
    assert "This account is closed." in request(visitor).text


def test_a_warnings_link_ends_some_days_after_the_account_was_given_back(visitor, app, marie, work, mailbox):
    agreed(visitor, app)
    work()
    link = link_in(mailbox, "not-me")
    nights(app, 8)
    with clock.frozen(clock.now() + timedelta(days=8) + NOT_ME_KEPT - timedelta(hours=1)):
        assert freeze(visitor, link).status == 200
    with clock.frozen(clock.now() + timedelta(days=8) + NOT_ME_KEPT + timedelta(hours=1)):
        late = visitor()
        late.open(link)
        assert late.status == 404
        late.open("/en/sign-in")
        late.post(link, {"csrf_token": late.token()})
        assert late.status == 404
    with app.app_context():
        assert db.session.get_one(Account, marie).active is True


@pytest.mark.parametrize("login", ["claims", "support"])
def test_only_another_officer_of_a_counter_without_interest_confirms(visitor, app, marie, login):
    request(visitor)
    pk = the_one(app)
    with app.app_context():
        db.session.add(DeclaredInterest(account_id=account("helpdesk").id, relative_id=marie))
        db.session.commit()
    for other in (login, "helpdesk"):
        officer = visitor(other)
        officer.open("/en/sign-in")
        officer.post(f"/staff/recoveryview/confirm/{pk}", {"csrf_token": officer.token()})
    with app.app_context():
        assert db.session.get_one(Recovery, pk).confirmed_at is None


def test_a_warning_after_the_end_signs_the_thief_out(visitor, app, marie, work, mailbox):
    agreed(visitor, app)
    nights(app, 8)
    with clock.frozen(clock.now() + timedelta(days=8)):
        work()
        thief = visitor()
        thief.open(link_in(mailbox, "invitations"))
        thief.send(password="encore une autre phrase")
        enter(thief, NEW, "encore une autre phrase")
        thief.open("/en/account/")
        assert thief.url == "/en/account/"
        freeze(visitor, link_in(mailbox, "not-me")).send(form="form[action*='/not-me/']")
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(WebSession.account_id == marie)) == 0


@pytest.mark.parametrize("login", ["claims", "administrator", "auditor", "joseph"])
def test_the_service_itself_lets_nobody_else_confirm(english, login):
    found = recoveries.request(new_account("employee"), NEW, Paper.passport, "1234", account("support"))
    db.session.commit()
    with pytest.raises(NotAllowed):
        recoveries.confirm(found, account(login))
