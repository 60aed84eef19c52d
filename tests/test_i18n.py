"""Both languages are first-class: complete, typeset, and chosen in a known order."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from config import LANGUAGES, ROOT

METHODS = [
    ("app/**.py", "python"),
    ("app/templates/**.html", "jinja2.ext:babel_extract"),
    ("app/templates/**.txt", "jinja2.ext:babel_extract"),
]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
SAME_IN_BOTH = {
    "Guichet",
    "Correction %(number)s",
    "Code",
    "Document",
    "Documents",
    "Services",
    "Service",
    "Important",
    "Date",
    "Message",
    "Messages",
    "Action",
    "Actions",
    "Contact",
    "Parent",
    ("%(num)d minute", "%(num)d minutes"),
}
BARE_PUNCTUATION = re.compile(
    r"[^\s\u202f\u00a0&][;!?](?!\w)|\s(?<![\u202f\u00a0])[;!?:»]|«(?!\u202f)|[^\s\u00a0\d]:(?=\s|$)"
)
BARE_NUMBER = re.compile(r"[0-9]\s?(?<![\u202f\u00a0])(?=%%|[MK]o\b)|[0-9] (?=[0-9]{3}\b)")
ELIDED = re.compile(r"(?<!-)\b(?:de|que|ne|je|le|la|se|me) (?=[aâeéèêiîoôuœ])", re.IGNORECASE)


def catalogue(lang):
    with Path(ROOT / f"translations/{lang}/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file)


def in_the_source():
    found = set()
    for _file, _line, message, _comments, _context in extract_from_dir(
        ROOT, method_map=METHODS, keywords=KEYWORDS, options_map={"app/templates/**.*": {"trimmed": "true"}}
    ):
        found.add(message)
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_catalogue_holds_exactly_what_the_source_says(lang):
    entries = {entry.id for entry in catalogue(lang) if entry.id}
    assert entries == in_the_source()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_entry_is_empty_or_fuzzy(lang):
    for entry in catalogue(lang):
        texts = entry.string if isinstance(entry.string, tuple) else (entry.string,)
        assert all(texts), entry.id
        assert not entry.fuzzy or not entry.id, entry.id


def french_texts():
    for entry in catalogue("fr"):
        if entry.id:
            yield from entry.string if isinstance(entry.string, tuple) else (entry.string,)


def test_french_is_not_english():
    same = [entry.id for entry in catalogue("fr") if entry.id and entry.string == entry.id]
    assert set(same) <= SAME_IN_BOTH


def test_french_punctuation_has_its_spaces():
    """Narrow no-break space before ; ! ? and inside « », no-break space before a colon."""
    assert [
        text for text in french_texts() if BARE_PUNCTUATION.search(re.sub(r"%\(\w+\)s|https?:", "x", text))
    ] == []


def test_french_numbers_hold_together():
    """Thousands and units are never parted from their figures at the end of a line."""
    assert [text for text in french_texts() if BARE_NUMBER.search(text)] == []


def test_french_elides():
    assert [text for text in french_texts() if ELIDED.search(text)] == []


def test_french_has_one_word_for_e_mail():
    assert [text for text in french_texts() if re.search("courriel|électronique", text)] == []


def test_french_uses_the_typographic_apostrophe():
    assert [text for text in french_texts() if "'" in text] == []


@pytest.mark.parametrize(
    ("text", "is_wrong"),
    [
        ("Qui ?", True),
        ("Qui\u202f?", False),
        ("Motif :", True),
        ("Motif\u00a0:", False),
        ("« a »", True),
        ("Quoi!", True),
    ],
)
def test_the_typographic_rule_itself(text, is_wrong):
    assert bool(BARE_PUNCTUATION.search(text)) is is_wrong


@pytest.mark.parametrize(
    ("text", "is_wrong"),
    [
        ("10 000 lettres", True),
        ("10\u202f000 lettres", False),
        ("10 Mo", True),
        ("10\u00a0Mo", False),
        ("200 %%", True),
        ("200%%", True),
        ("200\u00a0%%", False),
        ("le 12 mars", False),
    ],
)
def test_the_rule_of_numbers_itself(text, is_wrong):
    assert bool(BARE_NUMBER.search(text)) is is_wrong


@pytest.mark.parametrize(("lang", "heading"), [("fr", "Page introuvable"), ("en", "Page not found")])
def test_errors_speak_the_language_of_the_path(visitor, lang, heading):
    nobody = visitor()
    nobody.open(f"/{lang}/nothing/here")
    assert nobody.status == 404
    assert heading in nobody.text
    assert nobody.page.html["lang"] == lang


@pytest.mark.parametrize(
    ("accepted", "home"),
    [
        ("en-GB,en;q=0.9", "/en/"),
        ("fr-CM", "/fr/"),
        ("de,en;q=0.5", "/en/"),
        ("de", "/fr/"),
        (";;;", "/fr/"),
        ("", "/fr/"),
    ],
)
def test_the_root_leads_to_the_browsers_language_or_french(app, accepted, home):
    answer = app.test_client().get("/", headers={"Accept-Language": accepted})
    assert answer.headers["Location"] == home


def test_the_path_wins_over_everything(visitor):
    person = visitor("amina")
    person.open("/en/")
    assert person.page.html["lang"] == "en"
    assert "Welcome, Amina" in person.text


@pytest.mark.parametrize("lang", ["de", "xx", "FR"])
def test_another_language_is_no_page(visitor, lang):
    nobody = visitor()
    nobody.open(f"/{lang}/")
    assert nobody.status == 404


def test_each_portal_page_names_its_other_language(visitor):
    nobody = visitor()
    nobody.open("/fr/registration/?from=poster&language=zz")
    links = {link["hreflang"]: link["href"] for link in nobody.page.select("link[rel=alternate]")}
    assert links["en"] == "http://localhost/en/registration/?from=poster"
    assert links["fr"] == "http://localhost/fr/registration/?from=poster"


def test_the_back_office_is_french_for_a_french_officer(visitor):
    officer = visitor("agent", lang="fr")
    for page in ("/staff/", "/staff/registrationview/list/", "/staff/insuredpersonview/list/"):
        officer.open(page)
        assert officer.status == 200
        assert officer.page.html["lang"] == "fr"
        for english in ("Search", "records", "Workbench", "No records found", "Sign out"):
            assert english not in officer.text, (page, english)
