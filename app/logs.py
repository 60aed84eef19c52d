"""Structured logs, one JSON object a line, each with the request's id and nothing personal in it."""

import logging
import re
import secrets
import sys
import time
from http import HTTPStatus

import structlog
from flask import Flask, Response, g, request
from flask_login import current_user
from sqlalchemy import inspect
from structlog.typing import Processor

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def init_app(app: Flask) -> None:
    """Send every log record through one JSON formatter, and log each request once."""
    configure(app.config["SETTINGS"].LOG_LEVEL)
    app.before_request(_begin)
    app.after_request(_end)


def configure(level: str) -> None:
    """Set up logging for this process."""
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for noisy in ("rq", "flask_appbuilder", "alembic", "werkzeug", "flask_limiter"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _begin() -> None:
    """Bind the request's id, the caller's own when it is well formed, to all that is logged."""
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    """Log method, endpoint (never the path, which may hold an identifier), status and duration."""
    response.headers["X-Request-Id"] = g.request_id
    level = "error" if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR else "info"
    getattr(structlog.get_logger("guichet.request"), level)(
        "request",
        method=request.method,
        endpoint=request.endpoint,
        status=response.status_code,
        milliseconds=round((time.perf_counter() - g.started) * 1000, 1),
        account=_account_id(),
    )
    return response


def _account_id() -> int | None:
    """Who is signed in, as the session knows it: after a commit the row itself would be read again."""
    if not current_user or not current_user.is_authenticated:
        return None
    identity = inspect(current_user._get_current_object()).identity
    return identity[0] if identity else None
