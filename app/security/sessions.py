"""Browser sessions in the database: revocable at once, JSON only, the cookie holds a random token.

A table of our own, since Flask-Session decodes with pickle as a fallback.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Flask, Request, Response, abort, current_app, has_request_context, request
from flask import session as request_session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.datastructures import CallbackDict

from app import clock
from app.delays import SESSION_LIMITS, SESSION_REMEMBERED, SESSION_TOUCHED_EVERY
from app.extensions import db
from app.models import Account, WebSession
from app.permissions import ADMINISTRATOR, STAFF
from app.security.devices import LONGEST_AGENT, Device

_table = WebSession.__table__
_KIND = "kind"
_ACCOUNT = "_user_id"
_SEAL = "sealed_by"
HALF = "half_signed_in"
"""Under this the sign-in keeps who gave the password and must still give a code: no session yet."""

WITHOUT_SESSION = frozenset({"static", "root.livez", "root.show_metrics"})
"""Pages that are the same for everybody, and answered without the database."""

ASKED_BY_ITSELF = frozenset({"cases.state", "cases.events", "documents.row", "uploads.state"})
"""What an open page asks for though nobody is there: it lengthens no session."""


@dataclass(frozen=True)
class Open:
    """An open session as its owner sees it; `key` names it and opens nothing."""

    key: str
    user_agent: str
    network: str
    signed_in_at: datetime
    seen_at: datetime
    is_this: bool


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
        self.began_at: datetime | None = None
        self.ended_account: int | None = None

    def renew(self, is_fresh: bool = True) -> None:
        """Take a new token when rights change, so that an old cookie is worth nothing.

        A fresh session (sign-in, sign-out) begins now; one that was proved again ends when it would have.
        """
        self.renewed = self.modified = True
        if is_fresh:
            self.began_at = None


class DatabaseSessions(SessionInterface):
    """Reads a session with one query, and writes it only when it changed or was last seen a minute ago."""

    def open_session(self, app: Flask, request: Request) -> GuichetSession:
        """The session of the request's cookie; a fresh one when it is unknown, idle or too old."""
        token = request.cookies.get(self.get_cookie_name(app))
        if not token or request.endpoint in WITHOUT_SESSION:
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
            if not _forget(session.token) and session.began_at is not None:
                return  # ended from elsewhere while it was being proved again: it stays ended
            session.token = None
        if session.modified and session.token is None:
            session.token = _create(session)
            self._send_cookie(app, session.token, response)
        elif session.token and (session.modified or (session.is_stale and not _is_asked_by_itself())):
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


def this_device() -> Device:
    """Where this request comes from."""
    agent = request.headers.get("User-Agent", "")[:LONGEST_AGENT]
    return Device(request.remote_addr or "", agent)


def refuse_when_lost() -> None:
    """Answer 503 when the session could not be read: nobody is signed out by a database that is away."""
    session = _current()
    if session is not None and session.is_lost and request.endpoint not in WITHOUT_SESSION | {"root.healthz"}:
        abort(HTTPStatus.SERVICE_UNAVAILABLE)


def renew(is_fresh: bool = True) -> None:
    """Give this browser a new token, as whoever signs in or out, or proves again who they are, must get."""
    session = _current()
    if session is not None:
        session.renew(is_fresh)


def begin(account: Account) -> None:
    """Forget what this browser held, under a new token that lasts as long as the account's roles let it."""
    request_session.clear()
    renew()
    request_session[_KIND] = kind_of(account)
    request_session[_SEAL] = _seal_of(account)


def is_of_todays_password(account: Account) -> bool:
    """Whether this session began under the password the account has now.

    One that was being made while the password changed has no row yet for `revoke_all` to find.
    """
    return hmac.compare_digest(str(request_session.get(_SEAL, "")), _seal_of(account))


def _seal_of(account: Account) -> str:
    """What tells one password of an account from another, and nothing of either."""
    secret = current_app.config["SETTINGS"].SECRET_KEY.encode()
    sealed = f"session {account.id} {account.password or ''}".encode()
    return hmac.new(secret, sealed, hashlib.sha256).hexdigest()


def kind_of(account: Account) -> str:
    """Whose limits of `SESSION_LIMITS` apply: the strictest of what the account may do."""
    if account.has_role(ADMINISTRATOR):
        return "administrator"
    return "staff" if account.has_role(*STAFF) else "employee"


def ended_account() -> int | None:
    """Whose session this browser still shows the cookie of, when its time is over; None when it was ended."""
    session = _current()
    return session.ended_account if session is not None else None


def open_ones(account_id: int) -> list[Open]:
    """The account's sessions that can still be used, the latest used first."""
    current = _current()
    mine = _hash(current.token) if current is not None and current.token else None
    rows = db.session.execute(
        select(_table)
        .where(_table.c.account_id == account_id, _table.c.data.has_key(_ACCOUNT))
        .order_by(_table.c.seen_at.desc())
    )
    return [
        Open(
            row.token_hash.hex(),
            row.user_agent or "",
            row.network or "",
            row.created_at,
            row.seen_at,
            row.token_hash == mine,
        )
        for row in rows
        if _is_alive(row)
    ]


def revoke(account_id: int, key: str) -> bool:
    """End one session of an account; whether there was one of that key."""
    try:
        token_hash = bytes.fromhex(key)
    except ValueError:
        return False
    gone = db.session.execute(
        delete(_table)
        .where(_table.c.account_id == account_id, _table.c.token_hash == token_hash)
        .returning(_table.c.token_hash)
    )
    return gone.one_or_none() is not None


def revoke_all(account_id: int) -> int:
    """End every session of an account; how many."""
    gone = db.session.execute(
        delete(_table).where(_table.c.account_id == account_id).returning(_table.c.token_hash)
    )
    return len(gone.all())


def revoke_everybody() -> int:
    """End every session there is; how many."""
    return len(db.session.execute(delete(_table).returning(_table.c.token_hash)).all())


def purge_expired() -> int:
    """Delete the sessions nobody needs any more, not even to give back what was typed; how many."""
    last = clock.now() - SESSION_REMEMBERED
    is_over = [
        (_table.c.kind == kind) & ((_table.c.seen_at < last - idle) | (_table.c.created_at < last - longest))
        for kind, (idle, longest) in SESSION_LIMITS.items()
    ]
    gone = db.session.execute(delete(_table).where(or_(*is_over)).returning(_table.c.token_hash))
    return len(gone.all())


def _read(token: str) -> GuichetSession:
    row = db.session.execute(
        select(
            _table.c.data, _table.c.account_id, _table.c.kind, _table.c.seen_at, _table.c.created_at
        ).where(_table.c.token_hash == _hash(token))
    ).one_or_none()
    if row is None:
        return GuichetSession()
    if not _is_alive(row):
        ended = GuichetSession()
        ended.ended_account = row.account_id if _ACCOUNT in row.data else None
        return ended
    session = GuichetSession(row.data, token)
    session.is_stale = row.seen_at < clock.now() - SESSION_TOUCHED_EVERY
    session.began_at = row.created_at
    return session


def _is_alive(row: Any) -> bool:
    """Whether a session was used lately enough and is not too old."""
    idle, longest = SESSION_LIMITS[row.kind]
    return bool(row.seen_at > clock.now() - idle and row.created_at > clock.now() - longest)


def _current() -> GuichetSession | None:
    """This request's session; None for a job, which has none."""
    if not has_request_context():
        return None
    session = request_session._get_current_object()  # type: ignore[attr-defined]
    return session if isinstance(session, GuichetSession) else None


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _create(session: GuichetSession) -> str:
    token = secrets.token_urlsafe(32)
    now = clock.now()
    device = this_device()
    row = {
        "token_hash": _hash(token),
        "data": _plain(session),
        "created_at": session.began_at or now,
        "seen_at": now,
        "kind": session.get(_KIND, "employee"),
        "network": device.network,
        "user_agent": device.user_agent,
    }
    with db.engine.begin() as connection:
        connection.execute(insert(_table).values(**row, account_id=_account(session)))
    return token


def _write(session: GuichetSession, token: str) -> None:
    with db.engine.begin() as connection:
        connection.execute(
            update(_table)
            .where(_table.c.token_hash == _hash(token))
            .values(data=_plain(session), account_id=_account(session), **_seen())
        )


def _seen() -> dict[str, datetime]:
    return {} if _is_asked_by_itself() else {"seen_at": clock.now()}


def _is_asked_by_itself() -> bool:
    return request.endpoint in ASKED_BY_ITSELF


def _forget(token: str | None) -> bool:
    """Delete a session's row; whether it was there."""
    if token is None:
        return False
    with db.engine.begin() as connection:
        return bool(connection.execute(delete(_table).where(_table.c.token_hash == _hash(token))).rowcount)


def _plain(session: GuichetSession) -> dict[str, Any]:
    """The data as JSON keeps them; FAB flashes lazy strings: read now, in this request's language."""
    plain: dict[str, Any] = json.loads(json.dumps(dict(session), default=str))
    return plain


def _account(session: GuichetSession) -> int | None:
    """Whose row it is, also halfway through the door: a new password ends it with the others."""
    number = session.get(_ACCOUNT) or session.get(HALF, {}).get("account")
    return int(number) if number else None
