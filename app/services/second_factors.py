"""The second factor: a code of an authenticator app (TOTP, RFC 6238), or a recovery code kept on paper."""

import secrets
from datetime import datetime

from pyotp import TOTP, random_base32
from sqlalchemy import delete, select, update

from app import clock
from app.delays import CODE_SECONDS, SET_UP, STEP_UP, UNDO_FACTOR_LINK
from app.extensions import db
from app.models import Account, RecoveryCode, SecondFactor
from app.permissions import SECOND_FACTOR_ROLES
from app.security import attempts, passwords
from app.services import accounts, audit, encrypted, locks, mailed_links, notifications

APP = "app"
RECOVERY = "recovery_code"
ISSUER = "Guichet"
_DRIFT = (-1, 0, 1)
_LETTERS = "ABCDEFGHJK"
_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_SIGNS_OF_A_CODE = 11
_GROUP = 4


class StepUpNeeded(Exception):
    """What is asked for needs a fresh code; `has_factor` says whether the person can give one."""

    def __init__(self, has_factor: bool) -> None:
        super().__init__("A fresh second factor is needed.")
        self.has_factor = has_factor


def require_step_up(account: Account, proved_at: datetime | None) -> None:
    """Raise `StepUpNeeded` unless the person gave a code within the last ten minutes."""
    if proved_at is None or proved_at <= clock.now() - STEP_UP:
        raise StepUpNeeded(in_force(account) is not None)


def is_mandatory(account: Account) -> bool:
    """Whether the account can do nothing without a second factor."""
    return account.has_role(*SECOND_FACTOR_ROLES)


def in_force(account: Account) -> SecondFactor | None:
    """The app the account gives codes of, or None."""
    return _one(account, SecondFactor.confirmed_at.is_not(None))


def begun(account: Account) -> SecondFactor | None:
    """The app being set up, or None; whoever comes later begins again, with the password."""
    is_fresh = SecondFactor.created_at > clock.now() - SET_UP
    return _one(account, SecondFactor.confirmed_at.is_(None) & is_fresh)


def begin(account: Account, secret: str | None = None) -> SecondFactor:
    """A fresh secret to put into an app; the one in force stays until a code confirms this one.

    Raises `FileLocked` when it would replace one in a locked file; a first app protects, and may be set up.
    """
    if in_force(account) is not None:
        locks.check(account)
    db.session.execute(
        delete(SecondFactor).where(SecondFactor.account_id == account.id, SecondFactor.confirmed_at.is_(None))
    )
    factor = SecondFactor(account_id=account.id, created_at=clock.now(), last_step=0)
    encrypted.put(factor, SecondFactor.secret, secret or random_base32(32))
    db.session.add(factor)
    db.session.flush()
    return factor


def secret_of(factor: SecondFactor) -> str:
    """The secret as apps take it, in base 32."""
    return encrypted.read(factor, SecondFactor.secret) or ""


def address_for_app(factor: SecondFactor, email: str) -> str:
    """What the square picture says to an app."""
    return str(TOTP(secret_of(factor)).provisioning_uri(name=email, issuer_name=ISSUER))


def confirm(account: Account, factor: SecondFactor, code: str) -> bool:
    """Put an app in force once a code of it was given; recovery codes are made with it."""
    if in_force(account) is not None:
        locks.check(account)
    if not _take_step(factor, code):
        return False
    db.session.execute(
        delete(SecondFactor).where(
            SecondFactor.account_id == account.id, SecondFactor.confirmed_at.is_not(None)
        )
    )
    factor.confirmed_at = clock.now()
    _make_recovery_codes(account)
    _warn_of_set_up(account)
    return True


def give_up(account: Account) -> None:
    """Do without the app, as its owner wishes; `FileLocked` in a locked file."""
    locks.check(account)
    remove(account)


def remove_young(account: Account, before: datetime) -> None:
    """End an app, and recovery codes, that were not there a while before: whoever holds the mailbox says so.

    Whoever must have a second factor keeps it: colleagues end theirs (`factor_resets`).
    """
    if is_mandatory(account):
        return
    since = before - UNDO_FACTOR_LINK
    factor = in_force(account)
    if factor is not None and factor.confirmed_at is not None and factor.confirmed_at >= since:
        remove(account)
        return
    codes, begun_then = RecoveryCode.account_id == account.id, SecondFactor.confirmed_at.is_(None)
    db.session.execute(delete(SecondFactor).where(SecondFactor.account_id == account.id, begun_then))
    db.session.execute(delete(RecoveryCode).where(codes, RecoveryCode.made_at >= since))


def remove(account: Account) -> None:
    """End the account's second factor; nothing is told where none was in force."""
    had_one = in_force(account) is not None
    db.session.execute(delete(SecondFactor).where(SecondFactor.account_id == account.id))
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    if had_one:
        _tell(account, "remove_second_factor", "second_factor_removed")


def take_code(account: Account, code: str) -> str | None:
    """Which factor a code proves (`app`, `recovery_code`), or None when it is wrong or was used before.

    Tries are counted for the account: `TooManyTries` after a few.
    """
    attempts.spend(attempts.CODE, str(account.id))
    plain = "".join(code.split()).replace("-", "").upper()
    proved = _by_app(account, plain) if plain.isdigit() else _by_recovery_code(account, plain)
    if proved is not None:
        attempts.forgive(attempts.CODE, str(account.id))
    return proved


def renew_recovery_codes(account: Account) -> None:
    """Ten new codes in place of the old, as their owner wishes; `FileLocked` in a locked file."""
    locks.check(account)
    _make_recovery_codes(account)


def _make_recovery_codes(account: Account) -> None:
    """Ten new codes; the old ones are worth nothing. They can be read until the person has kept them."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    now = clock.now()
    for letter in _LETTERS:
        code = letter + "".join(secrets.choice(_SIGNS) for _ in range(_SIGNS_OF_A_CODE))
        hashed = passwords.hashed_code(code)
        row = RecoveryCode(account_id=account.id, letter=letter, code_hash=hashed, made_at=now)
        encrypted.put(row, RecoveryCode.shown, code)
        db.session.add(row)
    audit.record(f"person:{account.id}", "renew_recovery_codes", account.id, {"account": account.id})


def codes_to_keep(account: Account) -> list[str]:
    """The recovery codes the person has not said they kept, in groups of four; empty afterwards."""
    shown = (encrypted.read(row, RecoveryCode.shown) for row in _codes(account))
    return [_in_groups(code) for code in shown if code is not None]


def codes_are_kept(account: Account) -> None:
    """Show the recovery codes no more: from now on only their hashes are there."""
    db.session.execute(update(RecoveryCode).where(RecoveryCode.account_id == account.id).values(shown=None))


def codes_left(account: Account) -> int:
    """How many recovery codes were not used yet."""
    return sum(code.used_at is None for code in _codes(account))


def code_now(secret: str, step: int | None = None) -> str:
    """The code of a secret at a step of time, or now: for the demonstration and for tools."""
    return str(TOTP(secret).generate_otp(step_now() if step is None else step))


def step_now() -> int:
    """The step of time it is: thirty seconds each."""
    return int(clock.now().timestamp()) // CODE_SECONDS


def _by_app(account: Account, code: str) -> str | None:
    factor = in_force(account)
    return APP if factor is not None and _take_step(factor, code) else None


def _take_step(factor: SecondFactor, code: str) -> bool:
    """Take a code for its step, one before or one after; each step once, whoever comes second is refused."""
    totp, now = TOTP(secret_of(factor)), step_now()
    plain = "".join(code.split()).encode()
    codes = {now + by: str(totp.generate_otp(now + by)).encode() for by in _DRIFT}
    step = next((step for step, right in codes.items() if secrets.compare_digest(right, plain)), None)
    if step is None:
        return False
    taken = db.session.execute(
        update(SecondFactor)
        .where(SecondFactor.id == factor.id, SecondFactor.last_step < step)
        .values(last_step=step)
        .returning(SecondFactor.id)
    )
    return taken.one_or_none() is not None


def _by_recovery_code(account: Account, code: str) -> str | None:
    """The letter a code begins with says which one it is: one hash is computed, not ten."""
    kept = db.session.scalars(
        select(RecoveryCode)
        .where(RecoveryCode.account_id == account.id, RecoveryCode.letter == code[:1])
        .with_for_update()
    ).one_or_none()
    is_right = passwords.matches(kept.code_hash if kept else None, code)
    if kept is None or not is_right or kept.used_at is not None:
        return None
    kept.used_at, kept.shown = clock.now(), None
    _tell(account, "use_recovery_code", "recovery_code_used")
    return RECOVERY


def _one(account: Account, condition: object) -> SecondFactor | None:
    return db.session.scalars(
        select(SecondFactor).where(SecondFactor.account_id == account.id, condition)  # type: ignore[arg-type]
    ).one_or_none()


def _codes(account: Account) -> list[RecoveryCode]:
    query = select(RecoveryCode).where(RecoveryCode.account_id == account.id).order_by(RecoveryCode.letter)
    return list(db.session.scalars(query))


def _tell(account: Account, action: str, notice: str) -> None:
    audit.record(f"person:{account.id}", action, account.id, {"account": account.id})
    notifications.tell_account(notice, account.id)


def _warn_of_set_up(account: Account) -> None:
    """To the mailbox, with a link by which whoever holds it ends an app that is not theirs."""
    audit.record(f"person:{account.id}", "set_up_second_factor", account.id, {"account": account.id})
    if accounts.has_email(account):
        undo = mailed_links.make(mailed_links.UNDO_FACTOR, account.email, account.language, account)
        mailed_links.mail(undo)


def _in_groups(code: str) -> str:
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))
