"""Error pages in both languages; what went wrong is logged, never shown."""

from http import HTTPStatus

import structlog
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError

from app.delays import RETRY_SECONDS
from app.extensions import db

LARGEST_READ = 64 * 1024 * 1024
CHUNK = 64 * 1024


def init_app(app: Flask) -> None:
    """Answer every error with a page in the reader's language."""
    app.register_error_handler(HTTPException, show)
    app.register_error_handler(OperationalError, unavailable)
    app.register_error_handler(StatementError, unreadable)
    app.register_error_handler(PoolTimeout, unavailable)


def show(error: HTTPException) -> Response:
    """The page of an HTTP error."""
    code = error.code or 500
    if code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        _read_the_rest()
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    if code == HTTPStatus.SERVICE_UNAVAILABLE:
        return unavailable(error)
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        db.session.rollback()
        structlog.get_logger("guichet").error("failure", exc_info=error.original_exception)
    return _page(code, *_texts(code))


def stale_form(error: CSRFError) -> Response:
    """A form that was open too long, or that did not come from our page."""
    structlog.get_logger("guichet").warning("csrf", reason=error.description)
    return _page(
        400,
        _("This page was open too long"),
        _("For your safety we did not record anything. Go back, reload the page and send it again."),
    )


def unreadable(error: Exception) -> Response:
    """A value the database cannot read, such as a word where a search wants yes or no."""
    db.session.rollback()
    if isinstance(error, DBAPIError) and not _is_of_another_kind(error):
        return show(InternalServerError(original_exception=error))
    structlog.get_logger("guichet").warning("unreadable", error=type(error).__name__)
    return _page(400, *_texts(400))


def _is_of_another_kind(error: DBAPIError) -> bool:
    """A value out of range or of another type (SQLSTATE 22…, 42883), and no mistake in our SQL."""
    state = getattr(error.orig, "sqlstate", None) or ""
    return isinstance(error, DataError) or state.startswith("22") or state == "42883"


def unavailable(error: Exception) -> Response:
    """The database does not answer, or everyone is busy: say so without asking it anything."""
    g._login_user = AnonymousUserMixin()
    structlog.get_logger("guichet").error("unavailable", error=type(error).__name__)
    response = _page(503, *_texts(503))
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _read_the_rest() -> None:
    """Take in what is still being sent, within reason: a browser shows the answer only when it is done."""
    stream, left = request.environ["wsgi.input"], LARGEST_READ
    while left > 0 and (chunk := stream.read(min(left, CHUNK))):
        left -= len(chunk)


def _texts(code: int) -> tuple[str, str]:
    """A heading and a sentence that says what to do."""
    if code == 404:
        return _("Page not found"), _("Check the address, or go back to the home page.")
    if code == 403:
        return _("You may not see this page"), _("Sign in with another account, or go back to the home page.")
    if code == 405:
        return _("This address does not answer that"), _("Go back to the home page.")
    if code == 413:
        return _("The file is too large"), _("Go back and choose a file of at most 10 MB.")
    if code == 503:
        return _("The service is busy"), _("Nothing is lost. Try again in a few seconds.")
    if code >= 500:
        return (
            _("Something went wrong on our side"),
            _("Nothing was recorded. Try again in a few minutes."),
        )
    return _("This request could not be read"), _("Go back, reload the page and send it again.")


def _page(code: int, heading: str, text: str) -> Response:
    if request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json":
        return make_response(jsonify(error=heading, message=text), code)
    page = render_template("error.html", code=code, heading=heading, text=text)
    return make_response(page, code)
