"""The first two administrators: made by a command, only while there is none."""

import re

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Account, AuditEntry, Invitation
from app.permissions import ADMINISTRATOR
from app.services import second_factors
from tests.accounts import enter
from tests.security.conftest import GOOD
from tests.security.test_second_factor import key_on

A, B = "Marie Essama <marie@fund.example>", "paul@fund.example"


@pytest.fixture
def nobody_administers(app):
    """As on the day after the installation."""
    with app.app_context():
        for account in administrators():
            account.roles = []
        db.session.commit()


def administrators():
    query = select(Account).where(Account.roles.any(name=ADMINISTRATOR)).order_by(Account.email)
    return list(db.session.scalars(query).unique())


def found(app, *people):
    return app.test_cli_runner().invoke(args=["guichet", "found-administrators", "--lang", "en", *people])


def links_in(answer):
    return re.findall(r"http://localhost(/en/invitations/\S+)", answer.stdout)


def test_two_begin_and_give_the_third_a_role(app, visitor, nobody_administers, work, mailbox):
    answer = found(app, A, B)
    assert answer.exit_code == 0, answer.output
    work()
    mails = "".join(path.read_text().replace("=\n", "").replace("=3D", "=") for path in mailbox.iterdir())
    entered = []
    for link, login in zip(links_in(answer), ("marie@fund.example", "paul@fund.example"), strict=True):
        assert link in mails
        person = visitor()
        person.open(link)
        person.send(password=GOOD)
        enter(person, login, GOOD)
        person.open("/staff/")
        assert "/second-factor/begin" in person.url
        person.send()
        person.send(code=second_factors.code_now(key_on(person.page)))
        person.send()
        entered.append(person)
    first, second = entered
    first.open("/staff/colleagueview/invite?language=en")
    first.send(
        form="#model_form",
        **{"first_name": "N", "last_name": "T", "email": "n@fund.example", "language": "fr"},
        **{"role": "supervisor", "reason": "The first supervisor."},
    )
    second.open("/staff/grantview/list/?language=en")
    second.open(second.page.select_one("td a[href*='/show/']")["href"])
    second.send(form="form[action*='/approve/']")
    assert "Role given" in second.text
    with app.app_context():
        actions = db.session.scalars(select(AuditEntry.action)).all()
        assert actions.count("found_administrator") == 2
        marie = administrators()[0]
        assert (marie.first_name, marie.last_name) == ("Marie", "Essama")
    assert found(app, "x@fund.example", "y@fund.example").exit_code == 1


def test_where_there_is_an_administrator_nothing_is_made(app):
    with app.app_context():
        before = [account.email for account in administrators()]
    answer = found(app, A, B)
    assert answer.exit_code == 1
    assert "administrator already" in answer.output
    with app.app_context():
        assert [account.email for account in administrators()] == before
        assert db.session.scalars(select(Invitation)).all() == []


def test_a_closed_administrator_is_one_too(app, nobody_administers):
    with app.app_context():
        role = db.session.scalars(select(Account).where(Account.email == "administrator@demo.example")).one()
        role.active = False
        db.session.commit()
    assert found(app, A, B).exit_code == 0
    with app.app_context():
        for account in administrators():
            account.active, account.password = False, "x"
        db.session.commit()
    assert found(app, A, B).exit_code == 1


@pytest.mark.parametrize(
    "people",
    [(A,), (A, A), (A, "MARIE@fund.example"), (A, "no address"), (A, "@x"), (A, "joseph@demo.example"), ()],
)
def test_two_new_addresses_or_nothing(app, nobody_administers, people):
    assert found(app, *people).exit_code != 0
    with app.app_context():
        assert administrators() == []


def test_who_never_came_is_replaced_and_the_first_links_open_nothing(app, visitor, nobody_administers):
    before = links_in(found(app, A, "typo@fund.example"))
    answer = found(app, A, B)
    assert answer.exit_code == 0
    with app.app_context():
        assert [it.email for it in administrators()] == ["marie@fund.example", "paul@fund.example"]
    for link in before:
        nobody = visitor()
        nobody.open(link)
        assert nobody.status == 404
    nobody.open(links_in(answer)[0])
    assert nobody.status == 200
