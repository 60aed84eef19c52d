"""Passwords are stored as argon2id hashes; an unknown login costs the same as a wrong password."""

import gzip
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import CHEAPEST, RFC_9106_LOW_MEMORY
from flask import current_app
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from zxcvbn import zxcvbn

SHORTEST = 12
LONGEST = 128
_FOR_CODES = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_READ_BY_ZXCVBN = 72
_HARD_TO_GUESS = 3
_TELLING = 3
_LEAKED = Path(__file__).with_name("leaked_passwords.txt.gz")
NEAR_HAND = (
    "guichet",
    "motdepasse",
    "mot de passe",
    "cameroun",
    "cameroon",
    "yaounde",
    "douala",
    "bonjour",
    "securite sociale",
    "azertyuiop",
    "qsdfghjklm",
    "azerty",
)
"""What people near us try first, and a list made elsewhere does not know (docs/signing-in.md)."""


def hashed(password: str) -> str:
    """The argon2id hash to store (RFC 9106, low memory; the cheapest there is in tests)."""
    return _hasher(_is_test()).hash(_normal(password))


def hashed_code(code: str) -> str:
    """The argon2id hash of a code drawn at random: OWASP’s smallest parameters, as ten are made at once."""
    return (_hasher(True) if _is_test() else _FOR_CODES).hash(code)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one; as slow when there is none."""
    hasher, nobodys = _hasher(_is_test()), _nobodys_hash(_is_test())
    try:
        is_right = hasher.verify(stored or nobodys, _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return is_right and stored is not None


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher(_is_test()).check_needs_rehash(stored)


def problem_with(password: str, email: str, *names: str) -> LazyString | None:
    """Why a new password cannot be taken, or None. Length and guessing count, not the kinds of signs."""
    text = _normal(password)
    if len(text) < SHORTEST:
        return _l("Your password must be at least 12 characters long.")
    if len(text) > LONGEST:
        return _l("Your password must be at most 128 characters long.")
    mailbox = email.partition("@")[0].lower()
    if len(mailbox) >= _TELLING and mailbox in text.lower():
        return _l("Your password must not contain the name of your e-mail address.")
    if text.lower() in _leaked() or _is_common(text, [mailbox, *(name.lower() for name in names)]):
        return _l("This password is too easy to guess. Several words that do not belong together are harder.")
    return None


def _is_common(password: str, own: list[str]) -> bool:
    """Whether it is among what is tried first: lists of stolen passwords, names, dates, rows of keys."""
    found = zxcvbn(password[:_READ_BY_ZXCVBN], user_inputs=[*NEAR_HAND, *own])
    return bool(found["score"] < _HARD_TO_GUESS)


@cache
def _leaked() -> frozenset[str]:
    """The passwords of 12 signs and more among the million most stolen (docs/dependencies.md)."""
    return frozenset(gzip.decompress(_LEAKED.read_bytes()).decode().splitlines())


def _normal(password: str) -> str:
    """The same text typed on another keyboard is the same password (NFC)."""
    return unicodedata.normalize("NFC", password)


def _is_test() -> bool:
    return bool(current_app.config["SETTINGS"].ENV == "testing")


@cache
def _hasher(is_test: bool) -> PasswordHasher:
    return PasswordHasher.from_parameters(CHEAPEST if is_test else RFC_9106_LOW_MEMORY)


@cache
def _nobodys_hash(is_test: bool) -> str:
    """What a password is checked against when the address is unknown."""
    return _hasher(is_test).hash("nobody has this password")
