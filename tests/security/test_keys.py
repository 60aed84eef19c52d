"""Encrypted columns: bound to their row, found by their keyed hash, and put under a new key without a gap."""

import dataclasses

import pytest
from sqlalchemy import LargeBinary, MetaData, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app import safety
from app.columns import Encrypted, Fingerprint
from app.extensions import db
from app.models import PersonKey
from app.security import encryption
from app.services import encrypted, key_rotation, person_keys

NUMBERS = ["CM-123456789", "N’Guessan 😀", ""]
HASHES = {
    ("web_session", "token_hash"),
    ("link_attempt", "number_hash"),
    ("audit_entry", "hash"),
    ("audit_head", "hash"),
    ("audit_head", "seal"),
    ("audit_leaf", "hash"),
    ("audit_checkpoint", "signature"),
    ("audit_checkpoint", "peaks"),
}
"""Columns of bytes that hold no secret: hashes and signatures."""


class Toys(DeclarativeBase):
    """A place of its own, so that the application's tables stay what they are."""

    metadata = MetaData()


class Identity(Toys):
    """A secret with a keyed hash, in a table whose key has two columns."""

    __tablename__ = "toy_identity"

    owner: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[bytes | None] = mapped_column(Encrypted("owner", "kind"))
    number_hash: Mapped[bytes | None] = mapped_column(Fingerprint("number", name="identity number"))


class Account(Toys):
    """Another table whose hashes can be compared with the first one's, and a secret without one."""

    __tablename__ = "toy_account"

    public_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[bytes | None] = mapped_column(Encrypted("public_id"))
    number_hash: Mapped[bytes | None] = mapped_column(Fingerprint("number", name="identity number"))
    holder: Mapped[bytes | None] = mapped_column(Encrypted("public_id"))


@pytest.fixture
def toys(context, monkeypatch):
    """The toy tables, and the rotation looking at them beside ours."""
    Toys.metadata.create_all(db.engine)
    ours = key_rotation.places
    monkeypatch.setattr(key_rotation, "places", lambda: ours() + ours(Toys.metadata))
    yield Toys
    db.session.rollback()
    db.session.remove()
    Toys.metadata.drop_all(db.engine)


@pytest.fixture
def keyed(app, monkeypatch):
    """Sets the master keys of the rest of the test; `keyed(2, 1)` adds key 2 to the first."""
    first = app.config["SETTINGS"].ENCRYPTION_KEYS.partition(":")[2]

    def use(*versions):
        keys = ",".join(f"{version}:{first if version == 1 else f'{version}' * 64}" for version in versions)
        settings = dataclasses.replace(app.config["SETTINGS"], ENCRYPTION_KEYS=keys)
        monkeypatch.setitem(app.config, "SETTINGS", settings)

    return use


@pytest.fixture
def rotate(app):
    def run(*options):
        db.session.rollback()
        return app.test_cli_runner().invoke(args=["guichet", "keys", "rotate", *options])

    return run


def identity(owner=1, number="CM-123456789", kind="passport"):
    row = Identity(owner=owner, kind=kind)
    encrypted.put(row, Identity.number, number)
    db.session.add(row)
    db.session.commit()
    return row


def all_identities():
    rows = db.session.scalars(select(Identity).order_by(Identity.owner)).all()
    return [encrypted.read(row, Identity.number) for row in rows]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_secret_is_read_back_and_is_not_in_the_table(toys, number):
    row = identity(number=number)
    db.session.expire_all()
    assert encrypted.read(row, Identity.number) == number
    stored = db.session.execute(text("SELECT number FROM toy_identity")).scalar_one()
    assert not number or number.encode() not in stored


def test_no_secret_is_no_ciphertext(toys):
    row = identity(number=None)
    assert row.number is row.number_hash is None
    assert encrypted.read(row, Identity.number) is None


@pytest.mark.parametrize("where", ["owner = 2", "kind = 'card' AND owner = 1"])
def test_a_secret_moved_to_another_row_does_not_open(toys, where):
    identity(), identity(owner=2, number="CM-2"), identity(kind="card", number="CM-3")
    db.session.execute(
        text(
            "UPDATE toy_identity SET number = ("
            "SELECT number FROM toy_identity WHERE owner = 1 AND kind = 'passport')"
            f" WHERE {where}"
        )
    )
    db.session.commit()
    moved = db.session.scalars(select(Identity).where(text(where))).one()
    with pytest.raises(encryption.CannotDecrypt):
        encrypted.read(moved, Identity.number)


def test_a_secret_moved_to_another_column_does_not_open(toys):
    row = Account(public_id="a")
    encrypted.put(row, Account.number, "CM21")
    row.holder = row.number
    with pytest.raises(encryption.CannotDecrypt):
        encrypted.read(row, Account.holder)


def test_a_row_without_what_binds_it_takes_no_secret(toys):
    with pytest.raises(ValueError, match="set owner, kind before the secret"):
        encrypted.put(Identity(owner=1), Identity.number, "CM-1")


def test_an_equal_value_is_found_and_another_is_not(toys):
    identity(), identity(owner=2, number="CM-2")

    def found(number):
        return db.session.scalars(
            select(Identity.owner).where(encrypted.holds(Identity.number_hash, number))
        ).all()

    assert found("CM-123456789") == [1]
    assert found("CM-12345678") == []


def test_hashes_of_one_name_compare_across_tables_and_of_two_names_do_not(toys):
    row, other = identity(), Account(public_id="a")
    encrypted.put(other, Account.number, "CM-123456789")
    assert row.number_hash == other.number_hash
    keyring = person_keys.keyring()
    assert keyring.fingerprint(b"x", "a") != keyring.fingerprint(b"x", "b")


def test_without_the_key_a_hash_is_not_guessed(toys, keyed):
    """The numbers of a country are few: a hash anybody can compute would tell them all."""
    row = identity()
    keyed(3)
    assert row.number_hash not in person_keys.keyring().fingerprints(b"CM-123456789", "identity number")


def test_rotating_puts_every_value_under_the_newest_key(toys, keyed, rotate):
    for owner in range(1, 6):
        identity(owner, number=f"CM-{owner}")
    db.session.commit()
    keyed(2, 1)
    answer = rotate()
    assert answer.exit_code == 0, answer.output
    assert "toy_identity.number: 5 renewed." in answer.output
    assert "can be removed" in answer.output
    keyed(2)
    assert all_identities() == [f"CM-{owner}" for owner in range(1, 6)]
    holder = select(Identity.owner).where(encrypted.holds(Identity.number_hash, "CM-3"))
    assert db.session.scalars(holder).all() == [3]


def test_rotating_twice_changes_nothing(toys, keyed, rotate):
    identity()
    keyed(2, 1)
    rotate()
    before = db.session.execute(text("SELECT * FROM toy_identity")).all()
    answer = rotate()
    assert "toy_identity.number: 0 renewed." in answer.output
    db.session.rollback()
    assert db.session.execute(text("SELECT * FROM toy_identity")).all() == before


def test_a_rotation_that_was_stopped_goes_on_where_it_stopped(toys, keyed, rotate, monkeypatch):
    for owner in range(1, 6):
        identity(owner, number=f"CM-{owner}")
    keyed(2, 1)
    monkeypatch.setattr(key_rotation, "SLICE", 2)
    place = next(it for it in key_rotation.places() if it.name == "toy_identity.number")
    slices = key_rotation.rotate(place, key_rotation.Progress())
    next(slices)
    db.session.commit()
    next(slices)
    db.session.rollback()
    assert key_rotation.versions(place) == {1: 3, 2: 2}
    assert all_identities() == [f"CM-{owner}" for owner in range(1, 6)]
    assert "toy_identity.number: 3 renewed." in rotate().output
    assert key_rotation.versions(place) == {2: 5}


def test_a_dry_run_counts_and_writes_nothing(toys, keyed, rotate):
    identity()
    keyed(2, 1)
    before = db.session.execute(text("SELECT * FROM toy_identity")).all()
    answer = rotate("--dry-run")
    assert answer.exit_code == 0
    assert "toy_identity.number: 1 to renew." in answer.output
    db.session.rollback()
    assert db.session.execute(text("SELECT * FROM toy_identity")).all() == before


def test_a_value_that_does_not_open_is_named_and_the_rest_is_renewed(toys, keyed, rotate):
    identity(), identity(owner=2, number="CM-2"), identity(owner=3, number="CM-3")
    spoilt = "UPDATE toy_identity SET number = substr(number, 1, 20) || '\\x00'::bytea WHERE owner = 2"
    db.session.execute(text(spoilt))
    db.session.commit()
    keyed(2, 1)
    answer = rotate()
    assert answer.exit_code == 1
    assert "toy_identity.number: 2 renewed." in answer.output
    assert "row 2.passport does not open" in answer.output
    assert "keep it" in answer.output


def test_rotating_is_in_the_audit_chain_without_any_value(toys, keyed, rotate):
    identity()
    keyed(2, 1)
    rotate()
    db.session.rollback()
    entry = db.session.execute(
        text("SELECT stream, content FROM audit_entry WHERE action = 'rotate_keys'")
    ).one()
    assert entry.stream.startswith("day:")
    assert '"renewed":1' in entry.content.replace(" ", "")
    assert "CM-" not in entry.content


def test_the_doctor_says_whether_an_older_key_is_still_needed(toys, keyed, rotate):
    others = sum(sum(key_rotation.versions(place).values()) for place in key_rotation.places())
    identity()
    keyed(2, 1)

    def about_keys():
        db.session.rollback()
        return [(level, sentence) for level, sentence in safety.findings() if "ENCRYPTION_KEYS" in sentence]

    assert any(f"{others + 1} values are under key 1" in sentence for _level, sentence in about_keys())
    rotate()
    assert any("Key 1 of ENCRYPTION_KEYS opens nothing" in sentence for _level, sentence in about_keys())
    keyed(3)
    assert any(level == "error" and "key 2" in sentence for level, sentence in about_keys())


def test_every_column_of_bytes_is_encrypted_by_its_type_or_holds_no_secret():
    """So that no secret is forgotten by a rotation. A new one: `Encrypted(…)` in the model, or a line in HASHES."""
    plain = {
        (table.name, column.name)
        for table in db.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert plain == HASHES
    assert isinstance(PersonKey.__table__.c.wrapped_key.type, Encrypted)
