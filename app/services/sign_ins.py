"""Signing in: tries are counted, and written down for the account's owner to see."""

from sqlalchemy import delete, select

from app import clock
from app.delays import KNOWN_DEVICE, SIGN_INS_KEPT, STRAY_SIGN_INS_KEPT
from app.extensions import db
from app.models import Account, SignIn
from app.permissions import STAFF
from app.security import attempts, devices, sessions
from app.security.devices import Device
from app.services import accounts, audit, notifications, second_factors

SIGNED_IN = "signed_in"
WRONG_PASSWORD = "wrong_password"  # noqa: S105
WRONG_CODE = "wrong_code"
MOST_SHOWN = 50


def by_password(email: str, password: str, device: Device) -> Account | None:
    """The account of that address and password, or None: the same work and answer for an unknown address.

    `TooManyTries` when too many were wrong, for the address or from one place. That ends no session.
    """
    key, place = accounts.key_of(email), devices.place(device.address)
    attempts.check(attempts.PASSWORD_FROM, place)
    attempts.spend(attempts.PASSWORD, key)
    account = accounts.of_email(email)
    if accounts.has_password(account, password):
        attempts.forgive(attempts.PASSWORD, key)
        return account
    _write(account, WRONG_PASSWORD, device)
    _count_from(place)
    return None


def is_password_of(account: Account, password: str) -> bool:
    """Whether who is signed in knows the password. `TooManyTries` after a few of their own.

    What outsiders try at the door counts there: it locks nothing for who is in already.
    """
    attempts.spend(attempts.PASSWORD_WITHIN, str(account.id))
    is_right = accounts.has_password(account, password)
    if is_right:
        attempts.forgive(attempts.PASSWORD_WITHIN, str(account.id))
    return is_right


def by_code(account: Account, code: str, device: Device) -> str | None:
    """Which second factor the code proves, or None; a wrong one is written down. `TooManyTries` as above."""
    factor = second_factors.take_code(account, code)
    if factor is None:
        _write(account, WRONG_CODE, device)
    return factor


def succeed(account: Account, factor: str | None, device: Device) -> None:
    """Write a sign-in down; the owner is told of one from a kind of device not seen lately."""
    if _is_new(account, device):
        notifications.tell_account("new_device", account.id, agent=device.user_agent)
    _write(account, SIGNED_IN, device, factor)
    if account.has_role(*STAFF):
        audit.record(f"person:{account.id}", "sign_in", account.id, {"account": account.id, "factor": factor})


def history(account: Account) -> list[SignIn]:
    """The account's latest tries to sign in, the newest first."""
    query = select(SignIn).where(SignIn.account_id == account.id).order_by(SignIn.id.desc())
    return list(db.session.scalars(query.limit(MOST_SHOWN)))


def end_sessions(account: Account | None) -> int:
    """End every session of an account, or of everybody, as whoever runs the servers wishes; how many."""
    ended = sessions.revoke_all(account.id) if account is not None else sessions.revoke_everybody()
    stream = f"person:{account.id}" if account is not None else f"day:{clock.today()}"
    audit.record(stream, "end_sessions", None, {"account": account.id if account else None, "ended": ended})
    return ended


def purge() -> int:
    """Delete what is too old to help anybody; how many."""
    now = clock.now()
    is_stray = SignIn.account_id.is_(None) & (SignIn.at < now - STRAY_SIGN_INS_KEPT)
    gone = db.session.execute(
        delete(SignIn).where(is_stray | (SignIn.at < now - SIGN_INS_KEPT)).returning(SignIn.id)
    )
    return len(gone.all())


def _write(account: Account | None, outcome: str, device: Device, factor: str | None = None) -> None:
    db.session.add(
        SignIn(
            account_id=account.id if account else None,
            at=clock.now(),
            outcome=outcome,
            factor=factor,
            network=device.network,
            user_agent=device.user_agent,
        )
    )


def _is_new(account: Account, device: Device) -> bool:
    """Whether the account signed in lately, but never with this browser and system."""
    agents = db.session.scalars(
        select(SignIn.user_agent)
        .where(
            SignIn.account_id == account.id,
            SignIn.outcome == SIGNED_IN,
            SignIn.at > clock.now() - KNOWN_DEVICE,
        )
        .distinct()
    ).all()
    return bool(agents) and device.family not in {devices.family(agent) for agent in agents}


def _count_from(place: str) -> None:
    """A wrong password from that place; the last one allowed is answered as the others were."""
    try:
        attempts.spend(attempts.PASSWORD_FROM, place)
    except attempts.TooManyTries:
        return
