"""Honest files of every kind we accept, made here."""

import io

import pikepdf
import pillow_heif
from PIL import ExifTags, Image

pillow_heif.register_heif_opener()


def picture(width=60, height=40):
    image = Image.new("RGB", (width, height), "white")
    image.paste((200, 30, 30), (0, 0, width // 2, height // 2))
    return image


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(**options):
    return saved(picture(), "JPEG", **options)


def png(**options):
    return saved(picture(), "PNG", **options)


def heic():
    return saved(picture(128, 96), "HEIF")


def tiff(pages=2):
    return saved(picture(), "TIFF", save_all=True, append_images=[picture() for _ in range(pages - 1)])


def new_pdf(pages=1):
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page(page_size=(200, 300))
    return document


def pdf(pages=1, change=None, **options):
    """A PDF; `change` may add to it before it is written."""
    document = new_pdf(pages)
    if change:
        change(document)
    out = io.BytesIO()
    document.save(out, **options)
    return out.getvalue()


def exif(orientation=1):
    """What a telephone writes: maker, software, date, place."""
    data = Image.Exif()
    data[ExifTags.Base.Make] = "Phonemaker"
    data[ExifTags.Base.Software] = "Camera 4.2"
    data[ExifTags.Base.Orientation] = orientation
    data.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:11:01 10:00:00"
    data.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (4.0, 3.0, 1.0)
    return data


ALL = {
    "picture.jpg": (jpeg, "image/jpeg"),
    "picture.png": (png, "image/png"),
    "picture.heic": (heic, "image/heic"),
    "scan.tiff": (tiff, "image/tiff"),
    "paper.pdf": (pdf, "application/pdf"),
}
