"""The table of `app/access.py` kept: nothing is served that it does not list, to nobody it does not name."""

from typing import Any

import structlog
from flask import Flask, abort, current_app, request
from flask_login import current_user

from app.access import TABLE, VISITOR, Page, Whose

HEAD = {"HEAD"}
"""Asked as a GET. OPTIONS, which only other sites need, is no method of any page."""


class Undeclared(RuntimeError):
    """A page of which the table does not say who may open it."""


def init_app(app: Flask) -> None:
    """Ask the table before each request."""
    app.before_request(refuse_who_may_not)


def check(app: Flask) -> None:
    """Refuse to start with a page the table does not know; the message holds the lines to add."""
    missing: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        unknown = {
            method for method in (rule.methods or set()) - HEAD if (rule.endpoint, method) not in TABLE
        }
        if unknown:
            missing.setdefault(rule.endpoint, set()).update(unknown)
    if missing:
        lines = [_line_to_add(app, endpoint, methods) for endpoint, methods in sorted(missing.items())]
        raise Undeclared(
            "app/access.py does not say who may open these pages. Add to it:\n" + "\n".join(lines)
        )


def _line_to_add(app: Flask, endpoint: str, methods: set[str]) -> str:
    """What the table would say; for a staff's screen with the permission its view asks for."""
    sent = {("GET",): "READ", ("POST",): "SEND", ("GET", "POST"): "BOTH"}
    named = sent.get(tuple(sorted(methods)), str(tuple(sorted(methods))))
    permission = getattr(app.view_functions[endpoint], "_permission_name", None)
    view, _dot, name = endpoint.partition(".")
    if permission:
        return f'    "{view}": … | {{"{name}": ({named}, "can_{permission}")}},'
    return f'    Page("{endpoint}", {named}, WHO, Whose.WHOSE),'


def refuse_who_may_not() -> Any:
    """Nothing for who may open the page; else the way to the sign-in, a 403, or a 404 for nobody's pages."""
    if request.endpoint is None:
        return None
    page = TABLE.get((request.endpoint, "GET" if request.method == "HEAD" else request.method))
    if page is None:
        structlog.get_logger("guichet").error("undeclared", endpoint=request.endpoint)
        abort(404)
    return None if VISITOR in page.who else _refuse(page)


def _refuse(page: Page) -> Any:
    """What somebody who is not just anybody gets."""
    if not page.who:
        abort(404)
    if not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    if not current_user.has_role(*page.who):
        abort(404 if page.whose is Whose.NAMED else 403)
    return None
