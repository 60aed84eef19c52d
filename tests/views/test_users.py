"""Users, invitations, grants, delegations and interests, as administrators and supervisors use them."""

import re
from datetime import date

import pytest
from sqlalchemy import event, func, select

from app import clock
from app.access_kinds import Paper
from app.delays import INVITATION_KEPT
from app.extensions import db
from app.models import Account, DeclaredInterest, Delegation, Invitation, Recovery, RoleGrant
from app.permissions import CLAIMS_OFFICER, SUPERVISOR
from tests.accounts import PASSWORD, enter, new_account
from tests.services.test_cases import account

COLLEAGUE = {
    "first_name": "Nadège",
    "last_name": "Tchami",
    "email": "nadege@work.example",
    "language": "fr",
    "role": CLAIMS_OFFICER,
    "reason": "Joins the claims team.",
}


def invite(visitor, **changes):
    administrator = visitor("administrator")
    administrator.open("/staff/colleagueview/invite")
    administrator.send(form="#model_form", **COLLEAGUE | changes)
    return administrator


def link_in(mailbox):
    (mail,) = mailbox.iterdir()
    return re.search(r"/fr/invitations/[\w.-]+", mail.read_text()).group()


def by_email(email):
    return db.session.scalars(select(Account).where(Account.email == email)).unique().one()


def test_from_the_invitation_to_the_work(visitor, app, work, mailbox):
    administrator = invite(visitor)
    assert "is invited" in administrator.text
    work()
    nadege = visitor(lang="fr")
    nadege.open(link_in(mailbox))
    nadege.send(password="des mots à moi seule")
    assert "/sign-in" in nadege.url
    enter(nadege, COLLEAGUE["email"], "des mots à moi seule")
    nadege.open("/staff/")
    assert nadege.status == 403
    second = visitor("administrator2")
    second.open("/staff/grantview/list/")
    second.open(second.page.select_one("td a[href*='/show/']")["href"])
    second.send(form="form[action*='/approve/']")
    nadege.open("/staff/")
    assert "/sign-in" in nadege.url
    enter(nadege, COLLEAGUE["email"], "des mots à moi seule")
    nadege.open("/staff/")
    assert nadege.status == 200


def test_the_link_works_once_and_not_for_ever(visitor, app, work, mailbox):
    invite(visitor)
    work()
    link, nadege = link_in(mailbox), visitor(lang="fr")
    with clock.frozen(clock.now() + INVITATION_KEPT):
        nadege.open(link)
        assert nadege.status == 404
    nadege.open(link)
    nadege.send(password="des mots à moi seule")
    again = visitor(lang="fr")
    again.open(link)
    assert again.status == 404
    assert "Ce lien ne fonctionne plus" in again.text


@pytest.mark.parametrize(
    ("password", "message"), [("too short", "at least 12 characters"), ("", "Enter a password.")]
)
def test_a_bad_password_opens_nothing(visitor, app, work, mailbox, password, message):
    invite(visitor)
    work()
    nadege = visitor()
    nadege.open(link_in(mailbox).replace("/fr/", "/en/"))
    nadege.send(password=password)
    assert message in nadege.error_of("password")
    with app.app_context():
        assert by_email(COLLEAGUE["email"]).active is False


@pytest.mark.parametrize("token", ["x", "1", "MQ.abc", "..%2f", "é"])
def test_a_link_nobody_signed_opens_nothing(visitor, token):
    nobody = visitor()
    nobody.open(f"/en/invitations/{token}")
    assert nobody.status == 404


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"email": "not an address"}, "Enter an e-mail address such as"),
        ({"email": ""}, "Enter an e-mail address."),
        ({"first_name": "  "}, "Fill in this field."),
        ({"role": ""}, "Choose a role."),
        ({"role": "employee"}, "Not a valid choice"),
        ({"reason": ""}, "Give a reason."),
    ],
)
def test_a_wrong_invitation_keeps_what_was_typed(visitor, app, changes, message):
    administrator = invite(visitor, **changes)
    assert administrator.status == 422
    assert message in administrator.text
    assert administrator.value_of("last_name") == "Tchami"
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Invitation)) == 0


def test_a_known_address_keeps_its_account(visitor, app):
    administrator = invite(visitor, email="Joseph@demo.example")
    assert "joseph@demo.example is invited" in administrator.text
    with app.app_context():
        grant = db.session.scalars(select(RoleGrant)).one()
        assert grant.account.email == "joseph@demo.example"
        assert db.session.scalar(select(func.count()).select_from(Invitation)) == 0


def test_deactivating_ends_the_sessions(visitor, app):
    with app.app_context():
        email, number = (fresh := new_account(SUPERVISOR)).email, fresh.id
    colleague = visitor()
    enter(colleague, email)
    colleague.open("/staff/")
    assert colleague.status == 200
    administrator = visitor("administrator")
    administrator.open(f"/staff/colleagueview/show/{number}")
    administrator.send(form="form[action*='/deactivate/']")
    assert "Account deactivated." in administrator.text
    colleague.open("/staff/")
    assert "/sign-in" in colleague.url
    enter(colleague, email)
    assert "/sign-in" in colleague.url
    administrator.send(form="form[action*='/reactivate/']")
    enter(colleague, email, PASSWORD)
    colleague.open("/staff/")
    assert colleague.status == 200


def test_a_role_taken_back_closes_the_back_office(visitor, app):
    with app.app_context():
        email, number = (fresh := new_account("employee", SUPERVISOR)).email, fresh.id
    colleague = visitor()
    enter(colleague, email)
    administrator = visitor("administrator")
    administrator.open(f"/staff/colleagueview/show/{number}")
    administrator.send(form="form[action*='/revoke/']", last="1")
    enter(colleague, email)
    colleague.open("/staff/")
    assert colleague.status == 403


def test_nobody_deactivates_themself(visitor, app):
    with app.app_context():
        number = account("administrator").id
    administrator = visitor("administrator")
    administrator.open(f"/staff/colleagueview/show/{number}")
    administrator.send(form="form[action*='/deactivate/']")
    assert "You cannot deactivate your own account." in administrator.text


@pytest.mark.long(sample=12)
@pytest.mark.parametrize(
    "login", ["auditor", "supervisor", "officer", "support", "joseph", "employer", "payee"]
)
@pytest.mark.parametrize(
    "action", ["invite", "propose/1", "revoke/1", "deactivate/1", "reactivate/1", "agency/1"]
)
def test_others_change_no_user(visitor, app, login, action):
    other = visitor(login)
    other.open("/en/sign-in")
    other.post(f"/staff/colleagueview/{action}", {"csrf_token": other.token(), **COLLEAGUE})
    assert other.status == 403


def test_the_users_page_reads_no_role(visitor, app):
    """Lessons 24: a page of users costs the same however many there are, and however many roles."""
    with app.app_context():
        for _ in range(30):
            new_account(SUPERVISOR, CLAIMS_OFFICER)
        engine = db.engine
    administrator, statements = visitor("administrator"), []
    administrator.open("/staff/colleagueview/list/")

    def count(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    administrator.open("/staff/colleagueview/list/")
    event.remove(engine, "before_cursor_execute", count)
    assert administrator.status == 200
    assert len(statements) <= 6, statements
    assert not any("ab_permission" in statement for statement in statements)


def test_a_delegation_needs_a_second_person_and_never_overlaps(visitor, app):
    with app.app_context():
        number = account("officer").id
    form = {
        "account_id": str(number),
        "quality_fr": "Adjoint",
        "quality_en": "Deputy",
        "valid_from": "2026-01-01",
        "valid_to": "2026-12-31",
    }
    administrator = visitor("administrator")
    administrator.open("/staff/delegationview/propose")
    administrator.send(form="#model_form", **form)
    assert "somebody else must approve it" in administrator.text
    administrator.open("/staff/delegationview/propose")
    administrator.send(form="#model_form", **form | {"valid_from": "2026-12-31", "valid_to": ""})
    assert administrator.status == 422
    assert "These days overlap another delegation of this person." in administrator.text
    with app.app_context():
        pk = db.session.scalars(select(Delegation.id).where(Delegation.account_id == number)).one()
    administrator.open(f"/staff/delegationview/show/{pk}")
    administrator.send(form="form[action*='/approve/']")
    assert "Somebody else must approve this delegation." in administrator.text
    supervisor = visitor("supervisor")
    supervisor.open(f"/staff/delegationview/show/{pk}")
    supervisor.send(form="form[action*='/approve/']")
    with app.app_context():
        assert db.session.get(Delegation, pk).approved_at is not None


def test_a_relative_is_recorded_by_somebody_else(visitor, app):
    with app.app_context():
        officer, own = account("officer").id, account("supervisor").id
    supervisor = visitor("supervisor")
    for who, fields, message in (
        (own, {"relative": "joseph@demo.example"}, "Somebody else must record this about you."),
        (officer, {}, "one of the two"),
        (officer, {"relative": "joseph@demo.example", "employer": "E-000101"}, "one of the two"),
        (officer, {"relative": "nobody@demo.example"}, "No account has this number"),
        (officer, {"employer": "E-999999"}, "No employer has this"),
    ):
        supervisor.open("/staff/interestview/record")
        supervisor.send(form="#model_form", account_id=str(who), **fields)
        assert supervisor.status == 422
        assert message in supervisor.text
    supervisor.send(form="#model_form", account_id=str(officer), relative="joseph@demo.example", employer="")
    with app.app_context():
        interest = db.session.scalars(select(DeclaredInterest)).one()
        assert interest.relative.email == "joseph@demo.example"
        assert interest.person is None
    supervisor.open(f"/staff/interestview/show/{interest.id}")
    supervisor.send(form="form[action*='/remove/']")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(DeclaredInterest)) == 0


def test_the_language_switch_keeps_what_was_typed_and_turns_all_of_the_page(visitor, app):
    administrator = visitor("administrator")
    page = "/staff/colleagueview/invite"
    administrator.open(page)
    administrator.send(form="#model_form", button=("_switch", "fr"), to=page, last_name="Tchami")
    assert administrator.page.html["lang"] == "fr"
    assert administrator.value_of("last_name") == "Tchami"
    assert not administrator.page.select(".has-error")
    for english in ("The whole country", "They get a link", "Coast agency", "Choose a role"):
        assert english not in administrator.text


def press(administrator, number, action):
    administrator.open("/en/sign-in")
    administrator.post(f"/staff/colleagueview/{action}/{number}", {"csrf_token": administrator.token()})


@pytest.mark.parametrize("action", ["deactivate", "reactivate"])
def test_an_administrator_alone_neither_closes_nor_opens_a_citizens_account(visitor, app, action):
    with app.app_context():
        number = account("peter").id
        account("peter").active = action == "deactivate"
        db.session.commit()
    if action == "deactivate":
        invite(visitor, email="peter@demo.example")
    administrator = visitor("administrator")
    press(administrator, number, action)
    with app.app_context():
        assert db.session.get_one(Account, number).active is (action == "deactivate")


def test_a_closed_citizen_is_invited_to_nothing(visitor, app):
    with app.app_context():
        account("peter").active, account("peter").password = False, None
        db.session.commit()
    assert "This account is closed." in invite(visitor, email="peter@demo.example").text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Invitation)) == 0


def test_a_refused_proposal_leaves_nothing_to_open(visitor, app):
    invite(visitor, email="peter@demo.example")
    second = visitor("administrator2")
    with app.app_context():
        number, grant = account("peter").id, db.session.scalars(select(RoleGrant.id)).one()
    second.open(f"/staff/colleagueview/show/{number}")
    assert second.status == 200
    second.open(f"/staff/grantview/show/{grant}")
    second.send(form="form[action*='/refuse/']")
    second.open(f"/staff/colleagueview/show/{number}")
    assert second.status == 404


def test_what_a_warning_closed_no_administrator_opens(visitor, app):
    with app.app_context():
        closed = new_account(SUPERVISOR, active=False)
        now = clock.now()
        db.session.add(
            Recovery(
                account_id=closed.id,
                new_email="x@mail.example",
                paper=Paper.passport,
                last_digits="1234",
                requested_by_id=account("support").id,
                requested_at=now,
                confirmed_by_id=account("helpdesk").id,
                confirmed_at=now,
                due_on=clock.today(),
                done_at=now,
                frozen_at=now,
            )
        )
        db.session.commit()
        number = closed.id
    press(visitor("administrator"), number, "reactivate")
    with app.app_context():
        assert db.session.get_one(Account, number).active is False


def test_a_supervisor_ends_no_delegation(visitor, app):
    with app.app_context():
        delegation = Delegation(
            account_id=account("officer").id,
            quality_fr="Adjoint",
            quality_en="Deputy",
            valid_from=date(2020, 1, 1),
            proposed_by_id=account("administrator").id,
            approved_by_id=account("administrator2").id,
            approved_at=clock.now(),
        )
        db.session.add(delegation)
        db.session.commit()
        pk = delegation.id
    supervisor = visitor("supervisor")
    supervisor.open("/en/sign-in")
    supervisor.post(f"/staff/delegationview/end/{pk}", {"csrf_token": supervisor.token()})
    assert supervisor.status == 403
    with app.app_context():
        assert db.session.get_one(Delegation, pk).valid_to is None
