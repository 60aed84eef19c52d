"""One application and one database for the whole run; each test leaves them as it found them."""

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, current_app
from flask_babel import force_locale
from flask_migrate import upgrade
from playwright.sync_api import Browser, expect
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import func, select, text

from app import create_app, demo
from app.extensions import db, queue, valkey
from app.jobs import relay
from app.models import Case
from app.services import reference_data
from config import ROOT, load
from tests.browser import chromium
from tests.servers import running
from tests.visitor import Visitor

MILLISECONDS = 10_000
NO_BROWSER = "THE BROWSER TESTS DID NOT RUN"
KEPT = {"employer", "holiday", "number_range", "agency", "delay", "two_pairs_service", "letter_template"}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; in continuous integration its absence is a failure, elsewhere a loud skip."""
    try:
        with chromium.launched() as launched:
            expect.set_options(timeout=MILLISECONDS)
            yield launched
    except chromium.NoChromium as missing:
        if os.environ.get("CI", "") not in ("", "0", "false"):
            pytest.fail(str(missing))
        pytest.skip(f"{NO_BROWSER}: {missing}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Nobody may believe that the browser's tests ran when they did not."""
    skipped = terminalreporter.stats.get("skipped", [])
    if any(NO_BROWSER in str(report.longrepr) for report in skipped):
        terminalreporter.section(NO_BROWSER, red=True, bold=True)


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The servers, and the settings that lead to them."""
    folder = tmp_path_factory.mktemp("house")
    with running(folder) as urls:
        yield urls | {"GUICHET_ENV": "testing", "SECRET_KEY": "t" * 40, "PUBLIC_URL": "http://localhost"}


@pytest.fixture(scope="session")
def house(environment: dict[str, str]) -> Iterator[Flask]:
    """The application on a migrated database with the demonstration loaded; built once."""
    app = create_app(load(environment))
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        reference_data.write()
        demo.load()
        db.session.commit()
        _empty()
    yield app
    logging.raiseExceptions = False  # threads of the application outlive the streams pytest closes
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(house: Flask) -> Iterator[Flask]:
    """The application, emptied after the test of all that the test wrote."""
    yield house
    with house.app_context():
        _empty()


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """An application context, for tests of services and jobs; never kept open around client requests."""
    with app.app_context():
        yield app
        db.session.rollback()


@pytest.fixture
def english(context: Flask) -> Iterator[Flask]:
    """The same, where what is refused is said in English."""
    with force_locale("en"):
        yield context


@pytest.fixture
def visitor(app: Flask) -> Callable[..., Visitor]:
    """Opens a browser: `visitor()` for nobody, `visitor("joseph")` signed in as that demo account."""

    def open_browser(login: str | None = None, lang: str = "en") -> Visitor:
        browser = Visitor(app.test_client(), lang)
        if login:
            browser.sign_in(login)
        return browser

    return open_browser


@pytest.fixture
def work(app: Flask) -> Callable[[], None]:
    """Hands the outbox over and works the queue until both are empty."""

    def run() -> None:
        with app.app_context():
            while relay.hand_over_all():
                worker = SimpleWorker([queue()], connection=queue().connection, serializer=JSONSerializer)
                worker.work(burst=True)

    return run


@pytest.fixture
def count_cases(app: Flask) -> Callable[[], int]:
    """How many cases there are."""

    def count() -> int:
        with app.app_context():
            return db.session.scalar(select(func.count()).select_from(Case)) or 0

    return count


@pytest.fixture
def mailbox(app: Flask) -> Path:
    """The folder where a trial installation's mail arrives."""
    return Path(app.config["SETTINGS"].SMTP_URL.removeprefix("maildir://")) / "new"


def _empty() -> None:
    """Delete what the test wrote, the demonstration's accounts and the reference data aside."""
    db.session.remove()
    people = tuple(account.login for account in demo.ACCOUNTS)
    with db.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in db.metadata.tables:
            if table not in KEPT and not table.startswith("ab_"):
                connection.execute(text(f'DELETE FROM "{table}"'))
        connection.execute(text("DELETE FROM ab_user WHERE NOT email = ANY(:kept)"), {"kept": list(people)})
        connection.execute(text("DELETE FROM ab_user_role WHERE user_id NOT IN (SELECT id FROM ab_user)"))
        for account in demo.ACCOUNTS:
            spoken = {"language": account.language, "email": account.login}
            connection.execute(
                text("UPDATE ab_user SET language = :language, active = true WHERE email = :email"), spoken
            )
        connection.execute(text("UPDATE number_range SET next_number = 345"))
    valkey().flushdb()
    shutil.rmtree(current_app.config["SETTINGS"].DATA_DIR / "files" / "audit", ignore_errors=True)
    for message in Path(_mail_folder()).glob("new/*"):
        message.unlink()


def _mail_folder() -> str:
    return str(current_app.config["SETTINGS"].SMTP_URL).removeprefix("maildir://")
