"""What exporting a list costs: `python -m bench.export [--rows N] [--runs N]`.

The whole GET of the employers' export, read to its end through WSGI, against `COPY … TO STDOUT` of the same rows;
in turn. Beside it how much the process grew while it exported.
"""

import argparse
import statistics
import time
from pathlib import Path

import psycopg
from flask import Flask
from flask.testing import FlaskClient

from app import demo
from app.extensions import db
from app.models import Account
from app.services import audit_reading
from bench.submission import house
from tests.browser.people import Person, cookie_of

PROMISED, GROWTH = 0.10, 50
COPY = "COPY (SELECT registration_number, name, active FROM employer ORDER BY id) TO STDOUT (FORMAT csv)"
FILL = (
    "INSERT INTO employer (registration_number, name, active)"
    " SELECT 'X-' || n, 'Établissements Nguéma ' || n || CASE WHEN n %% 50 = 0 THEN '=1' ELSE '' END, n %% 7 > 0"
    " FROM generate_series(1, %s) AS n"
)


def resident() -> float:
    """Megabytes of memory this process holds."""
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def client_of(app: Flask) -> FlaskClient:
    """Signed in as the administrator of the demonstration."""
    with app.app_context():
        account = db.session.query(Account).filter_by(email=f"administrator{demo.DOMAIN}").one()
        person = Person(account.id, account.email, "")
    client = app.test_client()
    client.set_cookie(app.config["SESSION_COOKIE_NAME"], cookie_of(app, person))
    return client


def exported(client: FlaskClient) -> tuple[int, float]:
    """The bytes of one export read to its end, and the most the process grew."""
    before, most, size = resident(), 0.0, 0
    answer = client.get("/staff/employerview/export", buffered=False)
    if answer.status_code != 200:
        raise SystemExit(f"Not exported: {answer.status}")
    for place, piece in enumerate(answer.iter_encoded()):
        size += len(piece)
        if place % 20_000 == 0:
            most = max(most, resident() - before)
    answer.close()
    return size, max(most, resident() - before)


def copied(where: str) -> int:
    """The bytes of a plain COPY read to its end."""
    with psycopg.connect(where) as connection, connection.cursor().copy(COPY) as copy:
        return sum(len(piece) for piece in copy)


def measure(rows: int, runs: int) -> None:
    """Both in turn."""
    times: dict[str, list[float]] = {"copy": [], "export": []}
    growth = 0.0
    with house() as (app, _environ):
        with app.app_context():
            where = audit_reading.address()
        with psycopg.connect(where, autocommit=True) as connection:
            for index in ("ix_employer_name_keys", "ix_employer_name_trigrams"):
                connection.execute(f"DROP INDEX {index}")
            connection.execute(FILL, (rows,))
            connection.execute("VACUUM ANALYZE employer")
        client = client_of(app)
        exported(client)
        for _run in range(runs):
            begin = time.perf_counter()
            copied(where)
            times["copy"].append(time.perf_counter() - begin)
            begin = time.perf_counter()
            _size, grown = exported(client)
            times["export"].append(time.perf_counter() - begin)
            growth = max(growth, grown)
    show(rows, times, growth)


def show(rows: int, times: dict[str, list[float]], growth: float) -> None:
    """The table."""
    ratios = [copy / export for copy, export in zip(times["copy"], times["export"], strict=True)]
    print(f"\nExport: {rows} rows, {len(ratios)} runs of each side in turn")
    print(f"  {'what':<46}{'median':>9}{'least':>9}{'most':>9}")
    for name, side in (("COPY … TO STDOUT, s", "copy"), ("export of the list, s", "export")):
        seconds = times[side]
        print(f"  {name:<46}{statistics.median(seconds):>9.2f}{min(seconds):>9.2f}{max(seconds):>9.2f}")
    middle = statistics.median(times["copy"]) / statistics.median(times["export"])
    print(
        f"  {f'export, × COPY (promised {PROMISED} ×)':<46}{middle:>9.2f}{min(ratios):>9.2f}{max(ratios):>9.2f}"
    )
    print(f"  the process grew by at most {growth:.0f} MB (promised {GROWTH} MB)")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description="What a streamed export costs against COPY.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    measure(options.rows, options.runs)


if __name__ == "__main__":
    main()
