"""People with accounts of their own, their mailboxes, and counts of what a request costs."""

import email
import re
from collections.abc import Callable
from email import policy

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event

from app.extensions import db
from app.models import Account
from app.services import second_factors
from tests import codes
from tests.browser import people
from tests.browser.people import PASSWORD
from tests.visitor import Visitor

GOOD = "quatre mots sans rapport"
LINK = re.compile(r"http://localhost(/\S+)")


@pytest.fixture
def new_person(app, visitor) -> Callable[..., tuple[Visitor, people.Person]]:
    """A fresh employee, signed in: `new_person()`; with an authenticator app: `new_person(app=True)`."""

    def make(lang: str = "en", has_app: bool = False) -> tuple[Visitor, people.Person]:
        person = people.new_employee(app, lang)
        if has_app:
            with app.app_context():
                account = db.session.get_one(Account, person.id)
                factor = second_factors.begin(account)
                second_factors.confirm(
                    account, factor, second_factors.code_now(second_factors.secret_of(factor))
                )
                second_factors.codes_are_kept(account)
                db.session.commit()
        browser = visitor(lang=lang)
        browser.open(f"/{lang}/sign-in")
        browser.give_password(person.login, PASSWORD)
        assert "/sign-in" not in browser.url
        return browser, person

    return make


@pytest.fixture
def mails(work, mailbox):
    """Runs the outbox, and gives the mail to an address, oldest first."""

    def read(address: str) -> list[email.message.EmailMessage]:
        work()
        files = sorted(mailbox.glob("*"), key=lambda path: path.stat().st_mtime_ns)
        every = [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
        return [message for message in every if message["To"] == address]

    return read


@pytest.fixture
def link_in(mails):
    """The address in the latest mail to somebody whose subject says something."""

    def find(address: str, subject: str) -> str:
        (*_, latest) = [message for message in mails(address) if subject in message["Subject"]]
        return LINK.search(latest.get_body(("plain",)).get_content()).group(1)

    return find


@pytest.fixture
def cost(app, monkeypatch):
    """Counts statements and hashes of a block, for the comparison of two requests."""

    class Cost:
        def __enter__(self):
            self.statements, self.hashes = [], []
            with app.app_context():
                self.engine = db.engine
            event.listen(self.engine, "before_cursor_execute", self._statement)
            for name in ("hash", "verify"):
                monkeypatch.setattr(PasswordHasher, name, self._counting(getattr(PasswordHasher, name), name))
            return self

        def __exit__(self, *error):
            event.remove(self.engine, "before_cursor_execute", self._statement)
            monkeypatch.undo()

        def _statement(self, connection, cursor, statement, parameters, context, many):
            self.statements.append(statement.split(" ", 3)[:3])

        def _counting(self, original, name):
            def counted(hasher, *given):
                self.hashes.append(name)
                return original(hasher, *given)

            return counted

        @property
        def spent(self):
            return self.statements, self.hashes

    return Cost


@pytest.fixture
def code_of(app):
    """The code an account's app shows, as if the last one given was long ago."""

    def read(login: str) -> str:
        with app.app_context():
            return codes.fresh(login)

    return read
