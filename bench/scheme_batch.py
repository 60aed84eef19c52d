"""A whole nation's evaluation: careers read by slices, evaluated by RQ workers, what they found written.

Two works: `statements`, each person's explanation in words as JSON, and `amounts`, what is due and no more.
The careers lie in PostgreSQL, a row for each person: the first month, and each month's wage as a whole number
of the currency, which has no decimals. A row becomes a career as it is; the database has checked it, and the
process they are compared with holds its careers in memory in this form too. The workers are the house's own. A
slice writes all it found in one transaction, alone with its persons, and does nothing when they have been done:
so it can run twice, or twice at once. What is found gets its key once all of it is there, as any great load does;
the time that takes counts.

Where the workers' time goes that one process in memory does not spend, in processor time of all of them: some 45 ms
a job, which is why slices are large and the law is put into words before a worker forks; 25 µs a person to hand over
a career and note what was found; and for a statement of 16 kB some 120 µs more, about 45 of them in the database.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from decimal import Decimal
from hashlib import md5
from math import log
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask, current_app

from app import create_app
from app.extensions import db, queue, valkey
from app.jobs.worker import make_worker
from app.scheme import Claim, explained, load, run_claim
from app.scheme.career import Career
from app.scheme.claims import typed_claim
from app.scheme.values import Number
from config import load as settings
from tests.servers import running

ON = date(2026, 7, 1)
FIRST = 2006 * 12 + 6
PERSON = {"birth_date": date(1968, 7, 1), "registered_on": date(2001, 1, 10)}
FACTS = {"stopped_work_on": date(2026, 6, 30)}
SLICES = {"statements": 10_000, "amounts": 10_000}
WORKERS = 2
DONE = "bench:done"
PATIENCE = 600
TABLES = """
CREATE UNLOGGED TABLE bench_career (person integer PRIMARY KEY, first_month integer, wages bigint[]);
CREATE UNLOGGED TABLE bench_found (person integer NOT NULL, found text STORAGE EXTERNAL);
CREATE UNLOGGED TABLE bench_slice (start integer PRIMARY KEY);
"""
CAREERS = "SELECT person, first_month, wages FROM bench_career WHERE person >= %s AND person < %s"
ALONE = "INSERT INTO bench_slice VALUES (%s) ON CONFLICT DO NOTHING RETURNING start"
"""Waits for whoever has the same slice at hand; gives nothing when it was done."""
EMPTY = (
    "TRUNCATE bench_found, bench_slice; ALTER TABLE bench_found DROP CONSTRAINT IF EXISTS bench_found_pkey"
)
KEY = "ALTER TABLE bench_found ADD PRIMARY KEY (person)"
WRITE = "COPY bench_found FROM STDIN (FORMAT binary)"
FOUND = "SELECT person, md5(found) FROM bench_found"


def statement(asked: Claim) -> str:
    """A person's statement: the result explained in words, as JSON."""
    return json.dumps(explained(run_claim(asked), "fr"), ensure_ascii=False, separators=(",", ":"))


def amount(asked: Claim) -> str:
    """What is due a month, its explanation made as data on the way."""
    return str(run_claim(asked).as_dict("fr")["monthly"])


WORKS: dict[str, Callable[[Claim], str]] = {"statements": statement, "amounts": amount}


def claim(first: int, wages: Sequence[Number]) -> Claim:
    """A career as a claim: an early pension, 24 months before the age. Nothing is checked once more."""
    return typed_claim(load("demo"), "old_age", ON, Career(first, wages), PERSON, FACTS)


def evaluate_slice(work: str, start: int, end: int) -> None:
    """The job: evaluate the persons from `start` up to before `end`.

    Rows become Python's one at a time: all at once, the garbage collector would walk through them again and again.
    """
    with current_app.app_context():
        connection = _connection()
        if connection.execute(ALONE, (start,)).fetchone() is not None:
            rows = connection.execute(CAREERS, (start, end), binary=True)
            with connection.cursor().copy(WRITE) as copy:
                copy.set_types(["int4", "text"])
                for person, first, wages in rows:
                    copy.write_row((person, WORKS[work](claim(first, wages))))
        db.session.commit()
        valkey().rpush(DONE, start)


def compare(sizes: list[int], rounds: int, careers: list[list[Decimal]]) -> None:
    """Print how many times faster the workers are than one process with the claims in memory; and growth."""
    with standing() as app, app.app_context():
        _store(careers, max(sizes))
        for work in WORKS:
            _measure(work, sizes, rounds, [claim(FIRST, [*map(int, wages)]) for wages in careers])


def _measure(work: str, sizes: list[int], rounds: int, claims: list[Claim]) -> None:
    times: dict[int, list[float]] = {size: [] for size in sizes}
    alone: list[float] = []
    for _round in range(rounds):
        for size in sizes:
            times[size].append(_by_workers(work, size))
        alone.append(_by_one_process(WORKS[work], claims, sizes[-1]))
    _check(WORKS[work], claims, sizes[-1])
    _print(work, sizes, times, alone)


@contextmanager
def standing() -> Iterator[Flask]:
    """Servers of its own, the application on them, and two workers that wait for jobs."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        urls = stack.enter_context(running(Path(folder)))
        own = urls | {"GUICHET_ENV": "testing", "SECRET_KEY": "b" * 40, "PUBLIC_URL": "http://localhost"}
        app = create_app(settings(own))
        for _number in range(WORKERS):
            argv = [sys.executable, "-m", "bench.scheme_batch"]
            stack.callback(_end, subprocess.Popen(argv, env=os.environ | own, stdout=subprocess.DEVNULL))
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def work() -> None:
    """A worker as the house starts it, the law read and put into words before it forks."""
    for known in WORKS.values():
        known(claim(FIRST, [100_000] * 240))
    with create_app(settings(os.environ)).app_context():
        valkey().rpush(DONE, "ready")
        make_worker().work(logging_level="WARNING")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(PATIENCE)


def _connection() -> Any:
    return db.session.connection().connection.driver_connection


def _store(careers: list[list[Decimal]], many: int) -> None:
    """The careers as rows, the same ones over and over; and wait for the workers."""
    connection = _connection()
    connection.execute(TABLES)
    rows = [[*map(int, wages)] for wages in careers]
    with connection.cursor().copy("COPY bench_career FROM STDIN") as copy:
        for person in range(many):
            copy.write_row((person, FIRST, rows[person % len(rows)]))
    connection.execute("ANALYZE bench_career")
    db.session.commit()
    _wait(WORKERS)


def _by_workers(work: str, many: int) -> float:
    """Seconds from handing over the slices until all is written, and found by its person."""
    _connection().execute(EMPTY)
    db.session.commit()
    size = _slice(work, many)
    begun = time.monotonic()
    for start in range(0, many, size):
        end = min(start + size, many)
        queue().enqueue("bench.scheme_batch.evaluate_slice", work, start, end, result_ttl=0)
    _wait(len(range(0, many, size)))
    _connection().execute(KEY)
    db.session.commit()
    return time.monotonic() - begun


def _slice(work: str, many: int) -> int:
    """Persons in a slice: as many as there may be, yet at least two slices for each worker."""
    return min(SLICES[work], -(-many // (2 * WORKERS)))


def _by_one_process(work: Callable[[Claim], str], claims: list[Claim], many: int) -> float:
    """Seconds of one process that calls the engine on claims in memory, over and over, and writes nothing."""
    begun = time.monotonic()
    for person in range(many):
        work(claims[person % len(claims)])
    return time.monotonic() - begun


def _wait(many: int) -> None:
    for _number in range(many):
        if valkey().blpop([DONE], PATIENCE) is None:
            raise SystemExit("A slice was not evaluated in time.")


def _check(work: Callable[[Claim], str], claims: list[Claim], many: int) -> None:
    """What was written is what the engine finds, for each person."""
    rows = dict(_connection().execute(FOUND).fetchall())
    expected = [md5(work(each).encode(), usedforsecurity=False).hexdigest() for each in claims]
    if rows != {person: expected[person % len(expected)] for person in range(many)}:
        raise SystemExit("What was written is not what the engine finds.")


def _print(work: str, sizes: list[int], times: dict[int, list[float]], alone: list[float]) -> None:
    load_now = os.getloadavg()[0]
    print(
        f"{work}: {WORKERS} RQ workers, slices of {SLICES[work]:,}; {len(alone)} rounds; load {load_now:.1f}"
    )
    for size in sizes:
        middle = median(times[size])
        print(f"workers, {size:>9,} persons: {middle:8.2f} s   {middle / size * 1e6:6.1f} µs each")
    last = sizes[-1]
    middle = median(alone)
    print(f"alone,   {last:>9,} persons: {middle:8.2f} s   {middle / last * 1e6:6.1f} µs each")
    ratios = sorted(one / two for one, two in zip(alone, times[last], strict=True))
    print(f"{median(ratios):.2f} × faster (target ≥ 1.2)   ({ratios[0]:.2f} – {ratios[-1]:.2f})")
    if len(sizes) > 1:
        exponent = log(median(times[last]) / median(times[sizes[0]])) / log(last / sizes[0])
        print(f"growth exponent {exponent:.3f} (defect above 1.15)")


if __name__ == "__main__":
    work()
