"""Passwords are stored as argon2id hashes; an unknown login costs the same as a wrong password."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import CHEAPEST, RFC_9106_LOW_MEMORY
from flask import current_app


def hashed(password: str) -> str:
    """The argon2id hash to store (RFC 9106, low memory; the cheapest there is in tests)."""
    return _hasher(_is_test()).hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one; as slow when there is none."""
    hasher = _hasher(_is_test())
    try:
        is_right = hasher.verify(stored or _nobodys_hash(_is_test()), password)
    except (VerificationError, InvalidHashError):
        return False
    return is_right and stored is not None


def _is_test() -> bool:
    return bool(current_app.config["SETTINGS"].ENV == "testing")


@cache
def _hasher(is_test: bool) -> PasswordHasher:
    return PasswordHasher.from_parameters(CHEAPEST if is_test else RFC_9106_LOW_MEMORY)


@cache
def _nobodys_hash(is_test: bool) -> str:
    """What a password is checked against when the address is unknown."""
    return _hasher(is_test).hash("nobody has this password")
