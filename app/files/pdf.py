"""PDF: nothing that acts, hides, unfolds without end or cannot be read."""

import io
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf
import pypdfium2

from app.files import foreign
from app.files.kinds import PDF, Refused
from app.files.limits import (
    LARGEST_STREAM,
    LARGEST_UNFOLDED,
    MOST_PAGES,
    MOST_PIXELS,
    PREVIEW_PAGES,
    PREVIEW_PIXELS,
)
from app.files.pictures import as_preview
from app.files.report import Report
from app.files.states import Refusal

_ACTIONS = {
    "/JavaScript": Refusal.script,
    "/Rendition": Refusal.script,
    "/RichMediaExecute": Refusal.script,
    "/Launch": Refusal.launches,
    "/SubmitForm": Refusal.launches,
    "/ImportData": Refusal.launches,
    "/GoToE": Refusal.embedded_files,
    "/GoToR": Refusal.launches,
    "/Movie": Refusal.script,
    "/Sound": Refusal.script,
}
"""What an action (its `/S`) does by itself; going to a page, or a link one follows, is none of these."""

_KEYS = {
    "/JS": Refusal.script,
    "/JavaScript": Refusal.script,
    "/EmbeddedFiles": Refusal.embedded_files,
    "/EF": Refusal.embedded_files,
    "/XFA": Refusal.dynamic_form,
}
_TYPES = {
    "/EmbeddedFile": Refusal.embedded_files,
    "/FileAttachment": Refusal.embedded_files,
    "/RichMedia": Refusal.script,
    "/Screen": Refusal.script,
    "/3D": Refusal.script,
}
_FACTS = {"/Producer": "producer", "/Creator": "software", "/CreationDate": "created", "/ModDate": "modified"}
_DEEPEST = 60
_MOST_OBJECTS = 300_000
_LONGEST_FACT = 200
_STEP = 1 << 20


def inspect(content: bytes) -> Report:
    """What a PDF is and shows; `Refused` when it is not safe, not whole, or not readable."""
    foreign.check_archive(content)
    foreign.check_head(content)
    _check_end(content)
    try:
        with pikepdf.open(io.BytesIO(content), attempt_recovery=False, suppress_warnings=True) as pdf:
            return _inspect(pdf, content)
    except pikepdf.PasswordError:
        raise Refused(Refusal.encrypted) from None
    except (pikepdf.PdfError, pypdfium2.PdfiumError, ValueError, zlib.error, RecursionError):
        raise Refused(Refusal.damaged) from None


def _inspect(pdf: pikepdf.Pdf, content: bytes) -> Report:
    if pdf.is_encrypted:
        raise Refused(Refusal.encrypted)
    _check_objects(pdf)
    pages = len(pdf.pages)
    if pages == 0:
        raise Refused(Refusal.no_pages)
    if pages > MOST_PAGES:
        raise Refused(Refusal.too_many_pages)
    return Report(None, PDF, content, tuple(_previews(content)), pages, _facts(pdf))


def _check_end(content: bytes) -> None:
    """A PDF ends with its mark; readers ignore what follows, other programs do not."""
    end = content.rfind(b"%%EOF")
    if end < 0:
        raise Refused(Refusal.damaged)
    tail = content[end + 5 :]
    foreign.check_tail(tail)
    if tail.strip(b"\x00\r\n\t "):
        raise Refused(Refusal.mixed_content)


def _check_objects(pdf: pikepdf.Pdf) -> None:
    """Look at every object, used or not."""
    left = LARGEST_UNFOLDED
    for number, item in enumerate(pdf.objects):
        if number > _MOST_OBJECTS:
            raise Refused(Refusal.too_complex)
        for part in _parts(item, 0):
            _check_dictionary(part)
        if isinstance(item, pikepdf.Stream):
            left -= _unfolded(item, left)
    for part in _parts(pdf.trailer, 0):
        _check_dictionary(part)


def _parts(item: Any, depth: int) -> Iterator[Any]:
    """The dictionary itself and those written inside it; others are objects of their own."""
    if depth > _DEEPEST:
        raise Refused(Refusal.too_complex)
    if isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)):
        yield item
        for key in item.keys():  # noqa: SIM118 - a stream cannot be iterated
            yield from _inside(item.get(key), depth)
    elif isinstance(item, pikepdf.Array):
        for value in item:
            yield from _inside(value, depth)


def _inside(value: Any, depth: int) -> Iterator[Any]:
    is_container = isinstance(value, (pikepdf.Dictionary, pikepdf.Array))
    if is_container and not value.is_indirect:
        yield from _parts(value, depth + 1)


def _check_dictionary(part: Any) -> None:
    for key, refusal in _KEYS.items():
        if key in part:
            raise Refused(refusal)
    for key, table in (("/S", _ACTIONS), ("/Type", _TYPES), ("/Subtype", _TYPES)):
        refused = table.get(str(part.get(key, "")))
        if refused:
            raise Refused(refused)


def _unfolded(stream: Any, left: int) -> int:
    """How many bytes a stream unfolds to, read in steps: a bomb is never unfolded whole."""
    is_picture = _is_picture(stream)
    most = left if is_picture else min(left, LARGEST_STREAM)
    filters = _filters(stream)
    if filters[:1] in (["/LZWDecode"], ["/RunLengthDecode"]):
        return len(stream.read_bytes())
    data, total = bytes(stream.read_raw_bytes()), 0
    while filters[:1] in (["/FlateDecode"], ["/Fl"]):
        filters = filters[1:]
        data, size = _inflated(data, most - total, is_kept=bool(filters))
        total += size
    return total


def _inflated(data: bytes, most: int, is_kept: bool) -> tuple[bytes, int]:
    """What the bytes unfold to, when another filter needs it, and how much that is."""
    machine, out, size = zlib.decompressobj(), bytearray(), 0
    while data:
        part = machine.decompress(data, _STEP)
        size += len(part)
        if is_kept:
            out += part
        if size > most:
            raise Refused(Refusal.expands_too_much)
        data = machine.unconsumed_tail
    return bytes(out), size


def _filters(stream: Any) -> list[str]:
    named = stream.get("/Filter")
    if named is None:
        return []
    return [str(one) for one in named] if isinstance(named, pikepdf.Array) else [str(named)]


def _is_picture(stream: Any) -> bool:
    """Whether a stream is a picture; `Refused` when it is too large a one."""
    if str(stream.get("/Subtype", "")) != "/Image":
        return False
    if int(stream.get("/Width", 0)) * int(stream.get("/Height", 0)) > 2 * MOST_PIXELS:
        raise Refused(Refusal.too_many_pixels)
    return True


def _facts(pdf: pikepdf.Pdf) -> dict[str, Any]:
    info = pdf.trailer.get("/Info")
    if not isinstance(info, pikepdf.Dictionary):
        return {}
    named = {name: info.get(key) for key, name in _FACTS.items()}
    return {name: str(value)[:_LONGEST_FACT].replace("\x00", "") for name, value in named.items() if value}


def _previews(content: bytes) -> Iterator[bytes]:
    """Pictures of the first pages."""
    document = pypdfium2.PdfDocument(content)
    try:
        for number in range(min(PREVIEW_PAGES, len(document))):
            page = document[number]
            width, height = page.get_size()
            scale = min(PREVIEW_PIXELS / max(width, height, 1), 4)
            yield as_preview(page.render(scale=scale, may_draw_forms=False).to_pil())
    finally:
        document.close()
