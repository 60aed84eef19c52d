"""Codes of authenticator apps: as people read them from their telephone, and as tests need them at once."""

from collections import defaultdict

from sqlalchemy import select

from app import clock
from app.delays import CODE_SECONDS
from app.extensions import db
from app.models import Account, SecondFactor
from app.services import second_factors
from tests.processes import until

SECONDS_TO_WAIT = 60
_used: dict[str, int] = defaultdict(int)


def fresh(email: str) -> str:
    """The code of an account's app at this instant, with all it gave before forgotten (in a context)."""
    factor = db.session.scalars(
        select(SecondFactor)
        .join(Account, Account.id == SecondFactor.account_id)
        .where(Account.email == email, SecondFactor.confirmed_at.is_not(None))
    ).one()
    factor.last_step = 0
    secret = second_factors.secret_of(factor)
    db.session.commit()
    return second_factors.code_now(secret)


def next_of(secret: str) -> str:
    """A code of that secret that this process has not given yet; a code that comes too late is waited for."""
    now = int(clock.now().timestamp()) // CODE_SECONDS
    step = max(_used[secret] + 1, now)
    assert until(lambda: step <= int(clock.now().timestamp()) // CODE_SECONDS + 1, SECONDS_TO_WAIT)
    _used[secret] = step
    return second_factors.code_now(secret, step)
