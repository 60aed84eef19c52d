"""The receipt: what was filed, to read, to print, to keep, and to compare byte by byte."""

import hashlib
import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app import clock
from app.adapters import storage
from app.delays import DRAFT_KEPT
from app.extensions import db
from app.models import Receipt
from app.services import documents
from tests.journey import answer, answer_all, go_to
from tests.papers import CODE
from tests.visitor import PNG, a_file


def test_the_confirmation_gives_the_reference_and_the_receipt(person):
    assert "We have received your request." in person.text
    reference = person.page.select_one("main .g-reference").text
    person.open(person.page.find("a", string="Your receipt")["href"])
    assert person.status == 200
    assert f"Receipt of your request {reference}" in person.page.h1.text


def test_the_copy_shows_all_that_was_sent(person, case_url):
    person.open(f"{case_url}/receipt")
    for words in (
        "Joseph Aimé",
        "N’Guessan",
        "3 April 1990",
        "Boulangerie Bonne Mie",
        f"identity.png ({len(PNG)} bytes)",
    ):
        assert words in person.text
    assert hashlib.sha256(PNG).hexdigest() in person.text
    assert CODE.search(person.text)


def test_the_receipt_file_is_what_its_hash_says(person, case_url, receipt_file, app):
    answer = person.client.get(f"{case_url}/receipt.json")
    reference = json.loads(receipt_file)["reference"]
    assert answer.headers["Content-Disposition"] == f"attachment; filename=receipt-{reference}.json"
    assert answer.headers["Cache-Control"] == "no-store"
    with app.app_context():
        receipt = db.session.scalars(select(Receipt)).one()
        assert hashlib.sha256(receipt_file).hexdigest() == receipt.sha256
        assert storage.read(receipt.sha256) == receipt_file


def test_the_receipt_file_says_what_was_filed(receipt_file):
    said = json.loads(receipt_file)
    assert said["format"] == "guichet-receipt"
    assert said["service"] == {"name": "registration", "title": "Registration"}
    assert re.fullmatch(r"RG-\d{4}-\d{6}-[0-9A-Z]", said["reference"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", said["filed_at"])
    answers = {row["label"]: row["value"] for row in said["answers"]}
    assert answers["Given names"] == "Joseph Aimé"
    assert answers["Family name"] == "N’Guessan"
    assert answers["Date of birth"] == "3 April 1990"
    assert answers["Nationality"] == "Cameroon"
    assert answers["Employer"] == "Boulangerie Bonne Mie"
    assert list(answers)[:2] == ["Given names", "Family name"]
    file = {"name": "identity.png", "size": len(PNG), "sha256": hashlib.sha256(PNG).hexdigest()}
    labels = ("Identity document", "Birth certificate")
    assert said["documents"] == [{"label": label, **file} for label in labels]


def test_it_keeps_the_language_it_was_filed_in(visitor):
    person = visitor("amina", lang="fr")
    answer_all(person)
    person.open("/fr/registration/check")
    person.send()
    url = person.url
    person.open(url.replace("/fr/", "/en/") + "/receipt")
    assert person.page.html["lang"] == "en"
    frozen = person.page.select_one("section[lang=fr]")
    assert "Nom de famille" in frozen.text
    assert "3 avril 1990" in frozen.text
    assert json.loads(person.client.get(f"{url}/receipt.json").get_data())["language"] == "fr"


def test_later_changes_of_the_case_do_not_change_it(person, case_url, receipt_file, app):
    with app.app_context():
        db.session.execute(text("UPDATE registration SET family_name = 'Other'"))
        db.session.execute(text("UPDATE employer SET name = name || ' SA'"))
        db.session.commit()
    try:
        person.open(f"{case_url}/receipt")
        assert "N’Guessan" in person.text
        assert " SA" not in person.text
        assert person.client.get(f"{case_url}/receipt.json").get_data() == receipt_file
    finally:
        with app.app_context():
            db.session.execute(text("UPDATE employer SET name = regexp_replace(name, ' SA$', '')"))
            db.session.commit()


def test_the_pdf_is_printed_once_and_given_again(person, case_url, app):
    first = person.client.get(f"{case_url}/receipt.pdf")
    assert first.headers["Content-Type"] == "application/pdf"
    assert first.get_data().startswith(b"%PDF-")
    with app.app_context():
        stored = db.session.scalars(select(Receipt.pdf_sha256)).one()
        assert storage.read(stored) == first.get_data()
        storage.remove(stored)
    assert person.client.get(f"{case_url}/receipt.pdf").get_data() == first.get_data()


def test_a_paper_of_ours_that_was_sent_back_is_not_forgotten_with_the_draft(person, case_url, app, work):
    paper = person.client.get(f"{case_url}/receipt.pdf").get_data()
    go_to(person, "documents")
    answer(person, "documents", identity_document=a_file("receipt.pdf", paper))
    with clock.frozen(clock.now() + DRAFT_KEPT + timedelta(days=1)):
        with app.app_context():
            assert documents.purge_unfiled() == 1
            db.session.commit()
        work()
    with app.app_context():
        assert storage.read(hashlib.sha256(paper).hexdigest()) == paper


@pytest.mark.parametrize("kind", ["receipt", "receipt.json", "receipt.pdf"])
def test_somebody_elses_receipt_does_not_exist(case_url, visitor, kind):
    assert visitor("peter").client.get(f"{case_url}/{kind}").status_code == 404
    assert visitor("officer").client.get(f"{case_url}/{kind}").status_code == 404
    assert visitor().client.get(f"{case_url}/{kind}").status_code == 302


@pytest.mark.long(sample=2)
@pytest.mark.parametrize("kind", ["receipt", "receipt.json", "receipt.pdf"])
@pytest.mark.parametrize("damage", [None, b"{}"])
def test_a_receipt_whose_file_is_lost_or_damaged_is_not_shown(person, case_url, app, kind, damage):
    with app.app_context():
        sha256 = db.session.scalars(select(Receipt.sha256)).one()
        storage.remove(sha256)
        if damage:
            storage.write(sha256, damage)
    assert person.client.get(f"{case_url}/{kind}").status_code == 404


@pytest.mark.parametrize("column", ["code", "sha256"])
def test_the_database_refuses_to_change_a_receipt(person, app, column):
    with app.app_context(), pytest.raises(IntegrityError, match="stays as it was issued"):
        db.session.execute(text(f"UPDATE receipt SET {column} = 'x'"))


def test_one_request_has_one_receipt(person, app):
    with app.app_context():
        number = db.session.scalars(select(Receipt.case_id)).one()
        db.session.add(Receipt(case_id=number, code="x", sha256="y"))
        with pytest.raises(IntegrityError):
            db.session.flush()
