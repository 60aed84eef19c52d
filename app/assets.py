"""Static files under names that carry their hash: compressed once, kept by browsers for a year."""

import gzip
import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path

import brotli
from flask import Flask, Response, abort, current_app, request

from app.delays import NAMED_FILE_CACHED, PLAIN_FILE_CACHED

_NAMED = f"public, max-age={NAMED_FILE_CACHED.total_seconds():.0f}, immutable"
_PLAIN = f"public, max-age={PLAIN_FILE_CACHED.total_seconds():.0f}"
_TEXT = {".css", ".js", ".svg", ".json", ".txt", ".webmanifest"}
_FOLDER = Path(__file__).parent / "static"


def init_app(app: Flask) -> None:
    """Serve `static` ourselves: `url_for("static", filename=…)` gives the hashed name."""
    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=_serve)
    app.url_defaults(_hash_name)


def _hash_name(endpoint: str, values: dict[str, str]) -> None:
    if endpoint == "static":
        values["filename"] = _hashed_names().get(values["filename"], values["filename"])


@lru_cache(maxsize=1)
def _hashed_names() -> dict[str, str]:
    """Each static file's name to the name that carries its hash."""
    names = {}
    for path in _FOLDER.rglob("*"):
        if path.is_file():
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:10]
            relative = path.relative_to(_FOLDER)
            names[relative.as_posix()] = relative.with_name(f"{path.stem}.{digest}{path.suffix}").as_posix()
    return names


@lru_cache(maxsize=1)
def _originals() -> dict[str, str]:
    return {hashed: name for name, hashed in _hashed_names().items()}


@lru_cache(maxsize=256)
def _body(name: str, encoding: str) -> bytes:
    """A file's bytes, compressed once for the life of the process."""
    content = (_FOLDER / name).read_bytes()
    if encoding == "br":
        return brotli.compress(content)
    return gzip.compress(content, 9) if encoding == "gzip" else content


def _serve(filename: str) -> Response:
    """A static file under its hashed name for a year, or under its own for an hour."""
    name = _originals().get(filename, filename)
    if name not in _hashed_names():
        abort(404)
    encoding = _encoding(name)
    response = current_app.response_class(
        _body(name, encoding), content_type=mimetypes.guess_type(name)[0] or "application/octet-stream"
    )
    response.headers["Cache-Control"] = _NAMED if name != filename else _PLAIN
    response.vary.add("Accept-Encoding")
    if encoding:
        response.headers["Content-Encoding"] = encoding
    return response


def _encoding(name: str) -> str:
    if Path(name).suffix not in _TEXT:
        return ""
    return request.accept_encodings.best_match(["br", "gzip"]) or ""
