"""Decisions and their notification: the time to appeal runs from the day the person was told."""

from datetime import date, datetime, time

from flask import current_app

from app import clock
from app.extensions import db
from app.models import Decision
from app.services import audit, delays


def mark_notified(decision: Decision, how: str, on: date | None = None) -> None:
    """Note how and when (now, or a day) a decision reached the person (`email`, `paper`, `counter`); once."""
    if decision.notified_at is not None:
        return
    zone = current_app.config["SETTINGS"].TIME_ZONE
    appeal_by = delays.due(decision.case.service, delays.APPEAL, on)
    decision.notified_at = datetime.combine(on, time(), tzinfo=zone) if on else clock.now()
    decision.notified_how, decision.appeal_by = how, appeal_by
    db.session.flush()
    facts = {"decision": decision.id, "how": how, "notified_at": decision.notified_at, "appeal_by": appeal_by}
    audit.record(f"case:{decision.case_id}", "notify", None, facts)
