"""Who is who: sessions kept on the server, passwords, headers, and FAB's doors shut."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.security import attempts, headers, requests
from app.security.sessions import DatabaseSessions, refuse_when_lost


def init_app(app: Flask) -> None:
    """Keep sessions in the database, count tries, send the security headers, refuse what no page sends."""
    proxies = app.config["SETTINGS"].TRUSTED_PROXIES
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, proxies, proxies, proxies)  # type: ignore[method-assign]
    app.session_interface = DatabaseSessions()
    app.before_request(refuse_when_lost)
    attempts.init_app(app)
    headers.init_app(app)
    requests.init_app(app)
