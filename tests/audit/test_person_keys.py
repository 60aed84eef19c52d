"""Personal values: readable with the person's key, unreadable without it, and the chain verifies either way."""

import dataclasses
import json

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, PersonKey
from app.security import encryption
from app.services import audit, person_keys

REASON = {"reason": "Née à Bafoussam, acte illisible"}


def write(person_id=5, stream="case:1", **personal):
    audit.record(stream, "reject", 7, {"to": "rejected"}, personal or REASON, person_id=person_id)
    db.session.commit()
    return db.session.scalars(
        select(AuditEntry).where(AuditEntry.stream == stream).order_by(AuditEntry.seq.desc())
    ).first()


def test_personal_values_are_read_back(chain):
    assert audit.personal_of(write()) == REASON


def test_an_entry_without_personal_values_has_none(chain):
    chain.write("case:1", 1)
    assert audit.personal_of(db.session.scalars(select(AuditEntry)).one()) is None


def test_nothing_of_them_is_in_the_database(chain):
    content = write().content
    assert "Bafoussam" not in content
    assert "reason" not in content
    assert json.loads(content)["personal"]["key"] == "5.1"


def test_a_person_has_one_key_and_each_value_another_ciphertext(chain):
    first, second = write(), write()
    sealed = [json.loads(entry.content)["personal"]["sealed"] for entry in (first, second)]
    assert sealed[0] != sealed[1]
    write(person_id=6)
    assert chain.rows("SELECT person_id, number FROM person_key ORDER BY 1") == [(5, 1), (6, 1)]


def test_a_purge_leaves_the_chain_verifying_and_the_values_unreadable(chain):
    entry, other = write(), write(person_id=6, stream="case:2")
    chain.checkpoint()
    audit.purge_person(5, actor_id=9)
    db.session.commit()
    assert chain.verify().is_sound
    with pytest.raises(person_keys.KeyDestroyed):
        audit.personal_of(entry)
    assert audit.personal_of(other) == REASON
    assert chain.rows("SELECT wrapped_key FROM person_key WHERE person_id = 5") == [(None,)]
    proved = json.loads(chain.run("prove", "case:1/1").output)
    assert chain.third_party(chain.file(proved)).returncode == 0


def test_a_purge_is_itself_recorded_once(chain):
    write()
    for _time in range(2):
        audit.purge_person(5, actor_id=9)
        db.session.commit()
    assert chain.rows("SELECT action, actor_id FROM audit_entry WHERE stream = 'person:5'") == [
        ("purge_personal_values", 9)
    ]


def test_who_comes_back_after_a_purge_gets_another_key(chain):
    old = write()
    audit.purge_person(5, actor_id=9)
    new = write()
    assert audit.personal_of(new) == REASON
    with pytest.raises(person_keys.KeyDestroyed):
        audit.personal_of(old)


def test_a_value_moved_to_another_entry_does_not_open(chain):
    entry = write()
    db.session.expunge(entry)
    entry.stream = "case:2"
    with pytest.raises(encryption.CannotDecrypt):
        audit.personal_of(entry)


def test_a_key_moved_to_another_person_does_not_open(chain):
    entry = write()
    write(person_id=6)
    chain.tamper(
        "UPDATE person_key AS a SET wrapped_key = b.wrapped_key FROM person_key AS b"
        " WHERE a.person_id = 5 AND b.person_id = 6"
    )
    with pytest.raises(encryption.CannotDecrypt):
        audit.personal_of(entry)


def test_keys_are_wrapped_again_when_the_master_key_changes(chain, monkeypatch):
    entry = write()
    settings = chain.app.config["SETTINGS"]
    both = f"2:{'22' * 32},{settings.ENCRYPTION_KEYS}"
    monkeypatch.setitem(chain.app.config, "SETTINGS", dataclasses.replace(settings, ENCRYPTION_KEYS=both))
    rotated = chain.app.test_cli_runner().invoke(args=["guichet", "keys", "rotate"])
    assert "person_key.wrapped_key: 1 renewed.\n" in rotated.output
    newest = dataclasses.replace(settings, ENCRYPTION_KEYS=f"2:{'22' * 32}")
    monkeypatch.setitem(chain.app.config, "SETTINGS", newest)
    db.session.rollback()
    assert audit.personal_of(entry) == REASON
    monkeypatch.undo()
    db.session.rollback()
    with pytest.raises(encryption.CannotDecrypt):
        audit.personal_of(entry)


def test_the_database_keeps_one_key_in_force(chain):
    write()
    key = db.session.get(PersonKey, (5, 1))
    db.session.add(PersonKey(person_id=5, number=2, wrapped_key=key.wrapped_key, created_at=key.created_at))
    with pytest.raises(Exception, match="uq_person_key_in_force"):
        db.session.flush()


def test_earlier_audit_keys_are_still_recognised(chain, monkeypatch):
    chain.write("case:1", 1)
    chain.checkpoint()
    settings = chain.app.config["SETTINGS"]
    rotated = dataclasses.replace(settings, AUDIT_KEY=f"{'33' * 32},{settings.AUDIT_KEY}")
    monkeypatch.setitem(chain.app.config, "SETTINGS", rotated)
    chain.write("case:2", 1)
    chain.checkpoint()
    assert chain.verify().is_sound
    monkeypatch.setitem(chain.app.config, "SETTINGS", dataclasses.replace(settings, AUDIT_KEY="33" * 32))
    assert chain.found() == {("signature", "1")}
