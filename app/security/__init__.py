"""Who is who: sessions kept on the server, passwords, headers, and FAB's doors shut."""

from flask import Flask

from app.security import headers
from app.security.sessions import DatabaseSessions


def init_app(app: Flask) -> None:
    """Keep sessions in the database and send the security headers."""
    app.session_interface = DatabaseSessions()
    headers.init_app(app)
