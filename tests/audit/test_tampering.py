"""Whoever owns the tables and switches the triggers off is named by `verify`, whatever they do."""

import json

import pytest
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import AuditHead
from app.services import audit, audit_checkpoints

ONE = "stream = 'case:1'"
TAMPERINGS = {
    "change": (["UPDATE audit_entry SET content = replace(content, 'approve', 'reject') WHERE {} AND seq = 3"],
               {("broken", "case:1/3")}),
    "change the stored hash": (["UPDATE audit_entry SET hash = sha256(hash) WHERE {} AND seq = 3"],
                               {("broken", "case:1/3"), ("broken", "case:1/4")}),
    "delete": (["DELETE FROM audit_entry WHERE {} AND seq = 3"], {("missing", "case:1/3")}),
    "delete and close the gap": (["DELETE FROM audit_entry WHERE {} AND seq = 3",
                                  "UPDATE audit_entry SET seq = seq - 1 WHERE {} AND seq > 3"],
                                 {("broken", "case:1/3"), ("tail_missing", "case:1")}),
    "delete the first": (["DELETE FROM audit_entry WHERE {} AND seq = 1"], {("missing", "case:1/1")}),
    "insert": (["UPDATE audit_entry SET seq = -seq WHERE {} AND seq >= 3",
                "UPDATE audit_entry SET seq = 1 - seq WHERE {} AND seq < 0",
                "INSERT INTO audit_entry (stream, seq, content, hash)"
                " SELECT stream, 3, content, hash FROM audit_entry WHERE {} AND seq = 2"],
               {("broken", "case:1/3"), ("beyond_head", "case:1")}),
    "insert at the end": (["INSERT INTO audit_entry (stream, seq, content, hash)"
                           " SELECT stream, 7, content, sha256('\\x02' || hash || sha256(content::bytea))"
                           " FROM audit_entry WHERE {} AND seq = 6"],
                          {("beyond_head", "case:1")}),
    "insert a stream": (["INSERT INTO audit_entry (stream, seq, content, hash)"
                         " SELECT 'case:10', 1, content, sha256('\\x02' || sha256(E'guichet audit stream\\ncase:10')"
                         " || sha256(content::bytea)) FROM audit_entry WHERE {} AND seq = 6"],
                        {("head_missing", "case:10")}),
    "swap two": (["UPDATE audit_entry SET seq = -seq WHERE {} AND seq IN (2, 4)",
                  "UPDATE audit_entry SET seq = seq + 6 WHERE {} AND seq < 0"],
                 {("broken", f"case:1/{seq}") for seq in (2, 3, 4, 5)}),
    "swap two contents": (["UPDATE audit_entry AS a SET content = b.content FROM audit_entry AS b"
                           " WHERE a.{} AND b.{} AND a.seq IN (2, 4) AND b.seq = 6 - a.seq"],
                          {("broken", "case:1/2"), ("broken", "case:1/4")}),
    "move to another stream": (["UPDATE audit_entry SET stream = 'case:2', seq = 5 WHERE {} AND seq = 6"],
                               {("tail_missing", "case:1"), ("broken", "case:2/5"), ("beyond_head", "case:2")}),
    "delete the tail": (["DELETE FROM audit_entry WHERE {} AND seq > 4"], {("tail_missing", "case:1")}),
    "delete the tail and set the head": (
        ["DELETE FROM audit_entry WHERE {} AND seq > 4",
         "UPDATE audit_head SET count = 4, hash = (SELECT hash FROM audit_entry WHERE {} AND seq = 4) WHERE {}"],
        {("forged_head", "case:1")}),
    "shorten the head": (["UPDATE audit_head SET count = 5 WHERE {}"],
                         {("forged_head", "case:1"), ("beyond_head", "case:1")}),
    "lengthen the head": (["UPDATE audit_head SET count = 7 WHERE {}"],
                          {("forged_head", "case:1"), ("tail_missing", "case:1")}),
    "delete a whole stream": (["DELETE FROM audit_entry WHERE {}"], {("stream_missing", "case:1")}),
    "delete a head": (["DELETE FROM audit_head WHERE {}"], {("head_missing", "case:1")}),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERINGS)
@pytest.mark.parametrize("is_signed", [False, True], ids=["before a checkpoint", "after it"])
def test_tampering_is_named(chain, name, is_signed):
    for stream, count in (("case:1", 6), ("case:2", 4), ("case:3", 1)):
        chain.write(stream, count)
    if is_signed:
        chain.checkpoint()
    statements, expected = TAMPERINGS[name]
    assert chain.found() - {("copy_missing", "1")} == set()
    chain.tamper(*(statement.replace("{}", ONE) for statement in statements))
    found = chain.found()
    assert expected <= found
    beside = {place for kind, place in found - expected}
    assert beside <= ({"case:1"} if is_signed else set())
    assert not chain.verify().is_sound


def test_a_whole_stream_deleted_with_its_head_is_named_by_the_checkpoint(chain):
    chain.write("case:1", 6)
    chain.write("case:2", 2)
    chain.checkpoint()
    chain.tamper(
        "DELETE FROM audit_entry WHERE stream = 'case:1'", "DELETE FROM audit_head WHERE stream = 'case:1'"
    )
    [finding] = chain.verify().findings
    assert finding.sentence == "Checkpoint 1 contradicts: all 6 entries of case:1 are missing."


def test_a_consistent_rewrite_without_our_key_is_named_by_the_seal(chain):
    chain.write("case:1", 4)
    chain.rewrite("case:1", 2)
    assert chain.found() == {("forged_head", "case:1")}


def rewrite_with_the_key(chain, stream, number):
    count, reached = chain.rewrite(stream, number)
    seal = audit.keys().seal(stream, count, reached)
    chain.tamper("UPDATE audit_head SET seal = :s WHERE stream = :n", s=seal, n=stream)


def test_a_consistent_rewrite_with_our_key_is_named_by_the_checkpoint_it_is_bounded_by(chain):
    chain.write("case:1", 4)
    chain.checkpoint()
    chain.write("case:1", 2)
    rewrite_with_the_key(chain, "case:1", 2)
    [finding] = chain.verify().findings
    assert finding.sentence == "Checkpoint 1 contradicts: the first 4 entries of case:1 were rewritten."


def test_what_no_checkpoint_covers_yet_is_said(chain):
    chain.write("case:1", 4)
    chain.checkpoint()
    assert "covers every entry that is here." in chain.verify().bound
    chain.write("case:1", 2)
    chain.write("case:2", 1)
    rewrite_with_the_key(chain, "case:1", 5)
    report = chain.verify()
    assert report.is_sound
    assert "Since checkpoint 1 of" in report.bound
    assert "3 entries in 2 streams" in report.bound
    assert "it cannot be seen here" in report.bound


def test_a_forged_head_is_never_signed(chain):
    chain.write("case:1", 4)
    chain.write("case:2", 1)
    chain.rewrite("case:1", 2)
    signed = chain.checkpoint()
    assert signed.left_out == ("case:1",)
    assert [stream for (stream,) in chain.rows("SELECT stream FROM audit_leaf")] == ["case:2"]


def test_a_seal_over_another_count_is_never_signed(chain):
    chain.write("case:1", 4)
    chain.write("case:2", 1)
    chain.tamper("UPDATE audit_head SET count = 3 WHERE stream = 'case:1'")
    assert chain.checkpoint().left_out == ("case:1",)


def test_a_seal_is_of_one_stream_one_count_and_one_hash(chain):
    seal = audit.keys().seal("case:1", 3, b"h" * 32)
    said = [
        ("case:1", 3, b"h" * 32),
        ("case:1", 4, b"h" * 32),
        ("case:2", 3, b"h" * 32),
        ("case:1", 3, b"g" * 32),
    ]
    assert [audit.keys().is_sealed(*one, seal) for one in said] == [True, False, False, False]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("DELETE FROM audit_leaf WHERE position = 1", {("leaf_missing", "1"), ("root_differs", "1")}),
        ("UPDATE audit_leaf SET position = position + 1 WHERE position = 2", {("leaf_missing", "2")}),
        ("UPDATE audit_leaf SET hash = sha256(hash) WHERE position = 0", {("root_differs", "1")}),
        ("INSERT INTO audit_leaf VALUES ('case:9', 1, '', 3)", {("leaf_unsigned", "3")}),
        ("UPDATE audit_checkpoint SET content = replace(content, 'size', 'Size')", {("signature", "1")}),
        ("UPDATE audit_checkpoint SET content = 'no JSON'", {("signature", "1")}),
        ("UPDATE audit_checkpoint SET signature = sha256(signature) || sha256('')", {("signature", "1")}),
        ("DELETE FROM audit_checkpoint", {("checkpoint_missing", "1")}),
        ("UPDATE audit_checkpoint SET number = 2", {("checkpoint_missing", "1")}),
    ],
)
def test_tampering_with_leaves_and_checkpoints_is_named(chain, statement, expected):
    for stream in ("case:1", "case:2", "case:3"):
        chain.write(stream, 2)
    chain.checkpoint()
    chain.tamper(statement)
    assert expected <= chain.found()


def test_a_checkpoint_deleted_with_its_leaves_is_still_in_storage(chain):
    chain.write("case:1", 2)
    chain.checkpoint()
    chain.write("case:1", 2)
    chain.checkpoint()
    chain.tamper("DELETE FROM audit_checkpoint WHERE number = 2", "DELETE FROM audit_leaf WHERE position = 1")
    assert chain.found() == {("checkpoint_missing", "2")}


def test_a_copy_changed_or_removed_in_storage_is_named(chain):
    for _time in range(3):
        chain.write("case:1", 2)
        chain.checkpoint()
    copy = chain.copies / "00000002.json"
    copy.write_text(json.dumps(json.loads(copy.read_text()) | {"signature": "00"}))
    assert chain.found() == {("copy_differs", "2")}
    copy.unlink()
    audit_checkpoints.copy_to_storage()
    assert chain.found() == {("copy_missing", "2")}


def test_a_changed_checkpoint_is_not_continued(chain):
    chain.write("case:1", 2)
    chain.checkpoint()
    chain.write("case:1", 2)
    chain.tamper("UPDATE audit_checkpoint SET peaks = sha256(peaks)")
    with pytest.raises(audit_checkpoints.ChainBroken):
        chain.checkpoint()


def test_no_checkpoint_is_made_when_nothing_moved(chain):
    assert chain.checkpoint().checkpoint is None
    chain.write("case:1", 1)
    first = chain.checkpoint().checkpoint
    assert chain.checkpoint().checkpoint == first
    assert len(chain.rows("SELECT 1 FROM audit_checkpoint")) == 1


def test_a_checkpoint_names_the_one_before_it(chain):
    chain.write("case:1", 1)
    first = chain.checkpoint().checkpoint
    chain.write("case:2", 1)
    second = chain.checkpoint().checkpoint
    assert second.statement["previous"] == first.digest
    assert (second.statement["number"], second.statement["size"]) == (2, 2)


def test_two_entries_cannot_have_one_number(chain):
    chain.write("case:1", 1)
    with pytest.raises(IntegrityError):
        chain.tamper("INSERT INTO audit_entry (stream, seq, content, hash) SELECT stream, seq, content, hash"
                     " FROM audit_entry")  # fmt: skip
    assert db.session.get(AuditHead, "case:1").count == 1
