"""What finding a person costs: `python -m bench.search [--persons N] [--runs N]`.

The search box's query for a name (partial, accents left out, two letters swapped) against an indexed exact lookup
by social security number, on the same table, through the same session, in turn. Names are made from a seed.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable
from datetime import date

from flask import Flask
from sqlalchemy import insert, select, text

from app.extensions import db
from app.models import InsuredPerson
from app.services import people, search
from bench.submission import house

PROMISED = 5
SYLLABLES = [
    "mba",
    "ngo",
    "fo",
    "na",
    "é",
    "ko",
    "tché",
    "wan",
    "dja",
    "bi",
    "ssa",
    "mou",
    "ké",
    "nou",
    "la",
    "ri",
    "to",
    "man",
    "dé",
    "lé",
    "so",
    "ba",
    "ya",
    "nè",
    "kam",
    "ga",
    "ton",
    "do",
    "fi",
    "ma",
    "ju",
    "li",
]
GIVEN = [
    "Élodie",
    "Jean",
    "Aïcha",
    "Paul",
    "Bénédicte",
    "Éric",
    "Fatou",
    "Marie-Noëlle",
    "Hervé",
    "Clémence",
    "Désiré",
    "Solange",
    "Zoé",
    "André",
    "Irène",
]
SLICE = 10_000


def name(dice: random.Random) -> str:
    """A family name of two to four syllables."""
    return "".join(dice.choices(SYLLABLES, k=dice.randint(2, 4))).capitalize()


def fill(persons: int) -> list[tuple[str, str]]:
    """So many insured persons; a number and a family name of each thousandth."""
    dice, kept = random.Random(4711), []
    for begin in range(0, persons, SLICE):
        rows = [
            {
                "ssn": people.number_of(1000 + begin + place),
                "family_name": f"{name(dice)} {name(dice)}",
                "given_names": f"{dice.choice(GIVEN)} {dice.choice(GIVEN)}",
                "birth_date": date(1980, 1, 1),
                "registered_on": date(2020, 1, 1),
            }
            for place in range(min(SLICE, persons - begin))
        ]
        db.session.execute(insert(InsuredPerson), rows)
        kept += [(row["ssn"], row["family_name"]) for row in rows[:: max(1, SLICE // 20)]]
        db.session.commit()
    return kept


def typed(family: str, dice: random.Random) -> str:
    """Part of the name without accents, two neighbouring letters swapped."""
    word = (db.session.scalar(text("SELECT plain_text(:name)"), {"name": family}) or "").split()[0]
    part = word[: max(5, len(word) - 1)]
    place = dice.randrange(1, len(part) - 1) if len(part) > 2 else 0
    swapped = list(part)
    if len(part) > 2:
        swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
    return "".join(swapped)


def timed(act: Callable[[], object]) -> float:
    """Milliseconds."""
    begin = time.perf_counter()
    act()
    return (time.perf_counter() - begin) * 1000


def exact(number: str) -> object:
    """The indexed exact lookup."""
    return db.session.scalars(select(InsuredPerson).where(InsuredPerson.ssn == number)).unique().all()


def measure(app: Flask, persons: int, runs: int) -> None:
    """Both in turn, for each of the kept persons."""
    dice = random.Random(42)
    times: dict[str, list[float]] = {"exact": [], "fuzzy": []}
    found = 0
    with app.app_context():
        kept = fill(persons)
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE insured_person"))
        asked = [(number, family, typed(family, dice)) for number, family in kept]
        for number, _family, words in asked[:20]:
            exact(number), search.persons_of(words)
        for _run in range(runs):
            for number, family, words in asked:
                times["exact"].append(timed(lambda number=number: exact(number)))
                db.session.expunge_all()
                times["fuzzy"].append(timed(lambda words=words: search.persons_of(words)))
                found += any(person.family_name == family for person in search.persons_of(words))
                db.session.expunge_all()
        db.session.rollback()
    show(persons, len(asked) * runs, times, found / (len(asked) * runs))


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20)[-1]


def show(persons: int, asked: int, times: dict[str, list[float]], found: float) -> None:
    """The table."""
    print(f"\nSearch: {persons} insured persons, {asked} questions of each kind in turn")
    print(f"  {'what':<52}{'median':>9}{'p95':>9}")
    for label, side in (
        ("exact lookup by number, ms", "exact"),
        ("name, part of it, letters swapped, ms", "fuzzy"),
    ):
        print(f"  {label:<52}{statistics.median(times[side]):>9.2f}{p95(times[side]):>9.2f}")
    ratio = p95(times["fuzzy"]) / p95(times["exact"])
    middle = statistics.median(times["fuzzy"]) / statistics.median(times["exact"])
    print(f"  {f'ratio (promised: p95 at most {PROMISED} ×)':<52}{middle:>9.2f}{ratio:>9.2f}")
    print(f"  the very person is among the first {search.MOST_SHOWN}: {found:.0%}")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description="What finding a person by a half-remembered name costs.")
    parser.add_argument("--persons", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with house() as (app, _environ):
        measure(app, options.persons, options.runs)


if __name__ == "__main__":
    main()
