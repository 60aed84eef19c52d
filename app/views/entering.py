"""The way in: after the right password, after the right code. One place begins every session."""

from datetime import datetime
from typing import TypedDict

from flask import redirect, session, url_for
from flask_login import current_user, login_user
from werkzeug.wrappers import Response

from app import clock
from app.delays import HALF_SIGNED_IN, STEP_UP
from app.extensions import db
from app.i18n import current_language
from app.models import Account
from app.permissions import EMPLOYEE, EMPLOYER_AGENT, STAFF
from app.security import sessions
from app.services import second_factors, sign_ins
from app.views import typed_again
from app.views.addresses import safe

_PROVED_AT = "second_factor_at"
_PASSWORD_AT = "password_at"  # noqa: S105


class Half(TypedDict):
    """Who gave the right password, and when."""

    account: int
    at: str


def after_password(account: Account, target: str | None) -> Response:
    """Ask for the code where the account has a second factor, else let in."""
    if second_factors.in_force(account) is None:
        return enter(account, None, target)
    typed = typed_again.carried(account.id)
    sessions.begin(account)
    typed_again.resume(typed)
    session[sessions.HALF] = Half(account=account.id, at=clock.now().isoformat())
    return redirect(url_for("account.code", next=target))


def halfway() -> Account | None:
    """Who gave the right password a moment ago and must still give a code."""
    half: Half | None = session.get(sessions.HALF)
    if half is None or datetime.fromisoformat(half["at"]) <= clock.now() - HALF_SIGNED_IN:
        return None
    account = db.session.get(Account, half["account"])
    is_still = account is not None and account.active and sessions.is_of_todays_password(account)
    return account if is_still else None


def enter(account: Account, factor: str | None, target: str | None) -> Response:
    """Let in: a new token, the language being read, what was typed before, the page they wanted."""
    begin(account, clock.now() if factor else None)
    sign_ins.succeed(account, factor, sessions.this_device())
    db.session.commit()
    return redirect(typed_page() or safe(target) or _landing())


def begin(account: Account, proved_at: datetime | None) -> None:
    """A new session of the account in this browser; a code given before still counts from its instant."""
    typed = typed_again.carried(account.id)
    sessions.begin(account)
    login_user(account)
    typed_again.resume(typed)
    session["language"] = current_language()
    session[_PASSWORD_AT] = clock.now().isoformat()
    if proved_at is not None:
        session[_PROVED_AT] = proved_at.isoformat()


def prove() -> None:
    """A code was given just now: a new token, for what it opens."""
    sessions.renew(is_fresh=False)
    session[_PROVED_AT] = clock.now().isoformat()


def forget_proof() -> None:
    """The app that gave the code is gone."""
    session.pop(_PROVED_AT, None)


def proved_at() -> datetime | None:
    """When a code was last given in this session, or None."""
    return _instant(_PROVED_AT)


def is_password_fresh() -> bool:
    """Whether the password was given within the last ten minutes."""
    given = _instant(_PASSWORD_AT)
    return given is not None and given > clock.now() - STEP_UP


def password_given() -> None:
    """The password was given once more, just now: a new token, for what it opens."""
    sessions.renew(is_fresh=False)
    session[_PASSWORD_AT] = clock.now().isoformat()


def typed_page() -> str | None:
    """The address that shows what was typed before, if anything was."""
    return typed_again.resume(typed_again.carried(current_user.id))


def _instant(name: str) -> datetime | None:
    kept = session.get(name)
    return datetime.fromisoformat(kept) if kept else None


def _landing() -> str:
    """Where one's work is: the back office, the employers' counter of who is nothing else, or the portal."""
    if current_user.has_role(*STAFF):
        return url_for("StaffHomeView.index")
    is_agent_only = current_user.has_role(EMPLOYER_AGENT) and not current_user.has_role(EMPLOYEE)
    return url_for("employer.home" if is_agent_only else "portal.home")
