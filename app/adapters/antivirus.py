"""A virus scanner: clamd, asked over its socket with the bytes themselves (INSTREAM)."""

import socket
import struct
from urllib.parse import urlsplit

from flask import current_app

from app.delays import CLAMD_SECONDS

_CHUNK = 64 * 1024
_LONGEST_ANSWER = 4096


class Unavailable(Exception):
    """The scanner did not answer, or not what a scanner answers: nothing is known of the file."""


def is_configured() -> bool:
    """Whether there is a scanner to ask."""
    return bool(_url())


def scan(content: bytes) -> str | None:
    """The name of the virus found in the bytes, or None when they are clean. Raises `Unavailable`."""
    try:
        with _connected() as line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _CHUNK):
                part = content[start : start + _CHUNK]
                line.sendall(struct.pack(">I", len(part)) + part)
            line.sendall(struct.pack(">I", 0))
            return _read(_answer(line))
    except OSError as error:
        raise Unavailable(type(error).__name__) from error


def _connected() -> socket.socket:
    url = urlsplit(_url())
    if url.scheme == "tcp":
        return socket.create_connection((url.hostname or "", url.port or 3310), timeout=CLAMD_SECONDS)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(CLAMD_SECONDS)
    try:
        line.connect(url.path)
    except OSError:
        line.close()
        raise
    return line


def _answer(line: socket.socket) -> bytes:
    """What is said up to the closing NUL; cut short, it is no answer."""
    said = bytearray()
    while not said.endswith(b"\0"):
        part = line.recv(_LONGEST_ANSWER)
        if not part or len(said) > _LONGEST_ANSWER:
            raise Unavailable("cut short")
        said += part
    return bytes(said[:-1])


def _read(answer: bytes) -> str | None:
    """`stream: OK`, or `stream: <name> FOUND`; anything else is a fault of the scanner."""
    text = answer.decode("utf-8", "replace")
    if text == "stream: OK":
        return None
    if text.startswith("stream: ") and text.endswith(" FOUND"):
        return text.removeprefix("stream: ").removesuffix(" FOUND")
    raise Unavailable(text[:200])


def _url() -> str:
    return str(current_app.config["SETTINGS"].CLAMD_URL)
