"""Migration: a file of persons, employers or employments is brought in, slice by slice, each line told of.

A slice is copied to a staging table, looked at there by set-based SQL, and its good lines are inserted, in
one transaction with how far the run has come: killed anywhere, the same file goes on where it stopped. A
refused line is told by number, column and reason. Read = imported + refused, or nothing is kept.
"""

import csv
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import select, text

from app import clock
from app.extensions import db
from app.models import ImportRun
from app.services import audit, import_rules, numbers
from app.services.base import RuleBroken
from app.services.import_fields import Fault, Field, faults_of
from app.services.import_rules import KINDS, Kind

SLICE = 20_000
"""Lines of one transaction: the staging table, what is refused and what is inserted."""

Refused = tuple[int, str, Fault]
"""Line of the file (the heading is line 1), column, reason."""


class BadFile(RuleBroken):
    """The file as such cannot be read; the message says what it must have."""


@dataclass
class Totals:
    """What became of the lines."""

    read: int = 0
    imported: int = 0
    refused: int = 0


def run(name: str, path: Path, is_dry: bool, tell: Callable[[list[Refused]], None]) -> Totals:
    """Bring a file in, from where an earlier run stopped; `tell` gets what is refused, slice by slice.

    Commits each slice; a dry run looks at everything and keeps nothing. Raises `BadFile`.
    """
    kind = KINDS[name]
    run_id, totals = _begin(name, path, is_dry)
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = enumerate(_lines(file, kind.fields), start=2)
        for _done in islice(lines, totals.read):
            pass
        while part := list(islice(lines, SLICE)):
            tell(_bring_in(kind, part, totals))
            _keep(run_id, totals, is_dry)
    _end(run_id, is_dry)
    return totals


def _begin(name: str, path: Path, is_dry: bool) -> tuple[int, Totals]:
    """The run of this very file, or a new one; a dry run has none."""
    if is_dry:
        import_rules.begin(KINDS[name])
        return 0, Totals()
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    found = db.session.scalars(
        select(ImportRun).where(ImportRun.kind == name, ImportRun.sha256 == digest)
    ).one_or_none()
    if found is None:
        found = ImportRun(kind=name, sha256=digest, filename=path.name[:200], started_at=clock.now())
        db.session.add(found)
        db.session.flush()
    if found.finished_at is not None:
        raise BadFile(f"{path.name}: this file was brought in already.")
    totals = Totals(found.lines_read, found.imported, found.refused)
    number = found.id
    db.session.commit()
    return number, totals


def _lines(file: Any, fields: tuple[Field, ...]) -> Iterator[dict[str, str]]:
    """The lines by column; the heading names each column once, and every required one."""
    heading = file.readline()
    separator = ";" if heading.count(";") > heading.count(",") else ","
    names = [name.strip().lower() for name in next(csv.reader([heading], delimiter=separator), [])]
    known = {field.name for field in fields}
    lacking = {field.name for field in fields if field.is_required} - set(names)
    strange = [name for name in names if name not in known]
    if lacking or strange or len(set(names)) < len(names):
        wanted = ", ".join(field.name + ("*" if field.is_required else "") for field in fields)
        raise BadFile(f"The first line must name the columns, each once: {wanted} (* must be there).")
    for row in csv.reader(file, delimiter=separator):
        yield {name: value.strip().replace("\0", "") for name, value in zip(names, row, strict=False)}


def _bring_in(kind: Kind, part: list[tuple[int, dict[str, str]]], totals: Totals) -> list[Refused]:
    """One slice: what is wrong by itself, then with other lines and what is held; the rest is inserted."""
    refused: list[Refused] = []
    good: list[tuple[int, Mapping[str, str], tuple[str, int] | None]] = []
    for number, line in part:
        faults = faults_of(kind.fields, line)
        place = None
        if "number" in line and not faults:
            place = numbers.lasting_format().place_of(line["number"])
            line["number"] = numbers.as_number(line["number"])
            faults = [] if place else [("number", Fault.bad_number)]
        refused += [(number, column, fault) for column, fault in faults]
        if not faults:
            good.append((number, line, place))
    import_rules.stage(kind, good)
    refused += import_rules.refused(kind)
    imported = import_rules.insert(kind)
    lines = {number for number, _column, _fault in refused}
    if len(part) != imported + len(lines):
        raise RuntimeError(f"{len(part)} lines read, {imported} imported, {len(lines)} refused: not kept.")
    totals.read += len(part)
    totals.imported += imported
    totals.refused += len(lines)
    return sorted(refused)


def _keep(run_id: int, totals: Totals, is_dry: bool) -> None:
    """Commit the slice with how far the run has come. A dry run goes on in its transaction."""
    if is_dry:
        return
    found = db.session.get_one(ImportRun, run_id)
    found.lines_read, found.imported, found.refused = totals.read, totals.imported, totals.refused
    facts = {"run": run_id, "kind": found.kind, "read": totals.read, "imported": totals.imported}
    audit.record(f"day:{clock.today()}", "import_lines", None, facts | {"refused": totals.refused})
    db.session.commit()


def _end(run_id: int, is_dry: bool) -> None:
    if is_dry:
        db.session.rollback()
        return
    db.session.get_one(ImportRun, run_id).finished_at = clock.now()
    db.session.commit()
    db.session.execute(text("ANALYZE insured_person, employer, employment"))
    db.session.commit()
