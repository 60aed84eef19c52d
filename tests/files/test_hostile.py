"""Hostile files through the front door: each refused with its reason, none kept as accepted."""

import random
from collections import Counter

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from app.adapters import storage
from app.extensions import db
from app.files.states import FileState
from app.models import Document
from tests.files import good, hostile
from tests.journey import address, go_to
from tests.trials import SEED, trials
from tests.visitor import a_file

AT_ONCE = 4


def send(person, names, contents):
    """Send files with one form, as a browser without JavaScript does; nothing that went before stays on the page."""
    person.open(address("documents"))
    for button in person.page.select("button[name=_remove]"):
        person.send(button=("_remove", button["value"]))
    data = {"csrf_token": person.token(), "identity_document": [a_file(n, contents[n]) for n in names]}
    person.post(address("documents"), data)
    return person.text


def drawn(files):
    """All of them, or in the short form some, by lot."""
    names = random.Random(SEED).sample(list(files), trials(short=4, full=len(files)))
    return {name: files[name] for name in names}


def test_there_are_enough_kinds():
    assert len(hostile.FILES) >= 25
    assert len(Counter(reason for _make, reason in hostile.FILES.values())) >= 15


@pytest.mark.long
def test_each_hostile_file_is_refused_with_its_reason(visitor, app, work):
    files = drawn(hostile.FILES)
    contents = {name: make() for name, (make, _reason) in files.items()}
    person = visitor("joseph")
    go_to(person, "documents")
    said = {}
    names = list(files)
    for start in range(0, len(names), AT_ONCE):
        batch = names[start : start + AT_ONCE]
        text = send(person, batch, contents)
        said |= {name: text for name in batch}
    work()
    with app.app_context(), force_locale("en"):
        documents = {row.filename: row for row in db.session.scalars(select(Document))}
        for name, (_make, reason) in files.items():
            if name in documents:
                assert documents[name].refusal is reason, name
                assert documents[name].state is FileState.refused
                assert documents[name].stored_sha256 is None
                assert documents[name].previews == []
                with pytest.raises(FileNotFoundError):
                    storage.read(documents[name].sha256)
            else:
                assert f"{name}: {reason.label}" in said[name], name


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_reason_stands_beside_the_file_and_blocks_the_way(visitor, app, work, lang, count_cases):
    person = visitor("joseph", lang)
    go_to(person, "documents")
    person.send(identity_document=a_file("locked.pdf", hostile.FILES["password.pdf"][0]()))
    assert person.url.endswith("/proofs")
    work()
    person.open(address("documents", lang))
    reason = {"en": "protected by a password", "fr": "protégé par un mot de passe"}[lang]
    assert reason in person.page.select_one(".g-file__reason").text
    person.send()
    assert reason in person.error_of("identity_document")
    person.open(f"/{lang}/registration/check")
    assert "/new/documents" in person.url
    assert count_cases() == 0


def test_two_refused_files_are_told_together(visitor, app):
    person = visitor("joseph")
    go_to(person, "documents")
    text = send(person, ["a.pdf", "b.pdf", "c.png"], {"a.pdf": b"", "b.pdf": b"MZ", "c.png": good.png()})
    assert "a.pdf: This file is empty." in text
    assert "b.pdf: This file is not a PDF" in text
    assert [row.text for row in person.page.select(".g-file__name")] == ["c.png"], "the good one is kept"
