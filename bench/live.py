"""How soon open case pages show a decision, and their cost: `python -m bench.live [--pages N] [--runs N]`.

An officer decides by the screen's own form, one case after another; every page holds its event stream and
asks for its state when told, as a browser does. Visible is when that answer holds the decision. Each run has
people, cases and streams of its own, all on one Guichet; memory is counted from before the first of them.
"""

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.browser import people
from tests.browser.site import Site, standing
from tests.browser.streams import Officer, OpenPage, OpenPages, read_state
from tests.processes import family, until

PROMISED_SECONDS = 2.0
PROMISED_MEGABYTES = 100.0
READERS = 4
PATIENCE = 120
DECIDED = "Social security number"


@dataclass(frozen=True)
class Decision:
    """Seconds from the press of the button to the event, and to the page that shows it."""

    told: float
    visible: float


class Readers:
    """Ask for the state of each page that is told, and note when it shows the decision."""

    def __init__(self, url: str, pool: ThreadPoolExecutor) -> None:
        self.seen: dict[str, float] = {}
        self._url = url
        self._pool = pool

    def tell(self, page: OpenPage) -> None:
        """A page was told to look again."""
        self._pool.submit(self._read, page)

    def _read(self, page: OpenPage) -> None:
        if DECIDED in read_state(self._url, page):
            self.seen.setdefault(page.path, time.monotonic())


@dataclass(frozen=True)
class Run:
    """What was seen while all pages of a run were open: the decisions, and what the web processes held."""

    decisions: list[Decision]
    megabytes: float


def measure(site: Site, many: int) -> Run:
    """One run: that many people each open the page of their case, and each case is decided."""
    persons = people.new_employees(site.app, many)
    filed = [people.file_case(site.app, person) for person in persons]
    pages = [
        OpenPage(f"/en/cases/{case.public_id}/live", people.cookie_of(site.app, person))
        for case, person in zip(filed, persons, strict=True)
    ]
    officer = Officer(site.url, people.cookie_of(site.app, people.demo_person(site.app, "officer")))
    with ThreadPoolExecutor(READERS) as pool, closing(officer):
        readers = Readers(site.url, pool)
        with OpenPages(site.url, pages, readers.tell) as opened:
            _demand(until(opened.all_open, PATIENCE), "not every page opened")
            pressed = [officer.approve(case.id) for case in filed]
            _demand(until(lambda: len(readers.seen) == many, PATIENCE), "not every page saw its decision")
            held = web_megabytes(site)
    decisions = [
        Decision((page.told_after(at) or at) - at, readers.seen[page.path] - at)
        for page, at in zip(pages, pressed, strict=True)
    ]
    return Run(decisions, held)


def web_megabytes(site: Site) -> float:
    """What the web server and its workers hold in memory."""
    return sum(_resident(pid) for pid in family(site.web_pid)) / 1024


def show(runs: Sequence[Run], before: float) -> None:
    """The table: median over the runs, the smallest and the largest of them, and the share of the promise."""
    print(f"{len(runs)} runs, each of {len(runs[0].decisions)} open case pages and their decisions")
    print(f"{'what':<36}{'median':>10}{'least':>10}{'most':>10}{'of promise':>12}")
    for name, share in (("p50", 0.50), ("p95", 0.95)):
        for what in ("told", "visible"):
            values = [_quantile([getattr(one, what) for one in run.decisions], share) for run in runs]
            _line(f"decision {what}, {name}, seconds", values, PROMISED_SECONDS)
    _line("growth of the web processes, MB", [run.megabytes - before for run in runs], PROMISED_MEGABYTES)


def main() -> None:
    """Measure five runs of a thousand pages, or as many as asked."""
    parser = argparse.ArgumentParser(description="How soon open pages show a decision, and what they cost.")
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as folder, standing(Path(folder)) as site:
        before = web_megabytes(site)
        runs = [measure(site, options.pages) for _run in range(options.runs)]
    show(runs, before)


def _line(what: str, values: Sequence[float], promise: float) -> None:
    middle = statistics.median(values)
    print(f"{what:<36}{middle:>10.3f}{min(values):>10.3f}{max(values):>10.3f}{middle / promise:>11.3f}×")


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _resident(pid: int) -> int:
    """Kilobytes of a process in memory; none once it ended."""
    try:
        lines = Path("/proc", str(pid), "status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)


def _demand(held: bool, otherwise: str) -> None:
    if not held:
        raise SystemExit(otherwise)


if __name__ == "__main__":
    main()
