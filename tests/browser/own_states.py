"""The pages about oneself: record, file, links that were mailed, codes; and the journey as the counter walks it."""

from dataclasses import replace
from datetime import date, timedelta

from flask import Flask
from playwright.sync_api import Page, expect

from app import clock
from app.access_kinds import Paper
from app.extensions import db
from app.models import Account, Case, InsuredPerson, Invitation, PersonAddress, Recovery
from app.security import links
from app.services import SERVICES, certificates, counter, drafts, mailed_links, my_record, people, records
from app.services import second_factors as factors
from tests.browser import people as persons
from tests.browser.states import FRESH, NOBODY, OFFICER, READY, RECEIVED, SEND, State, World
from tests.journey import FAMILY
from tests.services.test_cases import account

REGISTERED, MARRIED, PROTECTED, WAITED_FOR = "registered", "married", "protected", "waited for"
RECORD, CHANGES = "/{lang}/my-file/record", "/{lang}/record_changes/new"
EMPLOYMENT, COUNTER = "/{lang}/new_employments/new", "/{lang}/counter/{at_counter}/registration"
MANY_LETTERS = "x" * 200


def with_own_pages(app: Flask, world: World) -> World:
    """Somebody registered, somebody who answers about a family, somebody with an app; and what was mailed."""
    made = persons.new_employees(app, 5)
    registered, married, protected, waited_for, mailed = made
    with app.app_context():
        accounts = [db.session.get_one(Account, one.id) for one in made]
        certificate = _register(accounts[0])
        answers = FAMILY | {"marital_status": "married", "has_dependants": "yes"}
        drafts.save(accounts[1], "registration", {name: {name: [said]} for name, said in answers.items()})
        factor = factors.begin(accounts[2])
        assert factors.confirm(accounts[2], factor, factors.code_now(factors.secret_of(factor)))
        counter.receive(SERVICES["registration"], accounts[3], "Passport", account("officer"))
        found = _mailed(accounts[4]) | {"certificate": certificate, "at_counter": accounts[3].id}
        receipt = db.session.get_one(Case, world.cases[RECEIVED].id).receipt
        found["receipt_code"] = receipt.code
        db.session.commit()
    named = {REGISTERED: registered, MARRIED: married, PROTECTED: protected, WAITED_FOR: waited_for}
    return replace(world, people=world.people | named, more=world.more | found)


def _register(owner: Account) -> str:
    """The record of an account, with an address that was changed since; its certificate's number."""
    person = InsuredPerson(
        ssn=people.number_of(9301),
        given_names=owner.first_name,
        family_name=owner.last_name,
        birth_date=date(1985, 5, 12),
        registered_on=date(2020, 1, 6),
        occupation="Menuisière",
        account=owner,
    )
    db.session.add(person)
    db.session.flush()
    db.session.add(
        PersonAddress(
            person_id=person.id,
            line="12 rue des Palmiers",
            town="Douala",
            country="CM",
            valid_from=clock.today() - timedelta(days=30),
        )
    )
    db.session.flush()
    records.put_address(person, "3 avenue de la Réunification", "Yaoundé", "CM", None)
    my_record.put(owner, person, "", "Ébéniste")
    return certificates.issue(person, None, "fr").number


def _mailed(owner: Account) -> dict[str, str]:
    """What the links that were mailed end in, by the name of what they are for."""
    now = clock.now()
    invitation = Invitation(account_id=owner.id, invited_at=now, expires_at=now + timedelta(days=1))
    recovery = Recovery(
        account_id=owner.id,
        new_email="new@mail.example",
        paper=next(iter(Paper)),
        last_digits="1234",
        requested_by_id=account("officer").id,
        requested_at=now,
    )
    db.session.add_all([invitation, recovery])
    db.session.flush()
    data = {"password": "x", "first_name": "Rose", "last_name": "Mbida"}
    made = {
        "sign_up": mailed_links.make(mailed_links.SIGN_UP, "rose@mail.example", "en", data=data),
        "reset": mailed_links.make(mailed_links.RESET_PASSWORD, owner.email, "en"),
        "change": mailed_links.make(mailed_links.CHANGE_EMAIL, "other@mail.example", "en", owner),
        "undo": mailed_links.make(mailed_links.UNDO_EMAIL, "former@mail.example", "en", owner),
        "not_my_app": mailed_links.make(mailed_links.UNDO_FACTOR, owner.email, "en", owner),
    }
    return {name: mailed_links.token(link) for name, link in made.items()} | {
        "invitation": links.sign(links.INVITATION, invitation.id),
        "not_me": links.sign(links.NOT_ME, recovery.id),
    }


def _send(page: Page) -> None:
    page.click(SEND)


def _change_to_too_much(page: Page) -> None:
    page.fill("#occupation", MANY_LETTERS)
    _send(page)


def _add_another(page: Page) -> None:
    """Two dependants; the draft keeps them, so that who comes again finds both."""
    if page.locator("fieldset.g-entry").count() < 2:
        page.click("button[name=_add]")
    expect(page.locator("fieldset.g-entry")).to_have_count(2)


def _give_password(page: Page) -> None:
    page.fill("#email", "officer@demo.example")
    page.fill("#password", "guichet-officer")
    _send(page)


def _begin_app(page: Page) -> None:
    _send(page)
    expect(page.locator(".g-qr")).to_be_visible()


def _open_letter(page: Page) -> None:
    page.click("a[href*='/letters/'] >> nth=0")


def _open_document(page: Page) -> None:
    page.click("a.g-file__name >> nth=0")


def _renew_by_nothing(page: Page) -> None:
    _open_document(page)
    page.click("#renewal button[type=submit]:not([name])")


OWN = (
    State("my file, linked", REGISTERED, "/{lang}/my-file/"),
    State("my file, openings", WAITED_FOR, "/{lang}/my-file/openings"),
    State("my file, link", FRESH, "/{lang}/my-file/link", is_proved=True),
    State("my file, link, code", FRESH, "/{lang}/my-file/link/code"),
    State(
        "my file, link, no proof",
        FRESH,
        "/{lang}/my-file/link/proof",
        _send,
        refused=True,
        is_proved=True,
    ),
    State("my record, none", FRESH, RECORD),
    State("my record", REGISTERED, RECORD),
    State("my record, a small change", REGISTERED, f"{RECORD}/change", is_proved=True),
    State(
        "my record, too much typed",
        REGISTERED,
        f"{RECORD}/change",
        _change_to_too_much,
        refused=True,
        is_proved=True,
    ),
    State("record changes, start", REGISTERED, "/{lang}/record_changes/"),
    State("record changes", REGISTERED, CHANGES),
    State("record changes, nothing chosen", REGISTERED, CHANGES, _send, refused=True),
    State("new employment, start", REGISTERED, "/{lang}/new_employments/"),
    State("new employment", REGISTERED, EMPLOYMENT),
    State("new employment, nothing typed", REGISTERED, EMPLOYMENT, _send, refused=True),
    State("questions, spouse", MARRIED, "/{lang}/registration/new/spouse"),
    State("questions, dependants", MARRIED, "/{lang}/registration/new/dependants"),
    State("questions, two dependants", MARRIED, "/{lang}/registration/new/dependants", _add_another),
    State(
        "questions, dependants missing", MARRIED, "/{lang}/registration/new/dependants", _send, refused=True
    ),
    State("at the counter, start", OFFICER, f"{COUNTER}/"),
    State("at the counter, questions", OFFICER, f"{COUNTER}/new/you"),
    State("at the counter, nothing typed", OFFICER, f"{COUNTER}/new/you", _send, refused=True),
    State("document, renewed by nothing", "files", "/{lang}/documents/", _renew_by_nothing, refused=True),
    State("letter", "rejected", "/{lang}/cases/{rejected}", _open_letter),
    State("verify, a receipt", NOBODY, "/{lang}/verify/{receipt_code}"),
    State("sign-in, code", NOBODY, "/{lang}/sign-in", _give_password),
    State("sign-up, link", NOBODY, "/{lang}/sign-up/confirm/{sign_up}"),
    State("sign-up, confirmed", NOBODY, "/{lang}/sign-up/confirmed"),
    State("password forgotten, sent", NOBODY, "/{lang}/password/sent"),
    State("new password", NOBODY, "/{lang}/password/new/{reset}"),
    State("new password, nothing typed", NOBODY, "/{lang}/password/new/{reset}", _send, refused=True),
    State("e-mail, confirm", NOBODY, "/{lang}/email/confirm/{change}"),
    State("e-mail, undo", NOBODY, "/{lang}/email/undo/{undo}"),
    State("e-mail, undone", NOBODY, "/{lang}/email/undone"),
    State("second factor, not mine", NOBODY, "/{lang}/second-factor/undo/{not_my_app}"),
    State("invitation accepted", NOBODY, "/{lang}/invitations/{invitation}"),
    State("this was not me", NOBODY, "/{lang}/not-me/{not_me}"),
    State("second factor, picture", READY, "/{lang}/account/second-factor/begin", _begin_app, is_proved=True),
    State("second factor, asked for", PROTECTED, "/{lang}/account/prove"),
    State("second factor, code missing", PROTECTED, "/{lang}/account/prove", _send, refused=True),
    State("second factor, codes", PROTECTED, "/{lang}/account/second-factor/codes", is_proved=True),
    State("second factor, new codes", PROTECTED, "/{lang}/account/second-factor/codes/new", is_proved=True),
    State("second factor, replace", PROTECTED, "/{lang}/account/second-factor/replace", is_proved=True),
    State("second factor, remove", PROTECTED, "/{lang}/account/second-factor/remove", is_proved=True),
    State("password asked for", FRESH, "/{lang}/account/prove/password"),
    State("password missing", FRESH, "/{lang}/account/prove/password", _send, refused=True),
)
