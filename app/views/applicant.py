"""For whom a request is written: whoever is signed in, or the person an officer received at the counter."""

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, g, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.extensions import db
from app.models import Account, Draft
from app.services import counter, drafts, locks
from app.services.base import Service

COUNTER = "counter"
"""The journey's name when an officer walks it: its addresses name the person."""


def take(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Take the person out of an address of the counter; the views need not know."""
    g.at_counter = values.pop("owner", None) if values else None


def speak_for(owner: Account) -> None:
    """Let what is read and kept until the end of this request be the person's whom an officer speaks for."""
    g.at_counter, g.applicant = owner.id, owner


def name_in(endpoint: str, values: dict[str, Any]) -> None:
    """Name the person again in each address of the counter."""
    if is_at_counter() and endpoint.startswith(f"{COUNTER}."):
        values.setdefault("owner", g.at_counter)


def is_at_counter() -> bool:
    """Whether an officer is entering this for somebody else."""
    return g.get("at_counter") is not None


def name() -> str:
    """The person at the counter; empty when one writes for oneself."""
    return current().get_full_name() if is_at_counter() and "applicant" in g else ""


def current() -> Account:
    """Whose request it is, once `admit` let the page be read."""
    account: Account = g.applicant if is_at_counter() else current_user
    return account


def admit(service: Service[Any]) -> Service[Any]:
    """The service, for those who did not lock their file, or whom this officer received for it today."""
    if not is_at_counter():
        locks.check(current_user, service.slug)
        return service
    owner = db.session.get(Account, g.at_counter) or abort(404)
    if not counter.is_received(service, owner, current_user):
        flash(_("First note that you received this person today."), "warning")
        abort(redirect(url_for("EntryView.receive")))
    g.applicant = owner
    return service


def draft(service: Service[Any]) -> Draft | None:
    """What was answered so far, or None."""
    return drafts.of(current(), _draft_name(service))


def save(service: Service[Any], answers: Mapping[str, Any]) -> Draft | None:
    """Keep these answers."""
    return drafts.save(current(), _draft_name(service), answers)


def discard(service: Service[Any]) -> None:
    """Forget the answers."""
    drafts.discard(current(), _draft_name(service))


def _draft_name(service: Service[Any]) -> str:
    """The officer's draft stands beside the one the person writes online."""
    return f"{drafts.COUNTER}{service.slug}" if is_at_counter() else service.slug
