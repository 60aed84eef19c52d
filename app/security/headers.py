"""The headers every answer carries: a strict content policy with nonces, and no caching of personal pages."""

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request, session
from flask_login import current_user

from app.delays import HTTPS_ONLY

_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; manifest-src 'self'; object-src 'none'"
)
_HTTPS_ONLY = f"max-age={HTTPS_ONLY.total_seconds():.0f}; includeSubDomains"
_POLICY_OF_FILES = (
    "default-src 'none'; sandbox; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "object-src 'none'"
)
"""What somebody sent us is kept, never shown as a page of ours."""

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=()",
}
_FORGET = '"cache", "storage"'
"""What a browser forgets when its person signs out; the cookie is replaced by the answer itself."""


def init_app(app: Flask) -> None:
    """Add the headers to every answer, and the nonce to every template."""
    app.add_template_global(csp_nonce)
    app.before_request(_do_not_compress_for_other_sites)
    app.after_request(_protect)


def csp_nonce() -> str:
    """The nonce of this answer's inline scripts."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _do_not_compress_for_other_sites() -> None:
    """The length of a compressed page would tell who had it asked for what secrets it holds (BREACH)."""
    if current_app.config["SESSION_COOKIE_NAME"] in request.cookies and _is_from_another_site():
        request.environ["HTTP_ACCEPT_ENCODING"] = "identity"


def _is_from_another_site() -> bool:
    """As the browser says; an old one says only from which page."""
    said = request.headers.get("Sec-Fetch-Site")
    if said:
        return said not in ("same-origin", "none")
    return bool(request.referrer) and urlsplit(request.referrer).netloc != request.host


def _protect(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _policy(response)
    for name, value in _FIXED.items():
        response.headers.setdefault(name, value)
    if current_app.config["SETTINGS"].is_https:
        response.headers.setdefault("Strict-Transport-Security", _HTTPS_ONLY)
    if request.endpoint != "static" and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store" if _is_personal() else "no-cache, private"
    if _has_signed_out():
        response.headers["Clear-Site-Data"] = _FORGET
    return response


def _is_personal() -> bool:
    """Of who is signed in, or of who holds a link from a mail: it shows what concerns one person."""
    return bool(current_user and current_user.is_authenticated) or "token" in (request.view_args or {})


def _policy(response: Response) -> str:
    """A page's; a file's for what is saved, or what its view wants in a sandbox."""
    is_saved = response.headers.get("Content-Disposition", "").startswith("attachment")
    if is_saved or "sandbox" in response.headers.get("Content-Security-Policy", ""):
        return _POLICY_OF_FILES
    return _POLICY.format(nonce=csp_nonce())


def _has_signed_out() -> bool:
    """Whether this answer takes the browser's token away without signing anybody in."""
    return getattr(session, "renewed", False) and "_user_id" not in session
