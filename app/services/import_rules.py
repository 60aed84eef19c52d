"""What is looked at in a slice of lines at once, by SQL over its staging table, and how they are inserted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from app.extensions import db
from app.services.import_fields import EMPLOYERS, EMPLOYMENTS, PERSONS, Fault, Field

STAGING = "import_staging"


@dataclass(frozen=True)
class Rule:
    """A condition on a staged line `s` under which it is refused, by which column."""

    column: str
    fault: Fault
    condition: str


@dataclass(frozen=True)
class Kind:
    """What a file holds: its columns, what is looked at in the database, what is inserted."""

    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]
    insert: str


def _twice(column: str) -> Rule:
    earlier = f"EXISTS (SELECT FROM {STAGING} e WHERE e.line < s.line AND e.{column} = s.{column})"
    return Rule(column, Fault.twice, earlier)


_KNOWN_NUMBER = (
    "EXISTS (SELECT FROM insured_person p WHERE p.ssn = s.number)"
    " OR EXISTS (SELECT FROM former_number f WHERE f.number = s.number)"
)
_TO_BE_ISSUED = (
    "EXISTS (SELECT FROM number_range r WHERE r.region = s.region AND s.place >= r.next_number)"
    " AND NOT EXISTS (SELECT FROM number_reservation v WHERE v.region = s.region"
    " AND s.place BETWEEN v.first AND v.last)"
)
_SAME_EMPLOYMENT = (
    "EXISTS (SELECT FROM employment e JOIN insured_person p ON p.id = e.person_id"
    " JOIN employer o ON o.id = e.employer_id WHERE p.ssn = s.number"
    " AND o.registration_number = s.registration_number AND e.started_on = s.started_on::date)"
)
_EARLIER_EMPLOYMENT = (
    f"EXISTS (SELECT FROM {STAGING} e WHERE e.line < s.line AND e.number = s.number"
    " AND e.registration_number = s.registration_number AND e.started_on = s.started_on)"
)
KINDS = {
    "persons": Kind(
        PERSONS,
        (
            _twice("number"),
            Rule("number", Fault.there_already, _KNOWN_NUMBER),
            Rule("number", Fault.not_reserved, _TO_BE_ISSUED),
            Rule("registered_on", Fault.in_disorder, "s.registered_on::date < s.birth_date::date"),
        ),
        "WITH made AS (INSERT INTO insured_person (ssn, family_name, given_names, birth_date, registered_on,"
        " email, name_at_birth, birth_place, birth_country, nationality, phone)"
        " SELECT number, family_name, given_names, birth_date::date, registered_on::date, email,"
        " name_at_birth, birth_place, upper(birth_country), upper(nationality), phone FROM good ORDER BY line"
        " RETURNING id, given_names, family_name, registered_on),"
        " named AS (INSERT INTO person_name (person_id, given_names, family_name, valid_from)"
        " SELECT id, given_names, family_name, registered_on FROM made)"
        " SELECT count(*) FROM made",
    ),
    "employers": Kind(
        EMPLOYERS,
        (
            _twice("registration_number"),
            Rule(
                "registration_number",
                Fault.there_already,
                "EXISTS (SELECT FROM employer o WHERE o.registration_number = s.registration_number)",
            ),
        ),
        "WITH made AS (INSERT INTO employer (registration_number, name, address, contact_name, email, phone,"
        " active) SELECT registration_number, name, address, contact_name, email, phone, true FROM good"
        " ORDER BY line RETURNING id) SELECT count(*) FROM made",
    ),
    "employments": Kind(
        EMPLOYMENTS,
        (
            Rule(
                "number",
                Fault.unknown_person,
                "NOT EXISTS (SELECT FROM insured_person p WHERE p.ssn = s.number"
                " AND p.merged_into_id IS NULL)",
            ),
            Rule(
                "registration_number",
                Fault.unknown_employer,
                "NOT EXISTS (SELECT FROM employer o WHERE o.registration_number = s.registration_number)",
            ),
            Rule("ended_on", Fault.in_disorder, "s.ended_on::date < s.started_on::date"),
            Rule("started_on", Fault.twice, _EARLIER_EMPLOYMENT),
            Rule("started_on", Fault.there_already, _SAME_EMPLOYMENT),
        ),
        "WITH made AS (INSERT INTO employment (person_id, employer_id, started_on, ended_on, occupation,"
        " monthly_wage, state) SELECT p.id, o.id, started_on::date, ended_on::date, g.occupation,"
        " monthly_wage::numeric, 'confirmed' FROM good g JOIN insured_person p ON p.ssn = g.number"
        " JOIN employer o USING (registration_number) ORDER BY line RETURNING id) SELECT count(*) FROM made",
    ),
}


def begin(kind: Kind) -> None:
    """Make the staging table of this transaction, empty; it goes when the transaction ends."""
    columns = ", ".join(f"{field.name} text" for field in kind.fields)
    db.session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{STAGING}"))
    db.session.execute(
        text(
            f"CREATE TEMPORARY TABLE {STAGING} (line integer PRIMARY KEY, region text, place bigint,"
            f" {columns}) ON COMMIT DROP"
        )
    )


def stage(kind: Kind, lines: Iterable[tuple[int, Mapping[str, str], tuple[str, int] | None]]) -> None:
    """Copy the lines that are right by themselves; what is empty is nothing."""
    begin(kind)
    names = [field.name for field in kind.fields]
    cursor: Any = db.session.connection().connection.cursor()
    with cursor.copy(f"COPY {STAGING} (line, region, place, {', '.join(names)}) FROM STDIN") as copy:
        for number, line, place in lines:
            region, at = place or (None, None)
            copy.write_row([number, region, at, *(line.get(name) or None for name in names)])
    db.session.execute(text(f"CREATE INDEX ON {STAGING} ({names[0]})"))
    db.session.execute(text(f"ANALYZE {STAGING}"))


def refused(kind: Kind) -> list[tuple[int, str, Fault]]:
    """The lines that rules refuse, each with all its reasons."""
    found: list[tuple[int, str, Fault]] = []
    for rule in kind.rules:
        lines = db.session.scalars(text(f"SELECT line FROM {STAGING} s WHERE {rule.condition}"))  # noqa: S608
        found += [(line, rule.column, rule.fault) for line in lines]
    return found


def insert(kind: Kind) -> int:
    """Insert every staged line that no rule refuses; how many."""
    refusing = " OR ".join(f"({rule.condition})" for rule in kind.rules)
    good = f"CREATE TEMPORARY VIEW good AS SELECT * FROM {STAGING} s WHERE NOT coalesce({refusing}, false)"  # noqa: S608
    db.session.execute(text(good))
    made = db.session.scalar(text(kind.insert)) or 0
    db.session.execute(text("DROP VIEW good"))
    return int(made)
