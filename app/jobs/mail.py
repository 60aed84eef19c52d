"""Mail out."""

from typing import Any

from app.services import account_mail, document_notices, message_mail, notices


def send_notice(outbox_id: int, notice: str, case_id: int, letter_id: int | None = None) -> None:
    """Send one notice about a case; a second run sends the same Message-ID."""
    notices.send(notice, case_id, outbox_id, letter_id)


def send_document_notice(outbox_id: int, notice: str, owner_id: int, document_ids: list[int]) -> None:
    """Send one notice about a person's documents."""
    document_notices.send(notice, owner_id, document_ids, outbox_id)


def send_message_notice(outbox_id: int, message_id: int) -> None:
    """Say that there is a message."""
    message_mail.send(message_id, outbox_id)


def send_chain_alarm(outbox_id: int, check_id: int, account_id: int) -> None:
    """Tell one person of the staff that the audit chain differs."""
    notices.send_chain_alarm(check_id, account_id, outbox_id)


def send_draft_reminder(outbox_id: int, draft_id: int) -> None:
    """Recall one draft to its author."""
    notices.send_draft_reminder(draft_id, outbox_id)


def send_account_notice(outbox_id: int, notice: str, account_id: int, **more: Any) -> None:
    """Send one notice about an account; a second run sends the same Message-ID."""
    account_mail.send_notice(notice, account_id, outbox_id, **more)


def send_link_code(outbox_id: int, attempt_id: int) -> None:
    """Send the code of one try to link an account."""
    account_mail.send_link_code(attempt_id, outbox_id)


def send_mailed_link(outbox_id: int, link_id: int) -> None:
    """Mail one link, or what its address may know instead; a second run sends the same Message-ID."""
    account_mail.send_link(link_id, outbox_id)
