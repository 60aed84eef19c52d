"""What a submission costs: `python -m bench.submission [--transactions N] [--runs N] [--profile]`.

Eight clients POST the check page of a registration: session, CSRF token, draft, validation of every answer, case,
event, receipt with its file, audit entries, outbox. The baseline: eight clients insert the same rows by plain SQL,
one transaction each, without the draft's deletion and the documents' update.

Each client is a process that calls the application through WSGI, as eight web workers would be called: the cost of
reading HTTP from a socket is left out on our side, because the baseline has no HTTP either. Drafts, documents and
signed-in sessions are made before the clock starts; each person has a name and a date of birth of their own, as
people have, so that few are alike. Both sides run alternately on an embedded PostgreSQL that
survives a power cut, and an embedded Valkey.
"""

import argparse
import cProfile
import pstats
import re
import secrets
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder.security.sqla.models import Role
from flask_migrate import upgrade
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app import create_app, demo
from app.embedded import servers
from app.extensions import db
from app.models import Account, Case, Employer
from app.permissions import EMPLOYEE
from app.services import audit_reading, documents, drafts, reference_data
from bench.audit_writers import WRITERS, Writers
from bench.baselines.plain_submission import Plain, Rows, sample
from config import ROOT, load
from tests.browser.people import Person, cookie_of
from tests.journey import TYPED
from tests.visitor import a_file

CHECK = "/en/registration/check"
HIDDEN = re.compile(r'name="(csrf_token|submission_key|saved_at)"[^>]*value="([^"]*)"')
PROMISED = 0.30
YEARS = range(1960, 2005)
GIVEN = ("Adèle", "Bertrand", "Clarisse", "Didier", "Estelle", "Franck", "Grace", "Hervé", "Irène", "Joseph")
FAMILY = ("Abena", "Biya’a", "Ekambi", "Fotso", "Kamga", "Mballa", "Ngo-Mbock", "Ondoa", "Tabi", "Wirba")


class Clients:
    """The signed-in people of one process, each with a draft ready to be sent."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._ready: list[tuple[FlaskClient, dict[str, str]]] = []

    def prepare(self, many: int, years: range = YEARS) -> None:
        """So many more, born in these years."""
        self._ready += [self._sign_in(years) for _one in range(many)]

    def submit(self) -> None:
        """The whole POST of the next one."""
        client, data = self._ready.pop()
        answer = client.post(CHECK, data=data)
        if answer.status_code != 302 or "/cases/" not in answer.headers["Location"]:
            raise SystemExit(f"Not filed: {answer.status} {answer.headers.get('Location')}")

    def _sign_in(self, years: range) -> tuple[FlaskClient, dict[str, str]]:
        with self._app.app_context():
            owner = _new_account()
            _write_draft(owner, years)
            db.session.commit()
            person = Person(owner.id, owner.email, "")
        client = self._app.test_client()
        client.set_cookie(self._app.config["SESSION_COOKIE_NAME"], cookie_of(self._app, person))
        page = client.get(CHECK).get_data(as_text=True)
        return client, dict(HIDDEN.findall(page))


def _new_account() -> Account:
    """An employee nobody registered yet."""
    address = f"{secrets.token_hex(8)}@bench.example"
    role = db.session.scalars(select(Role).where(Role.name == EMPLOYEE)).one()
    given, family = (secrets.choice(GIVEN) + " " + secrets.choice(GIVEN), secrets.choice(FAMILY))
    owner = Account(first_name=given, last_name=family, username=address, email=address, language="en")
    owner.password, owner.active, owner.roles = "!", True, [role]
    db.session.add(owner)
    db.session.flush()
    return owner


def _write_draft(owner: Account, years: range) -> None:
    """The answers of every page, and the documents they name."""
    employer = db.session.scalars(select(Employer.id).order_by(Employer.id).limit(1)).one()
    card = documents.keep(owner, "identity", FileStorage(*a_file("identity-card.png")))
    certificate = documents.keep(owner, "civil_status", FileStorage(*a_file("birth.png")))
    typed = {name: text for page in TYPED.values() for name, text in page.items()} | {
        "given_names": owner.first_name,
        "family_name": owner.last_name,
        "birth_date-day": str(1 + secrets.randbelow(28)),
        "birth_date-month": str(1 + secrets.randbelow(12)),
        "birth_date-year": str(secrets.choice(years)),
        "paper_number": f"CM {secrets.token_hex(6)}",
        "employer_id": str(employer),
        "identity_document-kept": card.public_id,
        "birth_certificate-kept": certificate.public_id,
    }
    answers: dict[str, dict[str, list[str]]] = {}
    for name, text in typed.items():
        answers.setdefault(name.partition("-")[0], {})[name] = [text]
    drafts.save(owner, "registration", answers)


@contextmanager
def house() -> Iterator[tuple[Flask, dict[str, str]]]:
    """A migrated installation with the demonstration's employers, on servers of its own."""
    with tempfile.TemporaryDirectory(prefix="guichet-bench-") as folder:
        place = Path(folder)
        with (
            servers.postgres(place / "pg", fast=False) as database,
            servers.valkey(place / "vk", fast=False) as queue,
        ):
            environ = {
                "GUICHET_ENV": "testing",
                "DATABASE_URL": database,
                "DATA_DIR": str(place / "data"),
                "REDIS_URL": queue,
                "SECRET_KEY": "b" * 40,
                "LOG_LEVEL": "WARNING",
            }
            app = create_app(load(environ))
            with app.app_context():
                upgrade(directory=str(ROOT / "migrations"))
                reference_data.write()
                demo.load()
                db.session.commit()
            yield app, environ
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


def sample_rows(app: Flask) -> Rows:
    """What one real submission writes: of somebody so old that nobody after is compared with their copies.

    A secret is bound to its row: that of a copy cannot be read.
    """
    clients = Clients(app)
    clients.prepare(1, range(1920, 1940))
    clients.submit()
    with app.app_context():
        case_id = db.session.scalars(select(Case.id).order_by(Case.id.desc()).limit(1)).one()
        rows = sample(audit_reading.address(), case_id)
        db.session.commit()
    return rows


def serve(environ: dict[str, str], number: int, end: Connection) -> None:
    """One of the eight: both sides, as it is told."""
    app = create_app(load(environ))
    clients, rows = Clients(app), sample_rows(app)
    with app.app_context():
        plain = Plain(audit_reading.address(), rows)
    end.send("done")
    while order := end.recv():
        what, many = order
        if what == "prepare":
            clients.prepare(many)
        else:
            side = clients if what == "post" else plain
            for _one in range(many):
                side.submit()
        end.send("done")


def measure(transactions: int, runs: int) -> None:
    """Both sides in turn."""
    times: dict[str, list[float]] = {"plain": [], "post": []}
    with house() as (_app, environ), Writers(environ, serve) as writers:
        writers.run("prepare", 5)
        for side in times:
            writers.run(side, 5)
        for _run in range(runs):
            writers.run("prepare", transactions)
            for side, seconds in times.items():
                seconds.append(writers.run(side, transactions))
    show(transactions * WRITERS, times)


def show(total: int, times: dict[str, list[float]]) -> None:
    """The table: submissions a second, and the ratio of the medians with the least and the most of the runs."""
    ratios = [plain / post for plain, post in zip(times["plain"], times["post"], strict=True)]
    print(
        f"\nSubmission: {WRITERS} clients, {total} submissions a run, {len(ratios)} runs of each side in turn"
    )
    print(f"  {'what':<44}{'median':>9}{'least':>9}{'most':>9}")
    for name, side in (("plain SQL, submissions/s", "plain"), ("whole POST, submissions/s", "post")):
        rates = [total / seconds for seconds in times[side]]
        print(f"  {name:<44}{statistics.median(rates):>9.1f}{min(rates):>9.1f}{max(rates):>9.1f}")
    middle = statistics.median(times["plain"]) / statistics.median(times["post"])
    name = f"whole POST, × plain SQL (promised {PROMISED} ×)"
    print(f"  {name:<44}{middle:>9.2f}{min(ratios):>9.2f}{max(ratios):>9.2f}")


def profile(transactions: int) -> None:
    """Where the time of a POST goes, in one process."""
    with house() as (app, _environ):
        clients = Clients(app)
        clients.prepare(transactions + 5)
        for _one in range(5):
            clients.submit()
        profiler = cProfile.Profile()
        profiler.enable()
        for _one in range(transactions):
            clients.submit()
        profiler.disable()
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(70)


def main() -> None:
    """Measure, small unless asked otherwise."""
    parser = argparse.ArgumentParser(description="What a whole submission costs against its bare rows.")
    parser.add_argument("--transactions", type=int, default=25, help="of each client, in each run")
    parser.add_argument("--runs", type=int, default=7, help="of each side in turn, at least five")
    parser.add_argument("--profile", action="store_true", help="show where a POST spends its time instead")
    options = parser.parse_args()
    if options.profile:
        profile(options.transactions)
    else:
        measure(options.transactions, options.runs)


if __name__ == "__main__":
    main()
