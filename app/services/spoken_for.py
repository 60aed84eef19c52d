"""An officer speaks for a person: how the person told them, and what it rests on."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.models import Case
from app.services import locks
from app.services.base import NotAllowed, RuleBroken, Service
from app.workflow import Step, Told

LONGEST_EVIDENCE = 1000


@dataclass(frozen=True)
class ForPerson:
    """How the person told the officer who takes a step for them, and the paper or the call it rests on."""

    told: Told
    evidence: str


def check(service: Service[Any], case: Case, step: Step, for_person: ForPerson | None) -> None:
    """Who is spoken for is named with how they said it; a locked file hears them at the counter alone."""
    if step.for_person is not (for_person is not None):
        raise NotAllowed(_l("Say how the person told you, on the page of this step."))
    if for_person is None:
        return
    if not 0 < len(for_person.evidence.strip()) <= LONGEST_EVIDENCE:
        raise RuleBroken(_l("Name the paper or the call, in at most 1,000 characters."))
    if for_person.told is not Told.counter and locks.stops(case.owner, service.slug):
        raise locks.FileLocked(
            _l("This person locked their file: they can change something at the counter only.")
        )
