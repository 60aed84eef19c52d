"""The way to an SMTP server, for mail and for those who look whether it is open. Knows no application."""

import smtplib
from urllib.parse import unquote, urlsplit


def connected(url: str, seconds: float) -> smtplib.SMTP:
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
