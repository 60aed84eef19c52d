"""What RQ calls: run one outbox row, under its lock, and mark it done together with its effects.

A run is counted before it begins: one that takes its process with it is not tried for ever.
"""

from collections.abc import Callable
from smtplib import SMTPRecipientsRefused
from typing import Any

import structlog
from flask import current_app

from app.extensions import db
from app.jobs import nightly
from app.jobs.data_exports import make_data_export
from app.jobs.desk import make_list_export, run_verification, work_bulk
from app.jobs.documents import check_document, tell_of_expiring_documents, tell_of_refused_documents
from app.jobs.letters import make_letter
from app.jobs.mail import (
    send_account_notice,
    send_chain_alarm,
    send_document_notice,
    send_draft_reminder,
    send_link_code,
    send_mailed_link,
    send_message_notice,
    send_notice,
)
from app.services import notifications, outbox

Job = Callable[..., Any]

JOBS: dict[str, Job] = {
    job.__name__: job
    for job in (
        send_notice,
        send_chain_alarm,
        send_document_notice,
        send_message_notice,
        send_account_notice,
        send_link_code,
        make_letter,
        check_document,
        tell_of_refused_documents,
        tell_of_expiring_documents,
        nightly.purge_expired_sessions,
        nightly.purge_unfiled_documents,
        nightly.purge_quarantined,
        nightly.remove_stored_file,
        nightly.sweep_storage,
        send_draft_reminder,
        nightly.remind_drafts,
        nightly.purge_expired_drafts,
        nightly.remind_unanswered,
        nightly.lapse_unanswered,
        nightly.remind_employers,
        nightly.go_on_without_employer,
        nightly.checkpoint_audit,
        nightly.verify_audit,
        nightly.complete_recoveries,
        nightly.close_accounts,
        nightly.purge_data_exports,
        make_data_export,
        send_mailed_link,
        nightly.purge_sign_ins,
        nightly.purge_expired_uploads,
        nightly.check_overdue_documents,
        nightly.remind_expiring_documents,
        work_bulk,
        run_verification,
        make_list_export,
    )
}


def run(outbox_id: int) -> None:
    """Do the work of a row, unless it is done or another worker holds it."""
    with current_app.app_context(), outbox.taken(outbox_id) as is_ours:
        if is_ours and _begin(outbox_id):
            _finish(outbox_id)


def _begin(outbox_id: int) -> bool:
    is_begun = outbox.begin(outbox_id)
    db.session.commit()
    return is_begun


def _finish(outbox_id: int) -> None:
    """The work and its mark, or why it failed."""
    try:
        _work(outbox_id)
    except Exception as error:
        db.session.rollback()
        outbox.mark_failed(outbox_id, _described(error))
        notifications.mark_failed(outbox_id, _described(error))
        db.session.commit()
        structlog.get_logger("guichet.jobs").error("job_failed", outbox=outbox_id, error=_described(error))


def _work(outbox_id: int) -> None:
    row = outbox.lock(outbox_id)
    if row is None:
        return
    JOBS[row.job](outbox_id, **row.payload)
    outbox.mark_done(row)
    db.session.commit()


def _described(error: Exception) -> str:
    """What went wrong, without the address of a person whose mail was refused."""
    if isinstance(error, SMTPRecipientsRefused):
        return f"{type(error).__name__}: {sorted(code for code, _reason in error.recipients.values())}"
    return f"{type(error).__name__}: {error}"
