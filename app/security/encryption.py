"""Encryption of what must be secret even in a stolen dump: AES-256-GCM under versioned master keys.

Every ciphertext is bound to its place (`context`): moved to another row or column, it does not open. What
must be found again has a keyed hash beside it: HMAC-SHA256 under a key derived from the master key (HKDF).
"""

import os
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_NONCE_BYTES = 12


class CannotDecrypt(ValueError):
    """The ciphertext was changed or moved, or its key is not among ours."""


@dataclass(frozen=True)
class Keyring:
    """The master keys by version: the newest encrypts, all of them decrypt."""

    keys: dict[int, bytes]

    @property
    def newest(self) -> int:
        """The version that encrypts."""
        return max(self.keys)

    def encrypt(self, plain: bytes, context: str) -> bytes:
        """The ciphertext under the newest key; its first two bytes name the key's version."""
        version = self.newest
        return version.to_bytes(2, "big") + encrypt(self.keys[version], plain, context)

    def decrypt(self, token: bytes, context: str) -> bytes:
        """The plain bytes; `CannotDecrypt` when the key, the bytes or the place are not the right ones."""
        key = self.keys.get(version_of(token))
        if key is None:
            raise CannotDecrypt(f"Master key {version_of(token)} is not among ENCRYPTION_KEYS.")
        return decrypt(key, token[2:], context)

    def renew(self, token: bytes, context: str) -> bytes:
        """The same secret under the newest key."""
        if version_of(token) == self.newest:
            return token
        return self.encrypt(self.decrypt(token, context), context)

    def fingerprint(self, plain: bytes, name: str) -> bytes:
        """The keyed hash to store, under the newest key; its first two bytes name the key's version."""
        return fingerprint(self.keys[self.newest], self.newest, plain, name)

    def fingerprints(self, plain: bytes, name: str) -> list[bytes]:
        """Every hash the value may be stored under, while keys are being rotated."""
        return [fingerprint(key, version, plain, name) for version, key in self.keys.items()]


@lru_cache(maxsize=8)
def parse(text: str) -> Keyring:
    """The keyring written as `2:<64 hex digits>,1:<64 hex digits>`."""
    pairs = (item.split(":") for item in text.split(","))
    return Keyring({int(version): bytes.fromhex(key) for version, key in pairs})


def version_of(token: bytes) -> int:
    """The version of the master key a ciphertext needs."""
    return int.from_bytes(token[:2], "big")


def fingerprint(master: bytes, version: int, plain: bytes, name: str) -> bytes:
    """The keyed hash of a value among those of that name: equal for equal values, and nothing else told."""
    key = HKDF(SHA256(), KEY_BYTES, salt=None, info=f"fingerprint {name}".encode()).derive(master)
    hashed = HMAC(key, SHA256())
    hashed.update(plain)
    return version.to_bytes(2, "big") + hashed.finalize()


def new_key() -> bytes:
    """A fresh data key."""
    return os.urandom(KEY_BYTES)


def encrypt(key: bytes, plain: bytes, context: str) -> bytes:
    """The ciphertext of `plain` under a data key, its nonce in front."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context.encode())


def decrypt(key: bytes, token: bytes, context: str) -> bytes:
    """The plain bytes under a data key; `CannotDecrypt` when anything differs."""
    try:
        return AESGCM(key).decrypt(token[:_NONCE_BYTES], token[_NONCE_BYTES:], context.encode())
    except (InvalidTag, ValueError) as error:
        raise CannotDecrypt("The ciphertext was changed or moved, or its key is another.") from error
