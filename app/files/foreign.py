"""Files that are two things at once: what is put before, behind or inside a document to be read by others."""

import re

from app.files.kinds import Refused, as_archive
from app.files.states import Refusal

_MARKUP = re.compile(rb"<script|<html[\s>]|<!doctype html|<\?php", re.IGNORECASE)
_SHELL = (b"#!/", b"MZ", b"\x7fELF", b"PK\x03\x04", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
_HEAD = 1024


def check_archive(content: bytes) -> None:
    """Refuse a document that an unpacker would open as well."""
    if as_archive(content) is not None:
        raise Refused(Refusal.mixed_content)


def check_head(content: bytes) -> None:
    """Refuse a document whose beginning a browser would take for a page."""
    if _MARKUP.search(content[:_HEAD]):
        raise Refused(Refusal.mixed_content)


def check_tail(tail: bytes) -> None:
    """Refuse what follows a document when it is a file of its own: a page, a program, an archive, a PDF."""
    begun = tail.lstrip(b"\x00\r\n\t ")
    if begun.startswith(_SHELL) or b"%PDF-" in tail or _MARKUP.search(tail):
        raise Refused(Refusal.mixed_content)


def check_texts(content: bytes) -> None:
    """Refuse a picture that carries a page or a program text in its comments."""
    if re.search(rb"<script[\s>]|<html[\s>]|<\?php\s", content, re.IGNORECASE):
        raise Refused(Refusal.mixed_content)
