"""What a page of a staff's list costs: `python -m bench.lists [--rows N] [--most N] [--runs N]`.

The list of employers at `--rows` rows, through WSGI, signed in, against the same table in Django's admin and in plain
Flask-AppBuilder (its defaults, none of our corrections), each in a process of its own, asked in turn. Then our list
again at 10⁴ rows and at every tenfold up to `--most`, with the exponent of its growth. A side whose library is not
installed is left out, and said so.
"""

import argparse
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec

import psycopg
from flask.testing import FlaskClient

from app.services import audit_reading
from bench.export import client_of
from bench.submission import house

PROMISED_DJANGO, PROMISED_FAB, PROMISED_GROWTH, PROMISED_EXPONENT = 2, 10, 1.3, 1.15
ADD = (
    "INSERT INTO employer (registration_number, name, active)"
    " SELECT 'L-' || n, 'Établissements Nguéma ' || n, n %% 7 > 0 FROM generate_series(%s::int, %s::int) AS n"
)
OURS = ("/staff/employerview/list/", "/staff/employerview/list/?page_EmployerView=20")
DJANGO = ("/admin/bench/employer/", "/admin/bench/employer/?p=21")
FAB = ("/employerview/list/", "/employerview/list/?page_EmployerView=20")
"""The first page, and the twenty-first."""

Ask = Callable[[str], float]


def fill(where: str, begin: int, end: int) -> None:
    """Bring the employers from `begin` to `end` rows."""
    with psycopg.connect(where, autocommit=True) as connection:
        connection.execute(ADD, (begin + 1, end))
        connection.execute("VACUUM ANALYZE employer")


def of_ours(client: FlaskClient) -> Ask:
    """Milliseconds of one page of ours."""

    def ask(path: str) -> float:
        begin = time.perf_counter()
        answer = client.get(path)
        took = (time.perf_counter() - begin) * 1000
        if answer.status_code != 200 or "Nguéma" not in answer.get_data(as_text=True):
            raise SystemExit(f"{path}: {answer.status}")
        return took

    return ask


@contextmanager
def of_baseline(module: str, where: str) -> Iterator[Ask]:
    """The same of a baseline, which answers each path on its input with milliseconds on its output."""
    argv = [sys.executable, "-m", f"bench.baselines.{module}", where]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdin
        assert process.stdout
        talk, told = process.stdin, process.stdout

        def ask(path: str) -> float:
            print(path, file=talk, flush=True)
            return float(told.readline())

        yield ask
        talk.close()


def in_turn(sides: dict[str, tuple[Ask, tuple[str, ...]]], runs: int) -> dict[str, list[float]]:
    """Each side's pages, one side after the other, so many times; a first round is not counted."""
    times: dict[str, list[float]] = {name: [] for name in sides}
    for run in range(runs + 1):
        for name, (ask, paths) in sides.items():
            took = [ask(path) for path in paths]
            if run:
                times[name] += took
    return times


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20)[-1]


def against_others(where: str, ours: Ask, rows: int, runs: int) -> None:
    """At so many rows, against Django's admin and plain Flask-AppBuilder."""
    with ExitStack() as stack:
        sides = {
            "ours": (ours, OURS),
            "plain Flask-AppBuilder": (stack.enter_context(of_baseline("plain_fab_list", where)), FAB),
        }
        if find_spec("django"):
            sides["Django admin"] = (stack.enter_context(of_baseline("django_list", where)), DJANGO)
        else:
            print("Django is not installed: its side is left out.")
        times = in_turn(sides, runs)
    print(f"\nA list of {rows} rows, {runs} runs of each side in turn, two pages each")
    print(f"  {'what':<40}{'median ms':>11}{'p95 ms':>9}{'× ours':>9}{'promised':>10}")
    promised = {"plain Flask-AppBuilder": PROMISED_FAB, "Django admin": PROMISED_DJANGO}
    for name, took in times.items():
        ratio = statistics.median(took) / statistics.median(times["ours"])
        wanted = f"≥ {promised[name]}" if name in promised else ""
        print(f"  {name:<40}{statistics.median(took):>11.1f}{p95(took):>9.1f}{ratio:>9.1f}{wanted:>10}")


def growing(where: str, ours: Ask, most: int, runs: int) -> None:
    """Ours, as the table grows tenfold from ten thousand rows."""
    sizes, seen, rows = [], [], 0
    for size in (10**power for power in range(4, int(math.log10(most)) + 1)):
        fill(where, rows, size)
        rows = size
        sizes.append(size)
        seen.append(in_turn({"ours": (ours, OURS)}, runs)["ours"])
    print(f"\nOurs as the table grows, {runs} runs of two pages each")
    print(f"  {'rows':<14}{'median ms':>11}{'p95 ms':>9}")
    for size, took in zip(sizes, seen, strict=True):
        print(f"  {size:<14}{statistics.median(took):>11.1f}{p95(took):>9.1f}")
    growth = p95(seen[-1]) / p95(seen[0])
    middles = [math.log(statistics.median(took)) for took in seen]
    slope = statistics.linear_regression([math.log(size) for size in sizes], middles).slope
    print(f"  p95 at {sizes[-1]} ÷ p95 at {sizes[0]}: {growth:.2f} (promised ≤ {PROMISED_GROWTH})")
    print(f"  exponent {slope:.3f} (a defect above {PROMISED_EXPONENT})")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description="What a page of a staff's list costs as its table grows.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--most", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=20)
    options = parser.parse_args()
    with house() as (app, _environ):
        with app.app_context():
            where = audit_reading.address()
        ours = of_ours(client_of(app))
        with psycopg.connect(where, autocommit=True) as connection:
            for index in ("ix_employer_name_keys", "ix_employer_name_trigrams"):
                connection.execute(f"DROP INDEX {index}")
        growing(where, ours, options.most, options.runs)
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(
                "DELETE FROM employer WHERE id > (SELECT min(id) + %s FROM employer)", (options.rows,)
            )
            connection.execute("VACUUM FULL ANALYZE employer")
        against_others(where, ours, options.rows, options.runs)


if __name__ == "__main__":
    main()
