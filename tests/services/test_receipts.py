"""Judging a file that is shown as a receipt: against the register and the audit chain, by anybody's hand."""

import hashlib
import json

import pytest
from sqlalchemy import select, text

from app.adapters import storage
from app.audit import chain
from app.extensions import db
from app.models import AuditEntry, Receipt
from app.receipt_cli import LARGEST_BYTES, verify_receipt
from app.services import SERVICES, audit, audit_checkpoints, audit_verification, cases, papers, receipts
from tests.services.test_cases import account, file_case


@pytest.fixture
def case(context):
    return file_case()


@pytest.fixture
def content(case):
    return storage.read(case.receipt.sha256)


@pytest.fixture
def verify(app, tmp_path):
    def run(content):
        file = tmp_path / "receipt.json"
        file.write_bytes(content)
        return app.test_cli_runner().invoke(verify_receipt, [str(file)])

    return run


def tamper(statement, **values):
    with db.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement), values)


def test_the_hash_is_in_the_chain(case):
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "issue_receipt")).one()
    assert entry.stream == f"case:{case.id}"
    assert json.loads(entry.content)["subject"] == {
        "reference": case.reference,
        "sha256": case.receipt.sha256,
    }
    assert case.owner.last_name not in entry.content
    assert audit_verification.verify().is_sound


def test_a_genuine_receipt(case, content, verify):
    result = verify(content)
    assert result.exit_code == 0
    assert result.output.startswith("Genuine:")
    assert case.reference in result.output
    assert f"case:{case.id}/2" in result.output


@pytest.mark.parametrize(
    "forge",
    [
        lambda content: content.replace(b"1990", b"1991"),
        lambda content: content + b"\n",
        lambda content: content[: content.index(b'"salt"')],
        lambda content: json.dumps(json.loads(content)).encode(),
        lambda content: json.dumps({**json.loads(content), "code": "0" * 16}).encode(),
        lambda content: json.dumps({**json.loads(content), "reference": "RG-2026-999999-X"}).encode(),
    ],
    ids=["one byte", "one byte more", "cut short", "written again", "another code", "another reference"],
)
def test_an_altered_receipt_is_named_with_its_case(case, content, verify, forge):
    result = verify(forge(content))
    assert result.exit_code == 1
    assert result.output.startswith("Altered:")
    assert case.reference in result.output
    assert case.receipt.sha256 in result.output


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not JSON",
        b"[1, 2]",
        b'{"code": 7, "reference": null}',
        b'{"code": "ABCD-EFGH-JKMN-PQRS", "reference": "RG-2026-999999-X"}',
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
        bytes(range(256)) * 40,
    ],
)
def test_any_other_file_is_unknown(case, verify, content):
    result = verify(content)
    assert result.exit_code == 1
    assert result.output.startswith("Unknown:")
    assert case.reference not in result.output


def test_a_file_larger_than_any_receipt_is_refused(verify):
    result = verify(b" " * (LARGEST_BYTES + 1))
    assert result.exit_code == 1
    assert "larger" in result.output


def test_each_of_two_receipts_is_its_own(case, content, verify):
    other = file_case("peter", "another key")
    result = verify(storage.read(other.receipt.sha256))
    assert result.exit_code == 0
    assert other.reference in result.output
    assert case.reference not in result.output


def test_a_register_changed_for_a_forged_receipt_is_contradicted_by_the_chain(case, content, verify):
    forged = content.replace(b"1990", b"1991")
    tamper("UPDATE receipt SET sha256 = :sha256", sha256=hashlib.sha256(forged).hexdigest())
    db.session.expire_all()
    for shown in (forged, content):
        result = verify(shown)
        assert result.exit_code == 1
        assert result.output.startswith("Contradicted:")


def test_a_chain_changed_for_a_forged_receipt_does_not_hold(case, content, verify):
    tamper(
        "UPDATE audit_entry SET content = replace(content, :old, :new)", old=case.receipt.sha256, new="f" * 64
    )
    result = verify(content)
    assert result.exit_code == 1
    assert "none that holds" in result.output


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET seq = seq + 10",
        "UPDATE audit_entry SET seq = seq + 10 WHERE action = 'issue_receipt'",
        "UPDATE audit_entry SET hash = sha256(hash) WHERE seq = 1",
        "UPDATE audit_entry SET hash = sha256(hash) WHERE action = 'issue_receipt'",
        "UPDATE audit_head SET count = count + 1",
    ],
)
def test_a_stream_whose_numbers_or_hashes_were_changed_does_not_hold(case, content, verify, statement):
    assert verify(content).exit_code == 0
    tamper(statement)
    db.session.expire_all()
    result = verify(content)
    assert result.exit_code == 1
    assert result.output.startswith("Contradicted:")


def test_a_receipt_that_was_destroyed_by_law_is_genuine_and_told_as_destroyed(case, content, verify):
    receipt = case.receipt
    receipts.purge(receipt, account("administrator").id)
    db.session.commit()
    assert verify(content).output.startswith("Genuine:")
    assert verify(content + b" ").output.startswith("Altered:")
    with pytest.raises(receipts.Purged):
        receipts.content_of(receipt)


def rewrite(case, forged):
    """Register and chain changed for a forged receipt, with every later hash and the head; not the seal."""
    sha256, stream = hashlib.sha256(forged).hexdigest(), f"case:{case.id}"
    old, reached = case.receipt.sha256, chain.genesis(stream)
    tamper("UPDATE receipt SET sha256 = :sha256", sha256=sha256)
    for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all():
        content = entry.content.replace(old, sha256)
        reached = chain.link(reached, chain.digest(content.encode()))
        tamper(
            "UPDATE audit_entry SET content = :content, hash = :hash WHERE seq = :seq",
            content=content, hash=reached, seq=entry.seq,
        )  # fmt: skip
    tamper("UPDATE audit_head SET hash = :hash", hash=reached)
    db.session.rollback()
    return len(chain_entries(stream)), reached


def chain_entries(stream):
    return db.session.scalars(select(AuditEntry).where(AuditEntry.stream == stream)).all()


@pytest.fixture
def forged(content):
    return content.replace(b"1990", b"1991")


def test_a_consistent_rewrite_lacks_the_seal(case, forged, verify):
    rewrite(case, forged)
    result = verify(forged)
    assert result.exit_code == 1
    assert result.output.startswith("Contradicted:")


def test_a_consistent_rewrite_with_the_seal_is_contradicted_by_the_checkpoint(case, forged, verify):
    audit_checkpoints.checkpoint()
    db.session.commit()
    count, reached = rewrite(case, forged)
    seal = audit.keys().seal(f"case:{case.id}", count, reached)
    tamper("UPDATE audit_head SET seal = :seal", seal=seal)
    db.session.expire_all()
    result = verify(forged)
    assert result.exit_code == 1
    assert result.output.startswith("Contradicted:")


def test_a_receipt_a_checkpoint_covers_is_genuine_with_what_came_after(case, content, verify):
    audit_checkpoints.checkpoint()
    audit.record(f"case:{case.id}", "read_document", None, {"document": 1})
    db.session.commit()
    assert verify(content).exit_code == 0


def test_a_stream_cut_after_its_receipt_does_not_hold(case, content, verify):
    audit.record(f"case:{case.id}", "read_document", None, {"document": 1})
    db.session.commit()
    tamper("DELETE FROM audit_entry WHERE seq = 3")
    assert verify(content).exit_code == 1


def test_an_entry_beyond_the_sealed_head_proves_nothing(case, content, forged, verify):
    stream = f"case:{case.id}"
    rewrite(case, forged)
    first = chain_entries(stream)[0]
    seal = audit.keys().seal(stream, 1, first.hash)
    tamper("UPDATE audit_head SET count = 1, hash = :hash, seal = :seal", hash=first.hash, seal=seal)
    result = verify(forged)
    assert result.exit_code == 1
    assert result.output.startswith("Contradicted:")


def test_a_receipt_the_chain_lost_is_not_genuine(case, content, verify):
    tamper("DELETE FROM audit_entry")
    assert verify(content).exit_code == 1


def test_a_submission_that_is_taken_back_leaves_no_receipt(context):
    answers = {"given_names": "Joseph", "family_name": None}
    with pytest.raises(Exception, match="family_name"):
        cases.submit(SERVICES["registration"], account("joseph"), answers, [], "key", "en")
    db.session.rollback()
    assert db.session.scalars(select(Receipt)).all() == []
    assert db.session.scalars(select(AuditEntry)).all() == []


def test_two_receipts_of_the_same_answers_have_nothing_in_common(case):
    other = file_case("joseph", "another key")
    assert other.receipt.sha256 != case.receipt.sha256
    assert other.receipt.code != case.receipt.code


def test_a_code_finds_the_slip_of_a_hand(case):
    code = case.receipt.code
    assert papers.read_code(papers.shown(code).lower()) == code
    slips = {
        code[:n] + sign + code[n + 1 :]
        for n in range(len(code))
        for sign in "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    }
    assert [slip for slip in slips if papers.read_code(slip)] == [code]
    swapped = [code[:n] + code[n + 1] + code[n] + code[n + 2 :] for n in range(len(code) - 1)]
    assert sum(papers.read_code(slip) not in (None, code) for slip in swapped) <= 1
