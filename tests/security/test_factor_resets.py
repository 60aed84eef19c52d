"""A colleague who lost telephone and recovery codes: two administrators, then a password and an app anew."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import Account, AuditEntry, FactorReset, SecondFactor
from app.permissions import CLAIMS_OFFICER
from app.services import factor_resets, second_factors
from app.services.base import RuleBroken
from tests.accounts import enter, new_account
from tests.security.conftest import GOOD, LINK
from tests.security.test_second_factor import key_on
from tests.services.test_cases import account
from tests.services.test_grants import at_once

LOGIN = "lost.telephone@work.example"


@pytest.fixture
def colleague(app):
    """Somebody of the staff whose app is in force."""
    with app.app_context():
        found = new_account(CLAIMS_OFFICER, email=LOGIN)
        factor = second_factors.begin(found)
        second_factors.confirm(found, factor, second_factors.code_now(second_factors.secret_of(factor)))
        db.session.commit()
        return found.id


def ask(visitor, pk, login="administrator", reason="Seen in my office."):
    first = visitor(login)
    first.open(f"/staff/colleagueview/show/{pk}?language=en")
    first.open(first.page.select_one("a[href*='/factor/']")["href"])
    first.send(form="#model_form", reason=reason)
    return first


def press(browser, pk, action):
    browser.open(f"/staff/colleagueview/show/{pk}?language=en")
    browser.send(form=f"form[action*='/factor/{action}/']")


def factors(app, pk):
    with app.app_context():
        return db.session.scalar(select(func.count()).where(SecondFactor.account_id == pk))


def test_two_administrators_open_the_way_back(visitor, app, colleague, mails):
    first = ask(visitor, colleague)
    assert "another administrator must agree" in first.text
    assert factors(app, colleague) == 1
    second = visitor("administrator2")
    second.open(f"/staff/colleagueview/show/{colleague}?language=en")
    assert "Seen in my office." in second.text
    press(second, colleague, "agree")
    assert "a link was sent for a new password" in second.text
    assert factors(app, colleague) == 0
    thief = visitor()
    enter(thief, LOGIN)
    assert "/sign-in" in thief.url
    mail = next(it for it in mails(LOGIN) if "second factor was ended" in it["Subject"])
    owner = visitor()
    owner.open(LINK.search(mail.get_body(("plain",)).get_content()).group(1))
    owner.send(password=GOOD)
    enter(owner, LOGIN, GOOD)
    owner.open("/staff/")
    assert "/second-factor/begin" in owner.url
    owner.send()
    owner.send(code=second_factors.code_now(key_on(owner.page)))
    owner.send()
    owner.open("/staff/")
    assert owner.status == 200
    with app.app_context():
        actions = db.session.scalars(
            select(AuditEntry.action).where(AuditEntry.stream == f"person:{colleague}")
        )
        assert {"propose_factor_reset", "approve_factor_reset"} <= set(actions)


def test_the_one_who_asked_does_not_agree(visitor, app, colleague):
    first = ask(visitor, colleague)
    press(first, colleague, "agree")
    assert "another administrator must agree" in first.text
    assert factors(app, colleague) == 1


def test_a_refusal_ends_it_and_it_may_be_asked_again(visitor, app, colleague):
    first = ask(visitor, colleague)
    second = visitor("administrator2")
    press(second, colleague, "refuse")
    second.open("/en/sign-in")
    second.post(f"/staff/colleagueview/factor/agree/{colleague}", {"csrf_token": second.token()})
    assert factors(app, colleague) == 1
    first = ask(visitor, colleague)
    assert "another administrator must agree" in first.text


def test_nothing_is_ended_without_a_reason_or_twice(visitor, app, colleague):
    assert ask(visitor, colleague, reason=" ").status == 422
    ask(visitor, colleague)
    first = visitor("administrator2")
    first.open(f"/staff/colleagueview/factor/{colleague}?language=en")
    first.send(form="#model_form", reason="Once more.")
    assert "A colleague asked for this already." in first.text


@pytest.mark.parametrize("login", ["administrator", "joseph"])
def test_not_oneself_and_not_a_citizens(visitor, app, login):
    with app.app_context():
        number = account(login).id
    first = visitor("administrator")
    first.open(f"/staff/colleagueview/factor/{number}?language=en")
    if first.status == 200:
        first.send(form="#model_form", reason="Mine.")
        assert "Two others must do this for you." in first.text
    else:
        assert first.status == 404
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(FactorReset)) == 0


@pytest.mark.parametrize("login", ["supervisor", "auditor", "officer", "joseph"])
def test_nobody_else_asks_or_agrees(visitor, app, colleague, login):
    ask(visitor, colleague)
    other = visitor(login)
    other.open("/en/sign-in")
    for page in ("factor", "factor/agree", "factor/refuse"):
        other.post(
            f"/staff/colleagueview/{page}/{colleague}", {"csrf_token": other.token(), "reason": "Please."}
        )
        assert other.status == 403
    assert factors(app, colleague) == 1


def test_the_database_wants_two(english, colleague):
    factor_resets.propose(db.session.get_one(Account, colleague), "Lost.", account("administrator"))
    db.session.commit()
    with pytest.raises(IntegrityError, match="ck_factor_reset_four_eyes"):
        db.session.execute(
            text(
                "UPDATE factor_reset SET approved_by_id = proposed_by_id, approved_at = now(), ended_at = now()"
            )
        )


def test_of_two_who_agree_at_once_one_does_it(app, colleague):
    with app.app_context():
        third = new_account("administrator").id
        factor_resets.propose(db.session.get_one(Account, colleague), "Lost.", account("administrator"))
        db.session.commit()
        second = account("administrator2").id

    def agree(number):
        factor_resets.approve(db.session.get_one(Account, colleague), db.session.get_one(Account, number))

    assert at_once(app, lambda: agree(second), lambda: agree(third)) == [RuleBroken.__name__, "done"]
