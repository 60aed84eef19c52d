"""Regular work: each job is safe to start twice."""

from app.extensions import db
from app.security.sessions import purge_expired
from app.services import (
    audit_alarms,
    audit_checkpoints,
    closures,
    data_exports,
    deadlines,
    document_checks,
    document_expiry,
    documents,
    drafts,
    list_exports,
    mailed_links,
    recoveries,
    sign_ins,
    stored_files,
    uploads,
)


class ForgedHead(Exception):
    """The audit chain's head of a stream bears no seal of ours: somebody wrote to the database."""


def purge_expired_sessions(outbox_id: int) -> None:
    """Delete the sessions nobody can use any more."""
    purge_expired()


def purge_sign_ins(outbox_id: int) -> None:
    """Delete the links nobody can use any more, and the sign-ins too old to help anybody."""
    mailed_links.purge()
    sign_ins.purge()


def purge_unfiled_documents(outbox_id: int) -> None:
    """Forget the files that were sent with a form and never filed."""
    documents.purge_unfiled()


def remove_stored_file(outbox_id: int, sha256: str) -> None:
    """Remove a file whose row is gone, unless another row names the same bytes."""
    stored_files.remove_unused(sha256)


def sweep_storage(outbox_id: int) -> None:
    """Find the files that a kill left in storage without a row."""
    stored_files.sweep()


def purge_expired_uploads(outbox_id: int) -> None:
    """Forget the files that never arrived whole."""
    uploads.purge_expired()


def check_overdue_documents(outbox_id: int) -> None:
    """Put files in the queue again that wait for their checks for too long."""
    document_checks.check_overdue()


def purge_quarantined(outbox_id: int) -> None:
    """Delete the infected files whose time under lock is over."""
    document_checks.purge_quarantined()


def remind_expiring_documents(outbox_id: int) -> None:
    """Tell owners that a document of theirs expires soon."""
    document_expiry.remind()


def remind_drafts(outbox_id: int) -> None:
    """Recall forgotten drafts to their authors."""
    drafts.remind()


def purge_expired_drafts(outbox_id: int) -> None:
    """Delete the drafts whose time is over; their files follow as unfiled ones."""
    drafts.purge_expired()


def remind_unanswered(outbox_id: int) -> None:
    """Recall requests for information whose reminder falls due today."""
    deadlines.remind_unanswered()


def lapse_unanswered(outbox_id: int) -> None:
    """Close the cases whose author did not answer in time."""
    deadlines.lapse_unanswered()


def remind_employers(outbox_id: int) -> None:
    """Recall what employers were asked and did not answer, when its reminder falls due."""
    deadlines.remind_employers()


def go_on_without_employer(outbox_id: int) -> None:
    """Hand over the cases whose employer stayed silent."""
    deadlines.go_on_without_employer()


def complete_recoveries(outbox_id: int) -> None:
    """Give back the accounts whose waiting period is over."""
    recoveries.complete_due()


def close_accounts(outbox_id: int) -> None:
    """Close the accounts whose owners asked for it, after the cooling period."""
    closures.carry_out_due()


def purge_data_exports(outbox_id: int) -> None:
    """Forget the archives and the files of lists whose days are over."""
    data_exports.purge_expired()
    list_exports.purge_expired()


def checkpoint_audit(outbox_id: int) -> None:
    """Sign the heads of the audit chain, also in storage; it fails aloud when a head is forged."""
    made = audit_checkpoints.checkpoint()
    db.session.commit()
    audit_checkpoints.copy_to_storage()
    if made.left_out:
        raise ForgedHead(f"Heads left out of the checkpoint: {', '.join(made.left_out)}")


def verify_audit(outbox_id: int) -> None:
    """Verify the whole audit chain; what differs is told to administrators and auditors."""
    audit_alarms.check()
