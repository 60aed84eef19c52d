"""Mail out: to an SMTP server, or into a Maildir under the data folder that `/staff/devmail` shows."""

import mailbox
import smtplib
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask import current_app

from app.delays import SMTP_SECONDS


def send(message: EmailMessage) -> None:
    """Hand over one message; raises `OSError` (SMTP errors included) when it could not be."""
    url = current_app.config["SETTINGS"].SMTP_URL
    if url.startswith("maildir://"):
        folder = _folder(url)
        folder.parent.mkdir(parents=True, exist_ok=True)
        mailbox.Maildir(folder).add(message)
        return
    with _connect(url, SMTP_SECONDS) as server:
        server.send_message(message)


def delivered() -> list[EmailMessage]:
    """The messages of the embedded mailbox, newest first; none when mail goes to a real server."""
    url = current_app.config["SETTINGS"].SMTP_URL
    if not url.startswith("maildir://") or not _folder(url).exists():
        return []
    box = mailbox.Maildir(_folder(url), factory=None, create=False)
    return [_parsed(box.get_bytes(key)) for key in sorted(box.keys(), reverse=True)]


def probe(url: str, seconds: float) -> None:
    """Sign in to the SMTP server at the URL and leave; `OSError` when it does not let us in that soon."""
    with _connect(url, seconds) as server:
        server.noop()


def _folder(url: str) -> Path:
    return Path(url.removeprefix("maildir://"))


def _parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)


def _connect(url: str, seconds: float) -> smtplib.SMTP:
    """smtp://user:password@host:587 (STARTTLS when the server offers it), or smtps://host:465."""
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=seconds)
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=seconds)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls()
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server
