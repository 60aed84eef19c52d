"""Decisions and their notification: the time to appeal runs from the day the person was told."""

from app import clock
from app.models import Case
from app.services import delays


def mark_notified(case: Case, how: str) -> None:
    """Note how and when the latest decision reached the person (`email`, `paper`, `counter`); once."""
    decision = case.decisions[-1]
    if decision.notified_at is None:
        decision.notified_at = clock.now()
        decision.notified_how = how
        decision.appeal_by = delays.due(case.service, delays.APPEAL)
