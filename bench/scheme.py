"""How fast the law is evaluated: against a hand-written formula, against openfisca-core, and as it grows.

Run as `python -m bench.scheme [--sizes N …] [--batch N …]`. Each row runs both sides alternately and prints
the median and spread of the ratio. The whole nation is `--batch 20000 200000 --rounds 1`, on a machine that
does nothing else; `--batch 0` leaves it out.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from math import log
from typing import Any

from app.scheme import Claim, assess, assess_payroll, explained, load, parse_claim, run_claim
from app.scheme.explanation import explain_text
from app.scheme.values import month_text
from bench import scheme_batch
from bench.baselines.hand_formula import pension

ROUNDS = 9
PERSONS = 200
FIRST = scheme_batch.FIRST
TWO_READINGS = """\
The target of 12 × may be read in two ways, and both are printed: the explanation as it is stored (conditions, steps,
values, references, figures with their dates), and with every sentence of it in one language, as a person reads it."""


def careers(count: int, seed: int = 8) -> list[list[Decimal]]:
    """Careers of 240 months, every wage its own."""
    chance = random.Random(seed)  # noqa: S311 (made-up wages)
    return [[Decimal(chance.randint(45_000, 900_000)) for _ in range(240)] for _ in range(count)]


def claims(wages: list[list[Decimal]], first: int = FIRST) -> list[Claim]:
    """The same careers as checked claims: an early pension, 24 months before the age."""
    return [parse_claim(load("demo"), question(first, line)) for line in wages]


def question(first: int, wages: list[Decimal]) -> dict[str, Any]:
    """A career as the contract asks it, each month an entry of its own."""
    months = [{"month": month_text(first + place), "monthly": str(wage)} for place, wage in enumerate(wages)]
    person = {name: day.isoformat() for name, day in scheme_batch.PERSON.items()}
    facts = {name: day.isoformat() for name, day in scheme_batch.FACTS.items()}
    head = {"scheme": "demo", "benefit": "old_age", "on": scheme_batch.ON.isoformat()}
    return {**head, "person": person, "earnings": months, "facts": facts}


def per_item(work: Callable[[Any], Any], items: list[Any], times: int = 1) -> float:
    """Seconds of processor time for one item: neighbours on the machine do not count."""
    start = time.process_time()
    for _ in range(times):
        for item in items:
            work(item)
    return (time.process_time() - start) / len(items) / times


def compare(
    title: str, ours: Callable[[], float], theirs: Callable[[], float], inverse: bool = False
) -> None:
    """Run both sides alternately and print the ratio (ours ÷ theirs, or how many times faster we are)."""
    pairs = [(ours(), theirs()) for _ in range(ROUNDS)]
    ratios = sorted(b / a if inverse else a / b for a, b in pairs)
    mine, base = (statistics.median(side) * 1e6 for side in zip(*pairs, strict=True))
    word = "× faster" if inverse else "× slower"
    print(
        f"{title:<62} {mine:9.1f} µs {base:9.1f} µs   {statistics.median(ratios):6.1f} {word}"
        f"   ({ratios[0]:.1f} – {ratios[-1]:.1f})"
    )


def against_hand_formula() -> None:
    """One evaluation against the bare formula, the explanation once as stored and once in sentences."""
    wages = careers(PERSONS)
    asked = claims(wages)
    expected = [str(pension(line, 240, 24)) for line in wages]
    assert [run_claim(claim).as_dict()["monthly"] for claim in asked] == expected  # noqa: S101
    rows: dict[str, Callable[[Claim], object]] = {
        "result only / hand formula": run_claim,
        "explained as stored, data only / hand formula (target ≤ 12)": lambda claim: run_claim(claim).as_dict(
            "fr"
        ),
        "explained in sentences, as text / hand formula (target ≤ 12)": lambda claim: explain_text(
            run_claim(claim), "fr"
        ),
        "explained in sentences, for a page's tables / hand formula": lambda claim: explained(
            run_claim(claim), "fr"
        ),
    }
    print(TWO_READINGS)
    for title, work in rows.items():
        compare(
            title,
            partial(per_item, work, asked),
            lambda: per_item(lambda line: pension(line, 240, 24), wages, times=8),
        )


def payroll(persons: int = 20_000) -> None:
    """A monthly file of one employer, against as many single assessments, without any explanation."""
    law, chance = load("demo"), random.Random(8)  # noqa: S311 (made-up wages)
    line = {"month": "2026-05", "employer": "E1"}
    lines = [
        {**line, "person": str(place), "wages": str(chance.randint(45_000, 900_000))}
        for place in range(persons)
    ]
    classes = {"risk_class": {"E1": "A"}}
    asked = [
        {
            "scheme": "demo",
            "benefit": "contributions",
            "month": "2026-05",
            "wages": {"E1": each["wages"]},
            **classes,
        }
        for each in lines[:1000]
    ]
    compare(
        "a line of a monthly file / one assessment alone",
        lambda: per_item(lambda file: assess_payroll(law, file, classes), [lines]) / persons,
        lambda: per_item(lambda each: assess(law, each), asked),
        inverse=True,
    )


def against_openfisca() -> None:
    """One evaluation with its explanation, against the framework's calculation for one person."""
    baseline = import_module("bench.baselines.openfisca_formula")
    wages = careers(10)
    system, asked = baseline.build_system(), claims(wages)
    months = [month_text(month) for month in range(FIRST, FIRST + 240)]
    stated = [dict(zip(months, map(float, line), strict=True)) for line in wages]
    found = [baseline.simulate(system, line, 24, "2026-07") for line in stated]
    assert found == [float(pension(line, 240, 24)) for line in wages]  # noqa: S101

    def ours() -> float:
        return per_item(lambda claim: run_claim(claim).as_dict("fr"), asked * 20)

    def calculation() -> float:
        ready = [baseline.prepare(system, line, 24, "2026-07") for line in stated]
        return per_item(lambda simulation: simulation.calculate("pension", "2026-07"), ready)

    compare("evaluation / openfisca-core, calculation alone (≥ 20)", ours, calculation, inverse=True)
    compare(
        "evaluation / openfisca-core, inputs and calculation",
        ours,
        lambda: per_item(lambda line: baseline.simulate(system, line, 24, "2026-07"), stated),
        inverse=True,
    )


def longer(lengths: tuple[int, ...] = (240, 360, 480)) -> None:
    """How the time of one evaluation grows with the months of a career that gives a pension."""
    wages = [each * 2 for each in careers(PERSONS)]
    found = {}
    for length in lengths:
        asked = claims([line[:length] for line in wages], FIRST + 240 - length)
        runs = [per_item(lambda claim: explained(run_claim(claim), "fr"), asked) for _ in range(5)]
        found[length] = statistics.median(runs)
        print(f"career of {length:>4} months: {found[length] * 1e6:8.1f} µs explained")
    exponent = log(found[lengths[-1]] / found[lengths[0]]) / log(lengths[-1] / lengths[0])
    print(f"growth exponent by months {exponent:.3f} (defect above 1.15)")


def growth(sizes: list[int]) -> None:
    """How the time of a batch grows with its size (median of five): the exponent should be 1."""
    asked = claims(careers(1000))
    times: dict[int, list[float]] = {size: [] for size in sizes}
    for _ in range(5):
        for size in sizes:
            start = time.process_time()
            for index in range(size):
                run_claim(asked[index % 1000]).as_dict("fr")
            times[size].append(time.process_time() - start)
    middle = {size: statistics.median(runs) for size, runs in times.items()}
    for size, seconds in middle.items():
        print(f"batch of {size:>9,}: {seconds:8.2f} s   {seconds / size * 1e6:6.1f} µs each")
    first, last = sizes[0], sizes[-1]
    exponent = log(middle[last] / middle[first]) / log(last / first)
    print(f"growth exponent {exponent:.3f} (defect above 1.15)")


def main() -> None:
    """Every row, at the sizes asked for."""
    parser = argparse.ArgumentParser(description="How fast the law is evaluated.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--batch", type=int, nargs="+", default=[5_000, 20_000])
    parser.add_argument("--rounds", type=int, default=5, help="of the batch; one will do at full size")
    parser.add_argument("--only-batch", action="store_true")
    options = parser.parse_args()
    if not options.only_batch:
        against_hand_formula()
        if find_spec("openfisca_core"):
            against_openfisca()
        else:
            print("openfisca-core is not installed: its rows are left out")
        payroll()
        growth(sorted(options.sizes))
        longer()
    sizes = sorted(size for size in options.batch if size)
    if sizes:
        scheme_batch.compare(sizes, options.rounds, careers(1000))


if __name__ == "__main__":
    main()
