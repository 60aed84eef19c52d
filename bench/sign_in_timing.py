"""Whether the time of an answer tells who has an account: `python -m bench.sign_in_timing [--tries N]`.

Wrong passwords, requests for a new password and sign-ups, for known and unknown addresses in turn, each address
tried once so that no limit is met. Passwords cost what they cost in production.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.extensions import db, valkey
from app.services import reference_data
from config import ROOT, load
from tests.browser import people
from tests.servers import running
from tests.visitor import Visitor

WARM_UP = 5
SIGN_UP = {"first_name": "Marie", "last_name": "Abena", "password": "quatre mots sans rapport", "terms": "y"}
ASKED = {
    "wrong password": ("/en/sign-in", {"password": "not the right password"}),
    "password forgotten": ("/en/password/forgotten", {}),
    "sign-up": ("/en/sign-up", SIGN_UP | {"language": "en"}),
}


def main() -> None:
    """Print the distributions of each question, known beside unknown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=200)
    tries = parser.parse_args().tries
    with _standing() as app:
        known = [person.login for person in people.new_employees(app, tries + WARM_UP)]
        unknown = [f"nobody-{number}@work.example" for number in range(tries + WARM_UP)]
        print(f"{'':<20}{'address':<10}{'median ms':>10}{'p95 ms':>10}{'overlap':>10}", flush=True)
        for name, (path, fields) in ASKED.items():
            _show(name, *_measure(app, path, fields, known, unknown))


def _measure(
    app: Flask, path: str, fields: dict[str, str], known: list[str], unknown: list[str]
) -> tuple[list[float], list[float]]:
    """Milliseconds of each try, known and unknown taking turns so that the machine treats both alike."""
    browser = Visitor(app.test_client(), "en")
    browser.open(path)
    token = browser.token()
    took: tuple[list[float], list[float]] = ([], [])
    for number, pair in enumerate(zip(known, unknown, strict=True)):
        order = (0, 1) if number % 2 else (1, 0)
        for which in order:
            data = {"csrf_token": token, "email": pair[which], **fields}
            took[which].append(_timed(lambda data=data: browser.client.post(path, data=data)))
        with app.app_context():
            valkey().flushdb()
    return took[0][WARM_UP:], took[1][WARM_UP:]


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _show(name: str, known: list[float], unknown: list[float]) -> None:
    """Median, 95th percentile, and how often a guess by time alone would be right by more than chance."""
    for label, times in (("known", known), ("unknown", unknown)):
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"{name:<20}{label:<10}{statistics.median(times):>10.1f}{p95:>10.1f}", end="")
        print(f"{_overlap(known, unknown):>10.2f}" if label == "unknown" else "", flush=True)


def _overlap(known: list[float], unknown: list[float]) -> float:
    """1 when the times say nothing, 0 when the best threshold tells the two apart every time."""
    best = max(
        abs(sum(one <= at for one in known) / len(known) - sum(one <= at for one in unknown) / len(unknown))
        for at in (*known, *unknown)
    )
    return 1 - best


@contextmanager
def _standing() -> Iterator[Flask]:
    """An application on servers of its own, with production's price of a password."""
    with tempfile.TemporaryDirectory(prefix="guichet-bench-") as folder, running(Path(folder)) as urls:
        app = create_app(load(urls | {"SECRET_KEY": "b" * 40, "PUBLIC_URL": "http://localhost"}))
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            reference_data.write()
            db.session.commit()
        yield app
        with app.app_context():
            db.engine.dispose()


if __name__ == "__main__":
    main()
