"""Whatever is killed between a decision and its letter: the letter arrives, and nothing is lost."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select

from app import create_app
from app.extensions import db
from app.models import Account, Case, Outbox
from tests.processes import until
from tests.services.test_cases import file_case
from tests.system.conftest import SECONDS_TO_OPEN, StandingHouse

SECONDS_TO_COME_BACK = 15
SECONDS_TO_ARRIVE = 30


class PostOffice:
    """A mail server on loopback that can hold a letter in its hands."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, str]] = []
        self.reached, self.open = threading.Event(), threading.Event()
        self.open.set()

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
        """Take a letter, when the office is open."""
        self.reached.set()
        await asyncio.to_thread(self.open.wait, SECONDS_TO_ARRIVE)
        message = message_from_bytes(envelope.content)
        self.letters.append((message["Message-ID"], message["To"]))
        return "250 OK"


@pytest.fixture(scope="module")
def office() -> Iterator[PostOffice]:
    """The mail server."""
    office = PostOffice()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    office.controller = Controller(office, hostname="127.0.0.1", port=port)
    office.controller.start()
    office.url = f"smtp://127.0.0.1:{port}"
    yield office
    office.open.set()
    office.controller.stop()


@pytest.fixture(scope="module")
def house(open_house: Callable[..., StandingHouse], office: PostOffice) -> StandingHouse:
    """A house that sends its mail there."""
    house = open_house(SMTP_URL=office.url)
    assert until(house.is_whole, seconds=SECONDS_TO_OPEN)
    return house


@pytest.fixture(scope="module")
def app(house: StandingHouse, office: PostOffice) -> Iterator[Flask]:
    """The application on the house's own servers, to file cases as the web would; the demonstration's mail is out."""
    app = create_app(house.settings)
    assert until(lambda: is_quiet(app), seconds=SECONDS_TO_OPEN)
    office.letters.clear()
    yield app
    with app.app_context():
        db.engine.dispose()


def is_quiet(app: Flask) -> bool:
    """Whether nothing waits to be sent."""
    with app.app_context():
        waiting = select(Outbox.id).where(Outbox.done_at.is_(None), Outbox.set_aside_at.is_(None))
        return db.session.scalars(waiting.limit(1)).first() is None


def file_one(app: Flask, key: str) -> str:
    """File a case; the Message-ID its notice will bear."""
    with app.app_context():
        file_case("joseph", key)
        number = db.session.scalars(select(Outbox.id).order_by(Outbox.id.desc()).limit(1)).one()
        return f"<outbox-{number}@example.org>"


def arrived(office: PostOffice, letter: str) -> bool:
    return any(sent == letter for sent, _to in office.letters)


def test_a_worker_killed_while_it_sends_sends_again(
    house: StandingHouse, app: Flask, office: PostOffice
) -> None:
    office.reached.clear()
    office.open.clear()
    letter = file_one(app, "worker")
    assert office.reached.wait(SECONDS_TO_ARRIVE)
    killed = house.kill("worker")
    office.open.set()
    assert until(lambda: house.is_back("worker", killed), seconds=SECONDS_TO_COME_BACK)
    assert until(lambda: is_done(app, letter), seconds=SECONDS_TO_ARRIVE)
    assert {sent for sent, _to in office.letters} == {letter}


def is_done(app: Flask, letter: str) -> bool:
    number = int(letter.split("-")[1].split("@")[0])
    with app.app_context():
        return db.session.get_one(Outbox, number).done_at is not None


@pytest.mark.parametrize("name", ["relay", "valkey"])
def test_what_is_filed_while_a_program_is_dead_is_sent(
    house: StandingHouse, app: Flask, office: PostOffice, name: str
) -> None:
    killed = house.kill(name)
    letter = file_one(app, name)
    assert until(lambda: house.is_back(name, killed), seconds=SECONDS_TO_COME_BACK)
    assert until(lambda: arrived(office, letter), seconds=SECONDS_TO_ARRIVE)


def test_a_database_killed_after_the_commit_has_lost_nothing(
    house: StandingHouse, app: Flask, office: PostOffice
) -> None:
    letter = file_one(app, "database")
    killed = house.kill("postgres")
    assert until(lambda: house.is_back("postgres", killed), seconds=SECONDS_TO_COME_BACK)
    assert until(lambda: arrived(office, letter), seconds=SECONDS_TO_ARRIVE)
    with app.app_context():
        db.engine.dispose()
        owner = db.session.scalars(select(Account.id).where(Account.email == "joseph@demo.example")).one()
        keys = db.session.scalars(select(Case.submission_key).where(Case.owner_id == owner)).all()
    assert sorted(keys) == ["database", "relay", "valkey", "worker"]
