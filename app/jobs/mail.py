"""Letters out."""

from app.services import notices


def send_notice(outbox_id: int, notice: str, case_id: int) -> None:
    """Send one notice about a case; a second run sends the same Message-ID."""
    notices.send(notice, case_id, outbox_id)
