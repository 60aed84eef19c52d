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
from app.models import Document, Receipt
from app.services import documents
from tests.journey import answer, answer_all, file_request, go_to
from tests.visitor import PNG, a_file

CODE = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}")


@pytest.fixture
def person(visitor):
    person = visitor("joseph")
    file_request(person)
    return person


@pytest.fixture
def case_url(person):
    return person.url


@pytest.fixture
def receipt_file(person, case_url):
    return person.client.get(f"{case_url}/receipt.json").get_data()


@pytest.fixture
def code(person, case_url):
    person.open(f"{case_url}/receipt")
    return CODE.search(person.text)[0]


def compare(visitor, code, content, name="receipt.json"):
    nobody = visitor()
    nobody.open(f"/en/verify/{code}")
    nobody.send(file=a_file(name, content))
    return nobody


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


def test_anybody_verifies_a_receipt_and_reads_nothing_of_it(visitor, code, person, receipt_file):
    nobody = visitor()
    nobody.open(f"/en/verify/{code.lower().replace('-', ' ')}")
    assert nobody.status == 200
    assert "This document is genuine." in nobody.text
    assert json.loads(receipt_file)["reference"] in nobody.text
    assert hashlib.sha256(receipt_file).hexdigest() in nobody.text
    assert "Filed on" in nobody.text
    for secret in ("N’Guessan", "Joseph", "Tabi", "1990", "Bonne Mie", "identity.png", "J. "):
        assert secret not in nobody.text


def test_a_mistyped_code_finds_nothing(visitor, code):
    nobody = visitor()
    nobody.open(f"/en/verify/{code[:-1]}{'0' if code[-1] != '0' else '2'}")
    assert nobody.status == 404
    assert "genuine" not in nobody.text


def test_the_very_file_is_recognised(visitor, code, receipt_file):
    nobody = compare(visitor, code, receipt_file, "my-receipt.json")
    assert nobody.status == 200
    assert "This file is, byte for byte, what was filed." in nobody.text
    assert "my-receipt.json" in nobody.text


@pytest.mark.parametrize(
    "forge",
    [
        lambda content: content.replace(b"1990", b"1991"),
        lambda content: content + b"\n",
        lambda content: content[:-1],
        lambda content: json.dumps(json.loads(content)).encode(),
        lambda content: json.dumps(json.loads(content), indent=1, ensure_ascii=False).encode(),
        lambda content: b"",
        lambda content: b"%PDF-1.7",
        lambda content: b"\xef\xbb\xbf" + content,
    ],
)
def test_one_byte_more_or_less_is_seen(visitor, code, receipt_file, forge):
    nobody = compare(visitor, code, forge(receipt_file))
    assert "at least one byte differs" in nobody.text
    assert "byte for byte" not in nobody.text
    assert "N’Guessan" not in nobody.text


@pytest.fixture
def forged(receipt_file):
    return receipt_file.replace(b"1990", b"1991")


@pytest.fixture
def tamper(app):
    def by_sql(statement, **values):
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(statement), values)

    return by_sql


def rewrite_register(tamper, forged):
    """A forger changes the register."""
    tamper("UPDATE receipt SET sha256 = :sha256", sha256=hashlib.sha256(forged).hexdigest())


def rewrite_all_but_the_seal(tamper, forged):
    """A forger changes the register and the chain as its rules say, but has no audit key."""
    rewrite_register(tamper, forged)
    tamper(
        'WITH RECURSIVE old AS (SELECT stream, seq, regexp_replace(content, \'"sha256":"[0-9a-f]{64}"\','
        " '\"sha256\":\"' || CAST(:sha256 AS text) || '\"') AS said FROM audit_entry WHERE stream LIKE 'case:%'),"
        " new AS (SELECT stream, 0::bigint AS seq, sha256(convert_to(E'guichet audit stream\n' || stream, 'UTF8'))"
        " AS hash FROM old WHERE seq = 1 UNION ALL SELECT old.stream, old.seq,"
        " sha256('\\x02' || new.hash || sha256(convert_to(old.said, 'UTF8')))"
        " FROM new JOIN old ON old.stream = new.stream AND old.seq = new.seq + 1)"
        " UPDATE audit_entry AS e SET content = old.said, hash = new.hash FROM old JOIN new USING (stream, seq)"
        " WHERE e.stream = old.stream AND e.seq = old.seq",
        sha256=hashlib.sha256(forged).hexdigest(),
    )
    tamper(
        "UPDATE audit_head AS h SET hash = e.hash FROM audit_entry AS e"
        " WHERE e.stream = h.stream AND e.seq = h.count"
    )


def lose_the_chain(tamper, forged):
    """Somebody deletes what the chain knew."""
    tamper("DELETE FROM audit_entry WHERE stream LIKE 'case:%'")


FORGERIES = [rewrite_register, rewrite_all_but_the_seal, lose_the_chain]
CONTRADICTED = {
    "en": "our records contradict each other",
    "fr": "nos registres se contredisent",
}


@pytest.mark.parametrize("forge", FORGERIES)
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_page_vouches_for_no_receipt_the_chain_contradicts(visitor, code, forged, tamper, forge, lang):
    forge(tamper, forged)
    nobody = visitor()
    nobody.open(f"/{lang}/verify/{code}")
    assert nobody.status == 409
    assert CONTRADICTED[lang] in nobody.text
    for words in ("genuine", "authentique", hashlib.sha256(forged).hexdigest(), "RG-"):
        assert words not in nobody.text


@pytest.mark.parametrize("forge", FORGERIES)
def test_no_file_is_what_was_filed_where_the_chain_contradicts(
    visitor, code, receipt_file, forged, tamper, forge
):
    forge(tamper, forged)
    for fields in (
        {"file": a_file("receipt.json", forged)},
        {"file": a_file("receipt.json", receipt_file)},
        {},
    ):
        nobody = visitor()
        nobody.post(f"/en/verify/{code}/file", fields)
        assert nobody.status == 409
        assert nobody.page.select(".govuk-error-summary") == []
        assert CONTRADICTED["en"] in nobody.text
        assert "byte" not in nobody.text
        assert "genuine" not in nobody.text


def test_another_receipt_is_not_this_one(visitor, code):
    other = visitor("peter")
    file_request(other)
    content = other.client.get(f"{other.url}/receipt.json").get_data()
    assert "at least one byte differs" in compare(visitor, code, content).text


@pytest.mark.parametrize("switch", [{}, {"_switch": "en"}], ids=["sent", "language"])
def test_a_file_nobody_sent_is_not_vouched_for(visitor, code, receipt_file, switch):
    """Its fingerprint is on the page of the code, for everybody to type."""
    nobody = visitor()
    known = {"seen": hashlib.sha256(receipt_file).hexdigest(), "seen_name": "forged.json"}
    nobody.post(f"/en/verify/{code}/file", known | switch)
    assert "byte for byte" not in nobody.text
    assert "forged.json" not in nobody.text
    assert nobody.error_of("file") == "Choose the receipt file."


def kept_of(nobody):
    """What the page keeps of the file that was compared."""
    return nobody.page.select_one("#main-form input[name=seen]")["value"]


def test_the_answer_is_read_in_the_other_language(visitor, code, receipt_file):
    nobody = compare(visitor, code, receipt_file, "my-receipt.json")
    nobody.post(f"/fr/verify/{code}/file", {"seen": kept_of(nobody), "_switch": "fr"})
    assert nobody.page.html["lang"] == "fr"
    assert hashlib.sha256(receipt_file).hexdigest() in nobody.text
    assert "my-receipt.json" in nobody.text
    assert nobody.page.select(".govuk-error-summary") == []


def test_the_answer_about_one_file_is_kept_for_no_other_code_and_no_other_sending(
    visitor, code, receipt_file
):
    other = visitor("peter")
    file_request(other)
    other.open(f"{other.url}/receipt")
    other_code = CODE.search(other.text)[0]
    nobody = compare(visitor, code, receipt_file, "my-receipt.json")
    kept = kept_of(nobody)
    for address, switch in ((other_code, {"_switch": "en"}), (code, {})):
        nobody.post(f"/en/verify/{address}/file", {"seen": kept} | switch)
        assert "my-receipt.json" not in nobody.text
        assert nobody.error_of("file") == "Choose the receipt file."


def test_comparing_stores_nothing_and_starts_no_session(visitor, code, receipt_file, app):
    with app.app_context():
        before = db.session.scalars(select(Document.id)).all()
    nobody = compare(visitor, code, receipt_file)
    assert "Set-Cookie" not in nobody.response.headers
    with app.app_context():
        assert db.session.scalars(select(Document.id)).all() == before


def test_no_file_is_asked_for_beside_the_field_in_both_languages(visitor, code):
    nobody = visitor()
    nobody.open(f"/en/verify/{code}")
    nobody.send()
    assert nobody.error_of("file") == "Choose the receipt file."
    assert nobody.page.title.text.startswith("Error: ")
    nobody.send(button=("_switch", "fr"), to=f"/fr/verify/{code}/file")
    assert nobody.page.html["lang"] == "fr"
    assert nobody.error_of("file") == "Choisissez le fichier de l’accusé de réception."


@pytest.mark.parametrize("is_forged", [False, True])
def test_the_language_switch_keeps_the_answer(visitor, code, receipt_file, is_forged):
    nobody = compare(visitor, code, receipt_file + b" " * is_forged)
    nobody.send(button=("_switch", "fr"), to=f"/fr/verify/{code}/file")
    assert nobody.page.html["lang"] == "fr"
    assert "receipt.json" in nobody.text
    expected = "au moins un octet diffère" if is_forged else "octet pour octet"
    assert expected in nobody.text


def test_a_file_for_an_unknown_code_is_not_compared(visitor, receipt_file):
    nobody = visitor()
    nobody.post("/en/verify/0000-0000-0000-0000/file", {"file": a_file("receipt.json", receipt_file)})
    assert nobody.status == 404


def test_the_answers_address_opened_again_is_the_page_of_the_code(visitor, code):
    nobody = visitor()
    nobody.open(f"/en/verify/{code}/file")
    assert nobody.url == f"/en/verify/{code}"
