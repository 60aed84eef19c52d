"""Pictures: decoded whole within bounds, their metadata read, and drawn again from their pixels only."""

import io
import re
from typing import Any

import pillow_heif
from PIL import ExifTags, Image, ImageOps

from app.files import foreign
from app.files.kinds import HEIC, JPEG, PNG, TIFF, Refused
from app.files.limits import LARGEST_STORED, MOST_PAGES, MOST_PIXELS, PREVIEW_PIXELS
from app.files.report import Report
from app.files.states import Refusal

_FORMATS = {JPEG: ("JPEG", "MPO"), PNG: ("PNG",), TIFF: ("TIFF",), HEIC: ("HEIF",)}
_TAGS = {
    ExifTags.Base.Make: "maker",
    ExifTags.Base.Model: "device",
    ExifTags.Base.Software: "software",
    ExifTags.Base.DateTime: "modified",
}
_XMP = {
    "software": re.compile(rb"CreatorTool(?:=\"|>)([^\"<]{1,200})"),
    "created": re.compile(rb"CreateDate(?:=\"|>)([^\"<]{1,40})"),
    "modified": re.compile(rb"ModifyDate(?:=\"|>)([^\"<]{1,40})"),
}
_LONGEST_FACT = 200
_JPEG_QUALITY = 92
_PREVIEW_QUALITY = 80
_SCAN, _END, _ALONE = 0xDA, 0xD9, {0x01, *range(0xD0, 0xD8)}

pillow_heif.register_heif_opener(thumbnails=False)
Image.MAX_IMAGE_PIXELS = None  # our own bound is checked before any pixel is decoded


def inspect(content: bytes, content_type: str) -> Report:
    """What a picture shows, drawn again without metadata; `Refused` when it is not safe or not whole."""
    foreign.check_archive(content)
    foreign.check_texts(content)
    if content_type in (JPEG, PNG):
        foreign.check_tail(_tail(content, content_type))
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS[content_type]) as image:
            return _inspect(image, content, content_type)
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, RuntimeError):
        raise Refused(Refusal.damaged) from None


def as_preview(image: Image.Image) -> bytes:
    """A small JPEG of a picture."""
    small = ImageOps.exif_transpose(image).convert("RGB")
    small.thumbnail((PREVIEW_PIXELS, PREVIEW_PIXELS))
    return _saved(small, "JPEG", quality=_PREVIEW_QUALITY)


def _inspect(image: Image.Image, content: bytes, content_type: str) -> Report:
    _check_pixels(image)
    frames = getattr(image, "n_frames", 1) if content_type == TIFF else 1
    if frames > MOST_PAGES:
        raise Refused(Refusal.too_many_pages)
    facts = _facts(image, content)
    pictures = [_frame(image, number) for number in range(frames)]
    kept_type = JPEG if content_type == HEIC else content_type
    kept = _drawn_again(pictures, kept_type)
    if len(kept) > LARGEST_STORED:
        raise Refused(Refusal.too_many_pixels)
    previews = tuple(as_preview(picture) for picture in pictures[:3])
    return Report(None, kept_type, kept, previews, frames, facts)


def _frame(image: Image.Image, number: int) -> Image.Image:
    """One picture of the file, upright, decoded to its last pixel."""
    if number:
        image.seek(number)
    _check_pixels(image)
    image.load()
    return ImageOps.exif_transpose(image)


def _check_pixels(image: Image.Image) -> None:
    """Before anything is decoded: the header says how much it would be."""
    if image.width * image.height > MOST_PIXELS:
        raise Refused(Refusal.too_many_pixels)


def _drawn_again(pictures: list[Image.Image], content_type: str) -> bytes:
    """The pixels and the colour profile; EXIF, GPS, XMP and comments stay behind."""
    first, *others = (_pixels(picture, content_type) for picture in pictures)
    profile = pictures[0].info.get("icc_profile")
    if content_type == JPEG:
        return _saved(first, "JPEG", quality=_JPEG_QUALITY, icc_profile=profile)
    if content_type == PNG:
        return _saved(first, "PNG", icc_profile=profile)
    return _saved(first, "TIFF", compression="tiff_adobe_deflate", save_all=True, append_images=others)


def _pixels(picture: Image.Image, content_type: str) -> Image.Image:
    if content_type == JPEG and picture.mode not in ("L", "RGB", "CMYK"):
        picture = picture.convert("RGB")
    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    if picture.mode == "P":
        palette = picture.getpalette()
        bare.putpalette(palette or [])
        if "transparency" in picture.info:
            bare.info["transparency"] = picture.info["transparency"]
    return bare


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _facts(image: Image.Image, content: bytes) -> dict[str, Any]:
    """What the metadata say, as short texts; where a picture was taken is only noted as known."""
    facts: dict[str, Any] = {
        name: found.group(1).decode("utf-8", "replace")
        for name, pattern in _XMP.items()
        if (found := pattern.search(content))
    }
    exif = image.getexif()
    facts |= {name: str(exif[tag]) for tag, name in _TAGS.items() if exif.get(tag)}
    taken = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal)
    if taken:
        facts["taken"] = str(taken)
    if exif.get_ifd(ExifTags.IFD.GPSInfo):
        facts["had_location"] = True
    facts["width"], facts["height"] = image.size
    return {name: _short(value) for name, value in facts.items()}


def _short(value: Any) -> Any:
    return value.replace("\x00", "").strip()[:_LONGEST_FACT] if isinstance(value, str) else value


def _tail(content: bytes, content_type: str) -> bytes:
    """What follows the picture."""
    if content_type == PNG:
        end = content.find(b"IEND\xaeB`\x82")
        return content[end + 8 :] if end >= 0 else b""
    return content[_end_of_jpeg(content) :]


def _end_of_jpeg(content: bytes) -> int:
    """Where a JPEG ends: its segments are stepped over, so that a thumbnail's end is not taken for it."""
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == _END:
            return at + 2
        if marker in _ALONE or marker == 0xFF:
            at += 1 if marker == 0xFF else 2
            continue
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == _SCAN:
            at = _end_of_scan(content, at)
    return len(content)


def _end_of_scan(content: bytes, at: int) -> int:
    """The next marker after compressed data."""
    found = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL).search(content, at)
    return found.start() if found else len(content)
