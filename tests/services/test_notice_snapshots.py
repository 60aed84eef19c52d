"""Each e-mail in each language as it leaves, beside a copy kept here: a change is seen in review.

`make snapshots` writes the copies anew.
"""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask_babel import force_locale

from app.files.states import Refusal
from app.formats import day
from app.services import notice_kinds, notices
from config import LANGUAGES, ROOT

FOLDER = Path(__file__).parent / "snapshots"
TEMPLATES = sorted(path.name for path in (ROOT / "app/templates/email").iterdir() if path.is_dir())
WHEN = datetime(2026, 11, 23, 9, 42, tzinfo=UTC)
RENEW = os.environ.get("RENEW_SNAPSHOTS") == "1"


OF_A_CASE = {"received", "information_requested", "answer_reminder", "lapsed", "decided"} | {
    "answered_for",
    "withdrawn_for",
}


def facts(name):
    """What a template may want, the same every time; a reference only where a case is told of."""
    refused = SimpleNamespace(created_at=WHEN, refusal=Refusal.macros)
    unreadable = SimpleNamespace(created_at=WHEN, refusal=None)
    expiring = SimpleNamespace(expires_on=date(2026, 12, 24), category="identity")
    of_case = {"reference": "RG-2026-000123-K"} if name in OF_A_CASE else {}
    return of_case | {
        "until": day(date(2026, 12, 24)),
        "checked_on": day(date(2026, 11, 23)),
        "found": "3",
        "device": "Firefox, Linux",
        "code": "123456",
        "refused": [refused, unreadable],
        "expiring": [expiring],
    }


def rendered(name, language):
    """Subject, text and HTML of a notice."""
    with force_locale(language):
        page = f"{language}/the/page"
        mail = notices.write(name, "amina@demo.example", "Amina", language, page, **facts(name))
    plain, html = (part.get_content() for part in mail.iter_parts())
    return f"Subject: {mail['Subject']}\n\n{plain}\n--- HTML ---\n{html}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TEMPLATES)
def test_a_notice_says_what_it_said(context, name, language):
    kept, said = FOLDER / f"{name}.{language}.txt", rendered(name, language)
    if RENEW:
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(said)
    assert kept.exists(), "Run `make snapshots`, and read what it wrote."
    assert said == kept.read_text(), "If this change is meant, run `make snapshots`."


def test_no_copy_is_left_of_a_notice_that_is_gone():
    assert {path.name for path in FOLDER.iterdir()} == {
        f"{name}.{language}.txt" for name in TEMPLATES for language in LANGUAGES
    }


def test_every_template_is_declared_once_and_every_declaration_has_its_template():
    assert set(notice_kinds.KINDS) | notice_kinds.ONLY_MAILED == set(TEMPLATES)
    assert not set(notice_kinds.KINDS) & notice_kinds.ONLY_MAILED


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_knows_more_of_the_person_than_the_first_name(name):
    words = "".join(path.read_text() for path in (ROOT / "app/templates/email" / name).iterdir())
    for personal in ("last_name", "family_name", "ssn", "filename", ".text }}", "reason }}", "owner."):
        assert personal not in words, personal


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TEMPLATES)
def test_each_mail_has_one_link_and_no_unfilled_field(context, name, language):
    said = rendered(name, language)
    assert f"http://localhost/{language}/the/page" in said
    assert "%(" not in said
    assert "None" not in said
    assert "<title></title>" not in said
