"""What the audit chain costs: `python -m bench.audit [append|verify|growth] [--entries N] [--runs N] …`.

Each figure is a ratio of two sides measured alternately in one run, on an embedded PostgreSQL that survives a
power cut. Ratios of medians, with the smallest and the largest of the runs beside them.
"""

import argparse
import math
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import psycopg
from flask import Flask
from flask_migrate import upgrade
from psycopg.types.string import ByteaBinaryLoader

from app import create_app
from app.audit import chain, entries
from app.embedded import servers
from app.extensions import db
from app.services import audit, audit_checkpoints, audit_reading, audit_verification
from bench.audit_writers import SIDES, WRITERS, Writers, prepare_cases
from config import ROOT, load

READ = "SHA-256, read from the table"
MEMORY = "SHA-256, in memory already"
PER_STREAM = 8
OPEN_STREAMS = 2000
"""So many cases are moving at any moment: the entries of a stream lie apart, as in life."""

REGISTER = (
    "SET LOCAL session_replication_role = replica",
    """INSERT INTO "case"
        (id, public_id, service, status, version, reference, owner_id, language, created_at, submitted_at)
        SELECT substr(stream, 6)::integer, stream, 'registration', 'submitted', 1, stream, 1, 'fr', at, at
        FROM audit_head, (SELECT min(recorded_at) AS at FROM audit_entry) AS first""",
    """INSERT INTO case_event (case_id, step, from_status, to_status, actor, happened_at)
        SELECT substr(stream, 6)::integer, action, 'under_review', 'approved', 'system', recorded_at
        FROM audit_entry""",
)
"""`verify` also counts the steps of each case; without triggers, which would look for each case's owner."""


@contextmanager
def house() -> Iterator[tuple[Flask, dict[str, str]]]:
    """A migrated installation on servers of its own."""
    with tempfile.TemporaryDirectory(prefix="guichet-bench-") as folder:
        place = Path(folder)
        with servers.postgres(place / "pg", fast=False) as database:
            environ = {
                "GUICHET_ENV": "testing",
                "DATABASE_URL": database,
                "DATA_DIR": str(place / "data"),
                "REDIS_URL": "unix:///nowhere",
            }
            app = create_app(load(environ))
            with app.app_context():
                upgrade(directory=str(ROOT / "migrations"))
                yield app, environ
                db.session.remove()
                db.engine.dispose()


def measure_append(transactions: int, runs: int, many: int) -> None:
    """The same transactions by as many writers, with and without audit."""
    with house() as (_app, environ):
        prepare_cases(environ)
        with Writers(environ, writers=many) as writers:
            for side in SIDES:
                writers.run(side, transactions // 4)
            times: dict[str, list[float]] = {side: [] for side in SIDES}
            for _run in range(runs):
                for side in SIDES:
                    times[side].append(writers.run(side, transactions))
    total = transactions * many
    print(f"\nAppend: {many} writers, {total} transactions a run, {runs} runs of each side in turn")
    plain = statistics.median(times["plain"])
    for side in SIDES:
        ratios = [plain / seconds for seconds in times[side]]
        rate = total / statistics.median(times[side])
        _print(f"{side}: transactions/s, × plain", rate, plain / statistics.median(times[side]), ratios)


def measure_verify(count: int, runs: int, processes: int) -> float:
    """Verification against SHA-256 over the same bytes, read from the same table or in memory already.

    The median seconds of verification by one process.
    """
    times: dict[str, list[float]] = {MEMORY: [], READ: [], "verify, 1 process": []}
    several = f"verify, {processes} processes"
    if processes > 1:
        times[several] = []
    with house():
        fill(count)
        for _run in range(runs):
            hashing, whole = hash_everything()
            times[MEMORY].append(hashing)
            times[READ].append(whole)
            times["verify, 1 process"].append(verify(count, 1))
            if processes > 1:
                times[several].append(verify(count, processes))
    _print_verify(count, runs, times)
    return statistics.median(times["verify, 1 process"])


def _print_verify(count: int, runs: int, times: dict[str, list[float]]) -> None:
    print(f"\nVerify: {count} entries, {runs} runs of each side in turn (seconds, × of a baseline)")
    for baseline in (READ, MEMORY):
        base = statistics.median(times[baseline])
        for side, seconds in times.items():
            ratios = [one / base for one in seconds]
            _print(
                f"{side} / {baseline}", statistics.median(seconds), statistics.median(seconds) / base, ratios
            )


def measure_growth(sizes: list[int], runs: int, processes: int) -> None:
    """The exponent of verification's cost."""
    medians = [measure_verify(size, runs, processes) for size in sizes]
    steps = zip(sizes, sizes[1:], medians, medians[1:], strict=False)
    for small, large, before, after in steps:
        exponent = math.log(after / before) / math.log(large / small)
        print(f"From {small} to {large} entries: exponent {exponent:.2f}")


def fill(count: int) -> None:
    """Entries as cases write them, their heads, two checkpoints, and the cases with their steps."""
    heads: dict[str, tuple[int, bytes]] = {}
    half = count // 2
    for part in (range(half), range(half, count)):
        with psycopg.connect(audit_reading.address()) as connection:
            _copy_entries(connection, heads, part, count)
            _copy_heads(connection, heads)
        audit_checkpoints.checkpoint()
        db.session.commit()
        audit_checkpoints.copy_to_storage()
        db.session.commit()
    with psycopg.connect(audit_reading.address()) as connection:
        for statement in REGISTER:
            connection.execute(statement)
    with psycopg.connect(audit_reading.address(), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def hash_everything() -> tuple[float, float]:
    """Seconds to hash every content, and to read it as well, as the table has them."""
    hashing, started = 0.0, time.perf_counter()
    for batch in _contents():
        began = time.perf_counter()
        for content in batch:
            sha256(content).digest()
        hashing += time.perf_counter() - began
    return hashing, time.perf_counter() - started


def verify(count: int, processes: int) -> float:
    """Seconds of the whole `audit verify`."""
    started = time.perf_counter()
    report = audit_verification.verify(processes)
    seconds = time.perf_counter() - started
    if not report.is_sound or report.entries != count:
        raise SystemExit(f"Not sound: {report}")
    return seconds


def _contents() -> Iterator[list[bytes]]:
    """Every content as bytes, in batches of the size `verify` reads."""
    with (
        audit_reading.snapshot(audit_reading.address()) as connection,
        connection.cursor("contents") as cursor,
    ):
        cursor.adapters.register_loader("text", ByteaBinaryLoader)
        cursor.execute("SELECT content FROM audit_entry", binary=True)
        while rows := cursor.fetchmany(audit_reading.BATCH):
            yield [row[0] for row in rows]


def _copy_entries(
    connection: psycopg.Connection, heads: dict[str, tuple[int, bytes]], part: range, total: int
) -> None:
    rnd, streams = random.Random(part.start), max(1, total // PER_STREAM)
    query = "COPY audit_entry (stream, seq, content, hash) FROM STDIN (FORMAT binary)"
    with connection.cursor().copy(query) as copy:
        copy.set_types(["varchar", "int8", "text", "bytea"])
        for number in part:
            case = min(streams - 1, max(0, number // PER_STREAM + rnd.randrange(-OPEN_STREAMS, OPEN_STREAMS)))
            stream, content = f"case:{case}", _content(number, case)
            seq, before = heads.get(stream) or (0, chain.genesis(stream))
            reached = chain.link(before, chain.digest(content.encode()))
            heads[stream] = (seq + 1, reached)
            copy.write_row((stream, seq + 1, content, reached))


def _content(number: int, case: int) -> str:
    at = (
        f"2026-07-{1 + number // 86400 % 28:02d}T{number // 3600 % 24:02d}:{number // 60 % 60:02d}:00.000000Z"
    )
    subject = (
        f'{{"case":{case},"from":"under_review","reference":"RG-2026-{case:06d}-K",'
        f'"service":"registration","to":"approved"}}'
    )
    return entries.canonical(at, "approve", number % 500, subject, entries.Sealed(case, 1, "Q" * 80))


def _copy_heads(connection: psycopg.Connection, heads: dict[str, tuple[int, bytes]]) -> None:
    connection.execute("CREATE TEMP TABLE new_head (LIKE audit_head) ON COMMIT DROP")
    seal = audit.keys().seal
    with connection.cursor().copy("COPY new_head FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(["varchar", "int8", "bytea", "bytea"])
        for stream, (count, reached) in heads.items():
            copy.write_row((stream, count, reached, seal(stream, count, reached)))
    connection.execute(
        "INSERT INTO audit_head SELECT * FROM new_head"
        " ON CONFLICT (stream) DO UPDATE"
        " SET count = excluded.count, hash = excluded.hash, seal = excluded.seal"
    )


def _print(name: str, median: float, ratio: float, ratios: list[float]) -> None:
    print(f"  {name:<60}{median:>10.2f}{ratio:>8.2f} × ({min(ratios):.2f} to {max(ratios):.2f})")


def main() -> None:
    """Measure what is asked; both targets, small, when nothing is."""
    parser = argparse.ArgumentParser(description="What the audit chain costs.")
    parser.add_argument("what", nargs="?", choices=["append", "verify", "growth"])
    parser.add_argument("--entries", type=int, default=200_000)
    parser.add_argument("--transactions", type=int, default=50, help="of each writer, in each run")
    parser.add_argument("--writers", type=int, default=WRITERS)
    parser.add_argument("--runs", type=int, help="of each side in turn: 25 for append, 5 for verify")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    if options.what in (None, "append"):
        measure_append(options.transactions, options.runs or 25, options.writers)
    if options.what in (None, "verify"):
        measure_verify(options.entries, options.runs or 5, options.processes)
    if options.what == "growth":
        measure_growth([10_000, 100_000, 1_000_000], options.runs or 5, options.processes)


if __name__ == "__main__":
    main()
