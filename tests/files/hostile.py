"""Hostile files, made here: each with the reason for which it must be refused."""

import io
import struct
import zipfile
import zlib

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from PIL import Image, PngImagePlugin

from app.files.states import Refusal
from tests.files import good

MEGABYTE = 1 << 20


def archive(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in names:
            file.writestr(name, "x" * 50)
    return out.getvalue()


def program():
    return b"MZ" + b"\0" * 58 + struct.pack("<I", 64) + b"PE\0\0" + b"\0" * 200


def changed(change, pages=1):
    return lambda: good.pdf(pages, change)


def action(kind, **more):
    return Dictionary(S=Name("/" + kind), **more)


def opens_with(kind, **more):
    def change(document):
        document.Root.OpenAction = action(kind, **more)

    return changed(change)


def page_opens_with_a_script(document):
    document.pages[0].AA = Dictionary(O=action("JavaScript", JS=String("app.alert(1)")))


def script_in_a_stream(document):
    document.Root.OpenAction = document.make_indirect(
        action("JavaScript", JS=document.make_stream(b"app.alert(1)"))
    )


def script_by_name(document):
    tree = Dictionary(Names=Array([String("a"), action("JavaScript", JS=String("app.alert(1)"))]))
    document.Root.Names = Dictionary(JavaScript=tree)


def script_behind_a_field(document):
    button = Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Btn, Rect=Array([0, 0, 9, 9]))
    button.A = action("JavaScript", JS=String("app.alert(1)"))
    button = document.make_indirect(button)
    document.pages[0].Annots = Array([button])
    document.Root.AcroForm = Dictionary(Fields=Array([button]))


def script_nobody_points_at(document):
    document.Root.Extra = document.make_indirect(Array([document.make_indirect(action("JavaScript"))]))


def attachment(document):
    document.attachments["bill.exe"] = program()


def attachment_on_a_page(document):
    note = Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=Array([0, 0, 9, 9]))
    document.pages[0].Annots = Array([document.make_indirect(note)])


def xfa(document):
    document.Root.AcroForm = Dictionary(XFA=document.make_stream(b"<xdp/>"), Fields=Array())


def film(document):
    note = Dictionary(Type=Name.Annot, Subtype=Name.RichMedia, Rect=Array([0, 0, 9, 9]))
    document.pages[0].Annots = Array([document.make_indirect(note)])


def bomb(document):
    stream = pikepdf.Stream(document, b"")
    stream.write(zlib.compress(b"\0" * (300 * MEGABYTE), 9), filter=Name.FlateDecode)
    document.pages[0].Contents = document.make_indirect(stream)


def bomb_in_a_bomb(document):
    once = zlib.compress(b"\0" * (600 * MEGABYTE), 9)
    stream = pikepdf.Stream(document, b"")
    stream.write(zlib.compress(once, 9), filter=Array([Name.FlateDecode, Name.FlateDecode]))
    document.pages[0].Contents = document.make_indirect(stream)


def huge_picture_in_a_pdf(document):
    image = document.make_stream(b"\xff\xd8\xff")
    image.Subtype, image.Width, image.Height, image.Filter = Name.Image, 60_000, 60_000, Name.DCTDecode
    document.Root.Extra = image


def nested_without_end(document):
    inner = Array()
    for _ in range(400):
        inner = Array([inner])
    document.Root.Extra = inner


def encrypted(user="secret"):
    return lambda: good.pdf(encryption=pikepdf.Encryption(owner="owner", user=user))


def png_bomb():
    """A header that says fifty thousand by fifty thousand, and data that unfold to it."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * MEGABYTE * 64, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def jpeg_of_a_giant():
    content = bytearray(good.jpeg())
    at = content.find(b"\xff\xc0")
    content[at + 5 : at + 9] = struct.pack(">HH", 30_000, 30_000)
    return bytes(content)


def png_with_a_page_in_its_text():
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "<script>alert(1)</script>")
    return good.png(pnginfo=text)


def tiff_of_many_pages():
    tiny = Image.new("1", (8, 8))
    return good.saved(tiny, "TIFF", save_all=True, append_images=[tiny] * 120)


def short(make, part=0.6):
    return lambda: make()[: int(len(make()) * part)]


def wide_tiff():
    content = bytearray(good.saved(Image.new("L", (8, 8)), "TIFF"))
    directory = struct.unpack_from("<I", content, 4)[0]
    for number in range(struct.unpack_from("<H", content, directory)[0]):
        at = directory + 2 + 12 * number
        if struct.unpack_from("<H", content, at)[0] in (256, 257):
            struct.pack_into("<HII", content, at + 2, 4, 1, 60_000)
    return bytes(content)


FILES = {
    "empty.pdf": (lambda: b"", Refusal.empty),
    "large.pdf": (lambda: b"%PDF-1.7\n" + b"0" * (10 * MEGABYTE), Refusal.too_large),
    "program.pdf": (program, Refusal.other_type),
    "page.png": (lambda: b"<html><script>alert(1)</script></html>", Refusal.other_type),
    "drawing.png": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>', Refusal.other_type),
    "moving.jpg": (lambda: good.saved(good.picture(), "GIF"), Refusal.other_type),
    "text.pdf": (lambda: b"just words", Refusal.other_type),
    "letter.docx": (lambda: archive("[Content_Types].xml", "word/document.xml"), Refusal.office_document),
    "letter.docm": (lambda: archive("word/document.xml", "word/vbaProject.bin"), Refusal.macros),
    "old.doc": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, Refusal.office_document),
    "old-macros.xls": (
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512 + "VBA".encode("utf-16le") + b"\0" * 90,
        Refusal.macros,
    ),
    "files.zip": (lambda: archive("a.txt"), Refusal.archive),
    "password.pdf": (encrypted(), Refusal.encrypted),
    "owner-password.pdf": (encrypted(""), Refusal.encrypted),
    "script-at-opening.pdf": (opens_with("JavaScript", JS=String("app.alert(1)")), Refusal.script),
    "script-in-a-stream.pdf": (changed(script_in_a_stream), Refusal.script),
    "script-of-a-page.pdf": (changed(page_opens_with_a_script), Refusal.script),
    "script-by-name.pdf": (changed(script_by_name), Refusal.script),
    "script-of-a-button.pdf": (changed(script_behind_a_field), Refusal.script),
    "script-nobody-points-at.pdf": (changed(script_nobody_points_at), Refusal.script),
    "film.pdf": (changed(film), Refusal.script),
    "launch.pdf": (opens_with("Launch", F=String("cmd.exe")), Refusal.launches),
    "sends-itself.pdf": (opens_with("SubmitForm", F=String("http://x.invalid")), Refusal.launches),
    "opens-another.pdf": (opens_with("GoToR", F=String("\\\\x\\y.pdf")), Refusal.launches),
    "attachment.pdf": (changed(attachment), Refusal.embedded_files),
    "attachment-on-a-page.pdf": (changed(attachment_on_a_page), Refusal.embedded_files),
    "xfa.pdf": (changed(xfa), Refusal.dynamic_form),
    "bomb.pdf": (changed(bomb), Refusal.expands_too_much),
    "bomb-in-a-bomb.pdf": (changed(bomb_in_a_bomb), Refusal.expands_too_much),
    "huge-picture.pdf": (changed(huge_picture_in_a_pdf), Refusal.too_many_pixels),
    "nested.pdf": (changed(nested_without_end), Refusal.too_complex),
    "no-pages.pdf": (lambda: good.pdf(0), Refusal.no_pages),
    "many-pages.pdf": (lambda: good.pdf(101), Refusal.too_many_pages),
    "cut.pdf": (short(lambda: good.pdf(20)), Refusal.damaged),
    "no-table.pdf": (lambda: b"%PDF-1.7\nnothing\n%%EOF\n", Refusal.damaged),
    "zip-before.pdf": (lambda: archive("a.txt") + good.pdf(), Refusal.mixed_content),
    "zip-behind.pdf": (lambda: good.pdf() + archive("a.txt"), Refusal.mixed_content),
    "html-before.pdf": (lambda: b"<html><body>" + good.pdf(), Refusal.mixed_content),
    "html-within.pdf": (
        lambda: good.pdf().replace(b"\n", b"\n%<script>alert(1)</script>\n", 1),
        Refusal.mixed_content,
    ),
    "html-behind.pdf": (lambda: good.pdf() + b"<script>alert(1)</script>", Refusal.mixed_content),
    "program-behind.pdf": (lambda: good.pdf() + program(), Refusal.mixed_content),
    "program-before.pdf": (lambda: program() + good.pdf(), Refusal.mixed_content),
    "zip-behind.jpg": (lambda: good.jpeg() + archive("a.txt"), Refusal.mixed_content),
    "pdf-behind.jpg": (lambda: good.jpeg() + good.pdf(), Refusal.mixed_content),
    "program-behind.png": (lambda: good.png() + program(), Refusal.mixed_content),
    "php-in-comment.jpg": (lambda: good.jpeg(comment=b"<?php system($_GET[0]);"), Refusal.mixed_content),
    "page-in-text.png": (png_with_a_page_in_its_text, Refusal.mixed_content),
    "zip-behind.heic": (lambda: good.heic() + archive("a.txt"), Refusal.mixed_content),
    "bomb.png": (png_bomb, Refusal.too_many_pixels),
    "giant.jpg": (jpeg_of_a_giant, Refusal.too_many_pixels),
    "wide.tiff": (wide_tiff, Refusal.too_many_pixels),
    "many-pages.tiff": (tiff_of_many_pages, Refusal.too_many_pages),
    "cut.jpg": (short(good.jpeg, 0.7), Refusal.damaged),
    "cut.png": (short(good.png, 0.7), Refusal.damaged),
    "cut.heic": (short(good.heic), Refusal.damaged),
    "header-only.tiff": (lambda: b"II*\0\x08\0\0\0", Refusal.damaged),
}
"""By name: how it is made, and why it is refused. The names lie about some: content alone decides."""
