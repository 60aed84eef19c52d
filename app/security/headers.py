"""The headers every answer carries: a strict content policy with nonces, and no caching of personal pages."""

import secrets

from flask import Flask, Response, g, request
from flask_login import current_user

from app.delays import HTTPS_ONLY

_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; manifest-src 'self'"
)
_HTTPS_ONLY = f"max-age={HTTPS_ONLY.total_seconds():.0f}; includeSubDomains"
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=()",
}


def init_app(app: Flask) -> None:
    """Add the headers to every answer, and the nonce to every template."""
    app.add_template_global(csp_nonce)
    app.after_request(_protect)


def csp_nonce() -> str:
    """The nonce of this answer's inline scripts."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _protect(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _POLICY.format(nonce=csp_nonce()))
    for name, value in _FIXED.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", _HTTPS_ONLY)
    if request.endpoint != "static" and "Cache-Control" not in response.headers:
        signed_in = current_user and current_user.is_authenticated
        response.headers["Cache-Control"] = "no-store" if signed_in else "no-cache, private"
    return response
