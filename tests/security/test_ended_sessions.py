"""Sessions that end from elsewhere: at once, all of them, also the one being made at that instant."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app import clock
from app.delays import STEP_UP
from app.extensions import db
from app.models import Account, AuditEntry, WebSession
from app.security import passwords, sessions
from app.services import sign_ins
from tests.browser.people import PASSWORD
from tests.security.conftest import GOOD

SIGNED_IN = "/en/account/"


def is_signed_in(browser):
    browser.open(SIGNED_IN)
    return browser.url == SIGNED_IN


def test_a_proof_given_while_the_session_ends_brings_it_back_to_nobody(app, new_person, monkeypatch):
    """The right password of a thief, on its way at the instant the owner signs every device out."""
    thief, who = new_person()
    right = sign_ins.is_password_of

    def meanwhile(account, password):
        is_right = right(account, password)
        with db.engine.begin() as another:
            another.execute(WebSession.__table__.delete().where(WebSession.account_id == who.id))
        return is_right

    with clock.frozen(clock.now() + STEP_UP + timedelta(seconds=1)):
        thief.open("/en/my-file/close")
        monkeypatch.setattr(sign_ins, "is_password_of", meanwhile)
        thief.send(current=PASSWORD)
        monkeypatch.undo()
        assert not is_signed_in(thief)
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(WebSession.account_id == who.id)) == 0


def test_a_session_made_as_the_password_changes_is_of_the_old_one(app, new_person):
    """Its row was written a moment after `revoke_all` looked."""
    thief, who = new_person()
    with app.app_context():
        another = update(Account).where(Account.id == who.id).values(password=passwords.hashed(GOOD))
        db.session.execute(another)
        db.session.commit()
    assert not is_signed_in(thief)


def test_half_a_sign_in_with_the_old_password_gets_no_further(app, visitor, new_person, code_of):
    _owner, who = new_person(has_app=True)
    thief = visitor()
    thief.open("/en/sign-in")
    thief.send(email=who.login, password=PASSWORD)
    assert "/sign-in/code" in thief.url
    with app.app_context():
        db.session.execute(
            update(Account).where(Account.id == who.id).values(password=passwords.hashed(GOOD))
        )
        db.session.commit()
    thief.send(code=code_of(who.login))
    assert not is_signed_in(thief)


def test_an_administrator_signs_a_colleague_out_everywhere(app, visitor):
    telephone, desk, other = visitor("officer"), visitor("officer"), visitor("support")
    with app.app_context():
        number = db.session.scalar(select(Account.id).where(Account.email == "officer@demo.example"))
    administrator = visitor("administrator")
    administrator.open(f"/staff/colleagueview/show/{number}")
    administrator.send(form="form[action*='/sign-out/']")
    assert "is signed out everywhere" in administrator.text
    assert not is_signed_in(telephone)
    assert not is_signed_in(desk)
    assert is_signed_in(other)
    with app.app_context():
        assert db.session.get_one(Account, number).active
        entry = select(AuditEntry).where(AuditEntry.action == "end_sessions")
        assert db.session.scalars(entry).one().stream == f"person:{number}"


def test_a_command_ends_one_persons_sessions_or_everybodys(app, visitor):
    joseph, amina = visitor("joseph"), visitor("amina")
    run = app.test_cli_runner()
    answer = run.invoke(args=["guichet", "sign-out", "JOSEPH@demo.example"])
    assert answer.output == "1 sessions ended.\n"
    assert not is_signed_in(joseph)
    assert is_signed_in(amina)
    assert run.invoke(args=["guichet", "sign-out", "--everybody"]).exit_code == 0
    assert not is_signed_in(amina)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "Give an e-mail address"),
        (["x@y.cm", "--everybody"], "Give an e-mail address"),
        (["x@y.cm"], "No active"),
    ],
)
def test_a_command_that_is_not_clear_ends_none(app, visitor, args, said):
    joseph = visitor("joseph")
    answer = app.test_cli_runner().invoke(args=["guichet", "sign-out", *args])
    assert answer.exit_code != 0
    assert said in answer.output
    assert is_signed_in(joseph)


def test_a_seal_tells_nothing_of_the_password(app, new_person):
    _person, who = new_person()
    with app.app_context():
        row = db.session.scalars(select(WebSession).where(WebSession.account_id == who.id)).one()
        stored = db.session.get_one(Account, who.id).password
        assert stored not in str(row.data)
        assert row.data[sessions._SEAL]
