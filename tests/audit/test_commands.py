"""`flask guichet audit …`: what is said, and the exit code."""

import dataclasses
import json

import pytest

from app.extensions import db
from app.services import audit, audit_verification


def test_verify_says_that_all_is_well(chain):
    chain.write("case:1", 2)
    assert chain.run("checkpoint").exit_code == 0
    result = chain.run("verify")
    assert result.exit_code == 0
    assert "2 entries in 1 streams, 1 checkpoints" in result.output
    assert "Nothing differs from what was written." in result.output


def test_verify_names_what_it_found_and_fails(chain):
    chain.write("case:1", 2)
    chain.tamper("DELETE FROM audit_entry WHERE seq = 1")
    result = chain.run("verify")
    assert result.exit_code == 1
    assert "missing: Entry 1 of case:1 is missing." in result.output


def test_verify_speaks_json(chain):
    chain.write("case:1", 2)
    chain.tamper("DELETE FROM audit_entry WHERE seq = 2")
    result = chain.run("verify", "--json")
    assert result.exit_code == 1
    report = json.loads(result.output)
    assert report["is_sound"] is False
    assert report["findings"][0]["kind"] == "tail_missing"
    assert "no checkpoint yet" in report["bound"]


def test_verify_by_several_processes_finds_the_same(chain, monkeypatch):
    for number in range(40):
        chain.write(f"case:{number}", 2)
    chain.checkpoint()
    chain.tamper(
        "DELETE FROM audit_entry WHERE stream IN ('case:7', 'case:39')",
        "DELETE FROM audit_head WHERE stream = 'case:39'",
        "DELETE FROM audit_entry WHERE stream = 'case:12' AND seq = 1",
    )
    alone = audit_verification.verify(1)
    monkeypatch.setattr(audit_verification, "STREAMS_IN_MIND", 10)
    monkeypatch.setattr(audit_verification, "WORTH_SHARING", 10)
    together = audit_verification.verify(2)
    assert alone.found == 4
    assert sorted(together.findings, key=str) == sorted(alone.findings, key=str)
    assert dataclasses.replace(together, findings=()) == dataclasses.replace(alone, findings=())


def test_checkpoint_of_an_empty_chain_signs_nothing(chain):
    result = chain.run("checkpoint")
    assert (result.exit_code, result.output) == (0, "Nothing was recorded yet.\n")


def test_checkpoint_copies_to_storage_once(chain):
    chain.write("case:1", 1)
    assert "Copied to storage: 1." in chain.run("checkpoint").output
    assert "Copied to storage: 0." in chain.run("checkpoint").output
    assert [copy.name for copy in chain.copies.iterdir()] == ["00000001.json"]


def test_checkpoint_fails_over_a_forged_head(chain):
    chain.write("case:1", 2)
    chain.rewrite("case:1", 1)
    result = chain.run("checkpoint")
    assert result.exit_code == 1
    assert "their heads are forged: case:1" in result.output


def test_setting_up_after_an_upgrade_signs_what_was_recorded_before(chain):
    chain.write("case:1", 1)
    assert chain.app.test_cli_runner().invoke(args=["guichet", "setup"]).exit_code == 0
    assert [copy.name for copy in chain.copies.iterdir()] == ["00000001.json"]
    assert "Copied to storage: 0." in chain.run("checkpoint").output


def test_setting_up_over_broken_checkpoints_goes_on_and_says_so(chain):
    chain.write("case:1", 1)
    chain.checkpoint()
    chain.write("case:1", 1)
    chain.tamper("UPDATE audit_checkpoint SET signature = decode(repeat('00', 64), 'hex')")
    result = chain.app.test_cli_runner().invoke(args=["guichet", "setup"])
    assert result.exit_code == 0
    assert "Nothing was signed" in result.stderr


@pytest.fixture
def with_reason(chain):
    """A chain whose entry case:1/1 has a personal value."""
    audit.record("case:1", "reject", 7, {"to": "rejected"}, {"reason": "Née à Bafoussam"}, person_id=5)
    db.session.commit()
    return chain


def actions(chain):
    return [action for (action,) in chain.rows("SELECT action FROM audit_entry ORDER BY stream, seq")]


def test_show_tells_what_an_entry_says_and_records_the_reading(with_reason):
    result = with_reason.run("show", "case:1/1")
    assert result.exit_code == 0
    said = json.loads(result.output)
    assert (said["action"], said["actor"], said["subject"]) == ("reject", 7, {"to": "rejected"})
    assert said["personal"] == {"reason": "Née à Bafoussam"}
    assert actions(with_reason) == ["reject", "read_entry"]
    assert with_reason.verify().is_sound


def test_show_of_what_was_destroyed_says_so(with_reason):
    audit.purge_person(5, actor_id=9)
    db.session.commit()
    said = json.loads(with_reason.run("show", "case:1/1").output)
    assert said["personal"] == "destroyed by law"
    assert actions(with_reason) == ["reject", "purge_personal_values"]


def test_show_of_plain_facts_records_nothing(chain):
    chain.write("case:1", 1)
    assert json.loads(chain.run("show", "case:1/1").output)["personal"] is None
    assert actions(chain) == ["approve"]


@pytest.mark.parametrize("entry", ["case:1/2", "case:9/1", "case:1", "case:1/x", "case:1/²", ""])
def test_show_of_no_entry_is_refused_in_a_sentence(chain, entry):
    chain.write("case:1", 1)
    result = chain.run("show", entry)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
