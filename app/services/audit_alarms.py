"""The nightly verification of the audit chain: kept, and when anything differs told to those who must act."""

from collections.abc import Callable

import structlog
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import Account, ChainCheck
from app.permissions import ADMINISTRATOR, AUDITOR
from app.services import accounts, audit_verification, outbox


def check(told: Callable[[int], None] | None = None) -> ChainCheck:
    """Verify the whole chain and keep the result; administrators and auditors get a mail when it differs.

    `told` is called with the number of entries read so far.
    """
    report = audit_verification.verify(told=told)
    sentences = [finding.sentence for finding in report.findings]
    made = ChainCheck(checked_at=clock.now(), entries=report.entries, found=report.found, findings=sentences)
    db.session.add(made)
    db.session.flush()
    if not report.is_sound:
        _raise_alarm(made)
    return made


def last() -> ChainCheck | None:
    """The latest check; None before the first night."""
    return db.session.scalars(select(ChainCheck).order_by(ChainCheck.id.desc()).limit(1)).one_or_none()


def _raise_alarm(made: ChainCheck) -> None:
    log = structlog.get_logger("guichet.audit")
    log.error("chain_differs", check=made.id, found=made.found, first=made.findings[:5])
    may_act = Account.roles.any(Role.name.in_((ADMINISTRATOR, AUDITOR)))
    for account in db.session.scalars(select(Account).where(Account.active.is_(True), may_act)).unique():
        if accounts.has_email(account):
            outbox.write("send_chain_alarm", check_id=made.id, account_id=account.id)
