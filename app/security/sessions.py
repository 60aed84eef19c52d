"""Browser sessions in the database: revocable at once, JSON only, the cookie holds a random token.

A table of our own, since Flask-Session decodes with pickle as a fallback.
"""

import hashlib
import json
import secrets
from http import HTTPStatus
from typing import Any

from flask import Flask, Request, Response, abort, request
from flask import session as request_session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.datastructures import CallbackDict

from app import clock
from app.delays import SESSION_IDLE, SESSION_LONGEST, SESSION_TOUCHED_EVERY
from app.extensions import db
from app.models import WebSession

_table = WebSession.__table__


class GuichetSession(CallbackDict[str, Any], SessionMixin):
    """The data of one browser session, and the token its browser holds (None until it is first saved)."""

    def __init__(self, data: dict[str, Any] | None = None, token: str | None = None) -> None:
        def changed(session: "GuichetSession") -> None:
            session.modified = True

        super().__init__(data or {}, changed)
        self.token = token
        self.modified = False
        self.renewed = False
        self.is_stale = False
        self.is_lost = False

    def renew(self) -> None:
        """Take a new token when rights change (sign-in, sign-out), so that an old cookie is worth nothing."""
        self.renewed = self.modified = True


class DatabaseSessions(SessionInterface):
    """Reads a session with one query, and writes it only when it changed or was last seen a minute ago."""

    def open_session(self, app: Flask, request: Request) -> GuichetSession:
        """The session of the request's cookie; a fresh one when it is unknown, idle or too old."""
        token = request.cookies.get(self.get_cookie_name(app))
        if not token or request.endpoint == "static":
            return GuichetSession()
        try:
            return _read(token)
        except (OperationalError, PoolTimeout):
            db.session.rollback()
            session = GuichetSession()
            session.is_lost = True
            return session

    def save_session(self, app: Flask, session: GuichetSession, response: Response) -> None:  # type: ignore[override]
        """Write what changed, in a transaction of its own, after the request's work."""
        if session.is_lost:
            return
        if session.accessed:
            response.vary.add("Cookie")
        if session.modified and session.renewed:
            _forget(session.token)
            session.token = None
        if session.modified and session.token is None:
            session.token = _create(session)
            self._send_cookie(app, session.token, response)
        elif session.token and (session.modified or session.is_stale):
            _write(session, session.token)

    def _send_cookie(self, app: Flask, token: str, response: Response) -> None:
        response.set_cookie(
            self.get_cookie_name(app),
            token,
            httponly=True,
            secure=self.get_cookie_secure(app),
            samesite=self.get_cookie_samesite(app),
            path="/",
        )


def refuse_when_lost() -> None:
    """Answer 503 when the session could not be read: nobody is signed out by a database that is away."""
    session = request_session._get_current_object()  # type: ignore[attr-defined]
    if getattr(session, "is_lost", False) and request.endpoint not in ("static", "root.healthz"):
        abort(HTTPStatus.SERVICE_UNAVAILABLE)


def renew() -> None:
    """Give this browser a new token, as whoever signs in or out must get."""
    session = request_session._get_current_object()  # type: ignore[attr-defined]
    if isinstance(session, GuichetSession):
        session.renew()


def revoke_all(account_id: int) -> None:
    """End every session of an account."""
    db.session.execute(delete(_table).where(_table.c.account_id == account_id))


def purge_expired() -> int:
    """Delete the sessions that can no longer be used; how many there were."""
    now = clock.now()
    gone = db.session.execute(
        delete(_table)
        .where((_table.c.seen_at < now - SESSION_IDLE) | (_table.c.created_at < now - SESSION_LONGEST))
        .returning(_table.c.token_hash)
    )
    return len(gone.all())


def _read(token: str) -> GuichetSession:
    now = clock.now()
    row = db.session.execute(
        select(_table.c.data, _table.c.seen_at).where(
            _table.c.token_hash == _hash(token),
            _table.c.seen_at > now - SESSION_IDLE,
            _table.c.created_at > now - SESSION_LONGEST,
        )
    ).one_or_none()
    if row is None:
        return GuichetSession()
    session = GuichetSession(row.data, token)
    session.is_stale = row.seen_at < now - SESSION_TOUCHED_EVERY
    return session


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _create(session: GuichetSession) -> str:
    token = secrets.token_urlsafe(32)
    now = clock.now()
    row = {"token_hash": _hash(token), "data": _plain(session), "created_at": now, "seen_at": now}
    with db.engine.begin() as connection:
        connection.execute(insert(_table).values(**row, account_id=_account(session)))
    return token


def _write(session: GuichetSession, token: str) -> None:
    with db.engine.begin() as connection:
        connection.execute(
            update(_table)
            .where(_table.c.token_hash == _hash(token))
            .values(data=_plain(session), seen_at=clock.now(), account_id=_account(session))
        )


def _forget(token: str | None) -> None:
    if token is not None:
        with db.engine.begin() as connection:
            connection.execute(delete(_table).where(_table.c.token_hash == _hash(token)))


def _plain(session: GuichetSession) -> dict[str, Any]:
    """The data as JSON keeps them; FAB flashes lazy strings: read now, in this request's language."""
    plain: dict[str, Any] = json.loads(json.dumps(dict(session), default=str))
    return plain


def _account(session: GuichetSession) -> int | None:
    number = session.get("_user_id")
    return int(number) if number else None
