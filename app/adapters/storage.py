"""Where files are: any fsspec address (a folder, an S3-compatible store).

Files are asked for by the SHA-256 of their content, kept encrypted under the newest master key, and named by
a keyed hash: who holds the store learns neither what is in it nor whether a known file is. Only what third
parties must be able to read (the audit checkpoints) is stored plain, under a name.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import fsspec
from flask import current_app
from fsspec.core import url_to_fs

from app.security import encryption

_SEALED = "sealed"
"""The folder of what is encrypted: `sealed/<key version>/<two digits>/<keyed hash>`."""

_PLAIN = re.compile(r"/([0-9a-f]{2})/\1[0-9a-f]{62}$")


def write(sha256: str, content: bytes) -> None:
    """Store the bytes under their hash; a file already there under the newest key is left as it is."""
    keyring = _keyring()
    files, path = _place(sha256, keyring.newest)
    if not files.exists(path):
        _put(files, path, keyring.encrypt(content, _context(path)))


def read(sha256: str) -> bytes:
    """The bytes stored under that hash; `FileNotFoundError` when there are none.

    Raises `CannotDecrypt` when they were changed or moved.
    """
    for version in _versions():
        files, path = _place(sha256, version)
        if files.exists(path):
            return _keyring().decrypt(bytes(files.cat_file(path)), _context(path))
    files, path = _plain_place(sha256)
    return bytes(files.cat_file(path))


def remove(sha256: str) -> None:
    """Delete the bytes, if they are there, under whatever key."""
    places = [_place(sha256, version) for version in _versions()]
    for files, path in (*places, _plain_place(sha256)):
        if files.exists(path):
            files.rm(path)


def renew() -> int:
    """Put every file that is plain, or under an older key, under the newest: how many. Safe to repeat."""
    keyring, count = _keyring(), 0
    for version in _versions()[1:]:
        for files, path in _found_in(f"{_SEALED}/{version}"):
            content = keyring.decrypt(bytes(files.cat_file(path)), _context(path))
            sha256 = hashlib.sha256(content).hexdigest()
            if _place(sha256, version)[1] == path:
                count += _move(files, path, sha256, content)
    for files, path in _found_in(""):
        if _PLAIN.search(path) and f"/{_SEALED}/" not in path:
            content = bytes(files.cat_file(path))
            count += _move(files, path, path[-64:], content)
    return count


def hashes_stored(after: datetime, before: datetime) -> Iterator[str]:
    """The SHA-256 of each file stored between two instants; parts of uploads have none and are left out."""
    for version in _versions():
        for files, path in _found_in(f"{_SEALED}/{version}"):
            if after <= _modified(files, path) < before:
                content = _keyring().decrypt(bytes(files.cat_file(path)), _context(path))
                sha256 = hashlib.sha256(content).hexdigest()
                if _place(sha256, version)[1] == path:
                    yield sha256


def write_named(name: str, content: bytes) -> None:
    """Store the bytes, plain, under a name such as `audit/1.json`; `FileExistsError` when it is taken."""
    files, root = _storage()
    path = f"{root}/{name}"
    if files.exists(path):
        raise FileExistsError(name)
    _put(files, path, content)


def read_named(name: str) -> bytes:
    """The bytes stored under that name."""
    files, root = _storage()
    return bytes(files.cat_file(f"{root}/{name}"))


def names_in(folder: str) -> list[str]:
    """The names stored in a folder, sorted; those of files half written are left out."""
    files, root = _storage()
    files.invalidate_cache()
    path = f"{root}/{folder}"
    if not files.exists(path):
        return []
    names = (str(found).rpartition("/")[2] for found in files.ls(path, detail=False))
    return sorted(f"{folder}/{name}" for name in names if not name.endswith(".partial"))


def names() -> list[str]:
    """The place of every whole file below the root of the store, as it is stored."""
    _files, root = _storage()
    return sorted(path.removeprefix(root).lstrip("/") for _in, path in _found_in(""))


def copy_out(name: str, path: Path) -> None:
    """Copy a file, as it is stored, to this machine."""
    files, root = _storage()
    files.get_file(f"{root}/{name}", str(path))


def copy_in(path: Path, name: str) -> None:
    """Copy a file of this machine to its place in the store, whole or not at all."""
    files, root = _storage()
    _put(files, f"{root}/{name}", path.read_bytes())


def holds(sha256: str) -> bool:
    """Whether a file is stored under that hash."""
    places = [*(_place(sha256, version) for version in _versions()), _plain_place(sha256)]
    return any(files.exists(path) for files, path in places)


def _put(files: fsspec.AbstractFileSystem, path: str, content: bytes) -> None:
    """Whole or not at all."""
    files.makedirs(path.rpartition("/")[0], exist_ok=True)
    partial = f"{path}.{secrets.token_hex(4)}.partial"
    files.pipe_file(partial, content)
    files.mv(partial, path)


def _move(files: fsspec.AbstractFileSystem, path: str, sha256: str, content: bytes) -> int:
    write(sha256, content)
    files.rm(path)
    return 1


def _found_in(folder: str) -> list[tuple[fsspec.AbstractFileSystem, str]]:
    """Every whole file below a folder."""
    files, root = _storage()
    files.invalidate_cache()
    place = f"{root}/{folder}".rstrip("/")
    found = files.find(place) if files.exists(place) else []
    return [(files, str(path)) for path in found if not str(path).endswith(".partial")]


def _modified(files: fsspec.AbstractFileSystem, path: str) -> datetime:
    at: datetime = files.modified(path)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _versions() -> list[int]:
    return sorted(_keyring().keys, reverse=True)


def _keyring() -> encryption.Keyring:
    return encryption.parse(current_app.config["SETTINGS"].ENCRYPTION_KEYS)


def _context(path: str) -> str:
    """What a ciphertext is bound to: its name, a keyed hash: no file can take another's place."""
    return f"file {path.rpartition('/')[2]}"


def _storage() -> tuple[fsspec.AbstractFileSystem, str]:
    files, root = url_to_fs(current_app.config["SETTINGS"].STORAGE_URL)
    return files, str(root)


def _place(sha256: str, version: int) -> tuple[fsspec.AbstractFileSystem, str]:
    files, root = _storage()
    key = hashlib.sha256(b"guichet file names" + _keyring().keys[version]).digest()
    name = hmac.new(key, sha256.encode(), "sha256").hexdigest()
    return files, f"{root}/{_SEALED}/{version}/{name[:2]}/{name}"


def _plain_place(sha256: str) -> tuple[fsspec.AbstractFileSystem, str]:
    """Where files were before they were encrypted."""
    files, root = _storage()
    return files, f"{root}/{sha256[:2]}/{sha256}"
