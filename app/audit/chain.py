"""The chain of one stream: each entry's hash covers its content and its predecessor's hash.

A link hashes the content's digest, not the content, so that a proof can pass over neighbouring entries
without showing what they say. Contents begin with `{` and links with the byte 2: neither is ever the other.
"""

from collections.abc import Iterable
from hashlib import sha256

_LINK = b"\x02"
_GENESIS = b"guichet audit stream\n"


def genesis(stream: str) -> bytes:
    """The hash before the first entry: it binds every entry to the stream's name."""
    return sha256(_GENESIS + stream.encode()).digest()


def digest(content: bytes) -> bytes:
    """The digest of an entry's content."""
    return sha256(content).digest()


def link(previous: bytes, content_digest: bytes) -> bytes:
    """The hash of an entry, from its predecessor's hash and its content's digest."""
    return sha256(_LINK + previous + content_digest).digest()


def follow(start: bytes, digests: Iterable[bytes]) -> bytes:
    """The hash reached from `start` over further entries."""
    for content_digest in digests:
        start = link(start, content_digest)
    return start
