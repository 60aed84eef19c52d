"""One application and one database for the whole run; each test leaves them as it found them."""

import gc
import logging
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale
from flask_migrate import upgrade
from playwright.sync_api import Browser, expect
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import func, select
from xdist.scheduler import LoadFileScheduling

from app import create_app, demo
from app.extensions import db, queue
from app.files import inspection
from app.jobs import relay
from app.models import Case
from app.services import reference_data
from config import ROOT, load
from tests.browser import chromium
from tests.origin import Origin
from tests.servers import running
from tests.trials import chosen
from tests.visitor import PNG, Visitor

MILLISECONDS = 10_000
NO_BROWSER = "THE BROWSER TESTS DID NOT RUN"
NO_CHECKER = "THE HTML CHECKER DID NOT RUN"
SHARED = ("tests/browser/", "tests/system/")
"""One worker has all of a folder, because its tests share one running Guichet."""

HOUSES = (*SHARED, "tests/adding/")
"""What takes longest is handed out first, in this order: no worker is left alone with it in the end."""

NO_CLAMD = "THE TESTS WITH A REAL VIRUS SCANNER DID NOT RUN"


class Uncommanded(SimpleWorker):
    """A worker nobody sends commands to: without the thread that would hear them, which takes half a second to end."""

    def subscribe(self) -> None:
        """Listen to nobody."""

    def unsubscribe(self) -> None:
        """There is nothing to end."""


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


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of long trials a sample, unless all is asked for; whole houses first, so that no worker ends with one."""
    kept, left = chosen(items)
    config.hook.pytest_deselected(items=left)
    items[:] = sorted(kept, key=lambda item: [not item.nodeid.startswith(house) for house in HOUSES])


class WholeHouses(LoadFileScheduling):
    """Hands out file by file, and the tests of one running Guichet together."""

    def _split_scope(self, nodeid: str) -> str:
        shared = [folder for folder in SHARED if nodeid.startswith(folder)]
        return shared[0] if shared else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> WholeHouses | None:
    """Our way of sharing the tests out, for `--dist loadfile`."""
    return WholeHouses(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Nobody may believe that tests ran which did not."""
    skipped = terminalreporter.stats.get("skipped", [])
    for sentence in (NO_BROWSER, NO_CHECKER, NO_CLAMD):
        if any(sentence in str(report.longrepr) for report in skipped):
            terminalreporter.section(sentence, red=True, bold=True)


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
    gc.collect()
    gc.freeze()  # what is there for good need not be looked through again at every collection
    yield app
    logging.raiseExceptions = False  # threads of the application outlive the streams pytest closes
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session", autouse=True)
def _one_picture_inspected_once() -> Iterator[None]:
    """The picture nearly every test sends is inspected once in a run; every other file each time, by a process."""
    inspect, known = inspection.inspect, cache(inspection.inspect)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inspection, "inspect", lambda content: (known if content == PNG else inspect)(content))
        yield


@pytest.fixture(scope="session")
def origin(house: Flask) -> Origin:
    """What the house held before the first test."""
    files = Path(house.config["SETTINGS"].STORAGE_URL.removeprefix("file://"))
    with house.app_context():
        return Origin(db.engine, (files, mail_folder(house)))


@pytest.fixture
def app(house: Flask, origin: Origin) -> Iterator[Flask]:
    """The application; what the test wrote in the database, the queue, the files or the mail is gone afterwards."""
    yield house
    with house.app_context():
        db.session.remove()
    origin.restore()
    house.extensions["valkey"].flushdb()


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
            browser.let_in(login)
        return browser

    return open_browser


@pytest.fixture
def work(app: Flask) -> Callable[[], None]:
    """Hands the outbox over and works the queue until both are empty."""

    def run() -> None:
        with app.app_context():
            while relay.hand_over_all():
                worker = Uncommanded([queue()], connection=queue().connection, serializer=JSONSerializer)
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
    return mail_folder(app) / "new"


def mail_folder(app: Flask) -> Path:
    """The Maildir a trial installation's mail arrives in."""
    return Path(app.config["SETTINGS"].SMTP_URL.removeprefix("maildir://"))
