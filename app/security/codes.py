"""Codes of six digits to send, and hashes to count by: made with our key, so that no table tells them."""

import hashlib
import hmac

from flask import current_app

_CODES = 10**6


def code_of(purpose: str, nonce: str) -> str:
    """The code of a row with that random nonce; the same whenever it is asked."""
    return f"{int.from_bytes(digest(purpose, nonce)[:8], 'big') % _CODES:06d}"


def is_code_of(purpose: str, nonce: str, typed: str) -> bool:
    """Whether the typed code is the one, compared in constant time; spaces are forgiven."""
    plain = "".join(typed.split()).encode()
    return hmac.compare_digest(code_of(purpose, nonce).encode(), plain)


def digest(purpose: str, text: str) -> bytes:
    """A hash of a value that only we can make: to find it again without keeping it."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.digest(key, f"guichet {purpose}\0{text}".encode(), hashlib.sha256)
