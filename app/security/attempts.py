"""How often something may be tried: counted in Valkey, for an account and for a network address.

When Valkey is away each process counts for itself, by the same numbers: nobody is locked out, and nobody
guesses without limit.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from flask import Flask, current_app
from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from app import clock, delays

Numbers = tuple[tuple[int, timedelta], ...]


class TooManyTries(Exception):
    """It was tried too often; `wait` says how long until it may be tried again."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(str(wait))
        self.wait = wait


@dataclass(frozen=True)
class Allowance:
    """What may be tried how often, each number within its time."""

    name: str
    numbers: Numbers

    def items(self) -> list[RateLimitItemPerSecond]:
        """The same as `limits` reads it."""
        return [
            RateLimitItemPerSecond(number, int(span.total_seconds()), namespace=self.name)
            for number, span in self.numbers
        ]


PASSWORD = Allowance("password", delays.PASSWORD_TRIES)
PASSWORD_WITHIN = Allowance("password-within", delays.PASSWORD_TRIES_WITHIN)
PASSWORD_FROM = Allowance("password-from", delays.PASSWORD_TRIES_FROM_ONE_PLACE)
CODE = Allowance("code", delays.CODE_TRIES)
MAIL_TO = Allowance("mail-to", delays.MAILS_TO_ONE_ADDRESS)
EMPLOYERS = Allowance("employers", delays.EMPLOYERS_SOUGHT)
MAIL_FROM = Allowance("mail-from", delays.MAILS_ASKED_FROM_ONE_PLACE)


def init_app(app: Flask) -> None:
    """Count on the application's own connection to Valkey."""
    url = app.config["SETTINGS"].REDIS_URL.replace("unix://", "redis+unix://")
    pool = app.extensions["valkey"].connection_pool
    shared = RedisStorage(url, connection_pool=pool, key_prefix="guichet:tries")
    app.extensions["attempts"] = FixedWindowRateLimiter(shared)
    app.extensions["attempts_alone"] = FixedWindowRateLimiter(MemoryStorage())


def check(allowance: Allowance, key: str) -> None:
    """Raise `TooManyTries` when nothing is left; nothing is counted."""
    name = _hidden(key)
    for item in allowance.items():
        if not _count("test", item, name):
            raise TooManyTries(_wait(item, name))


def spend(allowance: Allowance, key: str) -> None:
    """Count one try; `TooManyTries` when it was one too many. What is refused counts no further."""
    check(allowance, key)
    name = _hidden(key)
    for item in allowance.items():
        if not _count("hit", item, name):
            raise TooManyTries(_wait(item, name))


def forgive(allowance: Allowance, key: str) -> None:
    """Begin again at nothing: the right person was here."""
    name = _hidden(key)
    for item in allowance.items():
        _count("clear", item, name)


def _count(work: str, item: RateLimitItemPerSecond, name: str) -> Any:
    """Do it (test, hit, clear, get_window_stats) in Valkey, else in this process."""
    try:
        return getattr(current_app.extensions["attempts"], work)(item, name)
    except (RedisError, OSError) as error:
        structlog.get_logger("guichet.attempts").warning("alone", error=type(error).__name__)
        return getattr(current_app.extensions["attempts_alone"], work)(item, name)


def _wait(item: RateLimitItemPerSecond, name: str) -> timedelta:
    ends_at = _count("get_window_stats", item, name).reset_time
    seconds = min(max(ends_at - clock.now().timestamp(), 1), item.get_expiry())
    return timedelta(seconds=int(seconds))


def _hidden(key: str) -> str:
    """Valkey learns no address of e-mail."""
    secret = current_app.config["SETTINGS"].SECRET_KEY.encode()
    return hmac.new(secret, key.encode(), hashlib.sha256).hexdigest()
