"""A receipt before anybody’s eyes: its code, and whether a file is byte for byte what was filed."""

import hashlib
import json

import pytest
from sqlalchemy import select, text

from app.extensions import db
from app.models import Document
from tests.journey import file_request
from tests.papers import CODE
from tests.visitor import a_file


def compare(visitor, code, content, name="receipt.json"):
    nobody = visitor()
    nobody.open(f"/en/verify/{code}")
    nobody.send(file=a_file(name, content))
    return nobody


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


@pytest.mark.long(sample=3)
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


@pytest.mark.long(sample=2)
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
