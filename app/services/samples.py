"""A sample of decided cases that anybody can draw again.

Cases are ordered by the SHA-256 of the seed followed by their reference, and the first are taken: the same
seed and the same population give the same cases, with any tool. The population is known by the hash of its
references.
"""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select, text

from app import clock
from app.extensions import db
from app.models import Account, AuditSample, Case
from app.permissions import AUDITOR
from app.services import audit
from app.services.base import NotAllowed, RuleBroken
from app.workflow import DECIDED


@dataclass(frozen=True)
class Frame:
    """Which cases a sample is drawn from: a service's, decided from a day to a day."""

    service: str
    since: date
    until: date


@dataclass(frozen=True)
class Draw:
    """What a seed takes out of a population."""

    population: int
    population_digest: str
    references: list[str]


def draw(frame: Frame, size: int, seed: str, auditor: Account) -> AuditSample:
    """Draw, keep and record a sample; an empty seed gets a new one.

    Raises `NotAllowed` for who is no auditor, `RuleBroken` when the period or the population is empty.
    """
    if not auditor.has_role(AUDITOR):
        raise NotAllowed(_l("Your role does not allow this step."))
    if frame.until < frame.since:
        raise RuleBroken(_l("The last day cannot be before the first."))
    seed = seed or secrets.token_hex(8)
    drawn = drawn_from(frame, size, seed)
    if not drawn.population:
        raise RuleBroken(_l("No case was decided in this period."))
    sample = AuditSample(
        account=auditor,
        service=frame.service,
        since=frame.since,
        until=frame.until,
        seed=seed,
        size=size,
        population=drawn.population,
        population_digest=drawn.population_digest,
        references=drawn.references,
        drawn_at=clock.now(),
    )
    db.session.add(sample)
    db.session.flush()
    facts = {"sample": sample.id, "service": frame.service, "seed": seed, "size": size}
    facts |= {"since": frame.since.isoformat(), "until": frame.until.isoformat()}
    facts |= {"population": drawn.population, "population_digest": drawn.population_digest}
    audit.record(f"day:{clock.today()}", "draw_sample", auditor.id, facts | {"drawn": drawn.references})
    return sample


def again(sample: AuditSample) -> Draw:
    """The same draw from the population as it is now."""
    return drawn_from(Frame(sample.service, sample.since, sample.until), sample.size, sample.seed)


def numbers_of(sample: AuditSample) -> dict[str, int]:
    """The rows of the drawn cases by reference."""
    wanted = select(Case.reference, Case.id).where(Case.reference.in_(sample.references))
    return {str(row[0]): row[1] for row in db.session.execute(wanted)}


def drawn_from(frame: Frame, size: int, seed: str) -> Draw:
    """What the seed takes, without keeping it."""
    population = _population(frame).subquery()
    listed = func.string_agg(text("reference, E'\\n' ORDER BY reference COLLATE \"C\""))
    number, digest = db.session.execute(
        select(func.count(), func.encode(func.sha256(func.convert_to(listed, "UTF8")), "hex")).select_from(
            population
        )
    ).one()
    order = func.sha256(func.convert_to(func.concat(seed, population.c.reference), "UTF8"))
    taken = db.session.scalars(select(population.c.reference).order_by(order).limit(size))
    return Draw(number, digest or "", list(taken))


def _population(frame: Frame) -> Select[Any]:
    return select(Case.reference).where(
        Case.service == frame.service,
        Case.status.in_(DECIDED),
        Case.decided_at >= clock.start_of(frame.since),
        Case.decided_at < clock.start_of(frame.until + timedelta(days=1)),
    )
