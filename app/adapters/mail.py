"""Mail out: to an SMTP server, or into a Maildir under the data folder that `/staff/devmail` shows."""

import mailbox
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from flask import current_app

from app.adapters.smtp import connected
from app.delays import SMTP_SECONDS

# Made in this order, by us and not by the library: two processes may send the first mail at once.
MAILDIR_PARTS = ("tmp", "new", "cur")


def send(message: EmailMessage) -> None:
    """Hand over one message; raises `OSError` (SMTP errors included) when it could not be."""
    url = current_app.config["SETTINGS"].SMTP_URL
    if url.startswith("maildir://"):
        folder = _folder(url)
        for part in MAILDIR_PARTS:
            (folder / part).mkdir(parents=True, exist_ok=True)
        mailbox.Maildir(folder).add(message)
        return
    with connected(url, SMTP_SECONDS) as server:
        server.send_message(message)


def delivered() -> list[EmailMessage]:
    """The messages of the embedded mailbox, newest first; none when mail goes to a real server."""
    url = current_app.config["SETTINGS"].SMTP_URL
    if not url.startswith("maildir://") or not (_folder(url) / MAILDIR_PARTS[-1]).exists():
        return []
    box = mailbox.Maildir(_folder(url), factory=None, create=False)
    return [_parsed(box.get_bytes(key)) for key in sorted(box.keys(), reverse=True)]


def _folder(url: str) -> Path:
    return Path(url.removeprefix("maildir://"))


def _parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)
