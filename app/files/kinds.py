"""What a file is, by its content and never by its name; quick enough for the request that brings it."""

import io
import zipfile

from app.files.limits import LARGEST_BYTES
from app.files.states import Refusal

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
HEIC = "image/heic"
TIFF = "image/tiff"

_SIGNATURES = (
    (b"%PDF-", PDF),
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
)
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh")
_OFFICE_FOLDERS = ("word/", "xl/", "ppt/", "META-INF/manifest.xml")
_PDF_LOOKED_FOR = 1024
"""Readers of PDF accept its header this far into a file: what stands before it is another file."""


class Refused(Exception):
    """The file is refused; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


def recognise(content: bytes) -> str:
    """The content type of an accepted kind of file; `Refused` for any other, for none and for too much."""
    if not content:
        raise Refused(Refusal.empty)
    if len(content) > LARGEST_BYTES:
        raise Refused(Refusal.too_large)
    kind = _signed(content)
    if kind is None:
        raise Refused(_why_not(content))
    return kind


def as_archive(content: bytes) -> zipfile.ZipFile | None:
    """The ZIP archive the bytes are or end with, or None."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None
    return archive if archive.namelist() else None


def _signed(content: bytes) -> str | None:
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return HEIC
    return next((kind for signature, kind in _SIGNATURES if content.startswith(signature)), None)


def _why_not(content: bytes) -> Refusal:
    if b"%PDF-" in content[:_PDF_LOOKED_FOR]:
        return Refusal.mixed_content
    if content.startswith(_OLE):
        return Refusal.macros if b"V\x00B\x00A\x00" in content else Refusal.office_document
    if content.startswith(_ARCHIVES):
        return _kind_of_archive(content)
    return Refusal.other_type


def _kind_of_archive(content: bytes) -> Refusal:
    archive = as_archive(content)
    names = archive.namelist() if archive else []
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return Refusal.macros
    is_office = any(name.startswith(_OFFICE_FOLDERS) for name in names)
    return Refusal.office_document if is_office else Refusal.archive
