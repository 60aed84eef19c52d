"""Who is who: sessions kept on the server, passwords, headers, and FAB's doors shut."""

from flask import Flask

from app.security import headers, requests
from app.security.sessions import DatabaseSessions, refuse_when_lost


def init_app(app: Flask) -> None:
    """Keep sessions in the database send the security headers, refuse what no page sends."""
    app.session_interface = DatabaseSessions()
    app.before_request(refuse_when_lost)
    headers.init_app(app)
    requests.init_app(app)
