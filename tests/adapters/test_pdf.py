"""A PDF is archivable and accessible, whatever is written in it, and what is written is never code."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from app.adapters import pdf

MADE = datetime(2026, 11, 23, 9, 30, 12, 345678, tzinfo=UTC)
PAPER = {
    "name": "Guichet",
    "administration": "Sécurité sociale",
    "number": "L-2026-000045-C",
    "page_of": "Page {page} sur {pages}",
    "address": "http://localhost/fr/verify/ABCD",
    "address_shown": "localhost/fr/verify/ABCD",
    "code_shown": "ABCD-EFGH",
    "qr": pdf.qr_code("http://localhost/fr/verify/ABCD"),
    "qr_alt": "Code QR",
    "how_to_verify": "Pour vérifier",
    "unprintable": "Un signe ne peut pas être imprimé.",
}


def a_letter(**changes):
    facts = {
        "paper": PAPER,
        "about": [{"label": "Lettre", "value": "L-2026-000045-C"}],
        "recipient": "Joseph Tabi",
        "recipient_number": "",
        "body": [{"kind": "heading", "text": "Motif"}, {"kind": "text", "text": "Texte."}],
        "signatory": "Ruth Ebai",
        "quality": "Agent",
    } | changes
    return pdf.render("letter", "fr", "Décision", MADE, facts)


def text_of(content):
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def tags_of(element):
    """The names of the tags below a structure element."""
    children = element.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        child = child.get_object() if hasattr(child, "get_object") else child
        if isinstance(child, dict) and "/S" in child:
            yield str(child["/S"])
            yield from tags_of(child)


def test_it_is_pdf_a_2a_and_pdf_ua_1():
    reader = PdfReader(BytesIO(a_letter()))
    catalog = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == "fr"
    assert reader.metadata.title == "Décision"
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    claims = catalog["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in claims
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in claims
    assert "<pdfuaid:part>1</pdfuaid:part>" in claims
    tags = list(tags_of(catalog["/StructTreeRoot"]))
    assert tags.count("/H1") == 1
    assert "/H2" in tags
    assert "/P" in tags
    assert "/Figure" in tags


def test_every_typeface_is_embedded():
    fonts = PdfReader(BytesIO(a_letter())).pages[0]["/Resources"]["/Font"]
    names = [font.get_object()["/BaseFont"] for font in fonts.values()]
    assert names
    assert all("+" in name for name in names)
    assert any("Libertinus" in name for name in names)


def test_the_same_facts_give_the_same_bytes():
    assert a_letter() == a_letter()
    assert a_letter() != a_letter(recipient="Amina Ngo-Mbock")


@pytest.mark.parametrize(
    "name",
    [
        "<b>Tabi</b> & Sons",
        '#panic("x") #let a = 1',
        "$x^2$ @ref *bold* _it_ `raw` // \\ /* */ [a] {b} = head",
        '"; #read("/etc/passwd")',
        "N’Guessan-Éloïse ŋ ɓ ɔ́ ə̀",
        "« cité » ; 10\u202f000 FCFA",
    ],
)
def test_what_is_filled_in_is_text_and_nothing_else(name):
    shown = text_of(a_letter(recipient=name, body=[{"kind": "text", "text": name}]))
    for word in name.replace("\u202f", " ").split():
        assert word in shown.replace("\u202f", " ").replace("\xa0", " ")


@pytest.mark.parametrize("name", ["محمد", "Ελένη", "Жанна"])
def test_other_scripts_are_printed(name):
    assert pdf.UNPRINTABLE not in text_of(a_letter(recipient=name))


@pytest.mark.parametrize("name", ["Tabi 😀", "李小龙", "Tabi\ue000", "Tabi \U000e0001😀"])
def test_what_no_typeface_has_is_replaced_and_said(name):
    shown = text_of(a_letter(recipient=name))
    assert pdf.UNPRINTABLE in shown
    assert "Un signe ne peut pas être imprimé." in shown


def test_nothing_is_said_when_all_is_printed():
    shown = text_of(a_letter(recipient="Tabi\x00\x07"))
    assert "Tabi" in shown
    assert "Un signe ne peut pas être imprimé." not in shown


def test_a_missing_fact_is_named():
    with pytest.raises(pdf.NotPrinted, match="recipient_number"):
        pdf.render("letter", "fr", "Décision", MADE, {"paper": PAPER, "about": [], "recipient": ""})


def test_a_long_letter_has_numbered_pages():
    body = [{"kind": "text", "text": "Une phrase assez longue pour remplir la page. " * 30}] * 8
    content = a_letter(body=body)
    assert len(PdfReader(BytesIO(content)).pages) > 1
    assert "Page 2 sur" in text_of(content)


def test_a_word_without_end_stays_on_the_page():
    word = "W" * 4000
    content = a_letter(body=[{"kind": "text", "text": word}])
    shown = text_of(content).replace("\u200b", "")
    assert shown.count("W") == 4000
    assert max(map(len, shown.splitlines())) < 120
