"""The administration's audit keys: Ed25519 signs checkpoints; a key derived from it seals each head.

A seal tells a head our application wrote from one that SQL wrote. Only a signature proves anything to others.
"""

import hmac
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_SEALING = b"guichet audit head seal"


@dataclass(frozen=True)
class AuditKeys:
    """The keys in force: the first signs and seals, the others are earlier ones, still recognised."""

    private: tuple[Ed25519PrivateKey, ...]
    sealing: tuple[bytes, ...]

    @property
    def public(self) -> tuple[str, ...]:
        """The public keys in hexadecimal, the signing one first."""
        return tuple(key.public_key().public_bytes_raw().hex() for key in self.private)

    def sign(self, message: bytes) -> bytes:
        """The signature of the key in force."""
        return self.private[0].sign(message)

    def seal(self, stream: str, count: int, head: bytes) -> bytes:
        """The seal of a stream's head."""
        return _seal(self.sealing[0], stream, count, head)

    def is_sealed(self, stream: str, count: int, head: bytes, seal: bytes) -> bool:
        """Whether one of our keys sealed this head."""
        return any(hmac.compare_digest(_seal(key, stream, count, head), seal) for key in self.sealing)


@lru_cache(maxsize=8)
def parse(text: str) -> AuditKeys:
    """The keys written as hexadecimal seeds separated by commas, the one in force first."""
    seeds = [bytes.fromhex(seed) for seed in text.split(",")]
    return AuditKeys(
        tuple(Ed25519PrivateKey.from_private_bytes(seed) for seed in seeds),
        tuple(hmac.digest(seed, _SEALING, sha256) for seed in seeds),
    )


def is_signed(message: bytes, signature: bytes, public: str) -> bool:
    """Whether the signature of the message is that public key's."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _seal(key: bytes, stream: str, count: int, head: bytes) -> bytes:
    return hmac.digest(key, f"{stream}\n{count}\n".encode() + head, "sha256")
