"""A receipt checked without us: the file, the proof of its entry, and forgeries of both."""

import json

import pytest

from app.adapters import storage
from tests.services.test_cases import file_case


@pytest.fixture
def receipt(chain):
    """A receipt file, and the proof of its entry."""
    case = file_case()
    chain.checkpoint()
    file = chain.folder / "receipt.json"
    file.write_bytes(storage.read(case.receipt.sha256))
    result = chain.run("prove", f"case:{case.id}/2")
    assert result.exit_code == 0, result.output
    return file, json.loads(result.output)


def test_a_genuine_receipt_is_what_the_proof_tells(chain, receipt):
    file, proof = receipt
    result = chain.third_party(chain.file(proof), "--receipt", str(file))
    assert result.returncode == 0, result.stdout + result.stderr
    reference = json.loads(file.read_bytes())["reference"]
    assert f"The receipt is that of {reference}, byte for byte." in result.stdout


@pytest.mark.parametrize(
    "forge",
    [
        lambda content: content.replace(b"1990", b"1991"),
        lambda content: content + b"\n",
        lambda content: b"",
        lambda content: b"[1]",
        lambda content: b"\xff\xfe",
        lambda content: b"[" * 100_000,
    ],
    ids=["one byte", "one byte more", "empty", "another JSON", "no text", "deep"],
)
def test_a_forged_receipt_is_named(chain, receipt, forge):
    file, proof = receipt
    file.write_bytes(forge(file.read_bytes()))
    result = chain.third_party(chain.file(proof), "--receipt", str(file))
    assert result.returncode == 1, result.stdout + result.stderr
    assert "the receipt is not, byte for byte, the one entry" in result.stdout
    assert "Everything holds" not in result.stdout


def test_the_receipt_of_another_request_is_named(chain, receipt):
    _file, proof = receipt
    other = chain.folder / "other.json"
    case = file_case("peter", "another key")
    other.write_bytes(storage.read(case.receipt.sha256))
    result = chain.third_party(chain.file(proof), "--receipt", str(other))
    assert result.returncode == 1
    assert f"the receipt says it is that of {case.reference}" in result.stdout


def test_a_receipt_is_not_proved_by_another_entry(chain, receipt):
    file, proof = receipt
    submitted = json.loads(chain.run("prove", f"{proof['stream']}/1").output)
    result = chain.third_party(chain.file(submitted), "--receipt", str(file))
    assert result.returncode == 1
    assert "is not about a receipt" in result.stdout


def test_a_receipt_needs_the_proof_of_its_entry(chain, receipt):
    file, _proof = receipt
    export, _lines = chain.export()
    for shown in (file, export):
        result = chain.third_party(shown, "--receipt", str(file))
        assert result.returncode == 2
        assert "A receipt is compared with the proof of its entry" in result.stderr
    assert "--receipt" in chain.third_party(file).stderr
