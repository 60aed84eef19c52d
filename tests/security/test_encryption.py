"""Encryption under versioned master keys: bound to its place, readable across a change of key."""

import pytest

from app.security import encryption

OLD = encryption.parse("1:" + "11" * 32)
BOTH = encryption.parse("2:" + "22" * 32 + ",1:" + "11" * 32)
NEW = encryption.parse("2:" + "22" * 32)


def test_what_was_encrypted_is_read_back():
    assert OLD.decrypt(OLD.encrypt(b"CM21 1000", "bank_account 5"), "bank_account 5") == b"CM21 1000"


def test_the_same_secret_has_another_ciphertext_each_time():
    assert OLD.encrypt(b"x", "a") != OLD.encrypt(b"x", "a")


@pytest.mark.parametrize("place", range(2, 31))
def test_one_bit_changed_is_refused(place):
    token = bytearray(OLD.encrypt(b"x", "a"))
    token[place] ^= 1
    with pytest.raises(encryption.CannotDecrypt):
        OLD.decrypt(bytes(token), "a")


@pytest.mark.parametrize("token", [b"", b"\x00", b"\x00\x01", b"\x00\x01abc", b"\x00\x07" + b"a" * 40])
def test_what_is_no_ciphertext_of_ours_is_refused(token):
    with pytest.raises(encryption.CannotDecrypt):
        OLD.decrypt(token, "a")


def test_a_ciphertext_moved_elsewhere_is_refused():
    with pytest.raises(encryption.CannotDecrypt):
        OLD.decrypt(OLD.encrypt(b"x", "bank_account 5"), "bank_account 6")


def test_the_newest_key_encrypts_and_the_older_ones_still_decrypt():
    token = OLD.encrypt(b"x", "a")
    assert BOTH.decrypt(token, "a") == b"x"
    assert encryption.version_of(BOTH.encrypt(b"x", "a")) == 2


def test_renewing_leaves_the_older_key_unneeded():
    renewed = BOTH.renew(OLD.encrypt(b"x", "a"), "a")
    assert NEW.decrypt(renewed, "a") == b"x"
    assert BOTH.renew(renewed, "a") == renewed
