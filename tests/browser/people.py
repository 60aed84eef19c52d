"""Fresh people and requests for a test, written with the application's own code into the site's database."""

import itertools
from dataclasses import dataclass

from flask import Flask, Response, session
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import delete, select
from werkzeug.datastructures import FileStorage

from app import clock, demo, live
from app.extensions import db
from app.models import Account, Case, Employer, Outbox
from app.permissions import EMPLOYEE
from app.security import passwords
from app.services import SERVICES, cases, documents, message_desk, messages, second_factors
from app.views import entering
from app.workflow import Actor
from tests import papers
from tests.services.test_cases import born
from tests.visitor import a_file

PASSWORD = "une phrase de passe assez longue"
REASON = "The identity document cannot be read."
SERVICE = SERVICES["registration"]
FIRST_NAMES = ("Adèle", "Bernard", "Cécile", "Daniel", "Esther", "Fabrice", "Grâce", "Henry", "Irène", "Jude")
LAST_NAMES = ("Abena", "Biya-Ndongo", "Che", "Djomo", "Ekotto", "Foncha", "Gwet", "Haman", "Issa", "Jua")
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in."""

    id: int
    login: str
    password: str


def new_employees(app: Flask, many: int, lang: str = "en") -> list[Person]:
    """Employees nobody registered yet; they share a password."""
    with app.app_context():
        role = db.session.scalars(select(Role).where(Role.name == EMPLOYEE)).one()
        hashed = passwords.hashed(PASSWORD)
        accounts = [_account(role, hashed, lang) for _ in range(many)]
        db.session.add_all(accounts)
        db.session.commit()
        return [Person(account.id, account.email, PASSWORD) for account in accounts]


def new_employee(app: Flask, lang: str = "en") -> Person:
    """One employee nobody registered yet."""
    return new_employees(app, 1, lang)[0]


def demo_person(app: Flask, login: str) -> Person:
    """An account of the demonstration, such as `officer`."""
    (known,) = (one for one in demo.ACCOUNTS if one.login == f"{login}@demo.example")
    with app.app_context():
        number = db.session.scalars(select(Account.id).where(Account.email == known.login)).one()
    return Person(number, known.login, known.password)


@dataclass(frozen=True)
class Filed:
    """A request that was sent: its row, the end of its address, the reference people know, its document's."""

    id: int
    public_id: str
    reference: str
    paper: str = ""


def file_case(app: Flask, person: Person, lang: str = "en", *, receipt: bool = True, **more: object) -> Filed:
    """Send a person's request for registration, its document checked; `receipt=False` spares the worker its mail.

    `more` is answered beside the names, the day of birth and the employer.
    """
    with app.app_context():
        owner = db.session.get_one(Account, person.id)
        employer = db.session.scalars(select(Employer).order_by(Employer.id).limit(1)).one()
        answers = {
            "given_names": owner.first_name,
            "family_name": owner.last_name,
            "birth_date": born(owner),
            "employer_id": employer.id,
            **more,
        }
        card = documents.keep(owner, "identity", FileStorage(*a_file("identity-card.png")))
        papers.accept(card)
        key = f"key-of-{person.id}-{next(_numbers)}"
        birth = papers.accepted(owner, "civil_status")
        case = cases.submit(SERVICE, owner, answers, [card, birth], key, lang)
        done = Outbox.payload["document_id"].as_integer() == card.id
        if not receipt:
            done |= Outbox.payload["case_id"].as_integer() == case.id
        db.session.execute(delete(Outbox).where(done))
        db.session.commit()
        return Filed(case.id, case.public_id, str(case.reference), card.public_id)


def take_step(app: Flask, filed: Filed, name: str, officer: str = "officer") -> None:
    """An officer's step, as the engine takes it."""
    with app.app_context():
        account = db.session.scalars(select(Account).where(Account.email == f"{officer}@demo.example")).one()
        case = db.session.get_one(Case, filed.id)
        reason = REASON if name in ("reject", "request_information") else None
        cases.perform(SERVICE, case, name, cases.By(account, Actor.officer), reason)
        db.session.commit()


def begin_conversation(app: Flask, person: Person) -> Filed:
    """A message of the person's, answered, and another that waits."""
    with app.app_context():
        owner = db.session.get_one(Account, person.id)
        officer = db.session.scalars(select(Account).where(Account.email == "officer@demo.example")).one()
        number = next(_numbers)
        words = "Bonjour,\n\nmy name is spelt wrong on the card. مرحبا 👋"
        there = messages.send(owner, messages.NEW, "registration", words, [], f"key-{number}").conversation
        there.agency_id = None
        message_desk.answer(
            there, "Which spelling is right?", officer, f"key-{number}", awaits=True, last_seen=None
        )
        place = messages.Place(conversation=there)
        messages.send(owner, place, None, "With an accent: Gwét.", [], f"key-{number}-again")
        db.session.flush()
        db.session.execute(delete(Outbox).where(Outbox.done_at.is_(None), Outbox.job.like("%message%")))
        db.session.commit()
        return Filed(there.id, there.public_id, "")


def nudge(app: Flask, filed: Filed) -> None:
    """Tell the open pages of a case to look again, though nothing happened."""
    with app.app_context():
        db.session.get_one(Case, filed.id)
        live.announce(filed.public_id)
        db.session.commit()


def cookie_of(app: Flask, person: Person, lang: str = "en") -> str:
    """What a browser would hold after the person signed in, without the price of checking a password."""
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        account = db.session.get_one(Account, person.id)
        has_app = second_factors.is_mandatory(account) or second_factors.in_force(account)
        entering.begin(account, clock.now() if has_app else None)
        session["language"] = lang
        response = Response()
        app.session_interface.save_session(app, session._get_current_object(), response)
        db.session.remove()
    name, _, value = response.headers["Set-Cookie"].partition(";")[0].partition("=")
    assert name == app.config["SESSION_COOKIE_NAME"]
    return value


def _account(role: Role, hashed: str, lang: str) -> Account:
    number = next(_numbers)
    address = f"person-{number}@work.example"
    return Account(
        first_name=FIRST_NAMES[number % 10],
        last_name=LAST_NAMES[number // 10 % 10],
        username=address,
        email=address,
        password=hashed,
        language=lang,
        active=True,
        roles=[role],
    )
