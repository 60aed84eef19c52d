"""Requests no honest page sends, refused before anything reads them."""

from urllib.parse import urlencode

from flask import Flask, abort, redirect, request
from werkzeug.wrappers import Response

LONGEST_PAGE = 200
LARGEST_NUMBER = 2**31 - 1
_NUL = "\x00"


def init_app(app: Flask) -> None:
    """Look at each request first."""
    app.before_request(_refuse_nul)
    app.before_request(_refuse_absurd_numbers)
    app.before_request(_refuse_absurd_pages)
    app.before_request(_drop_empty_filters)


def _refuse_nul() -> None:
    """PostgreSQL's text holds no NUL character, no keyboard has one, and each field of a form has a name."""
    sources = (request.args, request.form)
    values = (value for source in sources for pair in source.items(multi=True) for value in pair)
    if _NUL in request.path or any(value is None or _NUL in value for value in values):
        abort(400)


def _refuse_absurd_numbers() -> None:
    """A row's number that no row can have: FAB, and PostgreSQL, fail on it."""
    number = str((request.view_args or {}).get("pk", 0))
    if not (number.isascii() and number.isdigit() and int(number[:20]) <= LARGEST_NUMBER):
        abort(404)


def _refuse_absurd_pages() -> None:
    """FAB fails on a page that is no number, and would load any number of rows at once."""
    if not request.path.startswith("/staff"):
        return
    for name, value in request.args.items(multi=True):
        is_page, is_size = name.startswith("page_"), name.startswith("psize_")
        if (is_page or is_size) and not (value.isascii() and value.isdigit() and len(value) < 10):
            abort(400)
        if is_size and not 0 < int(value) <= LONGEST_PAGE:
            abort(400)


def _drop_empty_filters() -> Response | None:
    """A search form sent without JavaScript carries its empty fields, which FAB would search for."""
    if request.method != "GET" or not request.path.startswith("/staff"):
        return None
    kept = [(name, value) for name, value in request.args.items(multi=True) if value or name[:5] != "_flt_"]
    if len(kept) == len(list(request.args.items(multi=True))):
        return None
    return redirect(f"{request.path}?{urlencode(kept)}")
